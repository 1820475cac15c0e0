//! `greenlight lint` as people use it: the real binary on files. Its own crate, since it needs no service and links nothing.
#![expect(clippy::unwrap_used, reason = "a test whose setup fails has failed")]

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

const KEEP: &str = include_str!("../src/scenario/lint/testdata/keep.arazzo.yaml");
const NOTES: &str = include_str!("../src/scenario/lint/testdata/notes.openapi.yaml");

struct Ran {
    code: i32,
    out: String,
    err: String,
}

fn lint(directory: &Path, arguments: &[&str]) -> Ran {
    let output = Command::new(env!("CARGO_BIN_EXE_greenlight"))
        .current_dir(directory)
        .arg("lint")
        .args(arguments)
        .env("NO_COLOR", "1")
        .output()
        .unwrap();
    Ran {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A directory with a sound scenario, the contract that it is about, and a scenario with an error.
fn directory() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(directory.path().join(name), text).unwrap();
    write("keep.yaml", KEEP);
    write("notes.yaml", NOTES);
    write(
        "wrong.yaml",
        &KEEP.replacen("$statusCode == 201", "$statusCode >= 200", 1),
    );
    directory
}

#[test]
fn a_sound_scenario_passes_and_its_contract_was_looked_at() {
    let directory = directory();
    let ran = lint(directory.path(), &["keep.yaml"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{}", ran.out);
    assert_eq!(ran.out, "PASS  nothing is wrong: 1 file, 2 workflows, 4 steps\n");
    fs::write(
        directory.path().join("notes.yaml"),
        NOTES.replace("createNote", "addNote"),
    )
    .unwrap();
    let ran = lint(directory.path(), &["keep.yaml"]);
    assert_eq!(ran.code, 1);
    assert!(ran.out.contains("error[unknown-operation]"), "{}", ran.out);
}

#[test]
fn an_error_is_shown_with_its_place_and_fails_in_every_format() {
    let directory = directory();
    let human = lint(directory.path(), &["keep.yaml", "wrong.yaml"]);
    assert_eq!(human.code, 1);
    assert!(human.out.contains("error[admits-5xx]: "), "{}", human.out);
    assert!(human.out.contains("--> wrong.yaml:"), "{}", human.out);
    assert!(
        human.out.contains("- condition: $statusCode >= 200\n"),
        "{}",
        human.out
    );
    let json = lint(directory.path(), &["wrong.yaml", "--format", "json"]);
    let report: Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(
        (json.code, report["schema"].as_str()),
        (1, Some("greenlight.lint/1"))
    );
    assert_eq!(report["files"][0]["remarks"][0]["rule"], "admits-5xx");
    let github = lint(directory.path(), &["wrong.yaml", "--format", "github"]);
    assert_eq!(github.code, 1);
    assert!(
        github.out.starts_with("::error file=wrong.yaml,line="),
        "{}",
        github.out
    );
    let quiet = lint(directory.path(), &["wrong.yaml", "--quiet"]);
    assert_eq!((quiet.code, quiet.out.lines().count()), (1, 1), "{}", quiet.out);
}

#[test]
fn a_warning_fails_whoever_is_strict() {
    let directory = directory();
    let bare = KEEP.replacen(
        "        successCriteria:\n          - condition: $statusCode == 201\n",
        "",
        1,
    );
    fs::write(directory.path().join("bare.yaml"), bare).unwrap();
    let ran = lint(directory.path(), &["bare.yaml"]);
    assert_eq!(ran.code, 0, "{}", ran.out);
    assert!(ran.out.contains("warning[no-criterion]"), "{}", ran.out);
    let ran = lint(directory.path(), &["bare.yaml", "--strict"]);
    assert_eq!(ran.code, 1, "{}", ran.out);
    assert!(ran.out.contains("error[no-criterion]"), "{}", ran.out);
}

#[test]
fn a_source_is_remapped_and_one_that_is_not_there_is_told() {
    let directory = directory();
    fs::rename(
        directory.path().join("notes.yaml"),
        directory.path().join("api.yaml"),
    )
    .unwrap();
    let ran = lint(directory.path(), &["keep.yaml"]);
    assert_eq!(ran.code, 0, "{}", ran.out);
    assert!(
        ran.out.contains("warning[unread-source]") && ran.out.contains("--source notes=FILE"),
        "{}",
        ran.out
    );
    let ran = lint(directory.path(), &["keep.yaml", "--source", "notes=api.yaml"]);
    assert_eq!(ran.out, "PASS  nothing is wrong: 1 file, 2 workflows, 4 steps\n");
    let ran = lint(directory.path(), &["keep.yaml", "--source", "note=api.yaml"]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    assert!(ran.err.contains("did you mean `notes`?"), "{}", ran.err);
}

#[test]
fn what_is_on_the_network_is_left_there_and_said() {
    let directory = directory();
    let remote = KEEP.replacen("./notes.yaml", "http://127.0.0.1:9/notes.yaml", 1);
    fs::write(directory.path().join("remote.yaml"), remote).unwrap();
    let ran = lint(directory.path(), &["remote.yaml", "--strict"]);
    assert_eq!(ran.code, 0, "{}", ran.out);
    assert!(ran.out.contains("note: `notes` was not looked at"), "{}", ran.out);
}

#[test]
fn a_file_that_cannot_be_read_is_a_wrong_command_line() {
    let directory = directory();
    let ran = lint(directory.path(), &["keep.yaml", "nowhere.yaml"]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{}", ran.err);
    assert!(ran.err.contains("nowhere.yaml"), "{}", ran.err);
    assert_eq!(lint(directory.path(), &[]).code, 2);
}
