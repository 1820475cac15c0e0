//! The report for people, written for somebody who was just paged: the cause, what was seen, what to do next; then what
//! was found, then what went well and what was sent. Calm on purpose: a line that helps nobody is not written.

pub mod cause;
pub mod diagnosed;
pub mod found;
pub mod journeys;
pub mod next;
pub mod page;
pub mod rows;
pub mod tail;

#[cfg(test)]
mod tests;

use crate::model::finding::Verdict;
use crate::model::run::Run;
use crate::report::diff;
use crate::report::human::page::{Page, Paint, Style};
use crate::report::rollout;
use crate::report::text::{self, SENTENCE};

/// The report of a run.
pub fn render(run: &Run, style: Style) -> String {
    let mut page = Page::new(style);
    if let Some(rollout) = run.rollout.as_ref().filter(|rollout| !rollout.is_settled()) {
        rollout::write(&mut page, &run.headline, rollout);
        if style.quiet {
            return page.finish();
        }
        page.entry(
            "checked",
            (
                "nothing: no verdict on another build would be one on this deploy",
                Paint::Plain,
            ),
        );
        tail::waived(&mut page, run);
        page.entry("exit", (&run.exit_code.to_string(), Paint::Plain));
        return page.finish();
    }
    headline(&mut page, run);
    if style.quiet {
        return page.finish();
    }
    if !run.hypotheses.is_empty() {
        diagnosed::not_reproduced(&mut page, run);
        return page.finish();
    }
    cause::write(&mut page, run);
    next::write(&mut page, run);
    if run.verdict != Verdict::Pass {
        diff::write(&mut page, run);
        tail::assumed(&mut page, run);
        tail::absent(&mut page, run);
    }
    page.blank();
    journeys::write(&mut page, run);
    page.blank();
    found::write(&mut page, run);
    page.blank();
    tail::write(&mut page, run);
    page.finish()
}

fn headline(page: &mut Page, run: &Run) {
    let paint = match run.verdict {
        Verdict::Pass => Paint::Good,
        Verdict::Flaky | Verdict::Degraded | Verdict::Inconclusive => Paint::Doubt,
        Verdict::Fail => Paint::Bad,
    };
    let said = text::line(&run.headline, SENTENCE);
    // What a browser saw, nobody tried to reproduce.
    let word = if run.hypotheses.is_empty() || run.browser.is_some() {
        run.verdict.word()
    } else {
        "NOT REPRODUCED"
    };
    page.hang(&[(word, paint), ("  ", Paint::Plain)], (&said, Paint::Strong));
    if run.interrupted && !page.quiet() {
        page.entry(
            "stopped",
            ("before it was done; what follows is a part of it", Paint::Doubt),
        );
    }
}
