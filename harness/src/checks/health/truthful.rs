//! Can health be believed? Held against what this very run saw: a call that users make and that failed, readiness that
//! says no.

use crate::check::Check;
use crate::check::asks;
use crate::check::health::{self, admits_trouble, claims_well};
use crate::check::judgement::{Judgement, Tally};
use crate::check::spec::{Spec, Suite};
use crate::check::view::{Seen, View};
use crate::checks::journey::proofs::Proofs;
use crate::model::exchange::{Exchange, Reply, WireFault};
use crate::model::finding::{Finding, Layer, Severity};
use crate::model::probe::{Ask, Effect, Probe};

/// The check.
pub struct Truthful;

static SPEC: Spec = Spec {
    id: "health/truthful",
    layer: Layer::Health,
    title: "Health is true: what it calls well works",
    severity: Severity::Major,
    suites: Suite::ALL,
    needs: &["reach/answers"],
    must_run: false,
    explanation: "In the incident health was green on every build while every call of every user failed, for 68 days. A \
                  health route that never looks at what the service is for is worse than none: it is what everybody \
                  trusts. A route that only says that the process lives is fine when another one tells the truth.",
    hint: "Let health, or a readiness route beside it, look at what the failing call needs; and gate deploys on the call itself.",
};

impl Check for Truthful {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        health::probes(view).into_iter().map(Ask::One).collect()
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        let Some((well, reply)) = health::latest(view) else {
            return match health::probe(view) {
                Some(_) => Judgement::unknown("health was not answered"),
                None => Judgement::NotApplicable("no health route is known".to_owned()),
            };
        };
        if !claims_well(reply) {
            return Judgement::NotApplicable("health does not say that all is well".to_owned());
        }
        let works = works(view);
        let ready = told(view, view.target.routes.ready.as_deref());
        if works.is_empty() && ready.is_none() {
            return Judgement::skipped(
                "nothing was seen that health could be held against: no proof was called, and no readiness route is known",
                Some(shown_by(view)),
            );
        }
        let mut tally = Tally::new(view);
        tally.judged(well);
        works.iter().for_each(|exchange| tally.judged(exchange));
        let ai = told(view, view.target.routes.ai_health.as_deref());
        let admitted = [ready, ai]
            .into_iter()
            .flatten()
            .any(|(_, reply)| admits_trouble(reply));
        for exchange in works.iter().filter(|exchange| crashed(exchange)) {
            if !admitted {
                tally.find(lies(well, exchange));
            }
        }
        if let Some((exchange, reply)) = ready.filter(|(_, reply)| admits_trouble(reply)) {
            tally.judged(exchange);
            let mut found = disagree(well, exchange, reply);
            if health::waits_truthfully(view, exchange, reply) && Proofs::seen_working(view) {
                found.severity = Severity::Advisory;
            }
            tally.find(found);
        }
        tally.done()
    }
}

/// What would show whether health is true.
fn shown_by<'v>(view: &View<'v>) -> &'v str {
    let target = view.target;
    let auth = target.auth.as_ref();
    match auth.filter(|auth| auth.good().is_none()) {
        _ if target.proofs.is_empty() => "[[prove]], or ready = \"/…\" under [service], in the profile",
        Some(auth) => &auth.supply,
        None if !target.allows(Effect::Paid) => "--allow paid",
        None => "ready = \"/…\" under [service] in the profile",
    }
}

/// What a route says, when there is one and it answered.
fn told<'v>(view: &View<'v>, route: Option<&str>) -> Option<(&'v Exchange, &'v Reply)> {
    view.answer(&asks::read(route?))
}

/// The calls that users make, as far as they were made with a good credential.
fn works<'v>(view: &View<'v>) -> Vec<&'v Exchange> {
    let target = view.target;
    let proofs = target.proofs.iter().map(|proof| asks::proof(target, proof));
    let role = target.transcription.iter();
    let samples = role.flat_map(|role| {
        role.samples
            .iter()
            .map(|sample| asks::transcribe(target, role, sample))
    });
    let seen = |probe: Probe| match view.seen(&probe) {
        Seen::Answered(exchange, _) | Seen::Failed(exchange, _) => Some(exchange),
        Seen::Limited(..) | Seen::Refused(_) | Seen::NotAsked => None,
    };
    proofs.chain(samples).filter_map(seen).collect()
}

/// Whether the service crashed under a call: a 5xx, or a connection that ended without an answer.
fn crashed(exchange: &Exchange) -> bool {
    let dropped = exchange
        .failure()
        .is_some_and(|error| matches!(error.fault, WireFault::ClosedWithoutAnswer | WireFault::Reset));
    exchange.is_server_error() || dropped
}

fn lies(health: &Exchange, work: &Exchange) -> Finding {
    let (route, operation) = (health.probe.operation(), work.probe.operation());
    let what = match work.status() {
        Some(status) => format!("fails with HTTP {status}"),
        None => "ends without an answer".to_owned(),
    };
    SPEC.finds(
        format!("{route} and {operation}"),
        format!("{route} says that all is well while {operation} {what}"),
    )
    .expected("a health route that looks at what the service is for, or a readiness route that does")
    .actual(format!(
        "{}; {operation} {what}",
        health.answer().map(health::actual).unwrap_or_default()
    ))
    .shown_by([health, work])
}

/// A liveness route may be blind as long as readiness sees: worth saying, never more.
fn disagree(health: &Exchange, ready: &Exchange, reply: &Reply) -> Finding {
    let (route, other) = (health.probe.operation(), ready.probe.operation());
    SPEC.finds(
        format!("{route} and {other}"),
        format!("{route} says that all is well while {other} says that it is not"),
    )
    .expected("two routes that agree, or people who know that only the second one looks")
    .actual(format!("{other}: {}", health::actual(reply)))
    .severity(Severity::Minor)
    .shown_by([health, ready])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{answered, failed, target};
    use crate::check::trial::{findings, judgement};
    use crate::model::exchange::Phase;
    use crate::model::target::Target;

    const JSON: &[(&str, &str)] = &[("content-type", "application/json")];

    fn knowing() -> Target {
        let mut target = target();
        target.routes.ready = Some("/ready".into());
        target.routes.ai_health = Some("/ai/health".into());
        target
    }

    fn healthy() -> Exchange {
        answered(1, &asks::read("/health"), 200, JSON, r#"{"status":"healthy"}"#)
    }

    fn work(status: u16) -> Exchange {
        answered(
            2,
            &asks::proof(&target(), &target().proofs[0]),
            status,
            JSON,
            "{}",
        )
    }

    #[test]
    fn green_health_beside_a_crashing_call_is_found() {
        let found = findings(&Truthful, &target(), &[healthy(), work(500)]);
        assert_eq!(
            found[0].title,
            "GET /health says that all is well while POST /summaries fails with HTTP 500"
        );
        assert!(found[0].fails());
        let dropped = failed(2, &work(200).probe, Phase::Wait, WireFault::ClosedWithoutAnswer);
        assert!(findings(&Truthful, &target(), &[healthy(), dropped])[0].fails());
    }

    #[test]
    fn the_later_sample_is_the_one_that_counts() {
        let later = asks::read("/health").repeat(1);
        let later = answered(3, &later, 503, JSON, r#"{"status":"unhealthy"}"#);
        assert!(matches!(
            judgement(&Truthful, &target(), &[healthy(), work(500), later]),
            Judgement::NotApplicable(_)
        ));
    }

    #[test]
    fn a_blind_health_route_beside_one_that_tells_is_spared() {
        let ai = answered(
            3,
            &asks::read("/ai/health"),
            503,
            JSON,
            r#"{"status":"unhealthy"}"#,
        );
        assert_eq!(findings(&Truthful, &knowing(), &[healthy(), work(503), ai]), []);
        let ready = answered(3, &asks::read("/ready"), 503, JSON, r#"{"status":"not_ready"}"#);
        let found = findings(&Truthful, &knowing(), &[healthy(), work(500), ready]);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].severity, Severity::Minor);
    }

    #[test]
    fn a_readiness_that_waits_without_having_said_so_is_no_advisory_though_all_work_is_done() {
        let ready = answered(3, &asks::read("/ready"), 503, JSON, r#"{"status":"not_ready"}"#);
        let done = answered(
            2,
            &asks::proof(&target(), &target().proofs[0]),
            200,
            JSON,
            r#"{"summary":"hello"}"#,
        );
        let seen = [healthy(), done, ready];
        let target = knowing();
        assert!(Proofs::seen_working(&View::new(&target, None, &seen, &[])));
        assert_eq!(findings(&Truthful, &target, &seen)[0].severity, Severity::Minor);
    }

    #[test]
    fn spares_calls_that_work_or_are_rejected_and_never_passes_on_nothing() {
        for status in [200, 401, 422] {
            assert_eq!(
                findings(&Truthful, &target(), &[healthy(), work(status)]),
                [],
                "{status}"
            );
        }
        assert!(matches!(
            judgement(&Truthful, &target(), &[healthy()]),
            Judgement::Unable(_)
        ));
    }

    #[test]
    fn what_would_show_it_is_what_is_missing() {
        let told = |change: fn(&mut Target)| {
            let mut target = target();
            change(&mut target);
            shown_by(&View::new(&target, None, &[], &[])).to_owned()
        };
        let nothing = |target: &mut Target| target.proofs.clear();
        assert!(told(nothing).starts_with("[[prove]]"));
        let no_token = |target: &mut Target| target.auth.as_mut().unwrap().credentials.clear();
        assert_eq!(told(no_token), "--token-env GREENLIGHT_TOKEN");
        assert_eq!(told(|target| target.allow.clear()), "--allow paid");
        assert_eq!(told(|_| ()), "ready = \"/…\" under [service] in the profile");
    }
}
