//! The binary, as it is typed.

use std::process::{Command, Output};

fn orchestrate(arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_orchestrate"));
    command
        .args(arguments)
        .env_clear()
        .envs(variables.iter().copied());
    command.output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn refuses_to_serve_without_a_secret_and_names_the_two_ways_out() {
    let output = orchestrate(&["serve", "--port", "0"], &[]);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(
        said.contains("ORCHESTRATE_AUTH_SECRET") && said.contains("--dev"),
        "{said}"
    );
}

#[test]
fn refuses_the_development_secret_in_production() {
    let output = orchestrate(
        &["serve", "--dev", "--port", "0"],
        &[("ORCHESTRATE_ENV", "production")],
    );
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("production refuses it"), "{said}");
}

#[test]
fn token_prints_only_the_token_and_says_on_stderr_which_secret_signed_it() {
    let output = orchestrate(&["token"], &[]);
    let token = text(&output.stdout);
    assert_eq!(token.trim().split('.').count(), 3, "{token}");
    assert_eq!(token.lines().count(), 1);
    assert!(text(&output.stderr).contains("development secret"));
    let secret = [("ORCHESTRATE_AUTH_SECRET", "0123456789abcdef0123456789abcdef")];
    let output = orchestrate(&["token", "--ttl", "5m", "--subject", "ana"], &secret);
    assert!(output.status.success() && output.stderr.is_empty());
}

#[test]
fn token_refuses_to_sign_for_production_with_the_development_secret() {
    let output = orchestrate(&["token"], &[("ORCHESTRATE_ENV", "production")]);
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
}

#[test]
fn openapi_prints_the_committed_document() {
    let output = orchestrate(&["openapi"], &[]);
    let committed = include_str!("../../../contracts/orchestrate.openapi.json");
    assert_eq!(text(&output.stdout).trim(), committed.trim());
}

#[cfg(not(feature = "faults"))]
#[test]
fn a_default_build_knows_no_faults() {
    let output = orchestrate(&["serve", "--dev", "--fault", "slow"], &[]);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2));
    assert!(said.contains("unexpected argument '--fault'"), "{said}");
    assert_eq!(orchestrate(&["faults"], &[]).status.code(), Some(2));
}

#[cfg(feature = "faults")]
#[test]
fn faults_are_listed_refused_by_name_and_refused_in_production() {
    let listed = text(&orchestrate(&["faults"], &[]).stdout);
    assert!(
        listed.contains("missing-await") && listed.lines().count() >= 30,
        "{listed}"
    );
    let unknown = orchestrate(&["serve", "--dev", "--fault", "nope"], &[]);
    assert!(text(&unknown.stderr).contains("there is no fault"));
    let variables = [
        ("ORCHESTRATE_ENV", "production"),
        ("ORCHESTRATE_AUTH_SECRET", "0123456789abcdef0123456789abcdef"),
    ];
    let production = orchestrate(&["serve", "--fault", "slow", "--port", "0"], &variables);
    assert_eq!(production.status.code(), Some(2));
    assert!(text(&production.stderr).contains("faults are refused in production"));
}

#[cfg(unix)]
#[test]
fn serves_until_it_is_told_to_stop() {
    use std::io::{BufRead, BufReader, Read};

    let mut child = Command::new(env!("CARGO_BIN_EXE_orchestrate"))
        .args(["serve", "--dev", "--port", "0", "--log", "json"])
        .env_clear()
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut log = BufReader::new(child.stderr.take().unwrap());
    let mut ready = String::new();
    while !ready.starts_with("ready: ") {
        ready.clear();
        assert_ne!(
            log.read_line(&mut ready).unwrap(),
            0,
            "it ended before it was ready"
        );
    }
    assert!(
        ready.contains("http://127.0.0.1:") && ready.contains("/api/v3"),
        "{ready}"
    );
    let kill = Command::new("kill")
        .args(["-TERM", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(kill.success());
    let mut rest = String::new();
    log.read_to_string(&mut rest).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0), "{rest}");
}
