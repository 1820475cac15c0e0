//! Causes that one check names by itself: what it found is the cause, and what else was found in the same answers follows.

use crate::diagnosis::case::{Case, explained};
use crate::diagnosis::words;
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};
use crate::model::exchange::Exchange;
use crate::model::finding::Finding;

/// A cause that one check names.
#[derive(Debug, Clone, Copy)]
pub struct Plain {
    /// The cause's id.
    pub cause: &'static str,
    /// The check.
    pub check: &'static str,
    /// Who is to blame.
    pub blame: Blame,
    /// What to do next.
    pub next: &'static [&'static str],
}

impl Plain {
    /// The diagnosis, when the check found anything that fails.
    pub fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let mut found = case.of(self.check);
        found.retain(|finding| finding.fails());
        let first = *found.first()?;
        let shown: Vec<&Exchange> = case
            .view
            .exchanges
            .iter()
            .filter(|exchange| {
                found
                    .iter()
                    .any(|finding| finding.exchanges.contains(&exchange.id))
            })
            .collect();
        let mut evidence = words::seen(&shown);
        evidence.push(first.actual.clone());
        Some(Diagnosis {
            cause: self.cause.to_owned(),
            statement: first.title.clone(),
            blame: self.blame,
            confidence: Confidence::Certain,
            evidence,
            ruled_out: words::ruled_out(case),
            likely_causes: Vec::new(),
            help: None,
            next_steps: self.next.iter().map(|step| (*step).to_owned()).collect(),
            explains: explained(found.into_iter().chain(about_the_work(case, &shown))),
        })
    }
}

/// What was found about the work in these answers, and nothing about how they travelled.
pub fn about_the_work<'c>(case: &Case<'c>, shown: &[&Exchange]) -> Vec<&'c Finding> {
    let about = case.about(shown).into_iter();
    about
        .filter(|finding| {
            let check = finding.check.as_str();
            ["journey/", "transcription/", "contract/"]
                .iter()
                .any(|room| check.starts_with(room))
        })
        .collect()
}
