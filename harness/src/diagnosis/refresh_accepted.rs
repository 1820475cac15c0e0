//! One verifier for every kind of token.

use crate::diagnosis::case::{Case, Cause};
use crate::diagnosis::doors;
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::model::diagnosis::{Blame, Diagnosis};
use crate::model::mutation::Mutation;

/// The cause.
pub struct RefreshAccepted;

impl Cause for RefreshAccepted {
    fn id(&self) -> &'static str {
        "refresh-accepted"
    }

    fn about(&self) -> &'static str {
        "A refresh token is accepted where an access token is required."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::OpenDoor,
            blames: &[Blame::Deploy],
            needs: "A refresh token presented as an access token, and accepted.",
            likely: &[
                "Both kinds are signed with one key, and no claim that tells them apart is checked",
                "The check for the type is in the refresh route alone",
                "The library's default (flask-jwt-extended, simplejwt) is bypassed by own decoding",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let refresh = case
            .view
            .target
            .auth
            .as_ref()
            .and_then(|auth| auth.refresh.as_ref());
        let mut found = doors::open_by(case, "auth/claims-checked");
        found.retain(|finding| {
            let who = case
                .shown(finding)
                .and_then(|exchange| exchange.probe.who.as_ref());
            who.is_some_and(|who| {
                who.mutation == Mutation::Refresh || refresh.is_some_and(|refresh| refresh.name == who.secret)
            })
        });
        let operations = doors::operations(case, &found).join(", ");
        let statement = format!("{operations} accepts a refresh token where an access token is required");
        doors::diagnosis(
            case,
            self.id(),
            found,
            statement,
            &[
                "Give each kind of token a claim of its own, such as `type`, and require `access` (RFC 8725 §3.11)",
                "A refresh token lives for weeks: look whether one has leaked into a log or a URL",
            ],
        )
    }
}
