//! Is anything there that speaks HTTP? Until that is seen, nothing else is evidence of anything.

use crate::check::Check;
use crate::check::asks;
use crate::check::edge::is_challenge;
use crate::check::judgement::{Judgement, Tally};
use crate::check::spec::{Spec, Suite};
use crate::check::view::{Seen, View};
use crate::check::wire::{is_own, is_silent, plain};
use crate::model::exchange::{WireError, WireFault};
use crate::model::finding::{Layer, Severity, Verdict};
use crate::model::probe::{Ask, Probe};
use crate::model::target::Target;

/// The check.
pub struct Answers;

static SPEC: Spec = Spec {
    id: "reach/answers",
    layer: Layer::Reach,
    title: "The service answers over HTTP",
    severity: Severity::Blocker,
    suites: Suite::ALL,
    needs: &[],
    must_run: false,
    explanation: "Every later check rests on this one: name, address, connection, TLS, and some answer in HTTP. A \
                  deploy that never came up, a wrong host, a port that nothing listens on and an expired certificate \
                  all end here, each under its own name.",
    hint: "Look at the layer that is named: DNS record, listening address and port, certificate, or the process itself.",
};

impl Answers {
    /// The request that shows whether anything is there.
    pub fn probe(target: &Target) -> Probe {
        asks::read(target.routes.health.as_deref().unwrap_or("/health"))
    }
}

/// The request that shows whether it is the service that says nothing, or its health route alone.
fn beside() -> Probe {
    asks::read(asks::NO_SUCH_ROUTE)
}

/// Whether the first request was taken, and not answered by its deadline.
fn is_held(view: &View<'_>) -> bool {
    matches!(view.seen(&Answers::probe(view.target)), Seen::Failed(exchange, _) if is_silent(exchange))
}

/// Whether the checker is as likely at fault: it is cut off, or goes by a clock at which a certificate is still to begin.
fn is_in_doubt(error: &WireError) -> bool {
    let early = error.fault == WireFault::Tls && error.detail.contains("certificate not valid yet");
    early || is_own(error)
}

impl Check for Answers {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        let beside = is_held(view).then(beside);
        let probes = std::iter::once(Answers::probe(view.target)).chain(beside);
        probes.map(Ask::One).collect()
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        let probe = Answers::probe(view.target);
        let mut tally = Tally::new(view);
        if is_held(view) && tally.answer(&beside()).is_some() {
            // Something answers: that its health does not is a finding of health.
            return tally.done();
        }
        if let Seen::Failed(exchange, error) = view.seen(&probe) {
            if error.fault == WireFault::Ours || error.fault == WireFault::Stopped {
                return Judgement::unknown(format!("the checker could not try: {}", error.detail));
            }
            tally.judged(exchange);
            let finding = SPEC
                .finds(
                    &view.target.base,
                    format!("Nothing can be reached at {}: {}", view.target.base, plain(error)),
                )
                .expected("an answer in HTTP")
                .actual(error.detail.clone())
                .outcome(if is_in_doubt(error) {
                    Verdict::Inconclusive
                } else {
                    Verdict::Fail
                });
            tally.find(finding.shown_by([exchange]));
            return tally.done();
        }
        if let Seen::Limited(exchange, _) = view.seen(&probe) {
            // Whoever limits how much is asked of it has been reached.
            tally.judged(exchange);
            return tally.done();
        }
        if let Some((exchange, reply)) = tally.answer(&probe)
            && is_challenge(reply)
        {
            let finding = SPEC
                .finds(
                    &view.target.base,
                    format!(
                        "A firewall in front of {} challenges this checker, so the service was not seen",
                        view.target.base
                    ),
                )
                .expected("an answer of the service")
                .actual(format!(
                    "HTTP {} with a page that asks for a browser",
                    reply.status
                ))
                .hint("Let the checker through: allow its address or its user agent in the firewall's rules.")
                .outcome(Verdict::Inconclusive);
            tally.find(finding.shown_by([exchange]));
        }
        tally.done()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{answered, failed, target};
    use crate::check::trial::judgement;
    use crate::model::exchange::{Exchange, Outcome, Phase};

    /// What becomes of a run in which nothing answers, or none when the checker could not try.
    fn outcome(fault: WireFault, detail: &str) -> Option<Verdict> {
        let target = target();
        let mut seen = failed(1, &Answers::probe(&target), Phase::Connect, fault);
        if let Outcome::Failed(error) = &mut seen.reply {
            error.detail = detail.into();
        }
        match judgement(&Answers, &target, &[seen]) {
            Judgement::Judged { findings, .. } => Some(findings[0].outcome),
            Judgement::Unable(_) => None,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_health_route_that_hangs_is_no_service_that_is_gone() {
        let target = target();
        let held = failed(1, &Answers::probe(&target), Phase::Wait, WireFault::TimedOut);
        let found = |second: Exchange| match judgement(&Answers, &target, &[held.clone(), second]) {
            Judgement::Judged { findings, .. } => findings.len(),
            other => panic!("{other:?}"),
        };
        assert_eq!(found(answered(2, &beside(), 404, &[], "{}")), 0);
        assert_eq!(found(failed(2, &beside(), Phase::Wait, WireFault::TimedOut)), 1);
        let view = View::new(&target, None, std::slice::from_ref(&held), &[]);
        assert_eq!(Answers.ask(&view).len(), 2);
        assert_eq!(Answers.ask(&View::new(&target, None, &[], &[])).len(), 1);
    }

    #[test]
    fn what_may_be_the_checkers_own_is_in_doubt() {
        let early = "invalid peer certificate: certificate not valid yet";
        for (fault, detail, expected) in [
            (WireFault::Refused, "connection refused", Some(Verdict::Fail)),
            (WireFault::Refused, early, Some(Verdict::Fail)),
            (WireFault::Tls, "certificate expired", Some(Verdict::Fail)),
            (WireFault::Tls, early, Some(Verdict::Inconclusive)),
            (
                WireFault::Unreachable,
                "Network is unreachable",
                Some(Verdict::Inconclusive),
            ),
            (WireFault::Ours, "no such sample", None),
            (WireFault::Stopped, "the run was interrupted", None),
        ] {
            assert_eq!(outcome(fault, detail), expected, "{fault:?}: {detail}");
        }
    }
}
