//! Ctrl-C during a run, or a terminal that is gone: exit 130, and what was seen until then is still reported and recorded.

use crate::binary::{Ran, greenlight_in, ran, with_hangup};
use crate::counting::{Counting, Manner};

/// Pages that make the run ask more than the one route that answers.
const PROFILE: &str = r#"
[service]
health = "/health"

[[client]]
origin = "https://app.example"
calls = [{ call = "POST /notes", headers = ["authorization", "content-type"] }]
"#;

#[tokio::test(flavor = "multi_thread")]
async fn what_was_seen_before_an_interrupt_is_reported_and_recorded() {
    for signal in with_hangup(&["-INT"]) {
        stopped_by(signal).await;
    }
}

async fn stopped_by(signal: &str) {
    let server = Counting::start(Manner::NeverAnswers).await;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    std::fs::write(path.join("p.toml"), PROFILE).unwrap();
    let url = server.url();
    let arguments = [
        "verify",
        &url,
        "--profile",
        "p.toml",
        "--record",
        "run.json",
        "--format",
        "json",
        "--format",
        "junit=r.xml",
    ];
    let child = greenlight_in(path, arguments).spawn().unwrap();
    let id = child.id().unwrap().to_string();
    // One answer and one request that hangs: the run is under way for certain.
    while server.requests() < 3 {
        server.seen.bell.notified().await;
    }
    let killed = tokio::process::Command::new("kill")
        .args([signal, &id])
        .status()
        .await
        .unwrap();
    assert!(killed.success());
    let done = child.wait_with_output().await.unwrap();

    let err = String::from_utf8(done.stderr).unwrap();
    assert_eq!(done.status.code(), Some(130), "{err}");
    let report: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!(
        (&report["interrupted"], &report["exit_code"]),
        (&true.into(), &130.into())
    );
    assert_ne!(report["verdict"], "pass");
    assert!(err.to_lowercase().contains("interrupted"), "{err}");
    assert!(path.join("r.xml").is_file());

    let recording: serde_json::Value =
        serde_json::from_slice(&std::fs::read(path.join("run.json")).unwrap()).unwrap();
    assert_eq!(recording["interrupted"], true);
    let exchanges = recording["exchanges"].as_array().unwrap();
    assert!(!exchanges.is_empty(), "what was answered or under way is lost");

    let Ran { code, out, .. } = ran(greenlight_in(path, ["replay", "run.json", "--format", "json"])).await;
    assert_eq!((code, out.as_bytes()), (130, done.stdout.as_slice()));
}
