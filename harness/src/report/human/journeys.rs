//! The workflows of a scenario, one line each, and one for each of their steps.

use crate::model::journey::{Journey, Passage};
use crate::model::run::{CheckOutcome, Run};
use crate::report::human::page::{LABEL, Page, Paint, column};
use crate::report::text::{self, NAME, VALUE, count};

/// Steps of a workflow that went well, before the rest of them is only counted.
const MOST: usize = 12;

/// Writes the workflows in the order of their documents.
pub fn write(page: &mut Page, run: &Run) {
    for journey in &run.journeys {
        workflow(page, journey);
        let steps: Vec<&Passage> = journey.steps.iter().collect();
        let wide = steps
            .iter()
            .map(|step| step.step.chars().count())
            .max()
            .unwrap_or_default();
        let wide = wide.min(NAME / 2);
        let mut left = 0_u32;
        for (at, passage) in steps.iter().enumerate() {
            if at >= MOST && !page.verbose() && !is_worth_telling(passage) {
                left += 1;
                continue;
            }
            step(page, passage, wide);
        }
        if left > 0 {
            let text = format!(
                "and {}; --verbose lists them",
                count(left, "step like these", "steps like these")
            );
            page.hang(&[(&" ".repeat(LABEL + 2), Paint::Plain)], (&text, Paint::Faint));
        }
    }
}

fn is_worth_telling(passage: &Passage) -> bool {
    matches!(passage.outcome, CheckOutcome::Fail | CheckOutcome::Inconclusive)
}

fn mark(outcome: CheckOutcome) -> (&'static str, Paint) {
    match outcome {
        CheckOutcome::Pass => ("✓ ", Paint::Good),
        CheckOutcome::Fail => ("× ", Paint::Bad),
        CheckOutcome::Inconclusive => ("? ", Paint::Doubt),
        CheckOutcome::Flaky | CheckOutcome::Degraded => ("~ ", Paint::Doubt),
        CheckOutcome::Skipped | CheckOutcome::Blocked => ("· ", Paint::Faint),
    }
}

fn workflow(page: &mut Page, journey: &Journey) {
    let label = column("workflow");
    let (sign, paint) = mark(journey.outcome);
    let name = text::line(&journey.workflow, NAME);
    let steps = count(journey.steps.len() as u32, "step", "steps");
    let said = match &journey.reason {
        Some(reason) => format!("{name}: {}", text::line(reason, VALUE)),
        None => format!("{name}, {steps} ({})", text::line(&journey.file, NAME)),
    };
    page.hang(&[(&label, Paint::Faint), (sign, paint)], (&said, Paint::Plain));
}

fn step(page: &mut Page, passage: &Passage, wide: usize) {
    let (sign, paint) = mark(passage.outcome);
    let name = text::line(&passage.step, NAME);
    let mut said = vec![format!("{name:<wide$}  {}", text::line(&passage.call, NAME))];
    if let Some(status) = passage.status {
        said.push(format!("-> {status}"));
    }
    if let Some(took) = passage.took_ms.filter(|_| passage.status.is_some()) {
        said.push(format!("in {}", text::duration(took)));
    }
    if passage.tries > 1 {
        said.push(format!("at try {}", passage.tries));
    }
    if !is_worth_telling(passage)
        && let Some(reason) = &passage.reason
    {
        said.push(format!("({})", text::line(reason, VALUE)));
    }
    let indent = " ".repeat(LABEL + 2);
    page.hang(
        &[(&indent, Paint::Plain), (sign, paint)],
        (&said.join(" "), Paint::Plain),
    );
}
