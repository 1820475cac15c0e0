//! The checker is kept out, so nothing is known of the service: never "down".

use crate::check::edge::is_challenge;
use crate::diagnosis::case::{Case, Cause, explained};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::words;
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};

/// The cause.
pub struct EdgeChallenge;

impl Cause for EdgeChallenge {
    fn id(&self) -> &'static str {
        "edge-challenge"
    }

    fn about(&self) -> &'static str {
        "A firewall in front challenges the checker, so the service was not seen and nothing is said of it."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Checker,
            blames: &[Blame::Checker, Blame::Edge],
            needs: "Every answer of the run is a page that asks for proof of a browser.",
            likely: &[
                "Bot protection (Cloudflare, AWS WAF) takes the address of a CI runner for a robot",
                "The user agent of the checker is on a block list",
                "An \"under attack\" mode was left on after an incident",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let mut answers = case.view.answers().peekable();
        answers.peek()?;
        if !answers.all(|(_, reply)| is_challenge(reply)) {
            return None;
        }
        let challenged: Vec<_> = case.view.answers().map(|(exchange, _)| exchange).collect();
        let base = &case.view.target.base;
        Some(Diagnosis {
            cause: self.id().to_owned(),
            statement: format!(
                "A firewall in front of {base} keeps this checker out; the service was not seen"
            ),
            blame: Blame::Checker,
            confidence: Confidence::Certain,
            evidence: words::seen(&challenged),
            ruled_out: vec!["network".to_owned()],
            likely_causes: Vec::new(),
            help: None,
            next_steps: vec![
                "Allow the checker's address or user agent in the firewall's rules, then run again"
                    .to_owned(),
                "Ask from another network whether users get through: greenlight verify …".to_owned(),
            ],
            explains: explained(case.findings),
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::check::asks;
    use crate::check::testing::{answered, target};
    use crate::diagnosis::whole_tests::{causes, judged};
    use crate::model::finding::Verdict;

    #[test]
    fn a_challenge_everywhere_is_the_checker_s_and_never_a_failure() {
        let page = [("content-type", "text/html"), ("cf-mitigated", "challenge")];
        let seen = [answered(
            1,
            &asks::read("/health"),
            403,
            &page,
            "<html>Just a moment...",
        )];
        let run = judged(&target(), &seen);
        assert_eq!(
            (causes(&run)[0], run.verdict),
            ("edge-challenge", Verdict::Inconclusive)
        );
    }
}
