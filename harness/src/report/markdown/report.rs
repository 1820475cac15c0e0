//! The report as a page of Markdown: for a comment on a pull request, a wiki, or the summary of a job.

use crate::model::diagnosis::{Diagnosis, Hypothesis};
use crate::model::finding::{Finding, Verdict};
use crate::model::run::{CheckOutcome, Run};
use crate::model::waiver::Waived;
use crate::report::human::{cause, rows, tail};
use crate::report::markdown::words::{block, cell, code, list, prose};
use crate::report::pages::Pages;
use crate::report::standing::given;
use crate::report::text::{self, NAME, SENTENCE, VALUE};
use crate::report::{coverage, diff};

/// Findings of which the page tells.
const FINDINGS: usize = 100;
/// Bytes of a job's summary that GitHub shows; a larger one is refused whole.
pub const SUMMARY: usize = 1024 * 1024;
/// Operations of the contract of which the page tells.
const OPERATIONS: usize = 200;
/// The longest command.
const COMMAND: usize = 4_000;

/// The page.
pub fn render(run: &Run) -> String {
    linked(run, Pages::PUBLISHED)
}

/// The page, with what more is told of checks and causes linked.
pub fn linked(run: &Run, pages: Pages<'_>) -> String {
    let mut page = format!("# {}: {}\n\n", run.verdict.word(), prose(&run.headline, SENTENCE));
    if run.interrupted {
        page.push_str("**The run was stopped before it was done; what follows is a part of it.**\n\n");
    }
    page.push_str(&facts(run));
    causes(run, pages, &mut page);
    page.push_str(&hypotheses(run));
    page.push_str(&diff::section(run));
    findings(run, pages, &mut page);
    not_proven(run, &mut page);
    operations(run, &mut page);
    checks(run, &mut page);
    page
}

/// What was seen of the contract.
fn operations(run: &Run, page: &mut String) {
    let Some(seen) = &run.coverage else {
        return;
    };
    page.push_str("\n## The contract\n\n| operation | succeeded | seen | documented and not seen |\n|---|---|---|---|\n");
    for one in seen.operations.iter().take(OPERATIONS) {
        let unseen = coverage::unseen(one).join(", ");
        page.push_str(&format!(
            "| {} | {} | {} | {} |\n",
            cell(&code(&one.operation, NAME)),
            if one.succeeded { "yes" } else { "**no**" },
            cell(&prose(&coverage::seen(one), VALUE)),
            cell(&prose(&unseen, VALUE)),
        ));
    }
    let more = seen.operations.len().saturating_sub(OPERATIONS);
    if more > 0 {
        page.push_str(&format!("\n{more} more operations are in the JSON report.\n"));
    }
}

/// The page, in no more than so many bytes: what does not fit is left out at the end of a line, and it is said.
pub fn summary(run: &Run, most: usize) -> String {
    let page = render(run);
    if page.len() <= most {
        return page;
    }
    let rest = "\n\nThe rest does not fit here; `--format json` has it.\n";
    let mut room = most.saturating_sub(rest.len());
    while !page.is_char_boundary(room) {
        room -= 1;
    }
    match page[..room].rfind('\n') {
        Some(end) => format!("{}{rest}", &page[..end]),
        None => String::new(),
    }
}

/// What was under test, and what it took.
pub fn facts(run: &Run) -> String {
    let target = &run.target;
    let unknown = || "unknown".to_owned();
    let rows = [
        ("Target", code(&target.base, VALUE)),
        (
            "Service",
            target
                .name
                .as_ref()
                .map(|name| prose(name, NAME))
                .unwrap_or_default(),
        ),
        ("Environment", prose(&target.environment, NAME)),
        (
            "Build",
            target
                .version
                .as_ref()
                .map_or_else(unknown, |version| code(version, NAME)),
        ),
        ("Contract", prose(&coverage::facts(run).join(" · "), SENTENCE)),
        ("Started", run.started_at.strftime("%F %T UTC").to_string()),
        ("Sent", tail::sent(&run.sent, run.duration_ms).join(" · ")),
        ("Exit code", run.exit_code.to_string()),
    ];
    let shown = rows.iter().filter(|(_, value)| !value.is_empty());
    let rows: String = shown
        .map(|(name, value)| format!("| {name} | {} |\n", cell(value)))
        .collect();
    format!("| | |\n|---|---|\n{rows}")
}

fn causes(run: &Run, pages: Pages<'_>, page: &mut String) {
    for diagnosis in run
        .diagnoses
        .iter()
        .filter(|diagnosis| cause::decides(run, diagnosis))
    {
        page.push_str(&format!("\n## Cause: {}\n\n", prose(&diagnosis.cause, NAME)));
        page.push_str(&told(diagnosis));
        match (pages.cause(&diagnosis.cause), &diagnosis.help) {
            (Some(more), _) => page.push_str(&format!("\n[More about it]({more})\n")),
            (None, Some(help)) => page.push_str(&format!("\nMore about it: {}\n", code(help, VALUE))),
            (None, None) => {}
        }
    }
}

/// A cause in full.
fn told(diagnosis: &Diagnosis) -> String {
    let mut told = format!(
        "{}\n\nAt fault: {}.\n\n",
        prose(&diagnosis.statement, SENTENCE),
        cause::fault(diagnosis)
    );
    told.push_str(&list(diagnosis.evidence.iter().map(|line| prose(line, VALUE))));
    if !diagnosis.ruled_out.is_empty() {
        let ruled_out: Vec<String> = diagnosis
            .ruled_out
            .iter()
            .map(|line| prose(line, VALUE))
            .collect();
        told.push_str(&format!("- ruled out: {}\n", ruled_out.join(" · ")));
    }
    if !diagnosis.next_steps.is_empty() {
        told.push_str(&format!("\nNext:\n{}", steps(&diagnosis.next_steps)));
    }
    told
}

/// What may be wrong although nothing was seen to be, the likeliest first, and what would tell.
pub fn hypotheses(run: &Run) -> String {
    if run.hypotheses.is_empty() {
        return String::new();
    }
    let step = |one: &Hypothesis| match &one.command {
        Some(command) => format!("{}:  {command}", one.what),
        None => one.what.clone(),
    };
    let told: Vec<String> = run.hypotheses.iter().map(step).collect();
    format!("\n## What it may be\n{}", steps(&told))
}

/// What to do next, with commands that can be copied.
pub fn steps(steps: &[String]) -> String {
    if steps.is_empty() {
        return String::new();
    }
    let mut told = "\n".to_owned();
    for (at, step) in steps.iter().enumerate() {
        match step.split_once(":  ") {
            Some((what, command)) => {
                told.push_str(&format!("{}. {}:\n\n", at + 1, prose(what, SENTENCE)));
                told.push_str(&indented(&block("sh", &[text::line(command, COMMAND)])));
            }
            None => told.push_str(&format!("{}. {}\n", at + 1, prose(step, SENTENCE))),
        }
    }
    told
}

/// Lines that belong to an item of a list.
fn indented(text: &str) -> String {
    text.lines().map(|line| format!("   {line}\n")).collect()
}

fn findings(run: &Run, pages: Pages<'_>, page: &mut String) {
    let mut wrong: Vec<&Finding> = run
        .findings
        .iter()
        .filter(|finding| finding.outcome != Verdict::Pass)
        .collect();
    if wrong.is_empty() {
        return;
    }
    wrong.sort_by_key(|finding| std::cmp::Reverse(rows::weight(finding)));
    page.push_str("\n## Findings\n\n| | what | expected | actual | check |\n|---|---|---|---|---|\n");
    for finding in wrong.iter().take(FINDINGS) {
        let times = if finding.count > 1 {
            format!(" (×{})", finding.count)
        } else {
            String::new()
        };
        let cells = [
            mark(finding).to_owned(),
            prose(&finding.title, SENTENCE) + &times,
            prose(&finding.expected, VALUE),
            prose(&finding.actual, VALUE),
            match pages.check(&finding.check) {
                Some(more) => format!("[{}]({more})", code(&finding.check, NAME)),
                None => code(&finding.check, NAME),
            },
        ];
        let cells = cells.map(|text| cell(&text)).join(" | ");
        page.push_str(&format!("| {cells} |\n"));
    }
    if wrong.len() > FINDINGS {
        page.push_str(&format!(
            "\n…and {} more; `--format json` has them.\n",
            wrong.len() - FINDINGS
        ));
    }
    let shown = cause::shown(run, cause::primary(run));
    if let Some(first) = shown.first() {
        page.push_str(&format!(
            "\nAsk it again:\n\n{}",
            block("sh", &[text::line(&first.curl, COMMAND)])
        ));
    }
    // Where the checks in the table are no links.
    let unlinked = wrong.iter().find(|finding| pages.check(&finding.check).is_none());
    if let Some(help) = unlinked.and_then(|finding| finding.help.as_ref()) {
        page.push_str(&format!(
            "\nMore about a check, by its name: {}\n",
            code(help, VALUE)
        ));
    }
}

fn mark(finding: &Finding) -> &'static str {
    match (rows::decides(finding), finding.outcome) {
        (false, _) => "remark",
        (_, Verdict::Fail) => "**fail**",
        (_, Verdict::Inconclusive) => "unknown",
        (_, Verdict::Flaky) => "flaky",
        (_, Verdict::Degraded) => "degraded",
        (_, Verdict::Pass) => "pass",
    }
}

fn not_proven(run: &Run, page: &mut String) {
    let open: Vec<String> = cause::open(run)
        .map(|proof| {
            let accepted = if proof.accepted {
                " (accepted without proof)"
            } else {
                ""
            };
            let reason = given(proof.reason.as_deref(), proof.flag.as_deref());
            format!(
                "{}: {}{accepted}",
                prose(&proof.title, SENTENCE),
                prose(&reason, SENTENCE)
            )
        })
        .collect();
    if !open.is_empty() {
        page.push_str(&format!("\n## Not proven\n\n{}", list(open)));
    }
    let waived = run.waivers.iter().map(|Waived { waiver, standing, .. }| {
        let standing = standing.word().to_owned();
        let facts = [
            &standing,
            &waiver.check,
            &waiver.subject,
            &waiver.until,
            &waiver.owner,
            &waiver.reason,
        ];
        facts.map(|text| prose(text, VALUE)).join(" · ")
    });
    let waived: Vec<String> = waived.collect();
    if !waived.is_empty() {
        page.push_str(&format!("\n## Waived\n\n{}", list(waived)));
    }
}

/// How many checks ended how, by layer.
fn checks(run: &Run, page: &mut String) {
    use CheckOutcome::{Blocked, Degraded, Fail, Flaky, Inconclusive, Pass, Skipped};
    let mut layers: Vec<_> = run.checks.iter().map(|check| check.layer).collect();
    layers.sort_unstable();
    layers.dedup();
    page.push_str("\n## Checks\n\n| | passed | failed | unknown | flaky or degraded | not asked |\n|---|---|---|---|---|---|\n");
    for layer in layers {
        let n = |outcomes: &[CheckOutcome]| {
            let its = run
                .checks
                .iter()
                .filter(|check| check.layer == layer && outcomes.contains(&check.outcome));
            match its.count() {
                0 => String::new(),
                n => n.to_string(),
            }
        };
        let cells = [
            n(&[Pass]),
            n(&[Fail]),
            n(&[Inconclusive]),
            n(&[Flaky, Degraded]),
            n(&[Skipped, Blocked]),
        ];
        page.push_str(&format!("| {} | {} |\n", layer.title(), cells.join(" | ")));
    }
}
