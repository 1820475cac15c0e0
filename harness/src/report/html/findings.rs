//! What was found: the worst first, each with what should have been, what was, and the exchanges that show it.

use maud::{Markup, html};

use crate::model::exchange::Xid;
use crate::model::finding::{Finding, Severity, Verdict};
use crate::model::run::Run;
use crate::report::format::Finished;
use crate::report::human::rows;
use crate::report::text::{self, NAME, SENTENCE, VALUE};
use crate::report::waivers;

/// Exchanges linked from one finding.
const LINKS: usize = 8;

/// The table of findings.
pub(crate) fn findings(finished: Finished<'_>) -> Markup {
    let mut all: Vec<&Finding> = finished.run.findings.iter().collect();
    all.sort_by_key(|finding| std::cmp::Reverse(rows::weight(finding)));
    html! {
        @if !all.is_empty() {
            section aria-labelledby="findings" {
                h2 #findings { "Findings" }
                div.tablewrap { table.findings {
                    thead { tr { th scope="col" { "" span.unseen { "Outcome" } } th scope="col" { "What is wrong" } th scope="col" { "Expected" } th scope="col" { "Actual" } th scope="col" { "Seen in" } } }
                    tbody { @for finding in all { (row(finished, finding)) } }
                } }
            }
        }
    }
}

fn row(finished: Finished<'_>, finding: &Finding) -> Markup {
    let (class, word) = mark(finding);
    let why = finished.about(&finding.check);
    // An old report may point at what its recording no longer holds.
    let there = |id: &Xid| {
        finished
            .recording
            .exchanges
            .iter()
            .any(|exchange| exchange.id == *id)
    };
    html! {
        tr {
            td { span class=(format!("tag {class}")) { (word) } }
            th scope="row" {
                (text::line(&finding.title, SENTENCE))
                @if finding.count > 1 { " (×" (finding.count) ")" }
                details.more {
                    summary { code { (text::line(&finding.check, NAME)) } ", " (finding.severity.word()) }
                    (about(finished.pages.check(&finding.check), finding.help.as_deref()))
                    p { "About " (text::line(&finding.subject, NAME)) }
                    @if !finding.hint.is_empty() { p { b { "Advice: " } (text::line(&finding.hint, SENTENCE)) } }
                    @if let Some(cause) = &finding.explained_by { p { b { "Explained by: " } (linked(finished.pages.cause(cause), cause)) } }
                    @if let Some(about) = why { p { b { "Why it matters: " } (text::line(about.explanation, 2_000)) } }
                }
            }
            td data-name="expected" { (text::line(&finding.expected, VALUE)) }
            td data-name="actual" { (text::line(&finding.actual, VALUE)) }
            td data-name="seen in" {
                @for id in finding.exchanges.iter().take(LINKS) {
                    @if there(id) { a href=(format!("#{id}")) { (id) } " " } @else { (id) " " }
                }
                @if finding.exchanges.len() > LINKS { "and " (finding.exchanges.len() - LINKS) " more" }
            }
        }
    }
}

/// Where more is told of a check: a link where there is a page, else the command.
fn about(page: Option<String>, help: Option<&str>) -> Markup {
    html! {
        @if let Some(page) = page { p { a href=(page) { "About this check" } } }
        @else if let Some(help) = help { p { "About this check: " code { (text::line(help, VALUE)) } } }
    }
}

/// A name, as a link where there is a page of it.
fn linked(page: Option<String>, name: &str) -> Markup {
    let name = text::line(name, NAME);
    html! { @if let Some(page) = page { a href=(page) { (name) } } @else { (name) } }
}

fn mark(finding: &Finding) -> (&'static str, &'static str) {
    match (finding.outcome, finding.severity) {
        (Verdict::Pass, _) => ("pass", "pass"),
        (_, Severity::Advisory | Severity::Minor) => ("aside", "remark"),
        (Verdict::Fail, _) => ("fail", "fail"),
        (Verdict::Inconclusive, _) => ("unsure", "unknown"),
        (Verdict::Flaky, _) => ("unsure", "flaky"),
        (Verdict::Degraded, _) => ("unsure", "degraded"),
    }
}

/// What somebody answers for. A section of its own, since a run with nothing else to tell may be green by it.
pub(crate) fn waived(run: &Run) -> Markup {
    html! {
        @if !run.waivers.is_empty() {
            section aria-labelledby="waived" {
                h2 #waived { "Waived" }
                ul { @for line in waivers::lines(run) { li { (line) } } }
            }
        }
    }
}
