//! What a cause looks at, and what it says.

use crate::check::view::View;
use crate::diagnosis::leaf::Leaf;
use crate::model::diagnosis::{Blame, Confidence, Diagnosis, Explained};
use crate::model::exchange::Exchange;
use crate::model::finding::Finding;

/// A judged recording, before anybody has said why.
#[derive(Debug)]
pub struct Case<'c> {
    /// What was seen.
    pub view: &'c View<'c>,
    /// What was found wrong, in order.
    pub findings: &'c [Finding],
}

impl<'c> Case<'c> {
    /// The failures that one check found.
    pub fn of(&self, check: &str) -> Vec<&'c Finding> {
        self.findings
            .iter()
            .filter(|finding| finding.check == check)
            .collect()
    }

    /// The exchange that a finding points at first.
    pub fn shown(&self, finding: &Finding) -> Option<&'c Exchange> {
        let id = finding.exchanges.first()?;
        self.view.exchanges.iter().rfind(|exchange| exchange.id == *id)
    }

    /// Every finding that points at one of these exchanges.
    pub fn about(&self, exchanges: &[&Exchange]) -> Vec<&'c Finding> {
        let shown = |finding: &&Finding| {
            exchanges
                .iter()
                .any(|exchange| finding.exchanges.contains(&exchange.id))
        };
        self.findings.iter().filter(shown).collect()
    }
}

/// Something that explains findings.
pub trait Cause: Sync {
    /// Its id, stable for ever: its file is `diagnosis/id.rs`, dashes as underscores.
    fn id(&self) -> &'static str;

    /// One sentence on what it is, for the documentation.
    fn about(&self) -> &'static str;

    /// What is known of it before anything was seen.
    fn leaf(&self) -> &'static Leaf;

    /// The diagnosis, when this is the cause.
    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis>;
}

/// The diagnosis of a cause that a check saw itself: the statement is what it found, and everything that its exchanges show
/// is explained by it.
pub fn seen_itself(
    cause: &dyn Cause,
    case: &Case<'_>,
    check: &str,
    (blame, confidence): (Blame, Confidence),
    next_steps: &[&str],
) -> Option<Diagnosis> {
    let found: Vec<&Finding> = case
        .of(check)
        .into_iter()
        .filter(|finding| finding.fails())
        .collect();
    let first = found.first()?;
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
    let mut evidence: Vec<String> = found
        .iter()
        .take(3)
        .map(|finding| finding.actual.clone())
        .collect();
    evidence.dedup();
    Some(Diagnosis {
        cause: cause.id().to_owned(),
        statement: first.title.clone(),
        blame,
        confidence,
        evidence,
        ruled_out: Vec::new(),
        likely_causes: Vec::new(),
        help: None,
        next_steps: next_steps.iter().map(|step| (*step).to_owned()).collect(),
        explains: explained(case.about(&shown)),
    })
}

/// Names findings as explained.
pub fn explained<'f>(findings: impl IntoIterator<Item = &'f Finding>) -> Vec<Explained> {
    let mut explained: Vec<Explained> = findings
        .into_iter()
        .map(|finding| Explained {
            check: finding.check.clone(),
            subject: finding.subject.clone(),
        })
        .collect();
    explained.sort();
    explained.dedup();
    explained
}
