//! JSON goes out in another encoding than the one that everybody reads it in.

use crate::diagnosis::case::{Case, Cause};
use crate::diagnosis::direct::{self, Direct};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::model::diagnosis::{Blame, Diagnosis};

/// The cause.
pub struct JsonNotUtf8;

const DIRECT: Direct = Direct {
    cause: "json-not-utf8",
    check: "http/json-is-utf8",
    blame: Blame::Deploy,
    next: &[
        "Write JSON with the library's own encoder, and look for a default charset on the way out (file.encoding, LANG, a servlet's default)",
        "Then call the operation again with an accent in the text",
    ],
    whole_answers: true,
};

impl Cause for JsonNotUtf8 {
    fn id(&self) -> &'static str {
        "json-not-utf8"
    }

    fn about(&self) -> &'static str {
        "JSON is not encoded as UTF-8, so it breaks with the first letter beyond ASCII."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Answers,
            blames: &[Blame::Deploy],
            needs: "An answer with letters beyond ASCII whose bytes are not UTF-8.",
            likely: &[
                "The platform's default charset (file.encoding, LANG=C) encodes the text",
                "A servlet or a template answers in ISO-8859-1 where no charset is named",
                "Text from a database in another encoding is copied as bytes",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        direct::diagnose(case, &DIRECT)
    }
}
