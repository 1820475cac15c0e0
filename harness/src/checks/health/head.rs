//! Monitors ask with HEAD, because they want the status and not the body. A health route without it looks dead to them.

use crate::check::Check;
use crate::check::health;
use crate::check::judgement::{Judgement, Tally};
use crate::check::spec::{Spec, Suite};
use crate::check::view::View;
use crate::model::finding::{Layer, Severity};
use crate::model::probe::{Ask, Probe};

/// The check.
pub struct Head;

static SPEC: Spec = Spec {
    id: "health/head",
    layer: Layer::Health,
    title: "Health can be asked with HEAD",
    severity: Severity::Minor,
    suites: Suite::ALL,
    needs: &["reach/answers"],
    must_run: false,
    explanation: "HEAD is GET without the body, and servers must support both (RFC 9110 §9.1, §9.3.2). Routers that know only \
                  what was declared answer 404 or 405, and a monitor that uses HEAD reports an outage. A 405 that says in \
                  Allow what there is instead is honest, and no more than a remark.",
    hint: "Route HEAD to the handler of GET, or switch on the framework's option for it.",
};

/// The health route, asked with HEAD.
fn probe(view: &View<'_>) -> Option<Probe> {
    let get = health::probe(view)?;
    Some(Probe::request("HEAD", get.path).build())
}

/// Whether the health route answers GET with a success.
fn is_well(view: &View<'_>) -> bool {
    let get = health::probe(view).and_then(|probe| view.answer(&probe));
    get.is_some_and(|(_, reply)| (200..300).contains(&reply.status))
}

impl Check for Head {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        let head = probe(view).filter(|_| is_well(view));
        health::probes(view)
            .into_iter()
            .chain(head)
            .map(Ask::One)
            .collect()
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        let Some(probe) = probe(view) else {
            return Judgement::NotApplicable("no health route is known".into());
        };
        if !is_well(view) {
            return Judgement::NotApplicable("health is not well by GET either".into());
        }
        let mut tally = Tally::new(view);
        if let Some((exchange, reply)) = tally.answer(&probe)
            && !(200..300).contains(&reply.status)
        {
            let honest = reply.status == 405 && reply.header("allow").is_some();
            let found = SPEC
                .finds(
                    probe.operation(),
                    format!(
                        "{} is HTTP {} while GET is a success",
                        probe.operation(),
                        reply.status
                    ),
                )
                .expected("the status of GET")
                .actual(format!("HTTP {}", reply.status));
            let found = if honest {
                found.severity(Severity::Advisory)
            } else {
                found
            };
            tally.find(found.shown_by([exchange]));
        }
        tally.done()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::asks;
    use crate::check::testing::{answered, target};

    fn judged(get: u16, status: u16, headers: &[(&str, &str)]) -> Judgement {
        let target = target();
        let head = probe(&View::new(&target, None, &[], &[])).unwrap();
        let seen = [
            answered(1, &asks::read("/health"), get, &[], r#"{"status":"ok"}"#),
            answered(2, &head, status, headers, ""),
        ];
        Head.judge(&View::new(&target, None, &seen, &[]))
    }

    fn severities(judgement: &Judgement) -> Vec<Severity> {
        match judgement {
            Judgement::Judged { findings, .. } => findings.iter().map(|found| found.severity).collect(),
            other => panic!("not judged: {other:?}"),
        }
    }

    #[test]
    fn a_route_that_knows_no_head_is_noted() {
        assert_eq!(severities(&judged(200, 404, &[])), [Severity::Minor]);
        assert_eq!(severities(&judged(200, 405, &[])), [Severity::Minor]);
    }

    #[test]
    fn head_that_works_or_an_honest_405_is_healthy() {
        assert_eq!(severities(&judged(204, 204, &[])), []);
        assert_eq!(
            severities(&judged(200, 405, &[("allow", "GET")])),
            [Severity::Advisory]
        );
    }

    #[test]
    fn what_fails_by_get_is_not_its_business() {
        assert!(matches!(judged(503, 503, &[]), Judgement::NotApplicable(_)));
    }
}
