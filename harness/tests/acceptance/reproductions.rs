//! Every command with which a report says "ask it again" really asks it again: pasted into a shell, with the credential in the
//! variable that it names, it gets the answer that the report tells of. Skipped aloud without curl.

use std::path::Path;
use std::process::Stdio;

use orchestrate::faults::id::FaultId;
use tokio::process::Command;

use crate::binary::ran;
use crate::service::{Service, VARIABLE};

/// What a shell makes of a command, in the directory that holds the samples.
async fn pasted(command: &str, token: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut shell = Command::new("sh");
    shell.args(["-c", command]).current_dir(root).env(VARIABLE, token);
    let done = shell
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .await
        .unwrap();
    String::from_utf8_lossy(&done.stdout).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::print_stderr, reason = "a skipped test says so")]
async fn every_reproduction_is_answered_as_the_report_says() {
    if std::process::Command::new("curl")
        .arg("--version")
        .stdout(Stdio::null())
        .status()
        .is_err()
    {
        let required = std::env::var("GREENLIGHT_REQUIRE").unwrap_or_default();
        assert!(
            !required.contains("curl"),
            "GREENLIGHT_REQUIRE names curl, and it is not there"
        );
        eprintln!("SKIPPED: no curl to ask again with");
        return;
    }
    let mut asked = 0;
    for fault in [
        FaultId::MissingAwait,
        FaultId::DataUrlCrash,
        FaultId::OriginReflected,
        FaultId::AuthNotEnforced,
        FaultId::CannedTranscript,
        FaultId::UnicodeMangled,
    ] {
        let service = Service::with(&[fault]).await;
        let mut command = service.verify_with_token(&["--environment", "local", "--format", "json"]);
        command.env("NO_COLOR", "1");
        let report = ran(command).await.json();
        for evidence in report["evidence"].as_array().unwrap() {
            let (line, curl) = (
                evidence["line"].as_str().unwrap(),
                evidence["curl"].as_str().unwrap(),
            );
            assert!(!curl.contains(&service.token), "{curl}");
            // A token that is spoilt on purpose is made by hand, and what is made of a sample is a file by name.
            if curl.contains("SPOILT_TOKEN") || curl.contains("-of-") || curl.contains("no-audio") {
                continue;
            }
            let answer = pasted(&format!("{curl} --silent"), &service.token).await;
            let (_, told) = line.split_once(" -> ").unwrap();
            let status = told.split(' ').next().unwrap();
            let got = answer.split(' ').nth(1).unwrap_or_default();
            assert_eq!(got, status, "{curl}\n{line}\n{answer}");
            asked += 1;
        }
    }
    assert!(asked > 4, "only {asked} were asked again");
}
