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
    let committed = include_str!("../../../contracts/orchestrate.openapi.yaml");
    assert!(text(&output.stdout).trim() == committed.trim());
    let json = orchestrate(&["openapi", "--format", "json"], &[]);
    let json: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert!(json == serde_saphyr::from_str::<serde_json::Value>(committed).unwrap());
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
    assert!(text(&production.stderr).contains("production refuses the simulator"));
}

/// What production needs, and a file.
fn configured(file: &str) -> (tempfile::TempDir, String) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("orchestrate.toml");
    std::fs::write(&path, file).unwrap();
    let path = path.to_str().unwrap().to_owned();
    (directory, path)
}

const PRODUCTION: [(&str, &str); 2] = [
    ("ORCHESTRATE_AUTH_SECRET", "0123456789abcdef0123456789abcdef"),
    ("OPENAI_API_KEY", "sk-that-nobody-may-see"),
];

#[test]
fn a_configuration_is_shown_with_where_it_comes_from_and_without_a_secret() {
    let (_directory, path) = configured("[cors]\norigins = [\"https://app.acme.example\"]\n");
    let variables = [&PRODUCTION[..], &[("PORT", "4321")]].concat();
    let output = orchestrate(&["config", "check", "--config", &path], &variables);
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let line = |name: &str| {
        let line = said.lines().find(|line| line.starts_with(name));
        let words: Vec<&str> = line.unwrap().split_whitespace().collect();
        words.join(" ")
    };
    assert_eq!(
        line("cors.origins"),
        format!("cors.origins https://app.acme.example {path}:2:11")
    );
    assert_eq!(line("listen.port"), "listen.port 4321 PORT");
    assert_eq!(line("environment"), "environment production default");
    assert_eq!(line("OPENAI_API_KEY"), "OPENAI_API_KEY (22 bytes) OPENAI_API_KEY");
    assert!(
        !said.contains("sk-that") && !said.contains("0123456789abcdef"),
        "{said}"
    );
}

#[test]
fn a_configuration_with_mistakes_is_refused_with_all_of_them_by_check_and_by_serve() {
    let (_directory, path) = configured("[listen]\nport = \"http\"\n[limits]\nbody_bytes = 1\n");
    for command in [&["config", "check"][..], &["serve"]] {
        let output = orchestrate(&[command, &["--config", &path]].concat(), &[]);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(output.stdout.is_empty());
        for mistake in [
            "4 mistakes",
            ":2:8: \"http\" cannot be taken",
            "the body limit is 1 bytes",
            "no signing secret",
            "no AI provider",
        ] {
            assert!(said.contains(mistake), "{mistake}: {said}");
        }
    }
}

#[test]
fn a_configuration_file_that_is_not_there_is_refused() {
    // A variable that is blank says nothing.
    let blank = orchestrate(&["config", "check", "--dev"], &[("ORCHESTRATE_CONFIG", "")]);
    assert_eq!(blank.status.code(), Some(0), "{}", text(&blank.stderr));
    let named = orchestrate(
        &["config", "check", "--dev"],
        &[("ORCHESTRATE_CONFIG", "no/such.toml")],
    );
    assert_eq!(named.status.code(), Some(2));
    let output = orchestrate(&["serve", "--dev", "--config", "no/such.toml"], &[]);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("no/such.toml cannot be read"), "{said}");
}

#[cfg(unix)]
#[test]
fn serves_until_it_is_told_to_stop() {
    use std::io::{BufRead, BufReader, Read};

    let mut child = Command::new(env!("CARGO_BIN_EXE_orchestrate"))
        .args(["serve", "--dev", "--log", "json"])
        .env_clear()
        // As a platform names it; 0 takes a free one.
        .env("PORT", "0")
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
