//! The report as one page for a browser: the verdict and its cause first, then what was found, every check, and a waterfall of
//! every exchange with request and response side by side. One file that needs nothing else: no asset, no network, and no script to
//! be read. A policy in it lets only its own style and script apply, so that nothing that a server sent can do anything.

mod checks;
mod exchanges;
mod findings;
mod hero;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::model::finding::Verdict;
use crate::model::run::{CheckOutcome, Run};
use crate::report::format::Finished;
use crate::report::text::{self, NAME, SENTENCE};
use crate::report::{coverage, diff};

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("filter.js");

/// The page of a run.
pub fn render(finished: Finished<'_>) -> String {
    let run = finished.run;
    let headline = text::line(&run.headline, SENTENCE);
    let policy = format!(
        "default-src 'none'; style-src '{}'; script-src '{}'; img-src data:; base-uri 'none'; form-action 'none'",
        hash(STYLE),
        hash(SCRIPT)
    );
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="referrer" content="no-referrer";
                meta name="robots" content="noindex";
                title { (run.verdict.word()) ": " (headline) }
                link rel="icon" href="data:,";
                style { (PreEscaped(STYLE)) }
            }
            body {
                a.skip href="#exchanges" { "Skip to the exchanges" }
                header.top { (hero::hero(finished)) (contents(finished)) }
                main {
                    (hero::unproven(run))
                    (baseline(run))
                    (findings::findings(finished))
                    (findings::waived(run))
                    (operations(run))
                    (checks::matrix(run))
                    (exchanges::waterfall(finished))
                }
                footer { (hero::footer(run)) }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    };
    page.into_string() + "\n"
}

/// What a content security policy knows a text by (CSP 3 §2.3.1).
fn hash(text: &str) -> String {
    let sum = digest(&SHA256, text.as_bytes());
    format!("sha256-{}", base64::engine::general_purpose::STANDARD.encode(sum))
}

fn contents(Finished { run, recording, .. }: Finished<'_>) -> Markup {
    html! {
        nav aria-label="Contents" {
            ul {
                @if !run.findings.is_empty() { li { a href="#findings" { "Findings (" (run.findings.len()) ")" } } }
                @if let Some(seen) = &run.coverage { li { a href="#contract" { "Contract (" (seen.operations.len()) ")" } } }
                li { a href="#checks" { "Checks (" (run.checks.len()) ")" } }
                li { a href="#exchanges" { "Exchanges (" (recording.exchanges.len()) ")" } }
            }
        }
    }
}

/// How the run compares with its baseline.
fn baseline(run: &Run) -> Markup {
    html! {
        @if let Some(baseline) = &run.baseline {
            section aria-labelledby="baseline" {
                h2 id="baseline" { "Since the baseline" }
                ul { @for told in diff::told(baseline) { li { span.fault { (told.label) } " " (told.text) } } }
            }
        }
    }
}

/// Operations of the contract of which the page tells.
const OPERATIONS: usize = 500;

/// What was seen of the contract.
fn operations(run: &Run) -> Markup {
    html! {
        @if let Some(seen) = &run.coverage {
            section aria-labelledby="contract" {
                h2 id="contract" { "The contract" }
                p { (coverage::facts(run).join(" · ")) }
                div.tablewrap { table {
                    thead { tr {
                        th scope="col" { "Operation" } th scope="col" { "Success" } th scope="col" { "Seen" }
                        th scope="col" { "Documented and not seen" }
                    } }
                    tbody {
                        @for one in seen.operations.iter().take(OPERATIONS) {
                            tr {
                                th scope="row" { code { (text::line(&one.operation, NAME)) } }
                                td { @if one.succeeded { span.pass { "✓ yes" } } @else { span.unsure { "– no" } } }
                                td { (coverage::seen(one)) }
                                td { (coverage::unseen(one).join(", ")) }
                            }
                        }
                    }
                } }
                @if seen.operations.len() > OPERATIONS {
                    p { (seen.operations.len() - OPERATIONS) " more operations are in the JSON report." }
                }
            }
        }
    }
}

/// The class that gives a verdict its colour.
fn tone(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Fail => "fail",
        Verdict::Flaky | Verdict::Degraded | Verdict::Inconclusive => "unsure",
        Verdict::Pass => "pass",
    }
}

/// The class, the sign and the word of what became of a check. Nothing is said by colour alone.
fn outcome(outcome: CheckOutcome) -> (&'static str, &'static str, &'static str) {
    match outcome {
        CheckOutcome::Pass => ("pass", "✓", "passed"),
        CheckOutcome::Flaky => ("unsure", "~", "flaky"),
        CheckOutcome::Degraded => ("unsure", "~", "degraded"),
        CheckOutcome::Inconclusive => ("unsure", "?", "unknown"),
        CheckOutcome::Fail => ("fail", "×", "failed"),
        CheckOutcome::Skipped => ("aside", "–", "not asked"),
        CheckOutcome::Blocked => ("aside", "–", "blocked"),
    }
}

/// Several lines, each made fit to show, of so many characters in all.
fn lines(text: &str, most: usize) -> String {
    let mut shown = String::new();
    for line in text.lines() {
        let room = most.saturating_sub(shown.len());
        if room == 0 {
            shown.push('…');
            break;
        }
        let indent = line.len() - line.trim_start_matches(' ').len();
        shown.push_str(&" ".repeat(indent.min(40)));
        shown.push_str(&text::line(line, room));
        shown.push('\n');
    }
    shown.trim_end().to_owned()
}

#[cfg(test)]
mod tests;
