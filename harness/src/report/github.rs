//! Annotations of GitHub Actions: workflow commands on standard output, which the runner turns into remarks on the run and the
//! pull request. Only causes, findings that no cause explains, and what was waived: a symptom is no news beside its cause. At most
//! ten, since a step shows no more of one kind.

use crate::model::diagnosis::Diagnosis;
use crate::model::finding::{Finding, Severity, Verdict};
use crate::model::run::Run;
use crate::report::human::{cause, rows};
use crate::report::text::{self, NAME, SENTENCE, VALUE};
use crate::report::waivers;

/// Annotations of one kind that a step shows.
pub(crate) const MOST: usize = 10;
/// Steps told under a cause.
const STEPS: usize = 3;
/// The longest command that is told.
const COMMAND: usize = 1_500;

/// The commands, one a line; nothing when there is nothing to annotate.
pub fn render(run: &Run) -> String {
    let mut lines: Vec<String> = run
        .diagnoses
        .iter()
        .filter(|diagnosis| cause::decides(run, diagnosis))
        .map(|diagnosis| of_cause(run, diagnosis))
        .collect();
    let mut open: Vec<&Finding> = run
        .findings
        .iter()
        .filter(|finding| is_open(run, finding))
        .collect();
    open.sort_by_key(|finding| std::cmp::Reverse(rows::weight(finding)));
    lines.extend(open.into_iter().map(of_finding));
    // Not green for a reason that is neither: unproven, stopped, or nothing was checked.
    if lines.is_empty() && (run.verdict != Verdict::Pass || run.interrupted) {
        lines.push(command(
            level(run.verdict),
            "Greenlight",
            &[text::line(&run.headline, SENTENCE)],
        ));
    }
    let waived = waived(run);
    lines.truncate(MOST - usize::from(waived.is_some()));
    lines.extend(waived);
    lines.concat()
}

/// What somebody answers for, in one annotation: a run that is green only by it shall not look like one that is green.
fn waived(run: &Run) -> Option<String> {
    let lines = waivers::lines(run);
    (!lines.is_empty()).then(|| command("notice", "waived", &lines))
}

/// Whether a finding has a say, and no cause says it.
fn is_open(run: &Run, finding: &Finding) -> bool {
    let told = run.diagnoses.iter().any(|diagnosis| diagnosis.covers(finding));
    rows::decides(finding) && finding.explained_by.is_none() && !told
}

fn level(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Fail => "error",
        Verdict::Flaky | Verdict::Degraded | Verdict::Inconclusive => "warning",
        Verdict::Pass => "notice",
    }
}

fn of_cause(run: &Run, diagnosis: &Diagnosis) -> String {
    let covered = run.findings.iter().filter(|finding| diagnosis.covers(finding));
    let worst = covered
        .map(|finding| finding.outcome)
        .max()
        .unwrap_or(run.verdict);
    let mut lines = vec![text::line(&diagnosis.statement, SENTENCE)];
    lines.extend(
        diagnosis
            .evidence
            .iter()
            .take(1)
            .map(|seen| format!("seen: {}", text::line(seen, VALUE))),
    );
    lines.push(format!("at fault: {}", diagnosis.blame.word()));
    let steps = diagnosis.next_steps.iter().take(STEPS);
    lines.extend(steps.map(|step| format!("next: {}", text::line(step, COMMAND))));
    lines.extend(more(diagnosis.help.as_deref()));
    command(level(worst), &diagnosis.cause, &lines)
}

fn of_finding(finding: &Finding) -> String {
    let mut lines = vec![text::line(&finding.title, SENTENCE)];
    for (name, value) in [
        ("expected", &finding.expected),
        ("actual", &finding.actual),
        ("advice", &finding.hint),
    ] {
        if !value.is_empty() {
            lines.push(format!("{name}: {}", text::line(value, VALUE)));
        }
    }
    lines.extend(more(finding.help.as_deref()));
    let level = if finding.severity < Severity::Major {
        "notice"
    } else {
        level(finding.outcome)
    };
    command(level, &finding.check, &lines)
}

/// Where more is told.
fn more(help: Option<&str>) -> Option<String> {
    help.map(|help| format!("more: {}", text::line(help, VALUE)))
}

/// One workflow command.
pub(crate) fn command(level: &str, title: &str, lines: &[String]) -> String {
    let title = property(&text::line(title, NAME));
    format!("::{level} title={title}::{}\n", data(&lines.join("\n")))
}

/// The message of a command: `%`, CR and LF end or begin something there.
pub(crate) fn data(text: &str) -> String {
    let whole = text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    // The runner's older commands, `##[…]`, are looked for anywhere in a line.
    whole.replace("##", "#\\u{23}")
}

/// A property of a command, where `:` and `,` do as well.
pub(crate) fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::report::fixtures;

    /// A command as the runner reads it: name, title, message, escapes undone.
    fn read(line: &str) -> (String, String, String) {
        let (head, message) = line.strip_prefix("::").unwrap().split_once("::").unwrap();
        let (name, properties) = head.split_once(' ').unwrap();
        let title = properties.strip_prefix("title=").unwrap();
        assert!(!title.contains(','), "a second property: {line:?}");
        let data = |text: &str| text.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%");
        let property = |text: &str| data(&text.replace("%3A", ":").replace("%2C", ","));
        (name.to_owned(), property(title), data(message))
    }

    #[test]
    fn a_cause_is_told_once_and_its_symptoms_are_not() {
        let text = render(&fixtures::broken::missing_await());
        let commands: Vec<_> = text.lines().map(read).collect();
        let [(name, title, message)] = commands.as_slice() else {
            panic!("{text}")
        };
        assert_eq!((name.as_str(), title.as_str()), ("error", "masked-server-error"));
        assert!(message.starts_with("A server error (HTTP 500)"), "{message}");
        assert!(message.contains("\nnext: read the traceback"), "{message}");
    }

    #[test]
    fn ten_are_shown_and_a_pass_says_nothing() {
        assert_eq!(render(&fixtures::odd::many_findings()).lines().count(), MOST);
        assert_eq!(render(&fixtures::healthy()), "");
    }

    #[test]
    fn whatever_is_not_green_is_annotated() {
        for (name, run) in fixtures::all() {
            assert_eq!(render(&run).is_empty(), run.verdict == Verdict::Pass, "{name}");
        }
        assert!(
            render(&fixtures::broken::unproven()).starts_with("::warning title=Greenlight::Nothing seen")
        );
    }

    #[test]
    fn annotations_of_a_failing_run() {
        insta::assert_snapshot!(render(&fixtures::odd::many_findings()));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn every_line_is_a_command_of_ours(bomb in "(?s)(\n::error::x|\r|%0A|,file=/etc/passwd|::|##\\[|.){0,60}") {
            let mut run = fixtures::odd::filled(&bomb);
            run.diagnoses[0].cause = bomb.clone();
            let text = render(&run);
            for line in text.lines() {
                let (name, ..) = read(line);
                prop_assert!(["error", "warning", "notice"].contains(&name.as_str()));
            }
            prop_assert!(!text.contains("##[") && !text.contains('\r'));
            let (_, title, message) = read(text.lines().next().unwrap());
            prop_assert_eq!(title.replace("#\\u{23}", "##"), text::line(&bomb, NAME));
            let shown = message.replace("#\\u{23}", "##");
            prop_assert!(shown.starts_with(&text::line(&bomb, SENTENCE)), "{}", shown);
        }
    }
}
