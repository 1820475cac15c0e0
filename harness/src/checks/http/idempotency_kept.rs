//! A client that heard nothing asks again. With a key that says so, the service must not do it twice.

use crate::check::Check;
use crate::check::created::is_success;
use crate::check::judgement::{Judgement, Tally};
use crate::check::spec::{Spec, Suite};
use crate::check::view::View;
use crate::checks::http::keyed::{Keyed, asks_of, keyed};
use crate::model::finding::{Layer, Severity};
use crate::model::probe::Ask;

/// The check.
pub struct IdempotencyKept;

static SPEC: Spec = Spec {
    id: "http/idempotency-kept",
    layer: Layer::Http,
    title: "An Idempotency-Key keeps a request from being done twice",
    severity: Severity::Major,
    suites: &[Suite::Integration],
    needs: &["reach/answers"],
    must_run: false,
    explanation: "Whoever documents Idempotency-Key tells clients that they may repeat a request whose answer was lost. When the \
                  key is not looked at, each lost answer is a second order and a second bill. Only an operation whose contract \
                  names the header is asked, where writing is allowed: the good call twice under one key. The same result, or \
                  409 while the first is under way, keeps the promise; another result breaks it. So does the first result in answer \
                  to another body under the same key: that request is never done, and nobody is told.",
    hint: "Keep the key with the result, under the caller, in the same transaction, and answer a repeat from it.",
};

impl Check for IdempotencyKept {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        asks_of(view)
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        let keyed = keyed(view);
        if keyed.is_empty() {
            return Judgement::NotApplicable(
                "no contract promises that a call may be repeated under a key".into(),
            );
        }
        let mut tally = Tally::new(view);
        for keyed in keyed {
            judge(&keyed, &mut tally);
        }
        tally.done()
    }
}

fn judge(keyed: &Keyed, tally: &mut Tally<'_>) {
    let call = &keyed.call;
    let Some((_, first)) = tally.answer(&keyed.first) else {
        return;
    };
    if !is_success(first) {
        tally.missing(
            format!("{call} under a key of its own is answered HTTP {}", first.status),
            None,
        );
        return;
    }
    if let Some((exchange, second)) = tally.answer(&keyed.repeat())
        && is_success(second)
        && keyed.result(first) != keyed.result(second)
    {
        let found = SPEC
            .finds(
                call.to_string(),
                format!("{call} is done twice under one Idempotency-Key"),
            )
            .expected("the result of the first call, or HTTP 409")
            .actual(format!("HTTP {} with another result", second.status));
        tally.find(found.shown_by([exchange]));
    }
    if let Some(other) = &keyed.other
        && let Some((exchange, reply)) = tally.answer(other)
        && keyed.is_same(first, reply)
    {
        let title = format!(
            "{call} answers another request with the result of the first, since their keys are the same"
        );
        let found = SPEC
            .finds(format!("{call}, another body"), title)
            .expected("HTTP 422, or any other refusal")
            .actual(format!("HTTP {} with the first result", reply.status));
        tally.find(found.shown_by([exchange]));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::asks;
    use crate::check::testing::{answered, creating, target};
    use crate::contract::load::Contract;

    const DOCUMENT: &str = "openapi: 3.1.0\ninfo: {title: x, version: '1'}\npaths: {/summaries: {post: {parameters: [{name: Idempotency-Key, in: header, schema: {type: string}}], responses: {'201': {description: ''}}}}}";

    #[test]
    fn it_is_asked_once_the_plain_call_has_worked() {
        let contract = Contract::parse(DOCUMENT, "pinned.yaml").unwrap();
        let target = creating();
        let plain = asks::proof(&target, &target.proofs[0]);
        let asked = |seen: &[crate::model::exchange::Exchange]| {
            IdempotencyKept
                .ask(&View::new(&target, Some(&contract), seen, &[]))
                .len()
        };
        assert_eq!(asked(&[]), 0);
        assert_eq!(asked(&[answered(1, &plain, 409, &[], "{}")]), 0);
        assert_eq!(asked(&[answered(1, &plain, 201, &[], "{}")]), 1);
    }

    /// What is found after this answer to the repeat, and this one to another body under the same key.
    fn found((second, body): (u16, &str), (other, its): (u16, &str)) -> usize {
        let contract = Contract::parse(DOCUMENT, "pinned.yaml").unwrap();
        let target = creating();
        let keyed = keyed(&View::new(&target, Some(&contract), &[], &[])).remove(0);
        let seen = [
            answered(1, &keyed.first, 201, &[], r#"{"id":"1","at":"10:00"}"#),
            answered(2, &keyed.repeat(), second, &[], body),
            answered(3, keyed.other.as_ref().unwrap(), other, &[], its),
        ];
        match IdempotencyKept.judge(&View::new(&target, Some(&contract), &seen, &[])) {
            Judgement::Judged { findings, .. } => findings.len(),
            other => panic!("{other:?}"),
        }
    }

    const REFUSED: (u16, &str) = (422, r#"{"detail":"another body"}"#);
    const SAME: (u16, &str) = (200, r#"{"id":"1","at":"10:01"}"#);

    #[test]
    fn another_body_that_gets_the_first_result_is_found() {
        assert_eq!(found(SAME, (200, r#"{"id":"1"}"#)), 1);
        assert_eq!(found(SAME, (201, r#"{"id":"2"}"#)), 0);
    }

    #[test]
    fn a_second_result_under_one_key_is_found() {
        assert_eq!(found((201, r#"{"id":"2","at":"10:01"}"#), REFUSED), 1);
    }

    #[test]
    fn spares_the_same_result_and_a_refusal() {
        assert_eq!(found(SAME, REFUSED), 0);
        assert_eq!(found((409, r#"{"detail":"under way"}"#), REFUSED), 0);
    }

    #[test]
    fn without_the_promise_nothing_is_asked() {
        let target = target();
        let view = View::new(&target, None, &[], &[]);
        assert!(IdempotencyKept.ask(&view).is_empty());
        assert!(matches!(
            IdempotencyKept.judge(&view),
            Judgement::NotApplicable(_)
        ));
    }
}
