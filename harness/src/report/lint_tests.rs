//! Tests of [`crate::report::lint`].

use proptest::prelude::*;

use super::*;
use crate::model::recording::Tool;

fn remark() -> Remark {
    Remark {
        rule: "admits-5xx".to_owned(),
        level: Level::Error,
        what: "the criteria of step `create` take a 500 for a success".to_owned(),
        why: "a server error is never what a client asked for".to_owned(),
        next: "add `&& $statusCode < 500`".to_owned(),
        line: 23,
        column: 24,
        length: 18,
        excerpt: "          - condition: $statusCode >= 200".to_owned(),
        before: 23,
    }
}

fn lint(remarks: Vec<Remark>) -> Lint {
    let file = Linted {
        file: "a,b.arazzo.yaml".to_owned(),
        workflows: 1,
        steps: 2,
        remarks,
        notes: vec!["`notes` was not looked at".to_owned()],
    };
    Lint::of(vec![file], false)
}

#[test]
fn people_see_the_line_the_caret_and_the_next_step() {
    insta::assert_snapshot!(human(&lint(vec![remark()]), Style::default()), @r"
    error[admits-5xx]: the criteria of step `create` take a 500 for a success
      --> a,b.arazzo.yaml:23:24
       |
    23 |           - condition: $statusCode >= 200
       |                        ^^^^^^^^^^^^^^^^^^
       = why:  a server error is never what a client asked for
       = next: add `&& $statusCode < 500`

    note: `notes` was not looked at

    FAIL  1 error: 1 file, 1 workflow, 2 steps
    ");
}

#[test]
fn the_headline_counts_what_was_found() {
    let warning = Remark {
        level: Level::Warning,
        ..remark()
    };
    let quiet = Style {
        quiet: true,
        ..Style::default()
    };
    for (remarks, said) in [
        (vec![], "PASS  nothing is wrong: 1 file, 1 workflow, 2 steps\n"),
        (
            vec![warning.clone()],
            "PASS  1 warning: 1 file, 1 workflow, 2 steps\n",
        ),
        (
            vec![warning, remark(), remark()],
            "FAIL  2 errors and 1 warning: 1 file, 1 workflow, 2 steps\n",
        ),
    ] {
        assert_eq!(human(&lint(remarks), quiet), said);
    }
}

#[test]
fn a_caret_stands_under_wide_and_hidden_characters() {
    let wide = Remark {
        excerpt: "\t日本\u{1b}: x".to_owned(),
        before: 1,
        length: 3,
        ..remark()
    };
    let text = human(&lint(vec![wide]), Style::default());
    assert!(text.contains("23 |  日本\u{fffd}: x\n   |  ^^^^^\n"), "{text}");
}

#[test]
fn an_annotation_is_one_line_with_its_place() {
    let text = github(&lint(vec![
        Remark {
            level: Level::Warning,
            what: "50% of it\nis".to_owned(),
            ..remark()
        },
        remark(),
    ]));
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 2, "{text}");
    assert!(
        lines[0].starts_with(
            "::error file=a%2Cb.arazzo.yaml,line=23,col=24,endColumn=42,title=admits-5xx::the criteria"
        ),
        "{text}"
    );
    assert!(
        lines[1].starts_with("::warning ") && lines[1].contains("50%25 of it\\nis%0Awhy: "),
        "{text}"
    );
}

#[test]
fn machines_read_what_was_found() {
    let lint = lint(vec![remark()]);
    assert_eq!(serde_json::from_str::<Lint>(&json(&lint)).unwrap(), lint);
    assert_eq!((lint.schema.as_str(), lint.tool), (SCHEMA, Tool::this()));
}

proptest! {
    #[test]
    fn nothing_in_a_document_steers_a_terminal(text in "(?s).{0,80}", before in 0_usize..90, length in 1_usize..90) {
        let remark = Remark { what: text.clone(), excerpt: text, before, length, ..remark() };
        let said = human(&lint(vec![remark]), Style::default());
        prop_assert!(said.chars().all(|c| c == '\n' || text::is_plain(c) || c == HIDDEN), "{}", said);
    }
}
