//! The guard and the router read the same path differently.

use crate::diagnosis::case::{Case, Cause};
use crate::diagnosis::doors;
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::model::diagnosis::{Blame, Diagnosis};

/// The cause.
pub struct PathVariantOpen;

impl Cause for PathVariantOpen {
    fn id(&self) -> &'static str {
        "path-variant-open"
    }

    fn about(&self) -> &'static str {
        "A different spelling of a protected path is not protected."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::OpenDoor,
            blames: &[Blame::Deploy],
            needs: "Another spelling of a protected path (double slash, dot segment, encoded letter, case) that works without a credential.",
            likely: &[
                "The guard matches a prefix of the raw path, and the router decodes and normalises it first",
                "The proxy's location rule protects one spelling, and the application routes several",
                "Routes are matched without regard to case, and the guard is not (Express's default)",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let found = doors::open_by(case, "auth/path-variants-refused");
        let first = found.first()?;
        let statement = format!(
            "A different spelling of the same path is not protected: {}",
            first.subject
        );
        doors::diagnosis(
            case,
            self.id(),
            found,
            statement,
            &[
                "Attach the guard to the route and not to a path, or normalise the path before the guard",
                "Until then let the edge refuse paths with `//`, `/./`, `%2e` and encoded letters",
            ],
        )
    }
}
