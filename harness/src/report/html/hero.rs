//! What somebody who was just paged reads: the verdict, its cause, what was seen, and what to do.

use maud::{Markup, html};

use crate::model::diagnosis::Diagnosis;
use crate::model::finding::Verdict;
use crate::model::run::Run;
use crate::report::format::Finished;
use crate::report::html::tone;
use crate::report::human::{cause, next, tail};
use crate::report::pages::Pages;
use crate::report::standing::given;
use crate::report::text::{self, NAME, SENTENCE, VALUE};

/// Exchanges shown as what was seen.
const SEEN: usize = 2;
/// The longest command.
const COMMAND: usize = 4_000;

/// The banner.
pub(crate) fn hero(finished: Finished<'_>) -> Markup {
    let run = finished.run;
    let primary = cause::primary(run);
    let target = &run.target;
    html! {
        div class=(format!("hero {}", tone(run.verdict))) {
            div.line {
                span.verdict { (run.verdict.word()) }
                @if let Some(name) = &target.name { span { (text::line(name, NAME)) } }
                code { (text::line(&target.base, VALUE)) }
                span { (text::line(&target.environment, NAME)) }
                span { (build(target.version.as_deref())) }
                time datetime=(run.started_at) { (run.started_at.strftime("%F %T UTC")) }
            }
            h1 { (text::line(&run.headline, SENTENCE)) }
            @if run.interrupted { p.fault { "The run was stopped before it was done; this is a part of it." } }
            @if run.verdict == Verdict::Pass { (proven(run)) } @else {
                div.pair {
                    section aria-label="What was seen" { (seen(finished, primary)) }
                    section aria-label="What to do next" { (steps(run, primary)) }
                }
                (hypotheses(run))
                (again(run, primary))
            }
            (numbers(run))
        }
    }
}

fn proven(run: &Run) -> Markup {
    html! {
        h3 { "Proven" }
        ul { @for proof in run.proofs.iter().filter(|proof| proof.proven) { li { (text::line(&proof.title, SENTENCE)) } } }
    }
}

fn seen(Finished { run, pages, .. }: Finished<'_>, primary: Option<&Diagnosis>) -> Markup {
    let shown = cause::shown(run, primary);
    let told: &[String] = primary
        .map(|diagnosis| diagnosis.evidence.as_slice())
        .unwrap_or_default();
    let others = run.diagnoses.iter().filter(|other| cause::decides(run, other));
    let others: Vec<&Diagnosis> = others
        .filter(|other| primary.is_some_and(|one| one.cause != other.cause))
        .collect();
    html! {
        h3 { "What was seen" }
        @for line in told { p.seen { (text::line(line, VALUE)) } }
        @if !told.iter().any(|line| line.contains(" -> ")) {
            @for evidence in shown.iter().take(SEEN) { p.seen { (text::line(&evidence.line, VALUE)) } }
        }
        @if let Some(excerpt) = shown.first().and_then(|evidence| evidence.excerpt.as_ref()) {
            p.quote { "“" (text::line(excerpt, VALUE)) "”" }
        }
        @if let Some(log) = shown.iter().map(|evidence| &evidence.log).find(|log| !log.is_empty()) {
            h3 { "Its log" }
            pre { @for line in log { (text::line(line, VALUE)) "\n" } }
        }
        @if let Some(diagnosis) = primary {
            @if diagnosis.statement != run.headline { p { (text::line(&diagnosis.statement, SENTENCE)) } }
            p { "At fault: " span.fault { (cause::fault(diagnosis)) } }
            (more(pages, diagnosis))
            @if !diagnosis.ruled_out.is_empty() {
                h3 { "Ruled out" }
                ul.chips { @for one in &diagnosis.ruled_out { li { (text::line(one, NAME)) } } }
            }
        }
        @if !others.is_empty() {
            h3 { "Also" }
            ul { @for other in others { li { (text::line(&other.statement, SENTENCE)) (more(pages, other)) } } }
        }
    }
}

/// Where more is told of a cause: a link where there is a page, else the command.
fn more(pages: Pages<'_>, diagnosis: &Diagnosis) -> Markup {
    html! {
        @if let Some(page) = pages.cause(&diagnosis.cause) { p { a href=(page) { "About this cause" } } }
        @else if let Some(help) = &diagnosis.help { p { "About this cause: " code { (text::line(help, VALUE)) } } }
    }
}

fn steps(run: &Run, primary: Option<&Diagnosis>) -> Markup {
    let told: &[String] = primary
        .map(|diagnosis| diagnosis.next_steps.as_slice())
        .unwrap_or_default();
    let hints = next::advice(run);
    html! {
        h3 { "What to do next" }
        ol {
            @for step in told { (one(step)) }
            @if told.is_empty() { @for hint in &hints { li { (text::line(hint, SENTENCE)) } } }
            @for flag in next::flags(run) { li { "Run it again with " code { (text::line(flag, VALUE)) } } }
        }
    }
}

/// What may be wrong although nothing was seen to be, the likeliest first, and what would tell.
fn hypotheses(run: &Run) -> Markup {
    html! {
        @if !run.hypotheses.is_empty() {
            h3 { "What it may be" }
            ol {
                @for one in &run.hypotheses {
                    li {
                        (text::line(&one.what, SENTENCE))
                        @if let Some(command) = &one.command { pre.copy tabindex="0" { (text::line(command, COMMAND)) } }
                    }
                }
            }
        }
    }
}

/// The first exchange to look at, as a command.
fn again(run: &Run, primary: Option<&Diagnosis>) -> Markup {
    html! {
        @if let Some(first) = cause::shown(run, primary).first() {
            h3 { "Ask it again" }
            pre.copy tabindex="0" { (text::line(&first.curl, COMMAND)) }
        }
    }
}

/// A build as people say it: of a commit, as much as names it.
fn build(version: Option<&str>) -> String {
    let Some(version) = version else {
        return "build unknown".to_owned();
    };
    let commit = version.len() == 40 && version.bytes().all(|byte| byte.is_ascii_hexdigit());
    format!(
        "build {}",
        text::line(if commit { &version[..12] } else { version }, NAME)
    )
}

/// A step; its command follows a colon and two spaces.
fn one(step: &str) -> Markup {
    match step.split_once(":  ") {
        Some((what, command)) => html! {
            li { (text::line(what, SENTENCE)) ":" pre.copy tabindex="0" { (text::line(command, COMMAND)) } }
        },
        None => html! { li { (text::line(step, SENTENCE)) } },
    }
}

fn numbers(run: &Run) -> Markup {
    let counts = &run.counts;
    let shown = [
        ("fail", counts.fail, "failed"),
        ("unsure", counts.inconclusive, "unknown"),
        ("unsure", counts.flaky + counts.degraded, "flaky or degraded"),
        ("pass", counts.pass, "passed"),
        ("aside", counts.skipped + counts.blocked, "not asked"),
    ];
    html! {
        div.sum {
            @for (class, n, word) in shown.iter().filter(|(_, n, _)| *n > 0) {
                span class=(class) { b { (n) } " " (word) }
            }
            span { "Sent " (tail::sent(&run.sent, run.duration_ms).join(" · ")) }
            span { "Exit code " (run.exit_code) }
        }
    }
}

/// What would have to be seen for a green verdict, and was not.
pub(crate) fn unproven(run: &Run) -> Markup {
    let open: Vec<_> = cause::open(run).collect();
    html! {
        @if !open.is_empty() {
            section aria-labelledby="unproven" {
                h2 #unproven { "Not proven" }
                div.card { ul {
                    @for proof in open {
                        li {
                            b { (text::line(&proof.title, SENTENCE)) } ": "
                            (given(proof.reason.as_deref(), proof.flag.as_deref()))
                            @if proof.accepted { " (accepted without proof)" }
                        }
                    }
                } }
            }
        }
    }
}

/// What made the page, and what was taken for granted.
pub(crate) fn footer(run: &Run) -> Markup {
    html! {
        @if !run.target.assumed.is_empty() {
            p { "Assumed, since nobody said it: " (run.target.assumed.iter().map(|text| text::line(text, VALUE)).collect::<Vec<_>>().join(" · ")) }
        }
        p { "Greenlight " (text::line(&run.tool.version, NAME)) " · times are UTC · secrets were removed before anything was kept" }
    }
}
