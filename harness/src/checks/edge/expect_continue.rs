//! Clients with large bodies announce them with `Expect: 100-continue`, curl above 1 MiB among them.

use crate::check::Check;
use crate::check::asks;
use crate::check::judgement::{Judgement, Tally};
use crate::check::spec::{Spec, Suite};
use crate::check::view::{Seen, View};
use crate::model::exchange::WireFault;
use crate::model::finding::{Layer, Severity};
use crate::model::probe::{Ask, Effect, Mutation, Probe, Text};
use crate::model::target::Environment;

/// The check.
pub struct ExpectContinue;

static SPEC: Spec = Spec {
    id: "edge/expect-continue",
    layer: Layer::Http,
    title: "A request that announces its body with Expect is answered as without",
    severity: Severity::Minor,
    suites: &[Suite::Contract, Suite::Integration],
    needs: &["reach/answers"],
    must_run: false,
    explanation: "curl and several HTTP libraries send Expect: 100-continue before a large upload and wait for leave to go \
                  on. A proxy that refuses the field, or never answers, makes exactly the large uploads slow or impossible \
                  (RFC 9110 §10.1.1). It is asked with a body that no server accepts, and never in production.",
    hint: "Let the proxy answer 100 (Continue) itself or hand Expect on; ignoring the field is allowed, refusing it is not.",
};

/// The request without and with the announcement, when there is one that can have no effect.
fn pair(view: &View<'_>) -> Option<(Probe, Probe)> {
    let protected = asks::protected(view.target);
    let calls = protected
        .iter()
        .chain(view.target.proofs.iter().map(|proof| &proof.call));
    let call = calls.into_iter().find(|call| !asks::is_safe(call))?;
    let who = asks::is_protected(view.target, call).then_some(Mutation::AsIs);
    let plain = asks::inert(view.target, call, who);
    let mut announced = plain.clone();
    // Pages cannot set it (Fetch §2.2.2, forbidden request-headers).
    announced.page = None;
    announced
        .headers
        .push(("expect".to_owned(), Text::Lit("100-continue".to_owned())));
    (plain.effect == Effect::Inert).then_some((plain, announced))
}

impl Check for ExpectContinue {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        if view.target.environment == Environment::Production {
            return Vec::new();
        }
        pair(view)
            .into_iter()
            .flat_map(|(plain, announced)| [Ask::One(plain), Ask::One(announced)])
            .collect()
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        if view.target.environment == Environment::Production {
            return Judgement::skipped(
                "one request more to a throttled operation of production",
                Some("--environment staging"),
            );
        }
        let Some((plain, announced)) = pair(view) else {
            return Judgement::NotApplicable(
                "no operation takes a body that is certain to be refused".to_owned(),
            );
        };
        let mut tally = Tally::new(view);
        let Some((_, usual)) = tally.answer(&plain) else {
            return tally.done();
        };
        let found = |what: String| {
            SPEC.finds(
                announced.operation(),
                format!("{} with Expect: 100-continue {what}", announced.operation()),
            )
            .expected(format!("HTTP {}, as without it", usual.status))
            .actual(what)
        };
        match view.seen(&announced) {
            Seen::Answered(exchange, reply) => {
                tally.judged(exchange);
                if reply.status == 417 && usual.status != 417 {
                    tally.find(found("is refused with HTTP 417".to_owned()).shown_by([exchange]));
                }
            }
            Seen::Failed(exchange, error) if error.fault == WireFault::TimedOut => {
                tally.judged(exchange);
                tally.find(found("is not answered in time".to_owned()).shown_by([exchange]));
            }
            Seen::Limited(..) | Seen::Failed(..) | Seen::Refused(_) | Seen::NotAsked => {
                tally.answer(&announced);
            }
        }
        tally.done()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{answered, target};
    use crate::check::trial::findings;

    #[test]
    fn a_refused_announcement_is_found_and_an_ignored_one_is_not() {
        let target = target();
        let (plain, announced) = pair(&View::new(&target, None, &[], &[])).unwrap();
        let found = |status| {
            let seen = [
                answered(1, &plain, 400, &[], ""),
                answered(2, &announced, status, &[], ""),
            ];
            findings(&ExpectContinue, &target, &seen).len()
        };
        assert_eq!((found(417), found(400)), (1, 0));
    }
}
