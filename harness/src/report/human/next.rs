//! What to do next, the first thing first; commands whole, so that they can be pasted.

use unicode_width::UnicodeWidthStr;

use crate::model::finding::{Finding, Verdict};
use crate::model::run::{CheckOutcome, Run};
use crate::report::human::cause;
use crate::report::human::page::{LABEL, Page, Paint, column};
use crate::report::human::rows;
use crate::report::text::{self, SENTENCE, VALUE};

/// Steps before the rest is left to the JSON report.
const MOST: usize = 5;
/// Pieces of advice taken from findings when no diagnosis gives any.
const HINTS: usize = 3;
/// The longest command that is shown; half a command is worse than none.
const COMMAND: usize = 1_500;

/// A step: what to do, and the command that does it.
struct Step {
    what: String,
    command: Option<String>,
}

impl Step {
    /// Reads a step as causes write it: the command follows a colon and two spaces.
    fn read(step: &str) -> Step {
        match step.split_once(":  ") {
            Some((what, command)) => Step::with(&format!("{what}:"), command),
            None => Step::only(step),
        }
    }

    fn only(what: &str) -> Step {
        Step {
            what: text::line(what, SENTENCE),
            command: None,
        }
    }

    fn with(what: &str, command: &str) -> Step {
        let shown = text::line(command, COMMAND);
        let command = if shown.ends_with('…') {
            "the command is too long to show; --format json has it".to_owned()
        } else {
            shown
        };
        Step {
            command: Some(command),
            ..Step::only(what)
        }
    }
}

/// Writes the numbered steps.
pub fn write(page: &mut Page, run: &Run) {
    if run.verdict == Verdict::Pass {
        return;
    }
    for (at, step) in steps(run).into_iter().take(MOST).enumerate() {
        let label = column(if at == 0 { "next" } else { "" });
        let number = format!("{}  ", at + 1);
        let lead = [(label.as_str(), Paint::Faint), (number.as_str(), Paint::Faint)];
        let Some(command) = step.command else {
            page.hang(&lead, (&step.what, Paint::Plain));
            continue;
        };
        let both = format!("{}  {command}", step.what);
        if both.width() + LABEL + number.len() <= page.width() {
            page.whole(&lead, (&both, Paint::Plain));
        } else {
            page.hang(&lead, (&step.what, Paint::Plain));
            let under = " ".repeat(LABEL + number.len());
            page.whole(&[(&under, Paint::Plain)], (&command, Paint::Plain));
        }
    }
}

fn steps(run: &Run) -> Vec<Step> {
    let primary = cause::primary(run);
    let told = primary
        .map(|diagnosis| &diagnosis.next_steps)
        .into_iter()
        .flatten();
    let mut steps: Vec<Step> = told.map(|step| Step::read(step)).collect();
    if steps.is_empty() {
        steps.extend(advice(run).into_iter().map(Step::only));
    }
    let shows_command = steps.iter().any(|step| step.command.is_some());
    if let (Some(first), false) = (cause::shown(run, primary).first(), shows_command) {
        steps.truncate(MOST - 1);
        steps.push(Step::with("ask it again:", &first.curl));
    }
    let step = |flag: &str| Step::only(&format!("run it again: {}", text::line(flag, VALUE)));
    steps.extend(flags(run).into_iter().map(step));
    steps
}

/// The advice of the worst findings, each once.
pub fn advice(run: &Run) -> Vec<&str> {
    let decide = |finding: &&Finding| rows::decides(finding);
    let mut worst: Vec<&Finding> = run.findings.iter().filter(decide).collect();
    worst.sort_by_key(|finding| std::cmp::Reverse(rows::weight(finding)));
    let mut hints: Vec<&str> = Vec::new();
    for finding in worst {
        if !finding.hint.is_empty() && !hints.contains(&finding.hint.as_str()) {
            hints.push(&finding.hint);
        }
    }
    hints.truncate(HINTS);
    hints
}

/// The flags that would prove what is not proven, and find out what is unknown, each once.
pub fn flags(run: &Run) -> Vec<&str> {
    let open = cause::open(run).filter(|proof| !proof.accepted);
    let accepted = |id: &str| run.proofs.iter().any(|proof| proof.id == id && proof.accepted);
    let unknown = run
        .checks
        .iter()
        .filter(|check| check.outcome == CheckOutcome::Inconclusive && !accepted(&check.check));
    let wanted = open
        .map(|proof| &proof.flag)
        .chain(unknown.map(|check| &check.flag));
    let mut flags: Vec<&str> = Vec::new();
    for flag in wanted.filter_map(Option::as_deref) {
        if !flags.contains(&flag) {
            flags.push(flag);
        }
    }
    flags
}
