//! Readiness: may traffic be sent there?

use crate::check::Check;
use crate::check::asks;
use crate::check::health;
use crate::check::judgement::{Judgement, Tally};
use crate::check::spec::{Spec, Suite};
use crate::check::view::View;
use crate::checks::health::healthy::finding;
use crate::checks::journey::proofs::Proofs;
use crate::model::finding::{Layer, Severity};
use crate::model::probe::Ask;

/// The check.
pub struct Ready;

static SPEC: Spec = Spec {
    id: "health/ready",
    layer: Layer::Health,
    title: "The service says that it is ready for traffic",
    severity: Severity::Major,
    suites: Suite::ALL,
    needs: &["reach/answers"],
    must_run: false,
    explanation: "Readiness is where a service tells about its database, its migrations, its configuration. After a deploy \
                  it is the first to know that something is missing, and a balancer that reads it sends no traffic. A 503 that \
                  the contract documents, that calls no part broken, and beside which health is well and every proof was \
                  seen working, is a service that tells the truth about a wait: a remark.",
    hint: "Read what the body says is missing: database, migration, configuration.",
};

impl Check for Ready {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        view.target
            .routes
            .ready
            .iter()
            .map(|route| Ask::One(asks::read(route)))
            .collect()
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        let Some(route) = &view.target.routes.ready else {
            return Judgement::NotApplicable("no readiness route is known".to_owned());
        };
        let mut tally = Tally::new(view);
        if let Some((exchange, reply)) = tally.answer(&asks::read(route))
            && let Some(mut finding) = finding(&SPEC, "ready", exchange, reply)
        {
            if health::waits_truthfully(view, exchange, reply) && Proofs::seen_working(view) {
                finding.severity = Severity::Advisory;
            }
            tally.find(finding);
        }
        tally.done()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{answered, target};
    use crate::check::trial::{findings, judgement};
    use crate::contract::load::Contract;
    use crate::model::finding::Finding;
    use crate::model::target::Target;

    fn knowing() -> Target {
        let mut target = target();
        target.routes.ready = Some("/ready".into());
        target
    }

    fn found(status: u16, body: &str) -> Vec<Finding> {
        let probe = asks::read("/ready");
        let seen = [answered(
            1,
            &probe,
            status,
            &[("content-type", "application/json")],
            body,
        )];
        findings(&Ready, &knowing(), &seen)
    }

    #[test]
    fn a_service_that_is_not_ready_is_found_by_status_or_body() {
        assert_eq!(
            found(503, r#"{"status":"not_ready","database":"error"}"#)[0].title,
            "GET /ready says that the service is not ready (HTTP 503)"
        );
        assert!(found(200, r#"{"status":"not_ready"}"#)[0].fails());
    }

    #[test]
    fn spares_a_ready_one_and_one_without_such_a_route() {
        assert_eq!(found(200, r#"{"status":"ready","provider":"configured"}"#), []);
        assert!(matches!(
            judgement(&Ready, &target(), &[]),
            Judgement::NotApplicable(_)
        ));
    }

    const DOCUMENT: &str = r#"{"openapi":"3.1.0","info":{"title":"x","version":"1"},"paths":{"/ready":{"get":{"responses":{
        "200":{"description":"send traffic"},"503":{"description":"not yet"}}}}}}"#;

    /// How heavy a 503 of readiness is, with this body, this status of the proof and this contract.
    fn weight(body: &str, work: u16, document: &str) -> Severity {
        let json = [("content-type", "application/json")];
        let target = knowing();
        let contract = Contract::parse(document, "pinned.json").unwrap();
        let seen = [
            answered(1, &asks::read("/health"), 200, &json, r#"{"status":"ok"}"#),
            answered(2, &asks::read("/ready"), 503, &json, body),
            answered(3, &asks::proof(&target, &target.proofs[0]), work, &json, "{}"),
        ];
        match Ready.judge(&View::new(&target, Some(&contract), &seen, &[])) {
            Judgement::Judged { findings, .. } => findings[0].severity,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_documented_wait_beside_work_that_works_is_a_remark_and_nothing_else_is() {
        let warming = r#"{"status":"not_ready","search":"warming"}"#;
        let undocumented = DOCUMENT.replace("503", "404");
        assert_eq!(weight(warming, 200, DOCUMENT), Severity::Advisory);
        assert_eq!(weight(warming, 500, DOCUMENT), Severity::Major);
        assert_eq!(weight(warming, 429, DOCUMENT), Severity::Major);
        assert_eq!(weight(warming, 200, &undocumented), Severity::Major);
        assert_eq!(
            weight(r#"{"status":"not_ready","database":"error"}"#, 200, DOCUMENT),
            Severity::Major
        );
    }
}
