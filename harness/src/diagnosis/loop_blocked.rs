//! One slow call stops all others: the loop that serves everybody is blocked.

use crate::diagnosis::case::{Case, Cause, seen_itself};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};

/// The cause.
pub struct LoopBlocked;

impl Cause for LoopBlocked {
    fn id(&self) -> &'static str {
        "loop-blocked"
    }

    fn about(&self) -> &'static str {
        "Light requests wait for as long as heavy ones are worked on: a blocking call holds the loop that serves everybody."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Hidden,
            blames: &[Blame::Deploy],
            needs: "A heavy call and light ones at once, and light ones that end only when the heavy one does.",
            likely: &[
                "requests, time.sleep or a database driver without async inside async code (Python)",
                "JSON, compression or cryptography on large data in Node's only thread",
                "std::sync::Mutex or blocking file access held across tokio's await points",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        seen_itself(
            self,
            case,
            "rollout/light-beside-heavy",
            (Blame::Deploy, Confidence::Likely),
            &[
                "Look for a blocking call in an asynchronous handler: a synchronous client, a model, a file, a lock",
                "Move it to a thread pool, or serve with more than one worker, and send the same burst again",
            ],
        )
    }
}
