//! A redirect on the way to the work loses TLS, the host, the body or the credential, and the call with it.

use crate::diagnosis::case::{Case, Cause, explained, seen_itself};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::words;
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};
use crate::model::exchange::Exchange;

/// The cause.
pub struct RedirectAstray;

impl Cause for RedirectAstray {
    fn id(&self) -> &'static str {
        "redirect-astray"
    }

    fn about(&self) -> &'static str {
        "A redirect leads out of TLS, to another host, or makes GET of POST, so what was sent does not arrive."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Around,
            blames: &[Blame::Edge],
            needs: "A 3xx on the way to an operation, and its Location, method and host.",
            likely: &[
                "A slash at the end: redirect_slashes in Starlette, APPEND_SLASH in Django, strict_slashes in Flask",
                "The application builds URLs with its inner scheme and host, since it does not trust X-Forwarded-Proto",
                "A 301 or 302 in place of 307 or 308 for http to https, or for www",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let mut diagnosis = seen_itself(
            self,
            case,
            "edge/redirects-kept",
            (Blame::Edge, Confidence::Certain),
            &[
                "Call the route exactly as the application names it: a missing or extra slash is the usual reason",
                "Tell the application its outer scheme and host (X-Forwarded-Proto and -Host, --proxy-headers), or let it redirect to paths",
                "curl -sv shows the Location; redirect with 307 or 308 where it must be",
            ],
        )?;
        let found = case.of("edge/redirects-kept");
        let redirected: Vec<&Exchange> = case
            .view
            .exchanges
            .iter()
            .filter(|exchange| {
                found
                    .iter()
                    .any(|finding| finding.exchanges.contains(&exchange.id))
            })
            .collect();
        diagnosis.evidence.extend(words::seen(&redirected));
        // Whatever else was asked of the same operation was redirected as well.
        let operations: Vec<String> = redirected
            .iter()
            .map(|exchange| exchange.probe.operation())
            .collect();
        let same: Vec<&Exchange> = case
            .view
            .answers()
            .filter(|(_, reply)| (300..400).contains(&reply.status))
            .map(|(exchange, _)| exchange)
            .filter(|exchange| operations.contains(&exchange.probe.operation()))
            .collect();
        let findings = case
            .about(&same)
            .into_iter()
            .chain(words::consequences(case, &redirected));
        diagnosis.explains.extend(explained(findings));
        diagnosis.explains.sort();
        diagnosis.explains.dedup();
        Some(diagnosis)
    }
}
