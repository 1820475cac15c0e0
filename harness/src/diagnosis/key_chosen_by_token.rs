//! The token says with what it is to be verified, and the service believes it.

use crate::diagnosis::case::{Case, Cause};
use crate::diagnosis::doors;
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::model::diagnosis::{Blame, Diagnosis};
use crate::model::mutation::Mutation;

/// The cause.
pub struct KeyChosenByToken;

impl Cause for KeyChosenByToken {
    fn id(&self) -> &'static str {
        "key-chosen-by-token"
    }

    fn about(&self) -> &'static str {
        "A token is verified with a key that the token itself chose, brought along or pointed to."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::OpenDoor,
            blames: &[Blame::Deploy],
            needs: "A token that brings its own key, points kid at a file or a row, or is signed with the public key as an HMAC secret.",
            likely: &[
                "jwk, jku or x5u of the header is followed by the library's default or by own code",
                "One verify call takes RS256 and HS256 with the same key",
                "kid is joined into a path or an SQL text",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        if !doors::open_to(case, &[Mutation::Garbage, Mutation::Tampered]).is_empty()
            || !doors::open_to_all(case).is_empty()
        {
            return None;
        }
        let mut found = doors::open_to(
            case,
            &[Mutation::EmbeddedKey, Mutation::KidPath, Mutation::KidQuote],
        );
        found.extend(doors::open_by(case, "auth/published-key-is-no-secret"));
        let spoilt = doors::spoilt_so(case, &found);
        let (what, mend) = if spoilt.contains(&Mutation::EmbeddedKey) {
            (
                "verifies a token with a key that the token itself supplies",
                "Ignore `jwk`, `jku` and `x5u` in the header of a token (RFC 8725 §3.10)",
            )
        } else if spoilt.contains(&Mutation::PublicKeyAsSecret) {
            (
                "lets the token choose its algorithm, so that the public key works as an HMAC secret",
                "Bind each key to one algorithm, and never take it from the token (RFC 8725 §3.1)",
            )
        } else {
            (
                "uses the token's kid unchecked to look up a file or a row",
                "Look `kid` up in the list of known keys, and nowhere else (RFC 8725 §3.10)",
            )
        };
        let statement = format!(
            "{} {what}: anybody can sign",
            doors::operations(case, &found).join(", ")
        );
        let offline = "Take the route offline: any caller can be any user";
        doors::diagnosis(case, self.id(), found, statement, &[offline, mend])
    }
}
