//! A search hands what people type to a pattern matcher or a query as it is, and the first parenthesis crashes it.

use crate::diagnosis::case::{Case, Cause};
use crate::diagnosis::direct::{self, Direct};
use crate::diagnosis::leaf::{Leaf, Stage};
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

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Crash,
            blames: &[Blame::Deploy],
            needs: "A 5xx to a search for a parenthesis or a quote, while a search for a plain word works.",
            likely: &[
                "What was typed becomes a regular expression unescaped ($regex, ~, re.search)",
                "What was typed is put into the text of a query",
                "A full-text syntax error of the database is not mapped to 400",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        direct::diagnose(case, &DIRECT)
    }
}
