//! A run handed on as one file: for its owner to read alone, without secrets, and judged again to the same report.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use orchestrate::faults::id::FaultId;

use crate::binary::{greenlight_in, ran};
use crate::service::{Service, VARIABLE};

/// Every file of a bundle.
fn unpacked(path: &Path) -> Vec<(String, String)> {
    let packed = std::fs::read(path).unwrap();
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(&*packed));
    let read = |entry: std::io::Result<tar::Entry<'_, _>>| {
        let mut entry = entry.unwrap();
        assert_eq!(entry.header().mode().unwrap(), 0o600);
        let mut text = String::new();
        std::io::Read::read_to_string(&mut entry, &mut text).unwrap();
        (entry.path().unwrap().display().to_string(), text)
    };
    archive.entries().unwrap().map(read).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bundle_holds_the_run_and_is_judged_again() {
    let service = Service::with(&[FaultId::MissingAwait]).await;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    let url = service.url();
    let known = [
        "--profile",
        "concierge",
        "--environment",
        "local",
        "--suite",
        "smoke",
    ];
    let mut command = greenlight_in(path, ["verify", &url].into_iter().chain(known));
    command.args([
        "--token-env",
        VARIABLE,
        "--format",
        "json",
        "--bundle",
        "run.tar.gz",
    ]);
    command.env(VARIABLE, &service.token);
    let live = ran(command).await;
    assert_eq!(live.code, 1, "{}", live.err);

    let bundle = path.join("run.tar.gz");
    let mode = std::fs::metadata(&bundle).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let files = unpacked(&bundle);
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    let wanted = [
        "report.txt",
        "report.json",
        "report.html",
        "incident.md",
        "recording.json",
        "exchanges.har",
        "waterfall.txt",
        "environment.json",
    ]
    .map(|name| format!("greenlight-bundle/{name}"));
    assert_eq!(names, wanted);
    for (name, text) in &files {
        assert!(!text.contains(&service.token), "{name}");
    }
    let of = |name: &str| &files.iter().find(|(file, _)| file.ends_with(name)).unwrap().1;
    assert_eq!(*of("report.json"), live.out);
    assert!(
        of("report.txt").starts_with("FAIL  A server error (HTTP 500)"),
        "{}",
        of("report.txt")
    );
    assert!(of("waterfall.txt").contains(" 500 |"), "{}", of("waterfall.txt"));
    let environment = of("environment.json");
    assert!(
        environment.contains("\"--token-env\"") && !environment.contains(VARIABLE),
        "{environment}"
    );

    let again = ran(greenlight_in(path, ["replay", "run.tar.gz", "--format", "json"])).await;
    assert_eq!((again.code, again.out), (1, live.out));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_diagnosis_is_handed_on_as_a_bundle_and_as_a_note_of_the_incident() {
    let service = Service::with(&[FaultId::MissingAwait]).await;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    let url = service.url();
    let mut command = greenlight_in(path, ["diagnose", &url, "--origin", "http://localhost:3000"]);
    command.args([
        "--request",
        "POST /ai/orchestrate",
        "--allow",
        "paid",
        "--token-env",
        VARIABLE,
    ]);
    command.args([
        "--format",
        "json",
        "--format",
        "incident=note.md",
        "--bundle",
        "run.tar.gz",
    ]);
    command.env(VARIABLE, &service.token);
    let live = ran(command).await;
    assert_eq!(live.code, 1, "{}", live.err);
    assert_eq!(live.json()["diagnoses"][0]["cause"], "masked-server-error");

    let note = std::fs::read_to_string(path.join("note.md")).unwrap();
    let headline = live.json()["headline"].as_str().unwrap().to_owned();
    for says in [
        headline.as_str(),
        "## Impact",
        "## Timeline",
        "## Evidence",
        "## Next steps",
        "POST /ai/orchestrate",
    ] {
        assert!(note.contains(says), "{says}: {note}");
    }
    let files = unpacked(&path.join("run.tar.gz"));
    let of = |name: &str| &files.iter().find(|(file, _)| file.ends_with(name)).unwrap().1;
    assert_eq!(*of("report.json"), live.out);
    assert_eq!(*of("incident.md"), note);
    for (name, text) in files.iter().chain([&("the note".to_owned(), note.clone())]) {
        assert!(!text.contains(&service.token), "{name}");
    }
    let environment = of("environment.json");
    assert!(
        environment.contains("diagnose") && !environment.contains(VARIABLE),
        "{environment}"
    );

    let again = ran(greenlight_in(path, ["replay", "run.tar.gz", "--format", "json"])).await;
    assert_eq!((again.code, again.out), (1, live.out.clone()));
    let again = ran(greenlight_in(
        path,
        ["replay", "run.tar.gz", "--format", "incident"],
    ))
    .await;
    assert_eq!((again.code, again.out), (1, note));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bundle_that_could_not_be_written_is_refused_before_sending() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    for arguments in [
        &["--bundle", "nowhere/x.tar.gz"][..],
        &["--bundle", "x.tar.gz", "--record", "x.tar.gz"],
    ] {
        let fixed = ["verify", "http://127.0.0.1:9"].into_iter();
        let refused = ran(greenlight_in(path, fixed.chain(arguments.iter().copied()))).await;
        assert_eq!(refused.code, 2, "{arguments:?}: {}", refused.err);
    }
    assert_eq!(std::fs::read_dir(path).unwrap().count(), 0);
}
