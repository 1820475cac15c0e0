//! A fixed key is compared, and not as a whole.

use crate::diagnosis::case::{Case, Cause};
use crate::diagnosis::doors;
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::model::diagnosis::{Blame, Diagnosis};
use crate::model::mutation::Mutation;

/// The cause.
pub struct KeyComparedLoosely;

impl Cause for KeyComparedLoosely {
    fn id(&self) -> &'static str {
        "key-compared-loosely"
    }

    fn about(&self) -> &'static str {
        "A key is accepted that is only like the right one: a part of it, more than it, or in another case."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::OpenDoor,
            blames: &[Blame::Deploy],
            needs: "A fixed key, and variants of it that must be refused: a half, another case, one letter more, nothing.",
            likely: &[
                "startsWith, contains or LIKE in place of equality",
                "Keys are compared after lower-casing or trimming",
                "The database's collation ignores case, or a column cuts the key",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let good = case.view.target.auth.as_ref()?.good()?;
        let alike = [
            Mutation::Empty,
            Mutation::Truncated,
            Mutation::SwappedCase,
            Mutation::Extended,
        ];
        let found = doors::open_to(case, &alike);
        let any = !doors::open_to(case, &[Mutation::Garbage]).is_empty();
        if good.jwt || any || !doors::open_to_all(case).is_empty() {
            return None;
        }
        let named = |(mutation, words): (Mutation, &'static str)| {
            doors::spoilt_so(case, &found)
                .contains(&mutation)
                .then_some(words)
        };
        let words = [
            (Mutation::Empty, "an empty one"),
            (Mutation::Truncated, "half of it"),
            (Mutation::SwappedCase, "it in another case"),
            (Mutation::Extended, "it with a character more"),
        ];
        let accepted: Vec<&str> = words.into_iter().filter_map(named).collect();
        let operations = doors::operations(case, &found).join(", ");
        let statement = format!(
            "{operations} compares the key loosely: {} is accepted for it",
            accepted.join(", ")
        );
        doors::diagnosis(
            case,
            self.id(),
            found,
            statement,
            &[
                "Compare the whole key, byte by byte and in constant time, and refuse to start without one",
                "Then change the key: short guesses were enough",
            ],
        )
    }
}
