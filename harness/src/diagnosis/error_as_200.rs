//! Failures are answered with a success.

use crate::diagnosis::case::{Case, Cause};
use crate::diagnosis::direct::{self, Direct};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::model::diagnosis::{Blame, Diagnosis};

/// The cause.
pub struct ErrorAs200;

const DIRECT: Direct = Direct {
    cause: "error-as-200",
    check: "http/errors-have-error-status",
    blame: Blame::Deploy,
    next: &[
        "Answer 4xx for what the caller got wrong and 5xx for what the service did, with the same body",
        "Tell the clients first: those that only look at the body keep working, those that look at the status begin to",
    ],
    whole_answers: true,
};

impl Cause for ErrorAs200 {
    fn id(&self) -> &'static str {
        "error-as-200"
    }

    fn about(&self) -> &'static str {
        "Failures are reported with HTTP 200, so clients, caches and monitors count them as successes."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Answers,
            blames: &[Blame::Deploy],
            needs: "A 2xx whose body says that the call failed.",
            likely: &[
                "An envelope {success: false} from before the API had statuses",
                "The handler returns the error instead of raising it (a tuple or Response is missing in Flask, res.json in Express)",
                "GraphQL or RPC habits carried over to REST",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        direct::diagnose(case, &DIRECT)
    }
}
