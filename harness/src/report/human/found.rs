//! What was found: what no cause explains first, by layer; then, under each cause, what it explains.

use std::borrow::Borrow;

use crate::model::diagnosis::Diagnosis;
use crate::model::finding::{Layer, Verdict};
use crate::model::run::{CheckOutcome, Run};
use crate::report::human::cause;
use crate::report::human::page::{LABEL, Page, Paint, column};
use crate::report::human::rows::{self, Row};
use crate::report::text::{self, NAME, SENTENCE};

/// Rows of one layer, or under one cause, before the rest is counted only.
const MOST: usize = 5;

/// Writes the rows.
pub fn write(page: &mut Page, run: &Run) {
    let (explained, open): (Vec<_>, Vec<_>) = rows::all(run, page.verbose())
        .into_iter()
        .partition(|row| row.cause.is_some());
    let passed = if page.verbose() { passed(run) } else { vec![] };
    layers(page, "", Paint::Plain, open.into_iter().chain(passed).collect());
    for diagnosis in &run.diagnoses {
        let is_its = |row: &&Row<'_>| row.cause.is_some_and(|cause| cause.cause == diagnosis.cause);
        let its: Vec<&Row<'_>> = explained.iter().filter(is_its).collect();
        if its.is_empty() {
            continue;
        }
        page.blank();
        heading(page, run, diagnosis);
        layers(page, "  ", Paint::Faint, its);
    }
}

fn heading(page: &mut Page, run: &Run, diagnosis: &Diagnosis) {
    let statement = text::line(&diagnosis.statement, SENTENCE);
    if !cause::decides(run, diagnosis) {
        page.entry("remark", (&statement, Paint::Plain));
        if page.verbose() {
            cause::more(page, diagnosis);
        }
    } else if diagnosis.statement == run.headline {
        page.entry("explained", ("by the cause above", Paint::Plain));
    } else {
        page.entry("explained", (&format!("by: {statement}"), Paint::Plain));
    }
}

/// Rows grouped by layer; the layer with the worst row first, equal ones from the wire up.
fn layers<'r, R: Borrow<Row<'r>>>(page: &mut Page, indent: &str, paint: Paint, rows: Vec<R>) {
    let mut order: Vec<Layer> = Vec::new();
    for row in &rows {
        if !order.contains(&row.borrow().layer) {
            order.push(row.borrow().layer);
        }
    }
    let worst = |layer: &Layer| {
        let its = rows
            .iter()
            .map(Borrow::borrow)
            .filter(|row: &&Row<'_>| row.layer == *layer);
        its.map(|row| row.weight).max()
    };
    order.sort_by_key(|layer| (std::cmp::Reverse(worst(layer)), *layer));
    for layer in order {
        let its: Vec<&Row<'_>> = rows
            .iter()
            .map(Borrow::borrow)
            .filter(|row: &&Row<'_>| row.layer == layer)
            .collect();
        let most = if page.verbose() { its.len() } else { MOST };
        for (at, row) in its.iter().take(most).enumerate() {
            let label = if at == 0 {
                format!("{indent}{}", layer.title())
            } else {
                String::new()
            };
            // Rows that differ in their subject alone need their details once.
            let again = at > 0 && its[at - 1].details == row.details;
            write_row(page, &label, paint, row, again);
        }
        rest(page, &its[most.min(its.len())..]);
    }
}

fn write_row(page: &mut Page, label: &str, paint: Paint, row: &Row<'_>, again: bool) {
    let label = column(label);
    let (mark, colour) = row.mark();
    let colour = if paint == Paint::Faint { paint } else { colour };
    page.hang(&[(&label, Paint::Faint), (mark, colour)], (&row.text, paint));
    if again {
        return;
    }
    let widest = row
        .details
        .iter()
        .map(|(name, _)| name.len())
        .max()
        .unwrap_or_default();
    for (name, value) in &row.details {
        let lead = format!("{:LABEL$}  {name:<widest$}  ", "");
        // An address or a command that is broken in two leads nowhere.
        if *name == rows::MORE {
            page.whole(&[(&lead, Paint::Faint)], (value, Paint::Plain));
        } else {
            page.hang(&[(&lead, Paint::Faint)], (value, Paint::Plain));
        }
    }
}

/// Says how many rows are not listed, and how many of them fail the run.
fn rest(page: &mut Page, hidden: &[&Row<'_>]) {
    if hidden.is_empty() {
        return;
    }
    let decide = hidden.iter().filter(|row| row.weight.0).count();
    let of = match decide {
        0 => "none of which decides the verdict".to_owned(),
        n if n == hidden.len() => "all as serious".to_owned(),
        n => format!("{n} of them serious"),
    };
    let text = format!("and {} more, {of}; --verbose lists them", hidden.len());
    let lead = format!("{:LABEL$}  ", "");
    page.hang(&[(&lead, Paint::Faint)], (&text, Paint::Faint));
}

/// Every check that passed, by its claim.
fn passed<'r>(run: &Run) -> Vec<Row<'r>> {
    let passed = run
        .checks
        .iter()
        .filter(|check| check.outcome == CheckOutcome::Pass);
    passed
        .map(|check| Row {
            layer: check.layer,
            weight: (false, Verdict::Pass, check.severity),
            text: format!(
                "{} ({}, judged {})",
                text::line(&check.title, SENTENCE),
                text::line(&check.check, NAME),
                text::count(check.judged, "exchange", "exchanges")
            ),
            details: vec![],
            cause: None,
        })
        .collect()
}
