//! What the commands that judge nothing print.

use insta::assert_snapshot;

use crate::binary::{redacted, run};

async fn said(arguments: &[&str]) -> String {
    let ran = run(arguments.iter().copied()).await;
    assert_eq!(ran.code, 0, "{arguments:?}: {ran:#?}");
    assert_eq!(ran.err, "", "{arguments:?}");
    redacted(&ran.out)
}

#[tokio::test]
async fn help_shows_what_works() {
    assert_snapshot!(said(&["--help"]).await);
}

#[tokio::test]
async fn help_names_no_command_that_does_not_work_yet() {
    let help = said(&["--help"]).await;
    for command in [
        "run", "lint", "fuzz", "diff", "wait", "watch", "load", "diagnose", "init", "accept", "doctor",
    ] {
        let listed = help
            .lines()
            .any(|line| line.trim_start().starts_with(&format!("{command} ")));
        if listed {
            let ran = run([command, "--help"]).await;
            assert_eq!(ran.code, 0, "{command} is listed and has no help");
        }
    }
}

#[tokio::test]
async fn help_of_verify_shows_every_flag() {
    assert_snapshot!(said(&["verify", "--help"]).await);
}

#[tokio::test]
async fn the_list_has_every_check() {
    assert_snapshot!(said(&["list"]).await);
}

#[tokio::test]
async fn a_suite_is_part_of_the_list() {
    let all = said(&["list"]).await;
    let smoke = said(&["list", "--suite", "smoke"]).await;
    // Columns are as wide as what stands in them, and the whole list has longer names.
    let narrow = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let all: Vec<String> = all.lines().map(narrow).collect();
    assert!(smoke.lines().all(|line| all.contains(&narrow(line))), "{smoke}");
}

#[tokio::test]
async fn a_check_is_explained() {
    assert_snapshot!(said(&["explain", "cors/readable"]).await);
}

#[tokio::test]
async fn a_cause_is_explained() {
    assert_snapshot!(said(&["explain", "masked-server-error"]).await);
}

#[tokio::test]
async fn everything_listed_is_explained() {
    let list = said(&["list"]).await;
    let ids = list
        .lines()
        .filter_map(|line| line.strip_prefix("  ")?.split_whitespace().next());
    let ids: Vec<&str> = ids.collect();
    assert!(ids.len() > 10, "{list}");
    for id in ids {
        assert!(said(&["explain", id]).await.starts_with(id));
    }
}
