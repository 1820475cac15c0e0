//! A search hands what people type to a pattern matcher or a query as it is, and the first parenthesis crashes it.

use crate::diagnosis::case::{Case, Cause};
use crate::diagnosis::direct::{self, Direct};
use crate::model::diagnosis::{Blame, Diagnosis};

/// The cause.
pub struct SearchCrashes;

const DIRECT: Direct = Direct {
    cause: "search-crashes",
    check: "errors/search-survives",
    blame: Blame::Deploy,
    next: &[
        "Escape what was typed before it becomes a pattern or a part of a query",
        "Answer 400 to a pattern that cannot be read, where patterns are meant",
        "Look at every other filter of the same store",
    ],
    whole_answers: true,
};

impl Cause for SearchCrashes {
    fn id(&self) -> &'static str {
        DIRECT.cause
    }

    fn about(&self) -> &'static str {
        "A search takes what people type for a pattern, and a broken one crashes it."
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        direct::diagnose(case, &DIRECT)
    }
}
