//! Something is taken with every call and never given back: the first calls work, and after them none does.

use crate::diagnosis::case::{Case, Cause, explained};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::words;
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};
use crate::model::exchange::Exchange;
use crate::model::probe::Mutation;

/// The cause.
pub struct PoolExhausted;

impl Cause for PoolExhausted {
    fn id(&self) -> &'static str {
        "pool-exhausted"
    }

    fn about(&self) -> &'static str {
        "The first calls of an operation work and every later one fails: a pool that runs dry and does not recover."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Steadiness,
            blames: &[Blame::Deploy],
            needs: "The same good call several times: at least two successes first, then server errors without end.",
            likely: &[
                "A database session is opened by each call and closed only when all goes well",
                "Connections are held across the call of the provider, so that few callers take them all",
                "The pool is smaller than the number of workers times threads, or the database allows fewer",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        // Without a call that worked and then, repeated, did not, later calls may fail over what is in them.
        let repeated = case.of("rollout/same-every-time");
        let operation = repeated.iter().find(|finding| finding.fails())?.subject.clone();
        let good = |exchange: &&Exchange| {
            let who = exchange.probe.who.as_ref();
            exchange.probe.operation() == operation && who.is_none_or(|who| who.mutation == Mutation::AsIs)
        };
        let mut calls: Vec<&Exchange> = case
            .view
            .answers()
            .map(|(exchange, _)| exchange)
            .filter(good)
            .filter(|exchange| {
                exchange.is_server_error() || exchange.status().is_some_and(|status| status < 300)
            })
            .collect();
        // Calls that are under way at once have no order but that of their ends.
        calls.sort_by_key(|exchange| {
            (
                exchange
                    .at
                    .as_microsecond()
                    .saturating_add(i64::try_from(exchange.phases.total()).unwrap_or(0)),
                exchange.id,
            )
        });
        let worked = calls
            .iter()
            .take_while(|exchange| !exchange.is_server_error())
            .count();
        let failed = calls.split_off(worked);
        let recovered = failed
            .iter()
            .filter(|exchange| !exchange.is_server_error())
            .count();
        // A call that was under way when the pool ran dry may end a moment after the first that got nothing.
        if worked < 2 || failed.len() < 3 || recovered > 1 || failed.last()?.status()? < 500 {
            return None;
        }
        let failed: Vec<&Exchange> = failed
            .into_iter()
            .filter(|exchange| exchange.is_server_error())
            .collect();
        let findings = case.about(&failed);
        Some(Diagnosis {
            cause: self.id().to_owned(),
            statement: format!(
                "{operation} works {} times, and then fails every time: something runs dry and does not come back",
                worked + recovered
            ),
            blame: Blame::Deploy,
            confidence: Confidence::Likely,
            evidence: words::seen(&failed),
            ruled_out: vec!["the request itself: the same one worked before".to_owned()],
            likely_causes: Vec::new(),
            help: None,
            next_steps: vec![
                "Look for what each call takes and does not give back: database connections, threads, file handles, locks".to_owned(),
                "Restart to serve again for as long; the fault stays".to_owned(),
                "Let taking from the pool fail soon and be counted, and watch how many are taken".to_owned(),
            ],
            explains: explained(findings.into_iter().chain(words::consequences(case, &failed)).chain(repeated)),
        })
    }
}
