//! What the commands that judge nothing print.

use insta::assert_snapshot;

use orchestrate::faults::id::FaultId;

use crate::binary::{ran, redacted, run};
use crate::service::Service;

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

/// Every line of code below this folder that holds a text.
fn texts(folder: &std::path::Path, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            texts(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let source = std::fs::read_to_string(&path).unwrap();
            let lines = source.lines().map(str::trim);
            found.extend(lines.filter(|line| !line.starts_with("//")).map(str::to_owned));
        }
    }
}

#[tokio::test]
async fn next_steps_and_hints_name_commands_and_flags_that_work() {
    let src = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut lines = Vec::new();
    for room in ["check", "checks", "diagnosis", "runner"] {
        texts(&src.join(room), &mut lines);
    }
    let help = said(&["--help"]).await;
    let verify = said(&["verify", "--help"]).await;
    let is_word = |c: char| c.is_ascii_lowercase() || c == '-';
    let (mut commands, mut wrong) = (0, Vec::new());
    for line in &lines {
        for (_, after) in line
            .match_indices("greenlight ")
            .map(|(at, name)| (at, &line[at + name.len()..]))
        {
            let word: String = after.chars().take_while(|c| is_word(*c)).collect();
            let listed = |line: &str| line.trim_start().split(' ').next() == Some(word.as_str());
            commands += 1;
            if !help.lines().any(listed) {
                wrong.push(format!("greenlight {word}: {line}"));
            }
            let rest = after.split(['"', '`', ',', ';']).next().unwrap_or_default();
            let flags = rest.split(' ').filter(|part| part.starts_with("--"));
            wrong.extend(
                flags
                    .filter(|flag| word == "verify" && !verify.contains(*flag))
                    .map(|flag| format!("{flag}: {line}")),
            );
        }
    }
    assert!(commands >= 3, "the test finds no command, so it proves nothing");
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The page of a check or cause is behind every finding, without a network too.
#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_found_says_where_more_is_told_of_it_and_there_it_is() {
    let service = Service::with(&[FaultId::MissingAwait]).await;
    let report = ran(service.verify_with_token(&["--environment", "local", "--format", "json"])).await;
    let report = report.json();
    let mut told = std::collections::BTreeSet::new();
    for (list, id) in [("findings", "check"), ("diagnoses", "cause")] {
        let all = report[list].as_array().unwrap();
        assert!(!all.is_empty(), "no {list}: {report:#}");
        for one in all {
            assert_eq!(
                one["help"],
                format!("greenlight explain {}", one[id].as_str().unwrap())
            );
            told.insert(one["help"].as_str().unwrap());
        }
    }
    for command in told {
        let arguments = command.strip_prefix("greenlight ").unwrap().split(' ');
        let run = run(arguments).await;
        assert_eq!(run.code, 0, "{command}: {run:#?}");
    }
}
