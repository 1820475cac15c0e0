//! The name resolves at one resolver and not at another, or leads somewhere else there.

use std::net::SocketAddr;

use crate::check::names::{Told, astray, resolver};
use crate::diagnosis::case::{Case, Cause, explained};
use crate::diagnosis::handshake::host;
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::words;
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};
use crate::model::exchange::Exchange;
use crate::model::finding::Finding;
use crate::model::names::{Lookup, Said};

/// The cause.
pub struct ResolversDisagree;

impl Cause for ResolversDisagree {
    fn id(&self) -> &'static str {
        "resolvers-disagree"
    }

    fn about(&self) -> &'static str {
        "The name resolves at one resolver and not at another, or leads somewhere else there: whom it fails depends on whom they ask."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Reach,
            blames: &[Blame::Edge],
            needs: "Each resolver asked by itself: one knows no name or address, or only addresses at which nothing listens or another certificate is shown, while others lead to where the service answers.",
            likely: &[
                "The record was changed or made a short while ago, and old answers are kept until their time is over (TTL)",
                "The name has one zone inside a network and another outside, and one of them was forgotten",
                "The old host or provider still stands in one of the zone's name servers",
                "A resolver blocks the name, or a guest network answers for every name",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let told = Told::of(case.view);
        let unknown = |lookup: &&&Lookup| matches!(lookup.said, Said::NoSuchName | Said::NoAddress);
        let astray = astray(case.view);
        let wrong: Vec<String> = told
            .deny
            .iter()
            .filter(unknown)
            .copied()
            .chain(astray.iter().map(|one| one.lookup))
            .map(resolver)
            .collect();
        if told.give.is_empty() {
            return None;
        }
        let about = |finding: &&Finding| wrong.contains(&finding.subject);
        let found: Vec<&Finding> = case
            .of("reach/resolvers-agree")
            .into_iter()
            .filter(about)
            .collect();
        let statement = found.first()?.title.clone();
        let lost: Vec<&Exchange> = astray.iter().flat_map(|one| one.lost.iter().copied()).collect();
        let dead = |finding: &&Finding| {
            let at = finding.subject.parse::<SocketAddr>();
            at.is_ok_and(|at| {
                astray
                    .iter()
                    .any(|one| one.lookup.said.addresses().contains(&at.ip()))
            })
        };
        let dead = case.of("reach/every-address-answers").into_iter().filter(dead);
        let follows = case.about(&lost).into_iter().chain(dead);
        Some(Diagnosis {
            cause: self.id().to_owned(),
            statement,
            blame: Blame::Edge,
            confidence: Confidence::Certain,
            evidence: words::resolvers(case.view),
            ruled_out: Vec::new(),
            likely_causes: Vec::new(),
            help: None,
            next_steps: next_steps(case, &wrong),
            explains: explained(found.into_iter().chain(follows)),
        })
    }
}

fn next_steps(case: &Case<'_>, wrong: &[String]) -> Vec<String> {
    let host = host(&case.view.target.base);
    let resolver = wrong.first().map_or("it", String::as_str);
    vec![
        format!("Ask the zone's own name servers, from the root down:  dig +trace {host}"),
        format!(
            "Where they are right, {resolver} keeps an old answer: wait until its time is over, or have it forget {host}"
        ),
        "Where one of them is wrong, mend the record there; where the name is meant to differ inside and outside, mend the zone \
         of the side that fails"
            .to_owned(),
    ]
}

#[cfg(test)]
mod tests {
    use crate::diagnosis::named_tests::{addresses, causes, dead, first, given, judged, own, served, set_up};
    use crate::model::exchange::{Phase, WireFault};
    use crate::model::finding::Verdict;
    use crate::model::names::{Lookup, Said};

    /// Everybody but the second resolver leads to the first address.
    fn others(second: Said) -> Vec<Lookup> {
        vec![own(addresses(&[1])), set_up(1, addresses(&[1])), given(2, second)]
    }

    #[test]
    fn a_name_that_one_resolver_does_not_know_is_found_and_told_which() {
        for said in [Said::NoSuchName, Said::NoAddress] {
            let run = judged(&others(said), &served(&[1]));
            assert_eq!(first(&run).cause, "resolvers-disagree");
            assert!(
                first(&run).statement.contains("192.0.2.102 knows no"),
                "{}",
                first(&run).statement
            );
            assert!(
                first(&run)
                    .evidence
                    .iter()
                    .any(|line| line.contains("192.0.2.101 gives"))
            );
            assert_eq!(run.verdict, Verdict::Fail);
        }
    }

    #[test]
    fn an_address_at_which_the_service_is_not_is_found_and_what_follows_from_it_explained() {
        for (phase, fault, detail, says) in [
            (
                Phase::Connect,
                WireFault::Refused,
                "connection refused",
                "nothing listens there",
            ),
            (
                Phase::Connect,
                WireFault::TimedOut,
                "no answer",
                "a firewall may drop it",
            ),
            (
                Phase::Tls,
                WireFault::Tls,
                "invalid peer certificate: certificate not valid for name \"notes.example\"",
                "a certificate for another name",
            ),
        ] {
            let mut seen = served(&[1]);
            seen.push(dead(9, 2, phase, fault, detail));
            let run = judged(&others(addresses(&[2])), &seen);
            assert_eq!(first(&run).cause, "resolvers-disagree", "{says}");
            assert!(first(&run).statement.contains(says), "{}", first(&run).statement);
            let mut unexplained = run
                .findings
                .iter()
                .filter(|one| one.fails() && one.explained_by.is_none());
            assert_eq!(unexplained.next(), None, "{says}");
        }
    }

    #[test]
    fn other_addresses_a_dead_resolver_and_a_way_that_this_machine_lacks_are_no_fault() {
        let far = others(addresses(&[2]));
        let both = judged(&far, &served(&[1, 2]));
        let untried = judged(&far, &served(&[1]));
        let mut seen = served(&[1]);
        seen.push(dead(
            9,
            2,
            Phase::Connect,
            WireFault::Unreachable,
            "Network is unreachable",
        ));
        let unreachable = judged(&far, &seen);
        let mute = judged(&others(Said::Silence), &served(&[1]));
        let garbled = judged(&others(Said::Garbled), &served(&[1]));
        for run in [both, untried, unreachable, mute, garbled] {
            assert_eq!(causes(&run), Vec::<&str>::new(), "{:?}", run.findings);
        }
    }

    #[test]
    fn one_good_address_of_several_is_no_other_place() {
        let mut seen = served(&[1, 2]);
        seen.push(dead(
            9,
            3,
            Phase::Connect,
            WireFault::Refused,
            "connection refused",
        ));
        let run = judged(&others(addresses(&[2, 3])), &seen);
        assert!(
            !causes(&run).contains(&"resolvers-disagree"),
            "{:?}",
            causes(&run)
        );
    }

    #[test]
    fn a_name_of_a_private_network_that_others_do_not_know_is_less_than_a_failure() {
        let inside = Said::Addresses {
            addresses: vec!["10.0.0.7".parse().unwrap()],
            ttl: Some(60),
        };
        let names = [own(inside.clone()), set_up(1, inside), given(2, Said::NoSuchName)];
        let run = judged(&names, &served(&[1]));
        assert_eq!(run.verdict, Verdict::Degraded, "{:?}", run.findings);
        assert_eq!(first(&run).cause, "resolvers-disagree");
    }

    #[test]
    fn what_is_outside_need_not_be_reached_from_inside() {
        let both = || Said::Addresses {
            addresses: vec!["10.0.0.7".parse().unwrap(), "203.0.113.1".parse().unwrap()],
            ttl: Some(60),
        };
        let mut seen = served(&[1]);
        seen.push(dead(9, 2, Phase::Connect, WireFault::TimedOut, "no answer"));
        let names = [own(both()), set_up(1, both()), given(2, addresses(&[2]))];
        let run = judged(&names, &seen);
        let found = run
            .findings
            .iter()
            .find(|one| one.check == "reach/resolvers-agree");
        assert_eq!(found.map(|one| one.outcome), Some(Verdict::Degraded));
        assert_eq!(run.verdict, Verdict::Degraded, "{:?}", run.findings);
    }

    #[test]
    fn a_list_of_hosts_of_its_own_is_this_machines_matter() {
        let run = judged(
            &[own(addresses(&[1])), set_up(1, Said::NoSuchName)],
            &served(&[1]),
        );
        assert_eq!(causes(&run), Vec::<&str>::new());
    }
}
