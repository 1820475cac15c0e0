//! There is no such name, or no address of it: every resolver that could be asked says so.

use crate::check::names::Told;
use crate::diagnosis::case::{Case, Cause, explained};
use crate::diagnosis::handshake::host;
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::words;
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};
use crate::model::names::{Said, Whose};

/// The cause.
pub struct NameDoesNotExist;

impl Cause for NameDoesNotExist {
    fn id(&self) -> &'static str {
        "name-does-not-exist"
    }

    fn about(&self) -> &'static str {
        "DNS has no such name, or no address of it: every resolver that could be asked says so."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Reach,
            blames: &[Blame::Edge],
            needs: "Each resolver asked by itself: at least one says that there is no such name or no address of it (NXDOMAIN, no data), and none gives one.",
            likely: &[
                "The name in the base URL is misspelt, or is that of another environment",
                "The record was removed, or never made for this host: a wildcard covers one level only",
                "The domain expired, or its name servers were changed at the registrar",
                "The name resolves only inside a private network, which this machine is not in",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let told = Told::of(case.view);
        let led = case
            .view
            .names
            .iter()
            .any(|lookup| !lookup.said.addresses().is_empty());
        let unknown = |said: &Said| matches!(said, Said::NoSuchName | Said::NoAddress);
        let says: Vec<_> = told.deny.iter().filter(|lookup| unknown(&lookup.said)).collect();
        if says.is_empty() || led || case.view.answers().next().is_some() {
            return None;
        }
        let base = &case.view.target.base;
        let host = host(base);
        let what = if says.iter().any(|lookup| lookup.said == Said::NoSuchName) {
            format!("there is no name {host} in DNS")
        } else {
            format!("{host} has no address in DNS (no A and no AAAA record)")
        };
        let chosen = says.iter().any(|lookup| lookup.whose == Whose::Given);
        let mut next_steps = vec![
            format!(
                "Compare {host} with the name that was meant, letter by letter; then with the records of its zone"
            ),
            format!("Ask from the root down who knows it:  dig +trace {host}"),
            "Look at the registrar whether the domain expired or its name servers were changed".to_owned(),
        ];
        if !chosen {
            next_steps.insert(0, words::another_resolver(base));
        }
        Some(Diagnosis {
            cause: self.id().to_owned(),
            statement: format!("Nothing can be reached at {base}: {what}"),
            blame: Blame::Edge,
            confidence: if chosen && says.len() > 1 {
                Confidence::Certain
            } else {
                Confidence::Likely
            },
            evidence: words::resolvers(case.view),
            ruled_out: vec!["the way to the resolvers: they answer".to_owned()],
            likely_causes: Vec::new(),
            help: None,
            next_steps,
            explains: explained(case.findings),
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::diagnosis::named_tests::{
        addresses, causes, dead, first, given, judged, own, set_up, unasked, unresolved,
    };
    use crate::model::diagnosis::{Blame, Confidence};
    use crate::model::exchange::{Phase, WireFault};
    use crate::model::finding::Verdict;
    use crate::model::names::Said;

    #[test]
    fn a_name_that_no_resolver_knows_does_not_exist() {
        let run = judged(
            &[
                own(Said::NoSuchName),
                given(1, Said::NoSuchName),
                given(2, Said::NoSuchName),
            ],
            &[unresolved()],
        );
        let diagnosis = first(&run);
        assert_eq!(diagnosis.cause, "name-does-not-exist");
        assert!(
            diagnosis.statement.contains("no name notes.example in DNS"),
            "{}",
            diagnosis.statement
        );
        assert_eq!(
            (diagnosis.blame, diagnosis.confidence),
            (Blame::Edge, Confidence::Certain)
        );
        assert_eq!(run.verdict, Verdict::Fail);
        assert!(run.findings.iter().all(|finding| finding.explained_by.is_some()));
    }

    #[test]
    fn a_single_resolver_may_be_wrong_and_the_next_step_asks_another() {
        let run = judged(
            &[own(Said::NoSuchName), set_up(1, Said::NoSuchName)],
            &[unresolved()],
        );
        let diagnosis = first(&run);
        assert_eq!(
            (diagnosis.cause.as_str(), diagnosis.confidence),
            ("name-does-not-exist", Confidence::Likely)
        );
        assert!(
            diagnosis.next_steps[0].contains("--resolver 9.9.9.9"),
            "{:?}",
            diagnosis.next_steps
        );
    }

    #[test]
    fn a_name_to_which_this_machine_has_a_list_of_hosts_is_not_missing() {
        let refused = dead(0, 1, Phase::Connect, WireFault::Refused, "connection refused");
        let run = judged(&[own(addresses(&[1])), set_up(1, Said::NoSuchName)], &[refused]);
        assert!(
            !causes(&run).contains(&"name-does-not-exist"),
            "{:?}",
            causes(&run)
        );
    }

    #[test]
    fn a_name_without_an_address_is_told_from_one_that_is_not_there() {
        let run = judged(
            &[own(Said::NoSuchName), given(1, Said::NoAddress)],
            &[unresolved()],
        );
        assert!(
            first(&run).statement.contains("no A and no AAAA record"),
            "{}",
            first(&run).statement
        );
    }

    #[test]
    fn resolvers_that_say_nothing_of_the_name_are_the_checkers() {
        for said in [Said::Silence, Said::Refused, Said::Failure { able: false }] {
            let run = judged(&[own(Said::Unreachable), given(1, said.clone())], &[unasked()]);
            assert_eq!(first(&run).cause, "own-network", "{said:?}");
            assert_eq!(run.verdict, Verdict::Inconclusive, "{said:?}");
        }
    }
}
