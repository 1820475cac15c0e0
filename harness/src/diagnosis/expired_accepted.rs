//! Tokens are verified, and never die.

use crate::diagnosis::case::{Case, Cause, explained};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::{doors, words};
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};

/// The cause.
pub struct ExpiredAccepted;

impl Cause for ExpiredAccepted {
    fn id(&self) -> &'static str {
        "expired-accepted"
    }

    fn about(&self) -> &'static str {
        "Tokens are verified, and accepted for ever after their expiry."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::OpenDoor,
            blames: &[Blame::Deploy],
            needs: "A token that is past its exp, supplied or minted, and that is accepted.",
            likely: &[
                "ignoreExpiration, verify_exp: False or validate_exp = false was set for a test and stayed",
                "Leeway is given in another unit: 3600 minutes or milliseconds for seconds",
                "The library leaves exp to the caller (some JOSE libraries do)",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let accepted = doors::open_to_expired(case);
        let shown = doors::shown(case, &accepted);
        shown.first()?;
        let operations = doors::operations(case, &accepted);
        Some(Diagnosis {
            cause: self.id().to_owned(),
            statement: format!("{} accepts tokens that have expired", operations.join(", ")),
            blame: Blame::Deploy,
            confidence: Confidence::Certain,
            evidence: words::seen(&shown),
            ruled_out: words::ruled_out(case),
            likely_causes: Vec::new(),
            help: None,
            next_steps: vec![
                "Look at the verifier's options: is the check of `exp` switched off, or its leeway in another unit than it \
                 takes?"
                    .to_owned(),
                "Until it is mended, change the signing key to end every old token".to_owned(),
            ],
            explains: explained(accepted),
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::check::asks;
    use crate::check::testing::{call, target};
    use crate::diagnosis::tests::{good, inert, judged, proof, readable};
    use crate::model::probe::{Mutation, SecretName, Who};
    use crate::model::target::CredentialFacts;

    #[test]
    fn a_service_where_tokens_never_die_is_named() {
        let mut target = target();
        target.auth.as_mut().unwrap().credentials.push(CredentialFacts {
            name: SecretName("expired".into()),
            expired: true,
            jwt: true,
            from: "the test".into(),
        });
        let who = Who {
            secret: SecretName("expired".into()),
            mutation: Mutation::AsIs,
        };
        let broken = r#"{"detail":"The body is not JSON"}"#;
        let seen = |status| {
            [
                inert(1, None, 401, "{}"),
                good(2, 400, broken),
                readable(
                    3,
                    &asks::inert_as(&target, &call(), Some(who.clone())),
                    status,
                    broken,
                ),
                proof(4, 200, "{}"),
            ]
        };
        let run = judged(&target, &seen(400));
        assert_eq!(run.diagnoses[0].cause, "expired-accepted");
        assert_eq!(run.headline, "POST /summaries accepts tokens that have expired");
        assert_eq!(judged(&target, &seen(401)).diagnoses, []);
    }
}
