//! Two builds answer at one address, so every other verdict depends on which one was met.

use crate::check::replicas::build;
use crate::diagnosis::case::{Case, Cause, explained, seen_itself};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::split::one_sided;
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};

/// The cause.
pub struct MixedVersions;

impl Cause for MixedVersions {
    fn id(&self) -> &'static str {
        "mixed-versions"
    }

    fn about(&self) -> &'static str {
        "Different builds answer at one address: a deploy under way, an instance that was not replaced, two services on one name."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Version,
            blames: &[Blame::Deploy],
            needs: "Several answers on fresh connections, which name two builds or more.",
            likely: &[
                "The rolling deploy is still under way",
                "One instance failed to update and was left in the pool",
                "Two services or two clusters share one host name",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let mut diagnosis = seen_itself(
            self,
            case,
            "rollout/one-build",
            (Blame::Deploy, Confidence::Certain),
            &[
                "If the deploy is still under way: greenlight verify URL --expect-version COMMIT, again when it is done",
                "Look for an instance that the deploy did not replace, and for a second service on the same name",
                "Read the other failures by build: they may belong to one of the two alone",
            ],
        )?;
        let mut findings = one_sided(case, |exchange, reply| build(case.view.target, exchange, reply));
        findings.extend(case.of("version/expected"));
        diagnosis.explains.extend(explained(findings));
        diagnosis.explains.sort();
        diagnosis.explains.dedup();
        Some(diagnosis)
    }
}
