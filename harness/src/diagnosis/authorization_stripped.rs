//! The credential was sent, and the service says that there is none.

use crate::diagnosis::case::{Case, Cause};
use crate::diagnosis::doors;
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};
use crate::model::finding::{Finding, Layer};

/// The cause.
pub struct AuthorizationStripped;

impl Cause for AuthorizationStripped {
    fn id(&self) -> &'static str {
        "authorization-stripped"
    }

    fn about(&self) -> &'static str {
        "The Authorization header does not reach the application: a proxy in front of it drops the header."
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let found = doors::open_by(case, "auth/good-credential-accepted");
        let refused = doors::shown(case, &found);
        let first = refused.iter().find(|exchange| exchange.status() == Some(401))?;
        let operation = first.probe.operation();
        let nobody = case.view.answers().find(|(exchange, reply)| {
            exchange.probe.operation() == operation && exchange.probe.who.is_none() && reply.status == 401
        });
        let (_, nobody) = nobody?;
        let reply = first.answer()?;
        let challenge = reply.header("www-authenticate").unwrap_or_default();
        let says_missing = says_missing(&reply.body.text()) && says_missing(&nobody.body.text());
        if !says_missing || challenge.to_ascii_lowercase().contains("error") {
            return None;
        }
        let statement = format!(
            "The Authorization header does not reach the application: {operation} says that there is no credential, and one was sent"
        );
        let mut explained = found.clone();
        explained.extend(case.about(&refused));
        let follows = |finding: &&Finding| finding.layer == Layer::Journey && finding.fails();
        explained.extend(case.findings.iter().filter(follows));
        let diagnosis = doors::diagnosis(
            case,
            self.id(),
            explained,
            statement,
            &[
                "Call the application without what is in front of it: if the same token is accepted there, the edge drops the header",
                "Look for WSGIPassAuthorization, proxy_set_header Authorization, or a forwarding rule that lists headers",
            ],
        )?;
        Some(Diagnosis {
            blame: Blame::Edge,
            confidence: Confidence::Likely,
            ..diagnosis
        })
    }
}

/// Whether an answer says that there was no credential, as opposed to a bad one.
fn says_missing(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    let words = [
        "missing",
        "not provided",
        "no token",
        "no credential",
        "not authenticated",
        "required",
    ];
    words.iter().any(|word| text.contains(word))
}
