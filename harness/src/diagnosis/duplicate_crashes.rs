//! What is created once more crashes the store: a unique index answers with an exception that nobody expected.

use crate::diagnosis::case::{Case, Cause, explained};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::words;
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};
use crate::model::exchange::Exchange;

/// The cause.
pub struct DuplicateCrashes;

impl Cause for DuplicateCrashes {
    fn id(&self) -> &'static str {
        "duplicate-crashes"
    }

    fn about(&self) -> &'static str {
        "Creating what is there already crashes: the first call works, and every equal one after it fails."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Steadiness,
            blames: &[Blame::Deploy],
            needs: "A call that worked once, and answered 5xx to every equal one after it.",
            likely: &[
                "A unique index raises, and nothing maps the conflict to 409",
                "The existing row is looked up first, and two requests at once both find none",
                "An id that the client chose is inserted where an upsert was meant",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let found = case.of("errors/second-create-survives");
        let first = *found.iter().find(|finding| finding.fails())?;
        let at = case.shown(first)?;
        let equal = |exchange: &&Exchange| exchange.probe.repeat(0) == at.probe.repeat(0);
        let calls = || case.view.exchanges.iter().filter(equal);
        // What works twice and then no more runs dry, whatever is created.
        if calls()
            .filter(|exchange| exchange.status().is_some_and(|status| status < 300))
            .count()
            > 1
        {
            return None;
        }
        let operation = at.probe.operation();
        let crashed: Vec<&Exchange> = case
            .view
            .exchanges
            .iter()
            .filter(|exchange| exchange.is_server_error() && exchange.probe.operation() == operation)
            .collect();
        let repeated = case.of("rollout/same-every-time").into_iter();
        let repeated = repeated.filter(|finding| finding.subject == operation);
        Some(Diagnosis {
            cause: self.id().to_owned(),
            statement: first.title.clone(),
            blame: Blame::Deploy,
            confidence: Confidence::Likely,
            evidence: words::seen(&crashed),
            likely_causes: Vec::new(),
            help: None,
            ruled_out: vec!["chance: every call after the first fails".to_owned()],
            next_steps: vec![
                "Catch the conflict of the unique index, and answer 409, or the one that is there".to_owned(),
                "Look at every other operation that writes to the same table".to_owned(),
            ],
            explains: explained(case.about(&crashed).into_iter().chain(repeated)),
        })
    }
}
