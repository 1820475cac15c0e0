//! We asked too much: the service, healthy or not, limits how often it may be asked, and part of it was not seen.

use crate::check::edge::is_limit;
use crate::check::text::clean;
use crate::diagnosis::case::{Case, Cause, explained};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::words;
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};
use crate::model::exchange::{Exchange, Reply};
use crate::model::finding::{Finding, Verdict};

/// The cause.
pub struct RateLimited;

/// Headers with which a limiter says what it allows.
const SAYS: &[&str] = &[
    "retry-after",
    "ratelimit",
    "ratelimit-policy",
    "ratelimit-limit",
    "x-ratelimit-limit",
];

impl Cause for RateLimited {
    fn id(&self) -> &'static str {
        "rate-limited"
    }

    fn about(&self) -> &'static str {
        "The service limited how much this run may ask (HTTP 429), so part of it was not seen."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Limits,
            blames: &[Blame::Checker],
            needs: "Answers with 429 that stayed so after what Retry-After asked for.",
            likely: &[
                "The limit for one client is lower than what one run asks in a minute",
                "Other jobs share the address or the credential of the checker, and its limit",
                "The limiter counts every client as one, since it sees only the address of the proxy",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let view = case.view;
        let limited: Vec<&Exchange> = view
            .exchanges
            .iter()
            .filter(|exchange| exchange.answer().is_some_and(is_limit) && view.is_last(exchange))
            .collect();
        let reply = limited.first()?.answer()?;
        let answered = view.answers().any(|(_, reply)| !is_limit(reply));
        let open = |finding: &&Finding| finding.outcome == Verdict::Inconclusive;
        let mut evidence = words::seen(&limited);
        evidence.extend(told(reply));
        Some(Diagnosis {
            cause: self.id().to_owned(),
            statement: format!(
                "The service limited this run: {} of its requests got HTTP 429, so what they would have shown is not known",
                limited.len()
            ),
            // Where nothing else was ever answered, others may have used up the limit.
            blame: if answered { Blame::Checker } else { Blame::Unknown },
            confidence: Confidence::Certain,
            evidence,
            ruled_out: Vec::new(),
            likely_causes: Vec::new(),
            help: None,
            next_steps: vec![
                match reply.header("retry-after") {
                    Some(when) => format!(
                        "Run again once the limit allows it (Retry-After: {})",
                        clean(&when, 40)
                    ),
                    None => "Run again later, and let the limit say when: Retry-After".to_owned(),
                },
                "Ask less: --suite smoke, or a lower `concurrency` under [bounds] in the profile".to_owned(),
                "Give the checker a credential or an address with a limit of its own".to_owned(),
            ],
            explains: explained(case.about(&limited).into_iter().filter(open)),
        })
    }
}

/// What the limiter says of its limit.
fn told(reply: &Reply) -> Option<String> {
    let said = |name: &&&str| Some(format!("{name}: {}", clean(&reply.header(name)?, 80)));
    let lines: Vec<String> = SAYS.iter().filter_map(|name| said(&name)).collect();
    (!lines.is_empty()).then(|| lines.join(", "))
}

#[cfg(test)]
mod tests {
    use crate::check::asks;
    use crate::check::testing::{answered, cors, target};
    use crate::diagnosis::whole_tests::{causes, first, judged};
    use crate::model::diagnosis::Blame;
    use crate::model::exchange::Exchange;
    use crate::model::finding::Verdict;

    fn limited(id: u32, probe: &crate::model::probe::Probe) -> Exchange {
        let mut headers = cors();
        headers.push(("retry-after", "60"));
        headers.push(("access-control-expose-headers", "Retry-After"));
        headers.push(("content-type", "application/json"));
        answered(id, probe, 429, &headers, r#"{"detail":"slow down"}"#)
    }

    fn health() -> Exchange {
        let json = [("content-type", "application/json")];
        answered(1, &asks::read("/health"), 200, &json, r#"{"status":"ok"}"#)
    }

    #[test]
    fn a_proof_that_was_limited_is_unknown_and_the_headline_says_why() {
        let target = target();
        let proof = asks::proof(&target, &target.proofs[0]);
        let run = judged(&target, &[health(), limited(2, &proof)]);
        assert_eq!((run.verdict, run.exit_code), (Verdict::Inconclusive, 3));
        assert!(
            run.headline.starts_with("The service limited this run: 1 of"),
            "{}",
            run.headline
        );
        assert_eq!(
            (causes(&run)[0], first(&run).blame),
            ("rate-limited", Blame::Checker)
        );
    }

    #[test]
    fn a_preflight_that_was_limited_is_not_refused() {
        let target = target();
        let client = &target.clients[0];
        let preflight = asks::preflight(&client.origin, client.credentials, &client.calls[0]).unwrap();
        let run = judged(&target, &[health(), limited(2, &preflight)]);
        assert_eq!(run.verdict, Verdict::Inconclusive);
        let about: Vec<&str> = run
            .findings
            .iter()
            .map(|finding| finding.check.as_str())
            .collect();
        assert!(!about.iter().any(|check| check.starts_with("cors/")), "{about:?}");
    }

    #[test]
    fn what_got_through_at_the_second_attempt_was_not_limited() {
        let target = target();
        let proof = asks::proof(&target, &target.proofs[0]);
        let mut again = answered(2, &proof, 200, &cors(), "{}");
        again.attempt = 2;
        let run = judged(&target, &[health(), limited(2, &proof), again]);
        assert!(!causes(&run).contains(&"rate-limited"), "{:?}", causes(&run));
    }

    #[test]
    fn a_limit_is_no_headline_of_a_failure() {
        let target = target();
        let proof = asks::proof(&target, &target.proofs[0]);
        let crash = answered(3, &proof, 500, &cors(), "{}");
        let run = judged(&target, &[health(), limited(2, &asks::read("/x")), crash]);
        assert_eq!(run.verdict, Verdict::Fail);
        assert!(!run.headline.contains("limited"), "{}", run.headline);
    }

    #[test]
    fn a_used_up_account_is_an_answer_like_others() {
        let target = target();
        let proof = asks::proof(&target, &target.proofs[0]);
        let gone = answered(
            2,
            &proof,
            429,
            &cors(),
            r#"{"error":{"code":"insufficient_quota"}}"#,
        );
        let run = judged(&target, &[health(), gone]);
        assert_eq!(run.verdict, Verdict::Fail);
    }
}
