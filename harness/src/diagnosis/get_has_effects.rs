//! A link is enough to make the service work.

use crate::diagnosis::case::{Case, Cause};
use crate::diagnosis::direct::{self, Direct};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::model::diagnosis::{Blame, Diagnosis};

/// The cause.
pub struct GetHasEffects;

const DIRECT: Direct = Direct {
    cause: "get-has-effects",
    check: "http/get-has-no-effect",
    blame: Blame::Deploy,
    next: &[
        "Route the operation for its own method only, so that GET is 405",
        "Look in the access log for GET on this path: each was paid for, or written",
    ],
    whole_answers: false,
};

impl Cause for GetHasEffects {
    fn id(&self) -> &'static str {
        "get-has-effects"
    }

    fn about(&self) -> &'static str {
        "GET does what POST does, so links, crawlers and retries pay for it or write."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Given,
            blames: &[Blame::Deploy],
            needs: "GET on a path whose operation is POST, answered with the same success.",
            likely: &[
                "The route is registered for all methods: app.all, @RequestMapping without a method, api_route",
                "GET was added to try it in a browser",
                "HEAD and GET fall through to the only handler of the path",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        direct::diagnose(case, &DIRECT)
    }
}
