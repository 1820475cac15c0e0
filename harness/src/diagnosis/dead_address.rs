//! One of the addresses of the name is dead: whoever tries it first waits, or fails.

use crate::diagnosis::case::{Case, Cause, seen_itself};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};

/// The cause.
pub struct DeadAddress;

impl Cause for DeadAddress {
    fn id(&self) -> &'static str {
        "dead-address"
    }

    fn about(&self) -> &'static str {
        "The name has an address at which nothing accepts connections, so part of the callers wait or fail."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Hidden,
            blames: &[Blame::Edge],
            needs: "Each address of the name dialled by itself: one accepts, another does not.",
            likely: &[
                "A machine was taken down, and its record was left in DNS",
                "An AAAA record exists, and nothing listens on IPv6",
                "One edge location or zone is down",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        seen_itself(
            self,
            case,
            "reach/every-address-answers",
            (Blame::Edge, Confidence::Certain),
            &[
                "Compare the addresses that DNS gives with the hosts that run",
                "Take the dead address out of DNS, or start what should listen there; then wait for the record's time to live",
            ],
        )
    }
}
