//! The credential never arrives: a good one is refused in the very words that are for none.

use crate::check::asks;
use crate::diagnosis::case::{Case, Cause, explained};
use crate::diagnosis::leaf::{Leaf, Stage};
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

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::ShutDoor,
            blames: &[Blame::Edge],
            needs: "A good, a spoilt and a missing bearer credential that are refused in the same words, those for none.",
            likely: &[
                "Apache with mod_wsgi or CGI drops Authorization unless WSGIPassAuthorization is on",
                "The proxy uses Authorization for its own basic login and removes it",
                "A redirect to another host on the way, at which clients drop it",
            ],
        }
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
            likely_causes: Vec::new(),
            help: None,
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
    use crate::check::testing::{answered, call, cors, target};
    use crate::diagnosis::whole_tests::{causes, judged};

    const NONE: (&str, &str) = ("Bearer realm=\"x\"", r#"{"detail":"Missing bearer token."}"#);

    fn named(good: (&str, &str)) -> Vec<String> {
        let target = target();
        let refused = |id, mutation, (challenge, body): (&str, &str)| {
            let mut headers = cors();
            headers.extend([
                ("www-authenticate", challenge),
                ("content-type", "application/json"),
            ]);
            answered(id, &asks::inert(&target, &call(), mutation), 401, &headers, body)
        };
        let run = judged(
            &target,
            &[
                answered(1, &asks::read("/health"), 200, &cors(), r#"{"status":"healthy"}"#),
                refused(2, Some(Mutation::AsIs), good),
                refused(3, None, NONE),
                refused(4, Some(Mutation::Garbage), good),
            ],
        );
        causes(&run).into_iter().map(str::to_owned).collect()
    }

    #[test]
    fn a_good_credential_that_is_refused_like_none_never_arrived() {
        assert!(named(NONE).contains(&"credential-stripped".to_owned()));
    }

    #[test]
    fn one_that_was_looked_at_did_arrive() {
        let looked = (
            "Bearer realm=\"x\", error=\"invalid_token\"",
            r#"{"detail":"The token is invalid."}"#,
        );
        assert!(!named(looked).contains(&"credential-stripped".to_owned()));
        assert!(named(looked).contains(&"credential-refused".to_owned()));
    }
}
