//! One of several processes does something else than the others: a setting that it lacks.

use crate::check::replicas::instance;
use crate::diagnosis::case::{Case, Cause, explained, seen_itself};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::split::one_sided;
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};

/// The cause.
pub struct ReplicaUneven;

impl Cause for ReplicaUneven {
    fn id(&self) -> &'static str {
        "replica-uneven"
    }

    fn about(&self) -> &'static str {
        "One process behind the address answers the same request differently from the others, always."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Version,
            blames: &[Blame::Deploy],
            needs: "Answers of several processes that name themselves, equal requests among them, and one process that always differs.",
            likely: &[
                "One machine started with an old environment file or without a secret",
                "A setting is read once at start, and was changed between the starts of two instances",
                "One worker lost something that it loads at start and goes on without it",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let mut diagnosis = seen_itself(
            self,
            case,
            "rollout/replicas-agree",
            (Blame::Deploy, Confidence::Certain),
            &[
                "Compare the environment of the named instances: secrets, origins, provider key",
                "Replace the instance that differs, and see how it could start with other settings",
            ],
        )?;
        let findings = one_sided(case, |_, reply| instance(reply));
        diagnosis.explains.extend(explained(findings));
        diagnosis.explains.sort();
        diagnosis.explains.dedup();
        Some(diagnosis)
    }
}
