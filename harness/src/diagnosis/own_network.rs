//! The checker is cut off, so nothing is known of the service: never "down".

use crate::check::names::Told;
use crate::check::text::clean;
use crate::check::wire::is_own;
use crate::diagnosis::case::{Case, Cause, explained};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::words;
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};
use crate::model::exchange::{WireError, WireFault};

/// The cause.
pub struct OwnNetwork;

impl Cause for OwnNetwork {
    fn id(&self) -> &'static str {
        "own-network"
    }

    fn about(&self) -> &'static str {
        "The checker has no network, no resolver or no way through its proxy, so nothing is said of the service."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Checker,
            blames: &[Blame::Checker],
            needs: "Every request failed on this side: there was no network or route, the resolver could not be asked, the proxy refused, or the checker had no means left.",
            likely: &[
                "The runner has no way out, or only through a proxy that is not set (HTTPS_PROXY)",
                "DNS does not work in the container, or a VPN took it over",
                "The runner's address has only IPv6, or only IPv4, and the service the other",
                "Too many open files on the machine of the checker",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        if case.view.answers().next().is_some() {
            return None;
        }
        let errors: Vec<&WireError> = case
            .view
            .exchanges
            .iter()
            .filter_map(|exchange| exchange.failure())
            .filter(|error| error.fault != WireFault::Stopped)
            .collect();
        let first = *errors.first()?;
        // The system tells a name that nobody can find out from a resolver that cannot be asked by nothing; asked one by one,
        // its resolvers do.
        if !errors.iter().all(|error| is_own(error)) || Told::of(case.view).is_settled_denial() {
            return None;
        }
        let base = &case.view.target.base;
        // A name server of the domain that fails looks the same from here as a resolver that cannot be asked.
        let resolver = first.fault == WireFault::NoAddress;
        let mut next_steps = vec![
            "Run it again from another machine or network; until then nothing is known of the service"
                .to_owned(),
            "See what this machine goes by:  cat /etc/resolv.conf; ip route; env | grep -i proxy".to_owned(),
        ];
        if resolver {
            next_steps.insert(1, words::another_resolver(base));
        }
        Some(Diagnosis {
            cause: self.id().to_owned(),
            statement: format!(
                "The checker could not reach {base} for reasons of its own; the service was not seen"
            ),
            blame: Blame::Checker,
            confidence: if resolver {
                Confidence::Likely
            } else {
                Confidence::Certain
            },
            evidence: [
                clean(&first.detail, 300),
                match errors.len() {
                    1 => "one attempt, which ended on this side".to_owned(),
                    several => format!("{several} attempts, each of which ended on this side"),
                },
            ]
            .into_iter()
            .chain(words::resolvers(case.view))
            .collect(),
            ruled_out: Vec::new(),
            likely_causes: Vec::new(),
            help: None,
            next_steps,
            explains: explained(case.findings),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::asks;
    use crate::check::testing::{answered, failed, target};
    use crate::diagnosis::whole_tests::{causes, first, judged};
    use crate::model::exchange::{Exchange, Outcome, Phase};
    use crate::model::finding::Verdict;

    fn lost(id: u32, phase: Phase, fault: WireFault, detail: &str) -> Exchange {
        let mut exchange = failed(id, &asks::read("/health"), phase, fault);
        if let Outcome::Failed(error) = &mut exchange.reply {
            detail.clone_into(&mut error.detail);
        }
        exchange
    }

    const NO_ROUTE: (Phase, WireFault, &str) = (
        Phase::Connect,
        WireFault::Unreachable,
        "203.0.113.7:443: Network is unreachable (os error 101)",
    );

    #[test]
    fn without_a_network_the_service_is_never_called_down() {
        for (phase, fault, detail) in [
            NO_ROUTE,
            (
                Phase::Resolve,
                WireFault::NoAddress,
                "failed to lookup address information: Temporary failure in name resolution",
            ),
            (Phase::Connect, WireFault::Ours, "too many open files"),
        ] {
            let run = judged(&target(), &[lost(1, phase, fault, detail)]);
            assert_eq!(causes(&run), ["own-network"], "{detail}");
            assert_eq!(first(&run).blame, Blame::Checker, "{detail}");
            assert_eq!(run.verdict, Verdict::Inconclusive, "{detail}");
        }
    }

    #[test]
    fn what_happened_on_the_other_side_is_not_ours() {
        for (phase, fault, detail) in [
            (
                Phase::Connect,
                WireFault::Unreachable,
                "203.0.113.7:443: No route to host (os error 113)",
            ),
            (
                Phase::Resolve,
                WireFault::NoAddress,
                "failed to lookup address information: Name or service not known",
            ),
            (Phase::Connect, WireFault::Refused, "connection refused"),
        ] {
            let run = judged(&target(), &[lost(1, phase, fault, detail)]);
            assert_eq!(causes(&run), ["unreachable"], "{detail}");
            assert_eq!(run.verdict, Verdict::Fail, "{detail}");
        }
    }

    #[test]
    fn one_answer_or_one_failure_of_theirs_shows_that_there_is_a_network() {
        let (phase, fault, detail) = NO_ROUTE;
        let mut other = lost(1, Phase::Connect, WireFault::Refused, "connection refused");
        other.id.0 = 2;
        let refused = judged(&target(), &[lost(1, phase, fault, detail), other]);
        let answer = answered(2, &asks::read("/ready"), 200, &[], "ok");
        let answered = judged(&target(), &[lost(1, phase, fault, detail), answer]);
        for run in [refused, answered] {
            assert!(!causes(&run).contains(&"own-network"), "{:?}", causes(&run));
        }
    }
}
