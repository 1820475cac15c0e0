//! Who may only read can write.

use crate::diagnosis::case::{Case, Cause, seen_itself};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};

/// The cause.
pub struct RolesUnchecked;

impl Cause for RolesUnchecked {
    fn id(&self) -> &'static str {
        "roles-unchecked"
    }

    fn about(&self) -> &'static str {
        "Who calls is asked, and what they may do is not: a user who may only read can write."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::OpenDoor,
            blames: &[Blame::Deploy],
            needs: "A good call that writes succeeded with the credential of a user who may only read.",
            likely: &[
                "The route asks for a token and for no role",
                "A token without a role is taken for an editor's",
                "The role is looked at in the page alone, which hides a button",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        seen_itself(
            self,
            case,
            "auth/readers-cannot-write",
            (Blame::Deploy, Confidence::Certain),
            &[
                "Look what readers have written since the deploy, and take it back",
                "Ask for the role on each route that writes; list the routes that do not",
            ],
        )
    }
}
