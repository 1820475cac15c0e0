//! A token is taken from the URL.

use crate::diagnosis::case::{Case, Cause};
use crate::diagnosis::doors;
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::model::diagnosis::{Blame, Diagnosis};

/// The cause.
pub struct TokenInUrl;

impl Cause for TokenInUrl {
    fn id(&self) -> &'static str {
        "token-in-url"
    }

    fn about(&self) -> &'static str {
        "Credentials are accepted in the URL, where logs and caches keep them."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::OpenDoor,
            blames: &[Blame::Deploy],
            needs: "A credential as access_token, token or key in the query that is accepted.",
            likely: &[
                "The extractor looks in the query as well, for downloads or WebSockets",
                "A library's default has several places: passport-jwt's fromExtractors, JWT_TOKEN_LOCATION with query_string",
                "It was made for links in e-mails and never removed",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let found = doors::open_by(case, "auth/credential-not-in-url");
        let operations = doors::operations(case, &found).join(", ");
        let statement =
            format!("{operations} accepts credentials in the URL, where logs and caches keep them");
        doors::diagnosis(
            case,
            self.id(),
            found,
            statement,
            &[
                "Read the token from the Authorization header alone (RFC 6750 §5.3)",
                "Search the access logs for `access_token=`, and revoke what is found there",
            ],
        )
    }
}
