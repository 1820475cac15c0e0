//! Every client of the API knocks at the wrong door since this deploy.

use crate::diagnosis::case::{Case, Cause, explained};
use crate::diagnosis::direct::{self, Direct};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::model::diagnosis::{Blame, Diagnosis};

/// The cause.
pub struct PrefixMoved;

const DIRECT: Direct = Direct {
    cause: "prefix-moved",
    check: "contract/prefix-kept",
    blame: Blame::Deploy,
    next: &[
        "Compare the router's prefix, the framework's root path and the proxy's rewrite with the deploy before",
        "Serve both paths until every client knows the new one",
    ],
    whole_answers: false,
};

impl Cause for PrefixMoved {
    fn id(&self) -> &'static str {
        "prefix-moved"
    }

    fn about(&self) -> &'static str {
        "The API moved to another base path, so every call below the old one is 404."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Reach,
            blames: &[Blame::Deploy],
            needs: "The contract's operations are 404 below the old base path, and the same ones answer below another.",
            likely: &[
                "A router prefix or root_path (FastAPI), SCRIPT_NAME (WSGI) or app.use path (Express) changed with this build",
                "The proxy began or ceased to strip the prefix before it hands requests on",
                "The API version in the path was raised and the old one not kept",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let diagnosis = direct::diagnose(case, &DIRECT)?;
        Some(Diagnosis {
            explains: explained(case.findings),
            ..diagnosis
        })
    }
}
