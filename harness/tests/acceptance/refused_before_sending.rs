//! What is wrong with flags, URL, profile, files and credential commands is said before a packet leaves: exit 2, with what,
//! where, why and the next step, and nothing half-written.

use std::path::Path;

use insta::assert_snapshot;

use crate::binary::{Ran, greenlight_in, ran, redacted};
use crate::counting::{Counting, Manner};

/// Runs arguments of which `URL` is a real listener, and shows that it was left alone.
async fn refused(directory: &Path, arguments: &[&str]) -> String {
    let server = Counting::start(Manner::AcceptsEverything).await;
    let url = server.url();
    let given = |argument: &&str| argument.replace("URL", &url);
    let arguments: Vec<String> = arguments.iter().map(given).collect();
    let before = listing(directory);
    let command = greenlight_in(directory, arguments.iter().map(String::as_str));
    let Ran { code, out, err } = ran(command).await;
    assert_eq!(code, 2, "{arguments:?}\n{out}\n{err}");
    assert_eq!(server.connections(), 0, "{arguments:?} sent something");
    assert_eq!(out, "", "{arguments:?} wrote to standard output");
    assert_eq!(listing(directory), before, "{arguments:?} left something behind");
    redacted(&err)
}

fn listing(directory: &Path) -> Vec<String> {
    let names = std::fs::read_dir(directory).unwrap();
    let mut names: Vec<String> = names
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// A directory with one file in it.
fn with(name: &str, text: &str) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join(name), text).unwrap();
    directory
}

macro_rules! refuses {
    ($name:ident, $($argument:literal),*) => {
        #[tokio::test(flavor = "multi_thread")]
        async fn $name() {
            let directory = tempfile::tempdir().unwrap();
            assert_snapshot!(refused(directory.path(), &[$($argument),*]).await);
        }
    };
}

refuses!(an_unknown_command, "verfy");
refuses!(an_unknown_flag, "verify", "URL", "--orign", "https://app.example");
refuses!(an_unknown_environment, "verify", "URL", "--environment", "prod");
refuses!(an_unknown_effect, "verify", "URL", "--allow", "paid,write");
refuses!(
    a_required_operation_that_the_contract_has_not,
    "verify",
    "URL",
    "--profile",
    "concierge",
    "--require-success",
    "POST /ai/orchestrat"
);
refuses!(
    a_required_operation_without_a_name,
    "verify",
    "URL",
    "--require-success",
    ""
);
refuses!(
    more_than_all_of_the_contract,
    "verify",
    "URL",
    "--min-coverage",
    "101"
);
refuses!(an_unknown_format, "verify", "URL", "--format", "yaml");
refuses!(
    a_format_with_no_file_after_the_sign,
    "verify",
    "URL",
    "--format",
    "json="
);
refuses!(
    two_sources_of_one_token,
    "verify",
    "URL",
    "--token-env",
    "A",
    "--token-command",
    "echo b"
);
refuses!(
    a_test_issuer_for_a_service_that_runs_already,
    "verify",
    "URL",
    "--test-issuer"
);
refuses!(
    a_test_issuer_beside_a_token,
    "verify",
    "--spawn",
    "touch started",
    "--test-issuer",
    "--token-env",
    "A"
);
refuses!(a_seed_that_is_no_number, "verify", "URL", "--seed", "seven");
refuses!(a_scheme_that_is_not_http, "verify", "ftp://api.acme.example/v1");
refuses!(a_url_without_a_scheme, "verify", "api.acme.example/v1");
refuses!(
    a_url_with_a_password,
    "verify",
    "https://user:hunter2@api.acme.example/v1"
);
refuses!(
    a_url_with_a_query,
    "verify",
    "https://api.acme.example/v1?key=hunter2"
);
refuses!(a_url_with_a_fragment, "verify", "https://api.acme.example/v1#top");
refuses!(
    an_origin_with_a_path,
    "verify",
    "URL",
    "--origin",
    "https://app.example/login"
);
refuses!(
    a_pin_without_an_address,
    "verify",
    "URL",
    "--resolve",
    "api.acme.example"
);
refuses!(
    a_profile_that_is_not_there,
    "verify",
    "URL",
    "--profile",
    "nope.toml"
);
refuses!(a_profile_that_is_a_directory, "verify", "URL", "--profile", ".");
refuses!(
    a_contract_that_is_not_there,
    "verify",
    "URL",
    "--contract",
    "nope.json"
);
refuses!(
    certificates_that_are_not_there,
    "verify",
    "URL",
    "--cacert",
    "nope.pem"
);
refuses!(
    a_recording_into_no_directory,
    "verify",
    "URL",
    "--record",
    "missing/run.json"
);
refuses!(a_recording_over_a_directory, "verify", "URL", "--record", ".");
refuses!(
    a_report_into_no_directory,
    "verify",
    "URL",
    "--format",
    "junit=missing/report.xml"
);
refuses!(
    a_token_command_that_prints_nothing,
    "verify",
    "URL",
    "--token-command",
    "true"
);
refuses!(
    a_token_command_that_fails,
    "verify",
    "URL",
    "--token-command",
    "echo half-a-token; exit 3"
);
refuses!(
    a_token_of_two_lines,
    "verify",
    "URL",
    "--token-command",
    "printf 'one\\ntwo'"
);
refuses!(
    a_token_command_that_is_empty,
    "verify",
    "URL",
    "--token-command",
    ""
);
refuses!(
    a_proof_that_does_not_exist,
    "verify",
    "URL",
    "--accept-unproven",
    "nope"
);
refuses!(an_id_that_explains_nothing, "explain", "nope");
refuses!(an_id_that_is_nearly_right, "explain", "cors/readabel");
refuses!(a_replay_of_nothing, "replay", "nope.json");

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_is_shown_with_the_place_of_its_error() {
    let text = "[service]\nname = \"notes\"\n\n[[client]]\norigin = \"https://app.example/\"\n";
    let directory = with("bad.toml", text);
    assert_snapshot!(refused(directory.path(), &["verify", "URL", "--profile", "bad.toml"]).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_profile_that_lies_here_is_read_and_refused_as_well() {
    let directory = with("greenlight.toml", "[service]\nnmae = \"notes\"\n");
    assert_snapshot!(refused(directory.path(), &["verify", "URL"]).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sample_that_is_not_there_is_named() {
    let text = r#"
[[prove]]
call = "POST /speech"
effect = "paid"
protected = false
body = { audio = "" }
audio = { at = "/audio", sample = "gone.wav" }
"#;
    let directory = with("speech.toml", text);
    assert_snapshot!(refused(directory.path(), &["verify", "URL", "--profile", "speech.toml"]).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn certificates_that_are_none_are_refused() {
    let directory = with("ca.pem", "not a certificate\n");
    assert_snapshot!(refused(directory.path(), &["verify", "URL", "--cacert", "ca.pem"]).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contract_that_is_none_is_refused() {
    let directory = with("contract.json", "{\"hello\": 1}");
    assert_snapshot!(
        refused(
            directory.path(),
            &["verify", "URL", "--contract", "contract.json"]
        )
        .await
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn only_recordings_are_replayed() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    let write = |name: &str, text: &str| std::fs::write(path.join(name), text).unwrap();
    write("text.json", "hello");
    write(
        "other.json",
        "{\"schema\": \"greenlight.report/1\", \"checks\": []}",
    );
    write(
        "newer.json",
        "{\"schema\": \"greenlight.recording/9\", \"anything\": 1}",
    );
    write("empty.json", "");
    std::fs::write(path.join("binary.json"), [0xff, 0xfe, 0x00]).unwrap();
    let server = crate::service::Service::healthy().await;
    let url = server.url();
    let arguments = ["verify", &url, "--profile", "concierge", "--record", "whole.json"];
    assert_eq!(ran(greenlight_in(path, arguments)).await.code, 3);
    let whole = std::fs::read_to_string(path.join("whole.json")).unwrap();
    // About the middle, inside of a name: what a parser misses there is always the rest of a string.
    let middle = (whole.len() / 2..)
        .find(|at| whole.is_char_boundary(*at))
        .unwrap();
    let name = whole[middle..].find("\"headers\"").unwrap();
    write("half.json", &whole[..middle + name + 4]);
    let place = regex::Regex::new(r"half\.json:1:\d+|line 1 column \d+").unwrap();
    let mut told = String::new();
    for name in [
        "text.json",
        "other.json",
        "newer.json",
        "empty.json",
        "binary.json",
        "half.json",
    ] {
        let text = refused(path, &["replay", name]).await;
        let text = if name == "half.json" {
            place.replace_all(&text, "PLACE").into_owned()
        } else {
            text
        };
        told.push_str(&format!("{text}\n"));
    }
    assert_snapshot!(told);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_complaint_says_the_next_step() {
    let directory = tempfile::tempdir().unwrap();
    let cases: [&[&str]; 8] = [
        &["verify", "ftp://x.example"],
        &["verify", "URL", "--profile", "nope.toml"],
        &["verify", "URL", "--contract", "nope.json"],
        &["verify", "URL", "--cacert", "nope.pem"],
        &["verify", "URL", "--record", "missing/run.json"],
        &["verify", "URL", "--token-command", "false"],
        &["explain", "nope"],
        &["replay", "nope.json"],
    ];
    for case in cases {
        let text = refused(directory.path(), case).await;
        assert!(text.starts_with("error: "), "{case:?}: {text}");
        assert!(text.contains("next: "), "{case:?}: {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_looks_like_a_secret_is_not_repeated() {
    let directory = tempfile::tempdir().unwrap();
    let cases: [&[&str]; 4] = [
        &["verify", "https://user:hunter2@api.acme.example/v1"],
        &["verify", "https://api.acme.example/v1?key=hunter2"],
        &["verify", "ftp://api.acme.example/v1#hunter2"],
        &["verify", "URL", "--token-env", "sk-hunter2hunter2hunter2hunter2"],
    ];
    for case in cases {
        let text = refused(directory.path(), case).await;
        assert!(!text.contains("hunter2"), "{case:?}: {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_issuer_for_credentials_that_are_no_tokens() {
    let profile = "[auth]\nkind = \"basic\"\nuser_env = \"A\"\npassword_env = \"B\"\n";
    let directory = with("p.toml", profile);
    let arguments = [
        "verify",
        "--spawn",
        "touch started",
        "--test-issuer",
        "--profile",
        "p.toml",
    ];
    assert_snapshot!(refused(directory.path(), &arguments).await);
}
