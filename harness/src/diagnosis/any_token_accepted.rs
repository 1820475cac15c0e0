//! The guard looks whether there is a credential, not whether it is one.

use crate::diagnosis::case::{Case, Cause, explained};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::{doors, words};
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};
use crate::model::exchange::Exchange;
use crate::model::probe::Mutation;

/// The cause.
pub struct AnyTokenAccepted;

impl Cause for AnyTokenAccepted {
    fn id(&self) -> &'static str {
        "any-token-accepted"
    }

    fn about(&self) -> &'static str {
        "A text that is no credential is accepted as one."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::OpenDoor,
            blames: &[Blame::Deploy],
            needs: "Garbage, an empty or a cut credential that is accepted where a missing one is refused.",
            likely: &[
                "The guard only looks whether the header is there",
                "The verifier's exception is caught and the request goes on as a guest",
                "The configured key is empty, and an empty one matches it",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let accepted = doors::open_to(case, &[Mutation::Garbage, Mutation::Empty, Mutation::Truncated]);
        let open = doors::operations(case, &doors::open_to_all(case));
        let mut operations = doors::operations(case, &accepted);
        operations.retain(|operation| !open.contains(operation));
        // A fixed key that is compared loosely is a cause of its own.
        let verified = case.view.target.auth.as_ref().and_then(|auth| auth.good());
        let any = doors::spoilt_so(case, &accepted).contains(&Mutation::Garbage);
        if !any && verified.is_some_and(|good| !good.jwt) {
            return None;
        }
        let mut shown = doors::shown(case, &accepted);
        shown.retain(|exchange| operations.contains(&exchange.probe.operation()));
        let first = shown.first()?;
        Some(Diagnosis {
            cause: self.id().to_owned(),
            statement: format!("{} accepts {}", operations.join(", "), what(&shown)),
            blame: Blame::Deploy,
            confidence: Confidence::Certain,
            evidence: words::seen(&shown),
            ruled_out: words::ruled_out(case),
            likely_causes: Vec::new(),
            help: None,
            next_steps: vec![
                "Take the route offline: whoever sends an Authorization header is let in".to_owned(),
                format!(
                    "Look at the guard of {}: it must verify the credential before it says yes, and an empty or unset \
                     key must match nothing",
                    first.probe.operation()
                ),
            ],
            explains: explained(doors::of_operations(case, &operations)),
        })
    }
}

/// What is accepted, the worst of it.
fn what(shown: &[&Exchange]) -> &'static str {
    let accepts = |mutation| {
        let mut who = shown.iter().filter_map(|exchange| exchange.probe.who.as_ref());
        who.any(|who| who.mutation == mutation)
    };
    if accepts(Mutation::Garbage) {
        "any text as a credential"
    } else if accepts(Mutation::Empty) {
        "an empty credential"
    } else {
        "half of a credential as the whole"
    }
}

#[cfg(test)]
mod tests {
    use crate::check::testing::target;
    use crate::diagnosis::tests::{good, inert, judged, proof};
    use crate::model::probe::Mutation::{AlgNone, Empty, Garbage, Tampered, Truncated};

    #[test]
    fn a_guard_that_looks_only_for_presence_is_named_once() {
        let broken = r#"{"detail":"The body is not JSON"}"#;
        let mut seen = vec![
            inert(1, None, 401, "{}"),
            good(2, 400, broken),
            proof(3, 200, "{}"),
        ];
        for (id, mutation) in (4..).zip([Garbage, Truncated, AlgNone, Tampered]) {
            seen.push(inert(id, Some(mutation), 400, broken));
        }
        seen.push(inert(9, Some(Empty), 401, "{}"));
        let run = judged(&target(), &seen);
        let causes: Vec<&str> = run
            .diagnoses
            .iter()
            .map(|diagnosis| diagnosis.cause.as_str())
            .collect();
        assert_eq!(causes, ["any-token-accepted"]);
        assert_eq!(run.headline, "POST /summaries accepts any text as a credential");
    }
}
