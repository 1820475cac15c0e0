//! A client that heard nothing asks again. With a key that says so, the service must not do it twice.

use crate::check::Check;
use crate::check::asks;
use crate::check::created::{is_success, writes};
use crate::check::judgement::{Judgement, Tally};
use crate::check::once::{HEADER, takes_key};
use crate::check::spec::{Spec, Suite};
use crate::check::view::View;
use crate::model::exchange::Reply;
use crate::model::finding::{Layer, Severity};
use crate::model::probe::{Ask, Probe, Text};
use crate::model::target::{Proof, Target};

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
                  409 while the first is under way, keeps the promise; another result breaks it.",
    hint: "Keep the key with the result, under the caller, in the same transaction, and answer a repeat from it.",
};

/// The good calls whose contract names the header, and of which the result can be told from another.
fn keyed<'v>(view: &View<'v>) -> Vec<&'v Proof> {
    let names_it = |proof: &Proof| {
        view.contract
            .is_some_and(|contract| takes_key(contract, &proof.call, view.target.base_path()))
    };
    let writes = writes(view).into_iter();
    writes
        .filter(|proof| !proof.expect.is_empty() && names_it(proof))
        .collect()
}

/// The good call under a key of this run, for the first time.
fn probe(target: &Target, proof: &Proof) -> Probe {
    let mut probe = asks::proof(target, proof);
    probe
        .headers
        .push((HEADER.to_owned(), Text::Seed("idempotency".to_owned())));
    probe
}

/// What the result is known by.
fn result(proof: &Proof, reply: &Reply) -> Option<Vec<Option<serde_json::Value>>> {
    let body = reply.body.json()?;
    let places = proof.expect.iter();
    Some(places.map(|place| body.pointer(&place.at).cloned()).collect())
}

impl Check for IdempotencyKept {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        // After the plain call, which is the proof: two creates of one thing at a time are each other's conflict.
        let worked = |proof: &&Proof| {
            view.answer(&asks::proof(view.target, proof))
                .is_some_and(|(_, reply)| is_success(reply))
        };
        let probes = keyed(view)
            .into_iter()
            .filter(worked)
            .map(|proof| probe(view.target, proof));
        probes
            .map(|probe| Ask::Seq(vec![probe.clone(), probe.repeat(1)]))
            .collect()
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        let keyed = keyed(view);
        if keyed.is_empty() {
            return Judgement::NotApplicable(
                "no contract promises that a call may be repeated under a key".into(),
            );
        }
        let mut tally = Tally::new(view);
        for proof in keyed {
            let (call, probe) = (&proof.call, probe(view.target, proof));
            let Some((_, first)) = tally.answer(&probe) else {
                continue;
            };
            if !is_success(first) {
                tally.missing(
                    format!("{call} under a key of its own is answered HTTP {}", first.status),
                    None,
                );
                continue;
            }
            let Some((exchange, second)) = tally.answer(&probe.repeat(1)) else {
                continue;
            };
            if !is_success(second) || result(proof, first) == result(proof, second) {
                continue;
            }
            let found = SPEC
                .finds(
                    call.to_string(),
                    format!("{call} is done twice under one Idempotency-Key"),
                )
                .expected("the result of the first call, or HTTP 409")
                .actual(format!("HTTP {} with another result", second.status));
            tally.find(found.shown_by([exchange]));
        }
        tally.done()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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

    fn found(second: u16, body: &str) -> usize {
        let contract = Contract::parse(DOCUMENT, "pinned.yaml").unwrap();
        let target = creating();
        let probe = probe(&target, &target.proofs[0]);
        let seen = [
            answered(1, &probe, 201, &[], r#"{"id":"1","at":"10:00"}"#),
            answered(2, &probe.repeat(1), second, &[], body),
        ];
        match IdempotencyKept.judge(&View::new(&target, Some(&contract), &seen, &[])) {
            Judgement::Judged { findings, .. } => findings.len(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_second_result_under_one_key_is_found() {
        assert_eq!(found(201, r#"{"id":"2","at":"10:01"}"#), 1);
    }

    #[test]
    fn spares_the_same_result_and_a_refusal() {
        assert_eq!(found(200, r#"{"id":"1","at":"10:01"}"#), 0);
        assert_eq!(found(409, r#"{"detail":"under way"}"#), 0);
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
