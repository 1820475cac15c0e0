//! An error page repeats what was sent as HTML: any link can run a script in it. Reflected cross-site scripting (CWE-79).

use crate::diagnosis::case::{Case, Cause};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::plain::Plain;
use crate::model::diagnosis::{Blame, Diagnosis};

/// The cause.
pub struct MarkupEchoed;

const PLAIN: Plain = Plain {
    cause: "markup-echoed",
    check: "errors/markup-not-echoed",
    blame: Blame::Deploy,
    next: &[
        "Escape whatever goes into a page, or answer errors as JSON",
        "Look at every other page that shows what was sent",
    ],
};

impl Cause for MarkupEchoed {
    fn id(&self) -> &'static str {
        PLAIN.cause
    }

    fn about(&self) -> &'static str {
        "An error page repeats what was sent as HTML: any link can run a script in it."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Given,
            blames: &[Blame::Deploy],
            needs: "Markup that was sent, and comes back unescaped in an answer called text/html.",
            likely: &[
                "The error page joins the path or the value into HTML by hand",
                "Errors lack a Content-Type, and the framework's default is text/html",
                "Autoescaping is off for this template or file ending (Jinja2 outside .html)",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        PLAIN.diagnose(case)
    }
}
