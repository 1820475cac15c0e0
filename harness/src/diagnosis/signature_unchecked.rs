//! Tokens are read and not verified: whoever can write JSON can be anybody.

use crate::diagnosis::case::{Case, Cause, explained};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::{doors, words};
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};
use crate::model::probe::Mutation;

/// The cause.
pub struct SignatureUnchecked;

/// Tokens that nobody signed.
const FORGED: &[Mutation] = &[
    Mutation::Tampered,
    Mutation::TamperedPayload,
    Mutation::AlgNone,
    Mutation::AlgNoneTitle,
    Mutation::AlgNoneUpper,
    Mutation::AlgNoneMixed,
    Mutation::ForeignKey,
    Mutation::UnknownKey,
];

impl Cause for SignatureUnchecked {
    fn id(&self) -> &'static str {
        "signature-unchecked"
    }

    fn about(&self) -> &'static str {
        "Tokens are accepted whose signature is missing or wrong."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::OpenDoor,
            blames: &[Blame::Deploy],
            needs: "A token with a changed payload, a changed signature or alg none that is accepted.",
            likely: &[
                "decode is called where verify was meant (jsonwebtoken, jwt-decode, verify_signature: False in PyJWT)",
                "The list of algorithms comes from the token, or none is named",
                "A gateway verified before, and the service trusts whoever comes",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let mut open = doors::operations(case, &doors::open_to_all(case));
        open.extend(doors::operations(
            case,
            &doors::open_to(case, &[Mutation::Garbage]),
        ));
        let forged = doors::open_to(case, FORGED);
        let mut operations = doors::operations(case, &forged);
        operations.retain(|operation| !open.contains(operation));
        let mut shown = doors::shown(case, &forged);
        shown.retain(|exchange| operations.contains(&exchange.probe.operation()));
        let first = shown.first()?;
        let spoilt = doors::spoilt_so(case, &forged);
        let changed = spoilt.contains(&Mutation::Tampered) || spoilt.contains(&Mutation::TamperedPayload);
        let (what, mend) = if changed {
            (
                "does not verify the signature of tokens",
                "Verify the signature with the issuer's key before any claim is read (RFC 8725 §3.3)",
            )
        } else if Mutation::FOREIGN.iter().any(|foreign| spoilt.contains(foreign)) {
            (
                "accepts tokens that are signed with a key which the issuer never published",
                "Take keys from the issuer's key set alone, and refuse a `kid` that is not in it (RFC 8725 §3.8, §3.10)",
            )
        } else if spoilt.contains(&Mutation::AlgNone) {
            (
                "accepts unsigned tokens (alg: none)",
                "Name the algorithms that are accepted; never take the token's word for it (RFC 8725 §3.1)",
            )
        } else {
            (
                "refuses unsigned tokens by the word `none`, and accepts them in another case",
                "Name the algorithms that are accepted instead of those that are not (RFC 8725 §3.1)",
            )
        };
        Some(Diagnosis {
            cause: self.id().to_owned(),
            statement: format!("{} {what}: anybody can write one", operations.join(", ")),
            blame: Blame::Deploy,
            confidence: Confidence::Certain,
            evidence: words::seen(&shown),
            ruled_out: words::ruled_out(case),
            likely_causes: Vec::new(),
            help: None,
            next_steps: vec![
                format!(
                    "Take {} offline: any caller can be any user",
                    first.probe.operation()
                ),
                mend.to_owned(),
            ],
            explains: explained(doors::of_operations(case, &operations)),
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::check::testing::target;
    use crate::diagnosis::tests::{good, inert, judged, proof};
    use crate::model::exchange::Exchange;
    use crate::model::probe::Mutation::{AlgNone, Empty, Garbage, Tampered, Truncated};

    const BROKEN: &str = r#"{"detail":"The body is not JSON"}"#;

    fn seen(forged: u16) -> Vec<Exchange> {
        let mut seen = vec![
            inert(1, None, 401, "{}"),
            good(2, 400, BROKEN),
            proof(3, 200, "{}"),
        ];
        for (id, mutation) in (4..).zip([Empty, Garbage, Truncated, Tampered]) {
            let status = if mutation == Tampered { forged } else { 401 };
            seen.push(inert(id, Some(mutation), status, BROKEN));
        }
        seen.push(inert(9, Some(AlgNone), 400, BROKEN));
        seen
    }

    #[test]
    fn tokens_that_are_not_verified_are_named() {
        let run = judged(&target(), &seen(400));
        assert_eq!(run.diagnoses.len(), 1);
        assert_eq!(run.diagnoses[0].cause, "signature-unchecked");
        assert_eq!(
            run.headline,
            "POST /summaries does not verify the signature of tokens: anybody can write one"
        );
    }

    #[test]
    fn unsigned_tokens_alone_are_told_apart() {
        let run = judged(&target(), &seen(401));
        assert_eq!(
            run.headline,
            "POST /summaries accepts unsigned tokens (alg: none): anybody can write one"
        );
    }
}
