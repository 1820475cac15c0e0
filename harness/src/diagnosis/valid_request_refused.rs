//! Clients that keep to the contract are turned away.

use crate::diagnosis::case::{Case, Cause, explained};
use crate::diagnosis::crashes::is_good_call;
use crate::diagnosis::direct::{self, Direct};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::model::diagnosis::{Blame, Diagnosis};
use crate::model::finding::Finding;

/// The cause.
pub struct ValidRequestRefused;

const DIRECT: Direct = Direct {
    cause: "valid-request-refused",
    check: "contract/good-requests-accepted",
    blame: Blame::Deploy,
    next: &[
        "Take yesterday's request again: give the new field a default, or the value its old meaning",
        "curl -s URL/openapi.json | diff PINNED - shows whether the served document says so too",
    ],
    whole_answers: true,
};

impl Cause for ValidRequestRefused {
    fn id(&self) -> &'static str {
        "valid-request-refused"
    }

    fn about(&self) -> &'static str {
        "The service refuses a request that its contract allows: a field became required, or a value is no longer taken."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Answers,
            blames: &[Blame::Deploy],
            needs: "A request that the pinned contract allows, refused with 400, 415 or 422.",
            likely: &[
                "A new field has no default, or extra fields are forbidden since this build (extra=\"forbid\", deny_unknown_fields)",
                "Validation became stricter: a length, a pattern, an enumeration",
                "A parser's major version reads numbers, dates or null in another way (Pydantic 1 to 2)",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let mut diagnosis = direct::diagnose(case, &DIRECT)?;
        let refused = case.of(DIRECT.check);
        let same = |finding: &&Finding| {
            let shown = case.shown(finding);
            shown.is_some_and(|exchange| {
                let operation = exchange.probe.operation();
                matches!(exchange.status(), Some(400 | 422))
                    && is_good_call(case.view.target, &exchange.probe)
                    && refused.iter().any(|finding| finding.subject == operation)
            })
        };
        let recordings = case.findings.iter().filter(same);
        diagnosis.explains.extend(explained(recordings));
        Some(diagnosis)
    }
}
