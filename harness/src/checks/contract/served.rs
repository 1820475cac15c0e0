//! Is the contract served, and can it be read? Clients, generators and this harness start from it.

use crate::check::Check;
use crate::check::health::is_page;
use crate::check::judgement::{Judgement, Tally};
use crate::check::served;
use crate::check::spec::{Spec, Suite};
use crate::check::text::clean;
use crate::check::view::{Seen, View};
use crate::contract::load::Contract;
use crate::model::capture::End;
use crate::model::exchange::{Exchange, Reply};
use crate::model::finding::{Finding, Layer, Severity};
use crate::model::probe::Ask;

/// The check.
pub struct Served;

static SPEC: Spec = Spec {
    id: "contract/served",
    layer: Layer::Contract,
    title: "The contract is served and can be read",
    severity: Severity::Major,
    suites: &[Suite::Smoke, Suite::Contract],
    needs: &["reach/answers"],
    must_run: false,
    explanation: "Generated clients, documentation pages and checks all read the OpenAPI document from the service. One that \
                  is missing after a deploy, is a web page, or refers to parts that are not there breaks them without a \
                  single failing request.",
    hint: "Open the route: it must answer 200 with the OpenAPI document as JSON or YAML.",
};

impl Check for Served {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        served::probes(view.target).into_iter().map(Ask::One).collect()
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        let probes = served::probes(view.target);
        if let (Some(_), Some(probe)) = (&view.target.routes.contract, probes.first()) {
            let mut tally = Tally::new(view);
            if let Some((exchange, reply)) = tally.answer(probe) {
                match judge(exchange, reply) {
                    Outcome::Good => {}
                    Outcome::Cut => {
                        tally.unknown("the served contract is larger than what is kept of a body", None)
                    }
                    Outcome::Bad(finding) => tally.find(*finding),
                }
            }
            return tally.done();
        }
        let mut tally = Tally::new(view);
        let mut answers = probes.iter().filter_map(|probe| match view.seen(probe) {
            Seen::Answered(exchange, reply) if looks_like_one(reply) => Some((exchange, reply)),
            _ => None,
        });
        if let Some((exchange, reply)) = answers.next() {
            tally.judged(exchange);
            if let Outcome::Bad(finding) = judge(exchange, reply) {
                tally.find(*finding);
            }
            return tally.done();
        }
        let routes: Vec<&str> = probes.iter().map(|probe| probe.path_text()).collect();
        let reason = format!("no contract is served at {}", routes.join(" or "));
        match served::pinned(view) {
            Some(_) => Judgement::skipped(reason, Some("--contract URL")),
            None => Judgement::NotApplicable(format!("{reason}, and none was given")),
        }
    }
}

enum Outcome {
    Good,
    Cut,
    Bad(Box<Finding>),
}

/// Whether an answer at a guessed place means to be an OpenAPI 3 document.
fn looks_like_one(reply: &Reply) -> bool {
    let text = reply.body.text();
    let begins: String = text.chars().take(2_000).collect();
    reply.status == 200 && !is_page(reply) && begins.contains("openapi")
}

fn judge(exchange: &Exchange, reply: &Reply) -> Outcome {
    let route = exchange.probe.operation();
    let (title, actual) = match reply.status {
        200 if is_page(reply) => (
            format!("{route} answers with a web page, not with the contract"),
            "HTTP 200, text/html".to_owned(),
        ),
        200 if reply.body.end != End::Complete => return Outcome::Cut,
        200 => match Contract::parse_served(&reply.body.text(), served::SOURCE) {
            Ok(_) => return Outcome::Good,
            Err(error) => (
                format!("The contract at {route} cannot be used"),
                clean(&error.to_string(), 300),
            ),
        },
        status => (
            format!("{route} answers HTTP {status}, not with the contract"),
            format!("HTTP {status}"),
        ),
    };
    let found = SPEC
        .finds(&route, title)
        .expected("an OpenAPI 3 document")
        .actual(actual);
    Outcome::Bad(Box::new(found.shown_by([exchange])))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::asks;
    use crate::check::testing::{answered, target};
    use crate::check::trial::{findings, judgement};

    const GOOD: &str = r#"{"openapi":"3.1.0","info":{"title":"x","version":"1"},"paths":{}}"#;

    fn found(status: u16, body: &str) -> Vec<Finding> {
        let mut target = target();
        target.routes.contract = Some("/openapi.json".into());
        findings(
            &Served,
            &target,
            &[answered(1, &asks::read("/openapi.json"), status, &[], body)],
        )
    }

    #[test]
    fn a_contract_that_is_gone_or_no_contract_is_found() {
        let dangling = r##"{"openapi":"3.1.0","info":{"title":"x","version":"1"},"paths":{"/a":{"get":{"responses":{"200":{"$ref":"#/nowhere"}}}}}}"##;
        for (status, body) in [
            (404, "{}"),
            (200, "<!doctype html>"),
            (200, "{}"),
            (200, dangling),
        ] {
            assert_eq!(found(status, body).len(), 1, "{status} {body}");
        }
    }

    #[test]
    fn a_web_page_in_its_place_is_called_one() {
        assert_eq!(
            found(200, "<!doctype html>")[0].title,
            "GET /openapi.json answers with a web page, not with the contract"
        );
    }

    #[test]
    fn spares_a_contract_in_json_and_yaml_and_a_service_without_any() {
        assert_eq!(found(200, GOOD), []);
        assert_eq!(
            found(200, "openapi: 3.0.3\ninfo: {title: x, version: '1'}\npaths: {}\n"),
            []
        );
        let seen = [answered(1, &asks::read("/openapi.json"), 200, &[], "<html>")];
        assert!(matches!(
            judgement(&Served, &target(), &seen),
            Judgement::NotApplicable(_)
        ));
    }

    #[test]
    fn a_document_at_a_conventional_place_is_judged_too() {
        let seen = [answered(
            1,
            &asks::read("/openapi.json"),
            200,
            &[],
            r#"{"openapi":"3.1.0","paths":7}"#,
        )];
        assert_eq!(findings(&Served, &target(), &seen).len(), 1);
    }
}
