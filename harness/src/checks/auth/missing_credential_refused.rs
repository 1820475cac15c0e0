//! A route that forgot its guard works for everybody, testers included, so nobody notices until strangers do.

use crate::check::Check;
use crate::check::asks;
use crate::check::judgement::{Judgement, Tally};
use crate::check::spec::{Spec, Suite};
use crate::check::view::View;
use crate::checks::auth::stance::Stance;
use crate::checks::auth::trial::{Outcome, Trial};
use crate::model::exchange::{Exchange, Reply};
use crate::model::finding::{Finding, Layer, Severity, Verdict};
use crate::model::probe::Ask;
use crate::model::target::{Call, Target};

/// The check.
pub struct MissingCredentialRefused;

static SPEC: Spec = Spec {
    id: "auth/missing-credential-refused",
    layer: Layer::Auth,
    title: "A caller without a credential is refused",
    severity: Severity::Blocker,
    suites: Suite::ALL,
    needs: &["reach/answers"],
    must_run: false,
    explanation: "An operation that needs a credential answers 401 to a caller without one (RFC 9110 §15.5.2), before it \
                  looks at anything else. It is asked with a body that nobody could accept, so nothing happens even \
                  where the guard is missing; when the body is judged first, it is asked once more with an acceptable \
                  one, if this run may.",
    hint: "Put the guard on this route, or make authentication the default and list the open routes.",
};

impl Check for MissingCredentialRefused {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        trials(view.target)
            .iter()
            .flat_map(|trial| trial.ask_first(view).into_iter().chain(trial.ask_second(view)))
            .collect()
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        if view.target.auth.is_none() {
            return Judgement::NotApplicable(
                "the profile has no [auth]: no call is known to need a credential".into(),
            );
        }
        let trials = trials(view.target);
        if trials.is_empty() {
            return Judgement::NotApplicable("no operation is known to need a credential".into());
        }
        let mut tally = Tally::new(view);
        for trial in trials {
            match trial.outcome(view) {
                Outcome::Said(_, _, Stance::Unclear(reason)) => {
                    tally.unknown(format!("{}: {reason}", trial.call), None);
                }
                Outcome::Said(exchange, reply, stance) => {
                    tally.judged(exchange);
                    finding(&trial.call, exchange, reply, &stance)
                        .into_iter()
                        .for_each(|finding| tally.find(finding));
                }
                Outcome::Open(reason, flag) => tally.unknown(reason, flag.as_deref()),
                Outcome::NotAsked => {}
            }
        }
        tally.done()
    }
}

fn trials(target: &Target) -> Vec<Trial> {
    let trial = |call| Trial { call, who: None };
    asks::protected(target).into_iter().map(trial).collect()
}

fn finding(call: &Call, exchange: &Exchange, reply: &Reply, stance: &Stance) -> Option<Finding> {
    let status = reply.status;
    let found = match stance {
        Stance::Refused | Stance::OrderUnknown | Stance::Unclear(_) => return None,
        Stance::Accepted => SPEC.finds(
            call.to_string(),
            format!("{call} works without a credential (HTTP {status})"),
        ),
        Stance::Oddly => SPEC
            .finds(
                call.to_string(),
                format!("{call} refuses a caller without a credential with HTTP {status}; the standard status is 401"),
            )
            .severity(Severity::Minor)
            .outcome(Verdict::Degraded)
            .hint("Answer 401 with a WWW-Authenticate challenge, so that clients know to log in."),
        Stance::LoginPage => SPEC
            .finds(
                call.to_string(),
                format!("{call} sends a caller without a credential to a login page (HTTP {status})"),
            )
            .severity(Severity::Major)
            .hint("API clients follow the redirect and read the page as a success: answer 401 to API routes."),
        Stance::WebPage => SPEC
            .finds(
                call.to_string(),
                format!("{call} answers a web page to a caller without a credential (HTTP {status})"),
            )
            .severity(Severity::Major)
            .hint("Something else answers for this route, or a login page does: answer 401 to API routes."),
    };
    let found = found.expected("HTTP 401").actual(format!("HTTP {status}"));
    Some(found.shown_by([exchange]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{answered, call, failed, target};
    use crate::model::exchange::{Phase, WireFault};
    use crate::model::probe::Mutation;
    use crate::model::refusal::{Refusal, Why};

    const JSON: &[(&str, &str)] = &[("content-type", "application/json")];

    fn judged(seen: &[Exchange], refused: &[Refusal]) -> Judgement {
        let target = target();
        MissingCredentialRefused.judge(&View::new(&target, None, seen, refused))
    }

    fn inert(id: u32, mutation: Option<Mutation>, status: u16) -> Exchange {
        answered(id, &asks::inert(&target(), &call(), mutation), status, JSON, "{}")
    }

    fn second(id: u32, status: u16) -> Exchange {
        let probe = asks::acceptable(&target(), &call(), None).unwrap();
        answered(id, &probe, status, JSON, "{}")
    }

    fn severities(judgement: &Judgement) -> Vec<Severity> {
        match judgement {
            Judgement::Judged { findings, .. } => findings.iter().map(|f| f.severity).collect(),
            other => panic!("not judged: {other:?}"),
        }
    }

    #[test]
    fn a_401_is_what_is_wanted() {
        assert_eq!(severities(&judged(&[inert(1, None, 401)], &[])), []);
    }

    #[test]
    fn a_success_without_a_credential_is_found() {
        assert_eq!(
            severities(&judged(&[inert(1, None, 200)], &[])),
            [Severity::Blocker]
        );
        let after_the_body = [
            inert(1, None, 422),
            inert(2, Some(Mutation::AsIs), 422),
            second(3, 200),
        ];
        assert_eq!(severities(&judged(&after_the_body, &[])), [Severity::Blocker]);
    }

    #[test]
    fn a_service_that_parses_first_and_then_refuses_is_healthy() {
        let seen = [
            inert(1, None, 422),
            inert(2, Some(Mutation::AsIs), 422),
            second(3, 401),
        ];
        assert_eq!(severities(&judged(&seen, &[])), []);
    }

    #[test]
    fn the_second_round_is_asked_only_when_the_order_is_open() {
        let target = target();
        let asked = |seen: &[Exchange]| {
            let view = View::new(&target, None, seen, &[]);
            let asks = MissingCredentialRefused.ask(&view);
            asks.iter()
                .flat_map(Ask::probes)
                .any(|probe| probe.effect == crate::model::probe::Effect::Paid)
        };
        assert!(!asked(&[]));
        assert!(!asked(&[inert(1, None, 401)]));
        assert!(asked(&[inert(1, None, 400)]));
        assert!(!asked(&[inert(1, None, 500)]));
    }

    #[test]
    fn another_status_than_401_is_a_note() {
        let seen = [inert(1, None, 403), inert(2, Some(Mutation::AsIs), 400)];
        assert_eq!(severities(&judged(&seen, &[])), [Severity::Minor]);
    }

    #[test]
    fn without_leave_to_pay_it_is_inconclusive_and_names_the_flag() {
        let refusal = Refusal {
            probe: asks::acceptable(&target(), &call(), None).unwrap(),
            askers: vec![],
            why: Why::Effect,
            reason: "it would cost money".into(),
            flag: Some("--allow paid".into()),
        };
        let judgement = judged(&[inert(1, None, 422)], &[refusal]);
        assert!(
            matches!(&judgement, Judgement::Unable(unseen) if !unseen.on_purpose && unseen.flag.as_deref() == Some("--allow paid")),
            "{judgement:?}"
        );
    }

    #[test]
    fn a_crash_is_no_refusal() {
        assert!(matches!(
            judged(&[inert(1, None, 500)], &[]),
            Judgement::Unable(_)
        ));
    }

    #[test]
    fn no_answer_is_no_refusal() {
        let probe = asks::inert(&target(), &call(), None);
        let silent = failed(1, &probe, Phase::Wait, WireFault::TimedOut);
        assert!(matches!(judged(&[silent], &[]), Judgement::Unable(unseen) if !unseen.on_purpose));
    }

    #[test]
    fn a_target_without_auth_is_not_concerned() {
        let mut target = target();
        target.auth = None;
        let judgement = MissingCredentialRefused.judge(&View::new(&target, None, &[], &[]));
        assert!(matches!(judgement, Judgement::NotApplicable(_)));
    }
}
