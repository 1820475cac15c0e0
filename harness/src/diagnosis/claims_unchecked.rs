//! The signature is verified, and what the token is for is not.

use crate::diagnosis::case::{Case, Cause};
use crate::diagnosis::doors;
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::model::diagnosis::{Blame, Diagnosis};
use crate::model::mutation::Mutation;

/// The cause.
pub struct ClaimsUnchecked;

impl Cause for ClaimsUnchecked {
    fn id(&self) -> &'static str {
        "claims-unchecked"
    }

    fn about(&self) -> &'static str {
        "Tokens are accepted that were issued for another service, by another issuer, or without an end."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::OpenDoor,
            blames: &[Blame::Deploy],
            needs: "A well signed token for another audience or issuer, or without exp or aud, that is accepted.",
            likely: &[
                "The verifier is given a key and no audience or issuer, and then checks neither",
                "Several services share one identity provider and one set of keys",
                "The expected audience is empty in this environment's settings",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let claims = [
            Mutation::OtherAudience,
            Mutation::OtherIssuer,
            Mutation::NoExpiry,
            Mutation::NoAudience,
        ];
        let mut found = doors::open_by(case, "auth/claims-checked");
        found.retain(|finding| {
            let spoilt = doors::spoilt_so(case, &[*finding]);
            claims.iter().any(|claim| spoilt.contains(claim))
        });
        let spoilt = doors::spoilt_so(case, &found);
        let worst = claims.iter().find(|claim| spoilt.contains(claim))?;
        let (what, mend) = match worst {
            Mutation::OtherAudience => (
                "that were issued for another service",
                "Tell the verifier the audience that it must find in `aud` (RFC 8725 §3.9)",
            ),
            Mutation::OtherIssuer => (
                "of an issuer that is not ours",
                "Tell the verifier the issuer that it must find in `iss` (RFC 8725 §3.8)",
            ),
            Mutation::NoExpiry => (
                "without an expiry, which never die",
                "Require `exp`, and refuse a token without it",
            ),
            _ => (
                "that name no audience",
                "Require `aud`, and refuse a token without it",
            ),
        };
        let statement = format!(
            "{} accepts tokens {what}",
            doors::operations(case, &found).join(", ")
        );
        let then = "Until it is mended, every token that was signed with this key opens this service";
        doors::diagnosis(case, self.id(), found, statement, &[mend, then])
    }
}
