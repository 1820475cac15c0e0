//! Where reports go: machines read standard output or files, people the rest.

use std::path::Path;

use greenlight::report::format::Format;

use crate::binary::{Ran, greenlight_in, ran};
use crate::service::{Service, VARIABLE};

async fn verify(service: &Service, directory: &Path, more: &[&str]) -> Ran {
    let url = service.url();
    let fixed = ["verify", &url, "--profile", "concierge", "--environment", "local"];
    let mut command = greenlight_in(directory, fixed.into_iter().chain(more.iter().copied()));
    command
        .args(["--token-env", VARIABLE])
        .env(VARIABLE, &service.token)
        .env("NO_COLOR", "1");
    ran(command).await
}

#[tokio::test(flavor = "multi_thread")]
async fn json_on_standard_output_is_pure_and_people_read_standard_error() {
    let service = Service::healthy().await;
    let directory = tempfile::tempdir().unwrap();
    let run = verify(&service, directory.path(), &["--format", "json"]).await;
    assert_eq!(run.json()["schema"], "greenlight.report/1");
    assert!(run.err.starts_with("PASS"), "{}", run.err);
}

/// Every format there is, each in a file of its own.
fn in_files(run: &str) -> Vec<String> {
    let flags = |format: &Format| ["--format".to_owned(), format!("{0}={run}.{0}", format.name())];
    Format::ALL.iter().flat_map(flags).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_format_says_the_same_and_the_exit_code_is_the_same() {
    let service = Service::healthy().await;
    let directory = tempfile::tempdir().unwrap();
    let formats = in_files("report");
    let formats: Vec<&str> = formats.iter().map(String::as_str).collect();
    let run = verify(&service, directory.path(), &formats).await;
    assert_eq!(run.code, 0, "{run:#?}");
    let read = |name: &str| std::fs::read_to_string(directory.path().join(name)).unwrap();
    let json: serde_json::Value = serde_json::from_str(&read("report.json")).unwrap();
    let headline = json["headline"].as_str().unwrap();
    assert_eq!(json["exit_code"], 0);
    for format in Format::ALL {
        // What only tells of what is wrong has nothing to tell.
        let silent = matches!(format, Format::Github | Format::CodeQuality);
        let text = read(&format!("report.{}", format.name()));
        assert_eq!(text.contains(headline), !silent, "{format:?}: {text}");
    }
    let checks = json["checks"].as_array().unwrap().len();
    assert!(read("report.junit").starts_with("<?xml"));
    let cases = read("report.junit").matches("<testcase").count();
    assert_eq!(cases, checks + 1, "one a check, and one for the run as a whole");
    assert!(
        run.out.contains(headline),
        "files alone leave people without a report: {run:#?}"
    );
    let left: Vec<_> = std::fs::read_dir(directory.path()).unwrap().collect();
    assert_eq!(left.len(), Format::ALL.len(), "{left:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_reports_as_the_run_did_in_every_format() {
    let service = Service::with(&[orchestrate::faults::id::FaultId::MissingAwait]).await;
    let directory = tempfile::tempdir().unwrap();
    let (live, again) = (in_files("live"), in_files("again"));
    let record = ["--record", "run.json"].into_iter();
    let live: Vec<&str> = record.chain(live.iter().map(String::as_str)).collect();
    assert_eq!(verify(&service, directory.path(), &live).await.code, 1);
    let arguments = ["replay", "run.json"]
        .into_iter()
        .chain(again.iter().map(String::as_str));
    assert_eq!(ran(greenlight_in(directory.path(), arguments)).await.code, 1);
    for format in Format::ALL {
        let read = |run: &str| {
            std::fs::read_to_string(directory.path().join(format!("{run}.{}", format.name()))).unwrap()
        };
        assert!(read("live") == read("again"), "{format:?} differs");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn in_github_actions_annotations_are_printed_and_the_summary_is_added_to() {
    let service = Service::with(&[orchestrate::faults::id::FaultId::MissingAwait]).await;
    let directory = tempfile::tempdir().unwrap();
    let summary = directory.path().join("summary.md");
    std::fs::write(&summary, "of another step\n").unwrap();
    let mut command = service.verify_with_token(&["--environment", "local", "--format", "github"]);
    command
        .env("GITHUB_ACTIONS", "true")
        .env("GITHUB_STEP_SUMMARY", &summary);
    let run = ran(command).await;
    assert_eq!(run.code, 1, "{run:#?}");
    assert!(run.out.lines().count() <= 10, "{}", run.out);
    assert!(
        run.out
            .starts_with("::error title=masked-server-error::A server error"),
        "{}",
        run.out
    );
    assert!(run.out.lines().all(|line| line.starts_with("::")), "{}", run.out);
    let text = std::fs::read_to_string(&summary).unwrap();
    assert!(
        text.starts_with("of another step\n# FAIL: A server error"),
        "{text}"
    );
    assert!(text.len() < 1024 * 1024);
}

#[tokio::test(flavor = "multi_thread")]
async fn short_takes_the_place_of_the_page() {
    let service = Service::healthy().await;
    let directory = tempfile::tempdir().unwrap();
    let run = verify(&service, directory.path(), &["--format", "short"]).await;
    assert_eq!(
        (run.code, run.out.lines().count(), run.err.as_str()),
        (0, 1, ""),
        "{run:#?}"
    );
    let run = verify(
        &service,
        directory.path(),
        &["--format", "short", "--format", "tap"],
    )
    .await;
    assert!(run.out.starts_with("TAP version 14\n"), "{}", run.out);
    assert_eq!(run.err.lines().count(), 1, "{}", run.err);
    let run = verify(
        &service,
        directory.path(),
        &["--format", "short", "--format", "human"],
    )
    .await;
    assert_eq!(run.code, 2, "{run:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_on_standard_output_and_people_in_a_file() {
    let service = Service::healthy().await;
    let directory = tempfile::tempdir().unwrap();
    let run = verify(
        &service,
        directory.path(),
        &["--format", "junit", "--format", "human=report.txt"],
    )
    .await;
    assert!(run.out.starts_with("<?xml"), "{}", run.out);
    assert!(run.err.starts_with("PASS"), "{}", run.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn people_and_a_machine_do_not_share_standard_output() {
    let service = Service::healthy().await;
    let directory = tempfile::tempdir().unwrap();
    let run = verify(
        &service,
        directory.path(),
        &["--format", "human", "--format", "json"],
    )
    .await;
    assert_eq!(run.json()["exit_code"], 0);
    assert!(run.err.starts_with("PASS"), "{}", run.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_machine_formats_on_standard_output_are_refused() {
    let service = Service::healthy().await;
    let directory = tempfile::tempdir().unwrap();
    let run = verify(
        &service,
        directory.path(),
        &["--format", "json", "--format", "junit"],
    )
    .await;
    assert_eq!(run.code, 2, "{run:#?}");
    assert!(run.err.contains("next: "), "{}", run.err);
    let run = verify(
        &service,
        directory.path(),
        &["--format", "json=a", "--format", "junit=a"],
    )
    .await;
    assert_eq!(run.code, 2, "one file cannot hold two reports: {run:#?}");
    let run = verify(
        &service,
        directory.path(),
        &["--format", "json=a", "--record", "a"],
    )
    .await;
    assert_eq!(run.code, 2, "nor a report and a recording: {run:#?}");
    assert_eq!(service.paid(), 0, "something was sent");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_escape_sequence_reaches_what_is_not_a_terminal() {
    let service = Service::with(&[orchestrate::faults::id::FaultId::MissingAwait]).await;
    let directory = tempfile::tempdir().unwrap();
    let run = verify(
        &service,
        directory.path(),
        &["--verbose", "--format", "human", "--format", "junit=r.xml"],
    )
    .await;
    let xml = std::fs::read_to_string(directory.path().join("r.xml")).unwrap();
    for text in [&run.out, &run.err, &xml] {
        assert!(!text.contains('\u{1b}'), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_that_cannot_be_written_after_the_run_takes_a_pass_away_and_not_the_words() {
    use std::os::unix::fs::FileTypeExt as _;
    let service = Service::healthy().await;
    let directory = tempfile::tempdir().unwrap();
    for lost in [["--format", "json=/dev/full"], ["--record", "/dev/full"]] {
        let run = verify(&service, directory.path(), &lost).await;
        assert_eq!(run.code, 70, "{run:#?}");
        assert!(run.err.contains("/dev/full could not be written"), "{}", run.err);
        // A recording alone leaves the page on standard output; so does a format with a file.
        assert!(
            lost[0] == "--format" || run.out.starts_with("PASS"),
            "{}",
            run.out
        );
    }
    let kind = std::fs::metadata("/dev/full").unwrap().file_type();
    assert!(kind.is_char_device(), "it was replaced by a file");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_that_cannot_be_written_leaves_a_failure_one() {
    let service = Service::with(&[orchestrate::faults::id::FaultId::MissingAwait]).await;
    let directory = tempfile::tempdir().unwrap();
    let run = verify(&service, directory.path(), &["--record", "/dev/full"]).await;
    assert_eq!(run.code, 1, "{run:#?}");
    assert!(run.out.starts_with("FAIL"), "{}", run.out);
    assert!(run.err.contains("/dev/full could not be written"), "{}", run.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_that_is_lost_on_standard_output_is_no_pass() {
    let service = Service::healthy().await;
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let mut command = service.verify_with_token(&["--environment", "local", "--format", "json"]);
    let status = command.stdout(full).status().await.unwrap();
    assert_eq!(status.code(), Some(70));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_is_followed_and_nothing_is_left_beside_the_report() {
    let service = Service::healthy().await;
    let directory = tempfile::tempdir().unwrap();
    let (real, link) = (
        directory.path().join("real.json"),
        directory.path().join("link.json"),
    );
    std::fs::write(&real, "old").unwrap();
    std::os::unix::fs::symlink(&real, &link).unwrap();
    let run = verify(&service, directory.path(), &["--format", "json=link.json"]).await;
    assert_eq!(run.code, 0, "{run:#?}");
    assert!(std::fs::read_to_string(&real).unwrap().starts_with('{'));
    assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn verbose_says_where_each_setting_came_from() {
    let service = Service::healthy().await;
    let directory = tempfile::tempdir().unwrap();
    let run = verify(&service, directory.path(), &["--verbose"]).await;
    assert!(run.err.contains("--environment"), "{}", run.err);
    assert!(run.err.contains(VARIABLE), "{}", run.err);
}
