//! Something answers, and it is not this API: a web page, another product, or the API under another base path.

use crate::check::health::is_page;
use crate::check::text::clean;
use crate::check::view::View;
use crate::diagnosis::case::{Case, Cause, explained};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::words;
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};
use crate::model::exchange::{Exchange, Reply};

/// The cause.
pub struct WrongUrl;

impl Cause for WrongUrl {
    fn id(&self) -> &'static str {
        "wrong-url"
    }

    fn about(&self) -> &'static str {
        "The base URL leads to a web page, another product, or past the path below which the API lives."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Reach,
            blames: &[Blame::Checker, Blame::Deploy, Blame::Edge],
            needs: "At least two routes asked, and every one of them is a web page, a redirect or 404.",
            likely: &[
                "The base URL of the run lacks the API's path, or names the front end's host",
                "The domain still points at a parking page or at the provider before",
                "The catch-all of a single-page application answers in place of the API",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let answers: Vec<(&Exchange, &Reply)> = case
            .view
            .answers()
            .filter(|(exchange, _)| !exchange.probe.is_preflight())
            .collect();
        let mut routes: Vec<&str> = answers
            .iter()
            .map(|(exchange, _)| exchange.probe.path_text())
            .collect();
        routes.sort_unstable();
        routes.dedup();
        let failing = case.findings.iter().any(crate::model::finding::Finding::fails);
        if routes.len() < 2 || !failing || !answers.iter().all(|(_, reply)| is_elsewhere(reply)) {
            return None;
        }
        let base = &case.view.target.base;
        let pages = answers
            .iter()
            .filter(|(_, reply)| is_page(reply) && reply.status < 400)
            .count();
        let statement = if pages > 0 {
            format!("Another product or a web page answers at {base}, not this API")
        } else {
            format!("Nothing of this API is found at {base}: every route answers 404 or leads elsewhere")
        };
        let exchanges: Vec<&Exchange> = answers.iter().map(|(exchange, _)| *exchange).collect();
        let mut next_steps: Vec<String> = other_bases(case.view)
            .into_iter()
            .map(|other| format!("Try the base URL {other}"))
            .collect();
        next_steps.push(format!("Open {base} in a browser and see what answers there; compare host and base path with the client's settings"));
        next_steps.push(
            "If the URL is right, the deploy routes it to something else: look at domain and proxy rules"
                .to_owned(),
        );
        Some(Diagnosis {
            cause: self.id().to_owned(),
            statement,
            blame: Blame::Unknown,
            confidence: Confidence::Likely,
            evidence: words::seen(&exchanges),
            ruled_out: vec!["network".to_owned()],
            likely_causes: Vec::new(),
            help: None,
            next_steps,
            explains: explained(case.findings),
        })
    }
}

/// Whether an answer is what a stranger's server gives: a page, a redirect, or no such route.
fn is_elsewhere(reply: &Reply) -> bool {
    match reply.status {
        200..=299 => is_page(reply),
        300..=399 | 404 | 405 | 410 => true,
        _ => false,
    }
}

/// Base URLs that the contract or a redirect speaks of.
fn other_bases(view: &View<'_>) -> Vec<String> {
    let target = view.target;
    let path = target.base_path();
    let origin = target
        .base
        .trim_end_matches('/')
        .strip_suffix(path)
        .unwrap_or(&target.base);
    let operations = view.contract.iter().flat_map(|contract| contract.operations());
    let mut bases: Vec<String> = operations
        .flat_map(|operation| operation.server_paths.iter())
        .filter(|other| other.as_str() != path && !other.is_empty())
        .map(|other| format!("{origin}{}", clean(other, 80)))
        .collect();
    let moved = view.answers().find_map(|(exchange, reply)| {
        let location = reply
            .header("location")
            .filter(|_| (300..400).contains(&reply.status))?;
        let base = location.strip_suffix(exchange.probe.path_text())?;
        base.contains("://").then(|| clean(base, 120))
    });
    bases.extend(moved.filter(|moved| *moved != target.base));
    bases.sort();
    bases.dedup();
    bases.truncate(3);
    bases
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::asks;
    use crate::check::testing::{answered, target};
    use crate::diagnosis::whole_tests::{causes, first, judged, judged_with};

    const HTML: &[(&str, &str)] = &[("content-type", "text/html")];
    const JSON: &[(&str, &str)] = &[("content-type", "application/json")];

    fn everywhere(status: u16, headers: &[(&str, &str)], body: &str) -> Vec<Exchange> {
        let target = target();
        vec![
            answered(1, &asks::read("/health"), status, headers, body),
            answered(2, &asks::read("/openapi.json"), status, headers, body),
            answered(
                3,
                &asks::proof(&target, &target.proofs[0]),
                if status == 200 { 405 } else { status },
                headers,
                body,
            ),
        ]
    }

    #[test]
    fn a_web_page_everywhere_is_another_product() {
        let run = judged(
            &target(),
            &everywhere(200, HTML, "<!doctype html><title>Shop</title>"),
        );
        assert_eq!(first(&run).cause, "wrong-url");
        assert_eq!(
            run.headline,
            "Another product or a web page answers at http://notes.example, not this API"
        );
    }

    #[test]
    fn an_api_under_another_base_path_is_suggested() {
        let contract = "openapi: 3.1.0\ninfo: {title: x, version: '1'}\nservers: [{url: /api/v3}]\npaths: {/health: {get: {responses: {'200': {description: ''}}}}}";
        let run = judged_with(
            &target(),
            contract,
            &everywhere(404, JSON, r#"{"detail":"Not Found"}"#),
        );
        assert_eq!(first(&run).cause, "wrong-url");
        assert_eq!(
            first(&run).next_steps[0],
            "Try the base URL http://notes.example/api/v3"
        );
    }

    #[test]
    fn one_answer_of_the_api_is_enough_to_be_there() {
        let mut seen = everywhere(404, JSON, "{}");
        seen[2] = answered(3, &seen[2].probe.clone(), 401, JSON, "{}");
        assert!(!causes(&judged(&target(), &seen)).contains(&"wrong-url"));
        assert!(!causes(&judged(&target(), &everywhere(502, HTML, "<html>"))).contains(&"wrong-url"));
    }
}
