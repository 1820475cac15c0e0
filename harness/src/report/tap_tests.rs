//! What a harness makes of the stream.

use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::report::fixtures;

/// A test point as a TAP 14 consumer reads it.
#[derive(Debug)]
struct Point {
    ok: bool,
    directive: Option<String>,
    diagnostics: Option<Value>,
}

impl Point {
    /// Whether it fails the stream: `not ok`, unless it is to be done or skipped.
    fn fails(&self) -> bool {
        !self.ok && self.directive.is_none()
    }
}

/// Where a description ends and a directive begins: at the first ` #` whose hash no backslash guards.
fn directive(rest: &str) -> Option<String> {
    let mut guarded = false;
    for (at, c) in rest.char_indices() {
        match c {
            '\\' => guarded = !guarded,
            '#' if !guarded => return Some(rest[at + 1..].trim().to_owned()),
            _ => guarded = false,
        }
    }
    None
}

/// Reads a stream as strictly as the specification lets a harness be.
fn read(text: &str) -> Vec<Point> {
    let mut lines = text.lines().peekable();
    assert_eq!(lines.next(), Some("TAP version 14"));
    let plan: usize = lines
        .next()
        .unwrap()
        .strip_prefix("1..")
        .unwrap()
        .parse()
        .unwrap();
    let mut points = Vec::new();
    while let Some(line) = lines.next() {
        let ok = !line.starts_with("not ");
        let rest = line
            .trim_start_matches("not ")
            .strip_prefix("ok ")
            .unwrap_or_else(|| panic!("{line:?}"));
        let (number, rest) = rest.split_once(" - ").unwrap();
        assert_eq!(number.parse::<usize>().unwrap(), points.len() + 1);
        let mut block = String::new();
        if lines.peek() == Some(&"  ---") {
            lines.next();
            for line in lines.by_ref().take_while(|line| *line != "  ...") {
                block.push_str(line.strip_prefix("  ").unwrap());
                block.push('\n');
            }
        }
        points.push(Point {
            ok,
            directive: directive(rest),
            diagnostics: (!block.is_empty()).then(|| serde_saphyr::from_str(&block).unwrap()),
        });
    }
    assert_eq!(points.len(), plan);
    points
}

#[test]
fn a_harness_is_content_exactly_when_the_exit_code_is_0() {
    for (name, run) in fixtures::all() {
        let points = read(&render(&run));
        assert_eq!(points.iter().any(Point::fails), run.exit_code != 0, "{name}");
        assert_eq!(points.len(), run.checks.len() + 1, "{name}");
    }
}

#[test]
fn what_was_not_asked_is_skipped_and_what_never_decides_is_to_be_done() {
    let points = read(&render(&fixtures::odd::many_findings()));
    let todo = |point: &&Point| {
        point
            .directive
            .as_deref()
            .is_some_and(|text| text.starts_with("TODO"))
    };
    assert_eq!(points.iter().filter(todo).count(), 1);
    let points = read(&render(&fixtures::broken::unproven()));
    let skip = |point: &&Point| {
        point
            .directive
            .as_deref()
            .is_some_and(|text| text.starts_with("SKIP no"))
    };
    assert_eq!(points.iter().filter(skip).count(), 3);
}

#[test]
fn diagnostics_say_what_was_found() {
    let points = read(&render(&fixtures::broken::missing_await()));
    let failed = points.iter().filter(|point| point.fails()).nth(1).unwrap();
    let diagnostics = failed.diagnostics.as_ref().unwrap();
    assert_eq!(diagnostics["findings"][0]["subject"], "POST /ai/orchestrate 500");
    assert!(
        diagnostics["findings"][0]["again"]
            .as_str()
            .unwrap()
            .starts_with("curl ")
    );
}

#[test]
fn a_stream_of_a_failing_run() {
    insta::assert_snapshot!(render(&fixtures::broken::missing_await()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_text_stays_where_it_was_put(bomb in "(?s)(\nnot ok|# TODO|\\\\|#|  \\.\\.\\.|'|\"|: |- |::error|.){0,60}") {
        let run = fixtures::odd::filled(&bomb);
        let points = read(&render(&run));
        prop_assert_eq!(points.len(), run.checks.len() + 1);
        prop_assert!(points[0].fails());
        let directives = points.iter().filter_map(|point| point.directive.as_deref());
        for directive in directives {
            prop_assert!(directive.starts_with("SKIP") || directive.starts_with("TODO worth"), "{directive}");
        }
        let failed = points.iter().find_map(|point| point.diagnostics.as_ref()?.get("findings")?.get(0).cloned()).unwrap();
        prop_assert_eq!(failed["advice"].as_str().unwrap_or_default(), text::line(&bomb, SENTENCE));
    }
}
