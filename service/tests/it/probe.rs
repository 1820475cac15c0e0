//! `orchestrate probe`, as a container's health check runs it.

use std::process::{Command, Output};

use crate::binary::Binary;

fn probe(arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_orchestrate"))
        .arg("probe")
        .args(arguments)
        .env_clear()
        // Nobody is there; a proxy must not be asked for what is near.
        .env("HTTP_PROXY", "http://127.0.0.1:9")
        .envs(variables.iter().copied())
        .output()
        .unwrap()
}

fn said(output: &Output) -> String {
    let both = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    both.concat()
}

#[test]
fn a_service_that_is_well_says_so_to_whoever_has_the_same_configuration() {
    let service = Binary::start(&["--host", "0.0.0.0"], &[]);
    let port = service.address.port().to_string();
    let variables = [("PORT", &*port), ("ORCHESTRATE_HOST", "0.0.0.0")];
    for (question, word) in [
        ("livez", "alive"),
        ("ready", "\"status\":\"ready\""),
        ("health", "healthy"),
    ] {
        let output = probe(&[question], &variables);
        assert_eq!(output.status.code(), Some(0), "{}", said(&output));
        assert!(said(&output).contains(word), "{}", said(&output));
    }
}

#[test]
fn a_service_that_is_told_to_stop_is_not_ready_and_one_that_is_gone_does_not_answer() {
    let service = Binary::start(&[], &[]);
    let port = service.address.port().to_string();
    assert_eq!(probe(&["ready", "--port", &port], &[]).status.code(), Some(0));
    service.signal("TERM");
    // It may still be asked for a moment, and then nobody listens: no is the answer of both.
    service.line();
    let output = probe(&["ready", "--port", &port], &[]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    let (ended, _) = service.end();
    assert!(ended.success());
    let output = probe(&["livez", "--port", &port], &[]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert!(
        said(&output).contains("/api/v3/livez does not answer (Connection refused"),
        "{}",
        said(&output)
    );
}

#[test]
fn an_answer_that_is_no_is_told_whole_and_exits_1() {
    // Nobody is there.
    let provider = [
        ("OPENAI_API_KEY", "sk-x"),
        ("OPENAI_BASE_URL", "http://127.0.0.1:9/v1"),
    ];
    let service = Binary::start(&[], &provider);
    let port = service.address.port().to_string();
    assert_eq!(probe(&["ready", "--port", &port], &[]).status.code(), Some(0));
    let output = probe(&["health", "--port", &port], &[]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert!(output.stdout.is_empty());
    assert!(
        said(&output).contains("/api/v3/health answers: 503") && said(&output).contains("unhealthy"),
        "{}",
        said(&output)
    );
}
