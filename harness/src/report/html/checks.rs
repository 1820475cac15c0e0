//! The matrix of checks: a row a layer, from the wire up, a mark a check; and all of them in full below.

use maud::{Markup, html};

use crate::model::finding::Layer;
use crate::model::run::{CheckOutcome, CheckResult, Run};
use crate::report::html::outcome;
use crate::report::standing::given;
use crate::report::text::{self, NAME, SENTENCE};

/// The matrix.
pub(crate) fn matrix(run: &Run) -> Markup {
    let mut layers: Vec<Layer> = run.checks.iter().map(|check| check.layer).collect();
    layers.sort_unstable();
    layers.dedup();
    html! {
        section aria-labelledby="checks" {
            h2 #checks { "Checks" }
            div.legend aria-hidden="true" { span { "✓ passed" } span { "× failed" } span { "? unknown" } span { "~ flaky or degraded" } span { "– not asked" } }
            div.tablewrap { table {
                thead { tr { th scope="col" { "Layer" } th scope="col" { "Each check" } th scope="col" { "Passed" } } }
                tbody { @for layer in layers { (row(run, layer)) } }
            } }
            details.more {
                summary { "Every check, what became of it and why" }
                div.tablewrap { table {
                    thead { tr { th scope="col" { "Outcome" } th scope="col" { "Check" } th scope="col" { "Exchanges judged" } } }
                    tbody { @for check in &run.checks { (line(check)) } }
                } }
            }
        }
    }
}

fn row(run: &Run, layer: Layer) -> Markup {
    let its: Vec<&CheckResult> = run.checks.iter().filter(|check| check.layer == layer).collect();
    let passed = its
        .iter()
        .filter(|check| check.outcome == CheckOutcome::Pass)
        .count();
    html! {
        tr {
            th scope="row" { (layer.title()) }
            td { ul.dots {
                @for check in &its {
                    @let (class, sign, word) = outcome(check.outcome);
                    @let said = format!("{word}: {}", text::line(&check.title, SENTENCE));
                    li class=(class) title=(said) { span aria-hidden="true" { (sign) } span.unseen { (said) } }
                }
            } }
            td { (passed) " of " (its.len()) }
        }
    }
}

fn line(check: &CheckResult) -> Markup {
    let (class, sign, word) = outcome(check.outcome);
    html! {
        tr {
            td { span class=(format!("tag {class}")) { (sign) " " (word) } }
            th scope="row" {
                (text::line(&check.title, SENTENCE)) " " code { (text::line(&check.check, NAME)) }
                @if check.reason.is_some() { p.quote { (given(check.reason.as_deref(), check.flag.as_deref())) } }
            }
            td { (check.judged) }
        }
    }
}
