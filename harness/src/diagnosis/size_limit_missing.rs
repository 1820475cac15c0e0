//! The promised size of a recording is not kept: larger ones are taken, or smaller ones refused. Without a limit, memory and cost are anybody's to spend; with a smaller one, long recordings fail.

use crate::diagnosis::case::{Case, Cause};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::plain::Plain;
use crate::model::diagnosis::{Blame, Diagnosis};

/// The cause.
pub struct SizeLimitMissing;

const PLAIN: Plain = Plain {
    cause: "size-limit-missing",
    check: "transcription/size-limit-kept",
    blame: Blame::Deploy,
    next: &[
        "Compare the limits of service, framework and every proxy in front with what is promised",
        "Check the size before decoding, and answer 413",
    ],
};

impl Cause for SizeLimitMissing {
    fn id(&self) -> &'static str {
        PLAIN.cause
    }

    fn about(&self) -> &'static str {
        "The promised size of a recording is not kept: larger ones are taken, or smaller ones refused."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Answers,
            blames: &[Blame::Deploy, Blame::Edge],
            needs: "A recording above the promised size that is taken, or one below it that is refused.",
            likely: &[
                "Content-Length is checked, and chunked bodies have none",
                "The limit was set for the decoded audio and is applied to base64, or the reverse",
                "The layer of the limit is not on this route",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        PLAIN.diagnose(case)
    }
}
