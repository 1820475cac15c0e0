//! What developers use instead of a login is deployed.

use crate::check::ways::TEST;
use crate::diagnosis::case::{Case, Cause};
use crate::diagnosis::doors;
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::model::diagnosis::{Blame, Diagnosis};

/// The cause.
pub struct DevelopmentLogin;

impl Cause for DevelopmentLogin {
    fn id(&self) -> &'static str {
        "development-login"
    }

    fn about(&self) -> &'static str {
        "A development login or a test switch is active where strangers can use it."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::OpenDoor,
            blames: &[Blame::Deploy],
            needs: "A login route or a test header for developers that lets a stranger in.",
            likely: &[
                "ENV, NODE_ENV or DEBUG is unset in production, and the code takes that for development",
                "A seeded test account or an impersonation route was not left out of the build",
                "A staging configuration was copied to production",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let mut found = doors::open_by(case, "auth/headers-grant-nothing");
        found.retain(|finding| finding.subject.ends_with(TEST));
        found.extend(doors::open_by(case, "auth/no-development-login"));
        let statement =
            "A development login or test switch is active here: whoever asks is let in".to_owned();
        doors::diagnosis(
            case,
            self.id(),
            found,
            statement,
            &[
                "Find the variable that switches it on in this deploy, take it away, and deploy again",
                "Then take the code out of what is deployed, and look in the log who has used it",
            ],
        )
    }
}
