//! The end of the page: what was under test, what went well, what was not asked and why, what was sent.

use crate::model::finding::{Layer, Verdict};
use crate::model::run::{CheckOutcome, CheckResult, Run, SentCounts};
use crate::report::human::page::{LABEL, Page, Paint, column};
use crate::report::text::{self, NAME, SENTENCE, VALUE, count};
use crate::report::waivers;
use crate::report::{coverage, diff};

/// Names of checks listed after a reason.
const NAMES: usize = 3;

/// Writes the blocks.
pub fn write(page: &mut Page, run: &Run) {
    target(page, run);
    passed(page, run);
    proven(page, run);
    skipped(page, run);
    in_part(page, run);
    covered(page, run);
    waived(page, run);
    if run.verdict == Verdict::Pass {
        diff::write(page, run);
        assumed(page, run);
    }
    if page.verbose() {
        exchanges(page, run);
    }
    sent_and_exit(page, run);
}

/// What was under test, what of it works, by layer, and what was seen to.
pub fn worked(page: &mut Page, run: &Run) {
    passed(page, run);
    proven(page, run);
}

/// The target, what somebody answers for, and what was sent.
pub fn ended(page: &mut Page, run: &Run) {
    target(page, run);
    waived(page, run);
    sent_and_exit(page, run);
}

fn sent_and_exit(page: &mut Page, run: &Run) {
    page.facts(
        &[(&column("sent"), Paint::Faint)],
        &sent(&run.sent, run.duration_ms),
    );
    page.entry("exit", (&run.exit_code.to_string(), Paint::Plain));
}

/// What was taken for granted because nobody said it.
pub fn assumed(page: &mut Page, run: &Run) {
    let assumed: Vec<String> = run
        .target
        .assumed
        .iter()
        .map(|text| text::line(text, VALUE))
        .collect();
    page.entries(
        "assumed",
        assumed.iter().map(|text| (text.as_str(), Paint::Plain)),
    );
}

/// What a browser's export does not hold.
pub fn absent(page: &mut Page, run: &Run) {
    let absent = run.browser.iter().flat_map(|browser| &browser.absent);
    let absent: Vec<String> = absent.map(|text| text::line(text, SENTENCE)).collect();
    page.entries("absent", absent.iter().map(|text| (text.as_str(), Paint::Plain)));
}

fn target(page: &mut Page, run: &Run) {
    let target = &run.target;
    let base = text::line(&target.base, VALUE);
    let name = target
        .name
        .as_ref()
        .map(|name| format!("{} at {base}", text::line(name, NAME)));
    let build = target.version.as_ref().map_or_else(
        || "build unknown".to_owned(),
        |version| format!("build {}", text::line(version, NAME)),
    );
    let environment = text::line(&target.environment, NAME);
    let facts = [name.unwrap_or(base), environment, build];
    page.facts(&[(&column("target"), Paint::Faint)], &facts);
    if let Some(rollout) = &run.rollout {
        let waited = format!(
            "{} until it was the only build that answered: {} in a row of {}",
            text::duration(rollout.duration_ms),
            rollout.streak,
            count(rollout.samples, "sample", "samples")
        );
        page.entry("waited", (&waited, Paint::Plain));
    }
    if let Some(browser) = &run.browser {
        let calls = count(browser.judged, "call", "calls");
        let judged = format!(
            "{calls} of a browser, exported by {}",
            text::line(&browser.by, NAME)
        );
        page.entry("judged", (&judged, Paint::Plain));
    }
    if run.verdict != Verdict::Pass {
        let when = run.started_at.strftime("%F %T UTC").to_string();
        page.entry("started", (&when, Paint::Plain));
    }
}

/// How much of the contract was seen; operation by operation when more is wanted.
fn covered(page: &mut Page, run: &Run) {
    let facts = coverage::facts(run);
    if facts.is_empty() {
        return;
    }
    page.facts(&[(&column("contract"), Paint::Faint)], &facts);
    let operations = run.coverage.iter().flat_map(|coverage| &coverage.operations);
    if page.verbose() {
        let lines: Vec<String> = operations
            .map(|one| format!("{}: {}", text::line(&one.operation, NAME), coverage::seen(one)))
            .collect();
        page.entries("", lines.iter().map(|line| (line.as_str(), Paint::Plain)));
    }
}

/// How many checks passed in each layer.
fn passed(page: &mut Page, run: &Run) {
    let mut layers: Vec<(Layer, usize)> = Vec::new();
    for check in run
        .checks
        .iter()
        .filter(|check| check.outcome == CheckOutcome::Pass)
    {
        match layers.iter_mut().find(|(layer, _)| *layer == check.layer) {
            Some((_, n)) => *n += 1,
            None => layers.push((check.layer, 1)),
        }
    }
    layers.sort_unstable();
    let said: Vec<String> = layers
        .iter()
        .map(|(layer, n)| format!("{} {n}", layer.title()))
        .collect();
    let label = column("passed");
    if said.is_empty() {
        page.entry("passed", ("nothing", Paint::Plain));
    } else {
        let lead = [(label.as_str(), Paint::Faint), ("✓ ", Paint::Good)];
        page.facts(&lead, &said);
    }
}

fn proven(page: &mut Page, run: &Run) {
    let seen: Vec<String> = run
        .proofs
        .iter()
        .filter(|proof| proof.proven)
        .map(|proof| text::line(&proof.title, SENTENCE))
        .collect();
    page.entries("proven", seen.iter().map(|title| (title.as_str(), Paint::Plain)));
}

/// What was not asked, one line a reason. What no flag and nothing that failed is the reason of is only counted: a small
/// service has no use for half of the checks, and whoever was paged none for sixty lines on them.
fn skipped(page: &mut Page, run: &Run) {
    let matters = |check: &&CheckResult| {
        page.verbose() || check.flag.is_some() || check.outcome == CheckOutcome::Blocked
    };
    let (told, counted): (Vec<_>, Vec<_>) = run.skipped.iter().partition(matters);
    let widest = run.skipped.len().to_string().len();
    let begun = reasons(page, "skipped", widest, told.into_iter());
    if !counted.is_empty() {
        let label = column(if begun { "" } else { "skipped" });
        let number = format!("{:>widest$}  ", counted.len());
        let lead = [(label.as_str(), Paint::Faint), (number.as_str(), Paint::Plain)];
        let rest = "not called for by what is known of this service; --verbose gives each with its reason";
        page.hang(&lead, (rest, Paint::Plain));
    }
}

/// Checks that judged something, though not all that they asked for was seen.
fn in_part(page: &mut Page, run: &Run) {
    let aside = |outcome| {
        matches!(
            outcome,
            CheckOutcome::Skipped | CheckOutcome::Blocked | CheckOutcome::Inconclusive
        )
    };
    let partial = run
        .checks
        .iter()
        .filter(|check| check.reason.is_some() && !aside(check.outcome));
    let all: Vec<&CheckResult> = partial.collect();
    reasons(page, "in part", all.len().to_string().len(), all.into_iter());
}

/// How many checks for which reason, and their names, with numbers in so many columns. Whether there was any.
fn reasons<'r>(
    page: &mut Page,
    label: &str,
    widest: usize,
    checks: impl Iterator<Item = &'r CheckResult>,
) -> bool {
    let mut reasons: Vec<(String, Vec<&CheckResult>)> = Vec::new();
    for check in checks {
        let reason = reason(check);
        match reasons.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, checks)) => checks.push(check),
            None => reasons.push((reason, vec![check])),
        }
    }
    for (at, (reason, checks)) in reasons.iter().enumerate() {
        let label = column(if at == 0 { label } else { "" });
        let number = format!("{:>widest$}  ", checks.len());
        let lead = [(label.as_str(), Paint::Faint), (number.as_str(), Paint::Plain)];
        page.hang(&lead, (&format!("{reason} ({})", names(checks)), Paint::Plain));
    }
    !reasons.is_empty()
}

/// Why a check was not asked, and what would let it be.
fn reason(check: &CheckResult) -> String {
    let reason = text::line(check.reason.as_deref().unwrap_or("nobody said why"), VALUE);
    match &check.flag {
        Some(flag) => format!("{reason}; {} would change that", text::line(flag, VALUE)),
        None => reason,
    }
}

fn names(checks: &[&CheckResult]) -> String {
    let mut names: Vec<String> = checks
        .iter()
        .take(NAMES)
        .map(|check| text::line(&check.check, NAME))
        .collect();
    if checks.len() > NAMES {
        names.push(format!("{} more", checks.len() - NAMES));
    }
    names.join(", ")
}

/// What somebody answers for, and until when.
pub fn waived(page: &mut Page, run: &Run) {
    let waived = waivers::lines(run);
    page.entries("waived", waived.iter().map(|text| (text.as_str(), Paint::Doubt)));
}

/// The exchanges that findings point at, each with a command that asks the same.
fn exchanges(page: &mut Page, run: &Run) {
    let indent = " ".repeat(LABEL);
    for (at, evidence) in run.evidence.iter().enumerate() {
        let line = format!(
            "{}  {}",
            text::line(&evidence.id, NAME),
            text::line(&evidence.line, VALUE)
        );
        page.entry(if at == 0 { "exchanges" } else { "" }, (&line, Paint::Plain));
        if let Some(excerpt) = &evidence.excerpt {
            page.entry("", (&format!("“{}”", text::line(excerpt, VALUE)), Paint::Faint));
        }
        page.whole(
            &[(&indent, Paint::Plain)],
            (&text::line(&evidence.curl, 1_500), Paint::Faint),
        );
    }
}

/// What went out, in one line. Paid calls and writes are always named: their zero is a promise kept.
pub fn sent(sent: &SentCounts, duration_ms: u64) -> Vec<String> {
    let took = text::duration(duration_ms);
    if sent.total() == 0 {
        return vec!["nothing".to_owned(), took];
    }
    let mut free = Vec::new();
    if sent.reads > 0 {
        free.push(count(sent.reads, "read", "reads"));
    }
    if sent.preflights > 0 {
        free.push(count(sent.preflights, "preflight", "preflights"));
    }
    if sent.inert > 0 {
        free.push(format!("{} to be rejected", sent.inert));
    }
    let mut parts = vec![format!("{}: {}", sent.total(), free.join(", "))];
    parts.push(match sent.paid_allowed.filter(|_| sent.paid > 0) {
        Some(allowed) => format!("{} of {allowed} paid", sent.paid),
        None => format!("{} paid", sent.paid),
    });
    parts.push(count(sent.writes, "write", "writes"));
    if sent.hostile > 0 {
        parts.push(format!("{} hostile", sent.hostile));
    }
    parts.push(took);
    parts
}
