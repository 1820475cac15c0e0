//! What the causes have in common that one check finds by itself: what it found is what is wrong.

use crate::diagnosis::case::{Case, explained};
use crate::diagnosis::doors;
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};
use crate::model::finding::Finding;

/// What such a cause says.
#[derive(Debug, Clone, Copy)]
pub struct Direct {
    /// The cause.
    pub cause: &'static str,
    /// The check that finds it.
    pub check: &'static str,
    /// Who is to blame.
    pub blame: Blame,
    /// What to do next.
    pub next: &'static [&'static str],
    /// Whether whatever else was found at the same answers goes away with it.
    pub whole_answers: bool,
}

/// The diagnosis, when the check fails. The first finding is the statement.
pub fn diagnose(case: &Case<'_>, direct: &Direct) -> Option<Diagnosis> {
    let mut found: Vec<&Finding> = case.of(direct.check);
    found.retain(|finding| finding.fails());
    of(case, direct, found)
}

/// The same from findings that are chosen already; they need not fail.
pub fn of(case: &Case<'_>, direct: &Direct, found: Vec<&Finding>) -> Option<Diagnosis> {
    let first = found.first()?;
    let statement = match found.len() {
        1 => first.title.clone(),
        more => format!("{} (and {} more)", first.title, more - 1),
    };
    let evidence = found
        .iter()
        .take(3)
        .map(|finding| format!("{}: {}", finding.subject, finding.actual))
        .collect();
    let shown = doors::shown(case, &found);
    let about = if direct.whole_answers {
        case.about(&shown)
    } else {
        Vec::new()
    };
    Some(Diagnosis {
        cause: direct.cause.to_owned(),
        statement,
        blame: direct.blame,
        confidence: Confidence::Certain,
        evidence,
        ruled_out: Vec::new(),
        likely_causes: Vec::new(),
        help: None,
        next_steps: direct.next.iter().map(|step| (*step).to_owned()).collect(),
        explains: explained(found.into_iter().chain(about)),
    })
}
