//! Whoever starts from the contract cannot start.

use crate::diagnosis::case::{Case, Cause};
use crate::diagnosis::direct::{self, Direct};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::model::diagnosis::{Blame, Diagnosis};

/// The cause.
pub struct ContractNotServed;

const DIRECT: Direct = Direct {
    cause: "contract-not-served",
    check: "contract/served",
    blame: Blame::Deploy,
    next: &[
        "Open the route and read the log of that request: making the document fails on a type or a name",
        "See that this deploy does not turn the document off (openapi_url, docs in production only)",
    ],
    whole_answers: true,
};

impl Cause for ContractNotServed {
    fn id(&self) -> &'static str {
        "contract-not-served"
    }

    fn about(&self) -> &'static str {
        "The contract's document is not served, or making it crashes, while the operations work."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Crash,
            blames: &[Blame::Deploy],
            needs: "The documented route of the contract fails or is gone, while operations answer.",
            likely: &[
                "A type that the schema generator cannot write: FastAPI raises at /openapi.json only when it is asked for",
                "openapi_url=None or docs=False is set for production",
                "Two models share a name, or a route was registered after the document was made",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        direct::diagnose(case, &DIRECT)
    }
}
