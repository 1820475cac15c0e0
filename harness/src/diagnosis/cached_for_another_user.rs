//! A cache keeps what was made for one user and gives it to the next.

use crate::diagnosis::case::{Case, Cause};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::plain::Plain;
use crate::model::diagnosis::{Blame, Diagnosis};

/// The cause.
pub struct CachedForAnotherUser;

const PLAIN: Plain = Plain {
    cause: "cached-for-another-user",
    check: "caching/one-answer-per-user",
    blame: Blame::Deploy,
    next: &[
        "Empty the cache now, and let it bypass whatever carries a credential",
        "Answer such reads with Cache-Control: private, no-store",
        "Look for the rule of the cache that keeps everything, or that ignores headers",
    ],
};

impl Cause for CachedForAnotherUser {
    fn id(&self) -> &'static str {
        PLAIN.cause
    }

    fn about(&self) -> &'static str {
        "A cache in front gives one user what belongs to another."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::OpenDoor,
            blames: &[Blame::Deploy],
            needs: "A second user read the very answer that a cache kept of the first one, and a fresh read says otherwise.",
            likely: &[
                "A rule of the CDN keeps every GET under the path, whatever Cache-Control says",
                "The key of the cache leaves out Authorization and the cookie",
                "The service marks answers of its users public, or says nothing at all",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        PLAIN.diagnose(case)
    }
}
