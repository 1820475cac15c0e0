//! The credential never arrives: a good one is refused in the very words that are for none.

use crate::check::asks;
use crate::diagnosis::case::{Case, Cause, explained};
use crate::diagnosis::words;
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};
use crate::model::exchange::{Exchange, Reply};
use crate::model::probe::Mutation;
use crate::model::target::Scheme;

/// The cause.
pub struct CredentialStripped;

/// Words that refuse a caller who sent nothing, and nobody else, lower-case.
const NOTHING_SENT: &str = "missing|not provided|no token|no credential|no authorization|without a|required|send a|not authenticated";

impl Cause for CredentialStripped {
    fn id(&self) -> &'static str {
        "credential-stripped"
    }

    fn about(&self) -> &'static str {
        "What stands in front takes the Authorization header away: a good credential is refused as if none had been sent."
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let target = case.view.target;
        let auth = target
            .auth
            .as_ref()
            .filter(|auth| auth.scheme == Scheme::Bearer)?;
        auth.good()?;
        let (call, good) = asks::protected(target).into_iter().find_map(|call| {
            let refused = |mutation| refusal(case, &asks::inert(target, &call, mutation));
            let (good, none, garbage) = (
                refused(Some(Mutation::AsIs))?,
                refused(None)?,
                refused(Some(Mutation::Garbage))?,
            );
            let alike = words_of(good.1) == words_of(none.1) && words_of(garbage.1) == words_of(none.1);
            (alike && is_for_nothing(none.1)).then_some((call, good))
        })?;
        let refused: Vec<&Exchange> =
            case.view
                .answers()
                .filter(|(exchange, reply)| {
                    reply.status == 401
                        && exchange.probe.who.as_ref().is_some_and(|who| {
                            matches!(who.mutation, Mutation::AsIs | Mutation::LowerCaseScheme)
                        })
                })
                .map(|(exchange, _)| exchange)
                .collect();
        let findings = case.about(&refused);
        findings.iter().find(|finding| finding.fails())?;
        Some(Diagnosis {
            cause: self.id().to_owned(),
            statement: format!(
                "The credential does not reach the application: {call} refuses a good one in the words for none at all"
            ),
            blame: Blame::Edge,
            confidence: Confidence::Likely,
            evidence: vec![
                "good, spoilt and missing credentials get the same refusal, which speaks of none having been sent".to_owned(),
                format!("seen in {}", good.0.probe.operation()),
            ],
            ruled_out: vec!["the credential itself: it was never looked at".to_owned()],
            next_steps: vec![
                "Send the same call past the proxy, straight to the application: if it works there, the proxy drops Authorization".to_owned(),
                "Hand the header on (nginx: proxy_set_header Authorization $http_authorization; Apache with WSGI: WSGIPassAuthorization On)".to_owned(),
            ],
            explains: explained(findings.into_iter().chain(words::consequences(case, &refused))),
        })
    }
}

fn refusal<'c>(case: &Case<'c>, probe: &crate::model::probe::Probe) -> Option<(&'c Exchange, &'c Reply)> {
    case.view.answer(probe).filter(|(_, reply)| reply.status == 401)
}

/// What a refusal says, without what names the request.
fn words_of(reply: &Reply) -> (Option<String>, Option<String>) {
    let detail = reply.body.json().and_then(|body| {
        let said = ["detail", "message", "error", "title"]
            .iter()
            .find_map(|name| body.get(*name));
        said.map(ToString::to_string)
    });
    (reply.header("www-authenticate"), detail)
}

/// Whether a refusal is for somebody who sent nothing: it says so, and names no error of a token (RFC 6750 §3.1).
fn is_for_nothing(reply: &Reply) -> bool {
    let (challenge, detail) = words_of(reply);
    let no_error = challenge.is_none_or(|challenge| !challenge.contains("error="));
    let said = detail.unwrap_or_default().to_ascii_lowercase();
    no_error && NOTHING_SENT.split('|').any(|words| said.contains(words))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::target;
    use crate::diagnosis::whole_tests::{causes, inert, judged};

    #[test]
    fn a_good_credential_that_is_refused_like_none_never_arrived() {
        let seen = |good: &str| {
            let missing = r#"{"detail":"Missing bearer token."}"#;
            judged(
                &target(),
                &[
                    inert(2, Some(Mutation::AsIs), 401, good),
                    inert(3, None, 401, missing),
                    inert(4, Some(Mutation::Garbage), 401, good),
                ],
            )
        };
        // The helper of these tests says error="invalid_token" in every challenge, as a service does that looked.
        assert!(!causes(&seen(r#"{"detail":"Missing bearer token."}"#)).contains(&"credential-stripped"));
        assert!(!causes(&seen(r#"{"detail":"Token is invalid."}"#)).contains(&"credential-stripped"));
    }
}
