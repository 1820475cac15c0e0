//! `greenlight accept`: what somebody answers for is written down, told in every report and fails nothing, until its last
//! day is over; a server error can never be waived.

use std::path::Path;
use std::str::FromStr as _;

use orchestrate::faults::id::FaultId;

use crate::binary::{Ran, greenlight, ran};
use crate::service::{Service, VARIABLE};

async fn here(directory: &Path, arguments: &[&str]) -> Ran {
    let mut command = greenlight(arguments.iter().copied());
    command.current_dir(directory);
    ran(command).await
}

async fn verified(directory: &Path, service: &Service) -> Ran {
    let url = service.url();
    let fixed = ["verify", &url, "--environment", "local", "--token-env", VARIABLE];
    let more = [
        "--profile",
        "concierge",
        "--profile",
        "greenlight.toml",
        "--format",
        "json",
    ];
    let mut command = greenlight(fixed.into_iter().chain(more));
    command.current_dir(directory).env(VARIABLE, &service.token);
    ran(command).await
}

fn accept<'a>(check: &'a str, subject: &'a str) -> Vec<&'a str> {
    vec![
        "accept",
        check,
        "--subject",
        subject,
        "--reason",
        "the cache in front keys on Origin",
        "--owner",
        "ana@acme.example",
    ]
}

/// What fails the run, as pairs of check and subject.
fn failing(report: &serde_json::Value) -> Vec<(String, String)> {
    let text = |finding: &serde_json::Value, key: &str| finding[key].as_str().unwrap_or_default().to_owned();
    let findings = report["findings"].as_array().unwrap().iter();
    let heavy = findings.filter(|finding| matches!(finding["severity"].as_str(), Some("major" | "blocker")));
    heavy
        .map(|finding| (text(finding, "check"), text(finding, "subject")))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_that_somebody_answers_for_fails_again_once_the_day_is_over() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    let written = path.join("greenlight.toml");
    std::fs::write(&written, "# What we know of it.\n[service]\nname = \"notes\"").unwrap();
    let service = Service::with(&[FaultId::from_str("vary-missing").unwrap()]).await;
    let before = verified(path, &service).await;
    assert_eq!(before.code, 1, "{}", before.err);
    let failures = failing(&before.json());
    assert!(!failures.is_empty());
    for (check, subject) in &failures {
        let done = here(path, &accept(check, subject)).await;
        assert_eq!((done.code, done.err.as_str()), (0, ""), "{check} {subject}");
    }
    let text = std::fs::read_to_string(&written).unwrap();
    assert!(
        text.starts_with("# What we know of it.\n[service]\nname = \"notes\"\n"),
        "{text}"
    );
    let waived = verified(path, &service).await;
    assert_eq!(waived.code, 0, "{}", waived.err);
    let report = waived.json();
    assert_eq!(report["waivers"].as_array().unwrap().len(), failures.len());
    assert!(
        report["waivers"]
            .as_array()
            .unwrap()
            .iter()
            .all(|waiver| waiver["standing"] == "holds")
    );
    assert!(
        waived.err.contains("ana@acme.example answers for it"),
        "{}",
        waived.err
    );
    // The day after.
    let over = text
        .lines()
        .map(|line| {
            if line.starts_with("until") {
                "until = \"2026-01-01\""
            } else {
                line
            }
        })
        .collect::<Vec<_>>()
        .join("\n");
    std::fs::write(&written, over).unwrap();
    let after = verified(path, &service).await;
    assert_eq!(after.code, 1, "{}", after.err);
    assert!(after.err.contains("expired: "), "{}", after.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_waived_is_refused_and_nothing_is_written() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    for (check, said) in [
        ("errors/no-server-error", "cannot be waived"),
        ("auth/missing-credential-refused", "cannot be waived"),
        ("journey/proofs", "cannot be waived"),
        ("cors/vary-on-orign", "did you mean `cors/vary-on-origin`?"),
    ] {
        let ran = here(path, &accept(check, "GET /me")).await;
        assert_eq!(ran.code, 2, "{check}");
        assert!(ran.err.contains(said), "{check}: {}", ran.err);
    }
    for until in ["2026-13-01", "2025-01-01", "2099-01-01"] {
        let mut arguments = accept("cors/vary-on-origin", "GET /me");
        arguments.extend(["--until", until]);
        let ran = here(path, &arguments).await;
        assert_eq!(ran.code, 2, "{until}");
        assert!(ran.err.starts_with("error: --until: "), "{}", ran.err);
    }
    let mut nobody = accept("cors/vary-on-origin", "GET /me");
    nobody[7] = " ";
    let ran = here(path, &nobody).await;
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("a waiver without an owner"), "{}", ran.err);
    assert!(!path.join("greenlight.toml").exists());
    // Twice is once too often, and the first stays as it is.
    assert_eq!(
        here(path, &accept("cors/vary-on-origin", "GET /me")).await.code,
        0
    );
    let before = std::fs::read_to_string(path.join("greenlight.toml")).unwrap();
    let twice = here(path, &accept("cors/vary-on-origin", "GET /me")).await;
    assert_eq!(twice.code, 2);
    assert!(twice.err.contains("is waived twice"), "{}", twice.err);
    assert_eq!(
        std::fs::read_to_string(path.join("greenlight.toml")).unwrap(),
        before
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_waiver_written_by_hand_is_checked_before_a_packet_is_sent() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    let text = "[[waiver]]\ncheck = \"errors/no-server-error\"\nsubject = \"GET /me\"\nreason = \"r\"\nowner = \"o\"\nuntil = \"2099-01-01\"\n";
    std::fs::write(path.join("greenlight.toml"), text).unwrap();
    let ran = here(path, &["verify", "http://127.0.0.1:9"]).await;
    assert_eq!(ran.code, 2, "{}", ran.err);
    for said in [
        "greenlight.toml:2:9",
        "cannot be waived",
        "greenlight.toml:6:9",
        "more than 90 days away",
    ] {
        assert!(ran.err.contains(said), "{said}: {}", ran.err);
    }
}
