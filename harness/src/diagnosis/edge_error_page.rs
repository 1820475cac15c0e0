//! The edge answered, not the application. Its page carries no CORS headers, so browsers call it a CORS error as well.

use crate::diagnosis::case::{Case, Cause, explained};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::marker::{Marker, edge_signature, edge_wrote};
use crate::diagnosis::words;
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};
use crate::model::exchange::{Exchange, Reply};

/// The cause.
pub struct EdgeErrorPage;

impl Cause for EdgeErrorPage {
    fn id(&self) -> &'static str {
        "edge-error-page"
    }

    fn about(&self) -> &'static str {
        "A proxy or platform in front answers with an error page of its own; the application never answered, or never got it."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Around,
            blames: &[Blame::Edge],
            needs: "An error without the mark that every healthy answer of the application carries, or signed by a proxy or a platform.",
            likely: &[
                "The process was killed, crashed or restarted under the request, and the proxy found nobody",
                "No instance is routed to this host: a failed deploy, a wrong port, a suspended service",
                "The proxy's keep-alive or TLS to the application does not fit, so that it drops good requests",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let marker = Marker::learn(case.view);
        let written: Vec<(&Exchange, &Reply, String)> = case
            .view
            .answers()
            .filter_map(|(exchange, reply)| Some((exchange, reply, edge_wrote(reply, &marker)?)))
            .collect();
        let exchanges: Vec<&Exchange> = written.iter().map(|(exchange, ..)| *exchange).collect();
        let findings = case.about(&exchanges);
        let failing = findings.iter().find(|finding| finding.fails())?;
        let (exchange, reply, why) = written
            .iter()
            .find(|(exchange, ..)| failing.exchanges.contains(&exchange.id))?;
        let operation = exchange.probe.operation();
        let status = reply.status;
        let sent = exchange.sent.as_ref().map_or(0, |sent| sent.body_length);
        let statement = match status {
            413 if sent > 0 => format!(
                "The edge refuses {sent} bytes to {operation} with its own HTTP 413 page, before the application sees them"
            ),
            _ => format!("The edge answers {operation} with its own HTTP {status} page, not the application"),
        };
        let mut evidence = words::seen(&exchanges);
        evidence.push(format!("the page is not the application's: {why}"));
        Some(Diagnosis {
            cause: self.id().to_owned(),
            statement,
            blame: Blame::Edge,
            confidence: if edge_signature(reply).is_some() {
                Confidence::Certain
            } else {
                Confidence::Likely
            },
            evidence,
            ruled_out: words::ruled_out(case),
            likely_causes: Vec::new(),
            help: None,
            next_steps: next(status, exchange),
            explains: explained(findings.into_iter().chain(words::consequences(case, &exchanges))),
        })
    }
}

fn next(status: u16, exchange: &Exchange) -> Vec<String> {
    let at = words::clock(exchange);
    let first = match status {
        413 => "Compare the proxy's body limit (nginx: client_max_body_size) with what clients upload".to_owned(),
        403 | 429 => "See which rule of the firewall or proxy refused it, and whether it hits users or only this checker".to_owned(),
        404 => "See whether the platform has a running instance behind this host and path".to_owned(),
        504 | 524 => format!("Compare the proxy's time limit with how long the call takes; the call was sent at {at}"),
        _ => format!("See whether the application crashed, was killed or restarted at {at}: out of memory, worker timeout, deploy swap"),
    };
    vec![
        first,
        format!("Look for this request in the application's log{}; if it is not there, it never arrived", words::request_id(exchange)),
        "Let the proxy add CORS headers to its own error pages (nginx: add_header … always), so that pages can read them".to_owned(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::asks;
    use crate::check::testing::{answered, cors, target};
    use crate::diagnosis::whole_tests::{causes, first, judged, unexplained};

    const NGINX: &str = "<html><center><h1>502 Bad Gateway</h1></center><hr><center>nginx</center></html>";

    fn seen(status: u16, headers: &[(&str, &str)], body: &str) -> Vec<Exchange> {
        let target = target();
        let mut healthy = cors();
        healthy.extend([("x-request-id", "1"), ("content-type", "application/json")]);
        vec![
            answered(
                1,
                &asks::read("/health"),
                200,
                &healthy,
                r#"{"status":"healthy"}"#,
            ),
            answered(2, &asks::proof(&target, &target.proofs[0]), status, headers, body),
        ]
    }

    #[test]
    fn a_proxy_s_page_is_named_and_its_cors_error_with_it() {
        let run = judged(
            &target(),
            &seen(502, &[("content-type", "text/html"), ("server", "nginx")], NGINX),
        );
        assert_eq!(first(&run).cause, "edge-error-page");
        assert_eq!(first(&run).blame, Blame::Edge);
        assert_eq!(
            run.headline,
            "The edge answers POST /summaries with its own HTTP 502 page, not the application"
        );
        assert_eq!(unexplained(&run), Vec::<String>::new());
        assert!(
            !causes(&run).contains(&"masked-server-error"),
            "{:?}",
            causes(&run)
        );
    }

    #[test]
    fn a_crash_page_of_the_application_stays_its_own() {
        let run = judged(
            &target(),
            &seen(500, &[("content-type", "text/plain")], "Internal Server Error"),
        );
        assert_eq!(first(&run).cause, "masked-server-error");
        let html = judged(
            &target(),
            &seen(
                500,
                &[("content-type", "text/html")],
                "<h1>Server Error (500)</h1>",
            ),
        );
        assert_eq!(first(&html).cause, "masked-server-error");
    }
}
