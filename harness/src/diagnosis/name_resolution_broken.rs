//! Resolvers fail at the name and not at others: what serves the zone is broken, or the signature over it is.

use std::net::SocketAddr;

use crate::check::names::{Told, resolver};
use crate::check::text::shell_word;
use crate::diagnosis::case::{Case, Cause, explained};
use crate::diagnosis::handshake::host;
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::words;
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};
use crate::model::finding::Finding;
use crate::model::names::{Lookup, Said};

/// The cause.
pub struct NameResolutionBroken;

impl Cause for NameResolutionBroken {
    fn id(&self) -> &'static str {
        "name-resolution-broken"
    }

    fn about(&self) -> &'static str {
        "Resolvers that work fail at this name: its name servers are broken, or its signature is (DNSSEC), which only some verify."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Reach,
            blames: &[Blame::Edge],
            needs: "A resolver that answers for the root fails at the name (SERVFAIL): while another gives its addresses, or several, one of which was named with --resolver.",
            likely: &[
                "The zone's key was changed, and the DS record at the registrar was not, or its signatures ran out",
                "The zone moved to another provider, and DNSSEC was left on at the registrar",
                "The zone's own name servers are down, or do not know the zone",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let told = Told::of(case.view);
        let fails = |lookup: &&&Lookup| matches!(lookup.said, Said::Failure { able: true });
        let failing: Vec<_> = told.deny.iter().filter(fails).collect();
        let first = resolver(failing.first()?);
        let base = &case.view.target.base;
        let host = host(base);
        let found = case.of("reach/resolvers-agree");
        let (statement, explains) = match told.give.first() {
            Some(other) => {
                let about = |finding: &&Finding| failing.iter().any(|one| resolver(one) == finding.subject);
                (
                    format!(
                        "{host} does not resolve for whoever verifies its signature: {first} fails at it, and {} does not",
                        resolver(other)
                    ),
                    explained(found.into_iter().filter(about)),
                )
            }
            None if told.is_settled_denial() && failing.len() == told.deny.len() => (
                format!(
                    "Nothing can be reached at {base}: every resolver fails at {host}, and not at other names"
                ),
                explained(case.findings),
            ),
            None => return None,
        };
        Some(Diagnosis {
            cause: self.id().to_owned(),
            statement,
            blame: Blame::Edge,
            confidence: Confidence::Likely,
            evidence: words::resolvers(case.view),
            ruled_out: vec![format!("{first} itself: it answers for the root")],
            likely_causes: Vec::new(),
            help: None,
            next_steps: vec![
                format!(
                    "Ask it without verifying:  dig +cd {host} @{}  (an answer there means that the signature is broken)",
                    dig(&first)
                ),
                "Compare the DS record at the registrar with the zone's key; remove it where the zone is no longer signed".to_owned(),
                format!("Ask the zone's own name servers:  dig +trace {host}"),
            ],
            explains,
        })
    }
}

/// A resolver as dig takes it: an address, and its port apart.
fn dig(resolver: &str) -> String {
    match resolver.parse::<SocketAddr>() {
        Ok(at) => format!("{} -p {}", at.ip(), at.port()),
        Err(_) => shell_word(resolver),
    }
}

#[cfg(test)]
mod tests {
    use crate::diagnosis::named_tests::{
        addresses, causes, first, given, judged, own, served, set_up, unasked,
    };
    use crate::model::finding::Verdict;
    use crate::model::names::Said;

    const FAILS: Said = Said::Failure { able: true };

    #[test]
    fn who_verifies_fails_and_who_does_not_gives_it() {
        let run = judged(
            &[own(addresses(&[1])), set_up(1, addresses(&[1])), given(2, FAILS)],
            &served(&[1]),
        );
        assert_eq!(first(&run).cause, "name-resolution-broken");
        assert!(
            first(&run).statement.contains("192.0.2.102 fails at it"),
            "{}",
            first(&run).statement
        );
        assert_eq!(run.verdict, Verdict::Fail);
        assert!(
            !causes(&run).contains(&"resolvers-disagree"),
            "{:?}",
            causes(&run)
        );
    }

    #[test]
    fn that_all_fail_is_settled_by_one_that_the_user_chose() {
        let lost = [unasked()];
        let several = judged(
            &[own(Said::Unreachable), set_up(1, FAILS), given(2, FAILS)],
            &lost,
        );
        assert_eq!(first(&several).cause, "name-resolution-broken");
        assert_eq!(several.verdict, Verdict::Fail);
        for own_only in [&[set_up(1, FAILS)][..], &[set_up(1, FAILS), set_up(2, FAILS)]] {
            let names: Vec<_> = [own(Said::Unreachable)]
                .into_iter()
                .chain(own_only.to_vec())
                .collect();
            let run = judged(&names, &lost);
            assert_eq!(first(&run).cause, "own-network");
            assert_eq!(run.verdict, Verdict::Inconclusive);
        }
    }

    #[test]
    fn a_resolver_that_fails_at_everything_is_broken_itself() {
        let broken = Said::Failure { able: false };
        let run = judged(
            &[own(addresses(&[1])), set_up(1, addresses(&[1])), given(2, broken)],
            &served(&[1]),
        );
        assert_eq!(causes(&run), Vec::<&str>::new());
    }
}
