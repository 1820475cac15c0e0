//! A GET that works can be sent by a link, a preload, a crawler and a retry, and nobody is asked.

use crate::check::Check;
use crate::check::asks;
use crate::check::judgement::{Judgement, Tally};
use crate::check::spec::{Spec, Suite};
use crate::check::view::View;
use crate::model::exchange::Reply;
use crate::model::finding::{Layer, Severity};
use crate::model::probe::{Ask, Conn, Effect, Mutation, Nature, Probe};
use crate::model::target::{Call, Expect, Proof, Target};

/// The check.
pub struct GetHasNoEffect;

static SPEC: Spec = Spec {
    id: "http/get-has-no-effect",
    layer: Layer::Http,
    title: "GET does not do what POST does",
    severity: Severity::Major,
    suites: &[Suite::Integration],
    needs: &["reach/answers"],
    must_run: false,
    explanation: "Browsers, proxies and crawlers send GET on their own and again after a failure, since it is safe (RFC 9110 \
                  §9.2.1), and cross-site guards let it pass (ASVS 3.5.3). An operation that is routed for any method is \
                  paid for, or written, by a link. It is asked with the body of the good call, so only where that is free.",
    hint: "Route the operation for its own method only; the router then answers 405 with Allow.",
};

impl Check for GetHasNoEffect {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        proof(view).map_or_else(Vec::new, |proof| vec![Ask::One(probe(view.target, proof))])
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        let Some(proof) = proof(view) else {
            return Judgement::skipped(
                "no operation with an effect may be called here as often as one likes",
                None,
            );
        };
        let mut tally = Tally::new(view);
        if let Some((exchange, reply)) = tally.answer(&probe(view.target, proof))
            && (200..300).contains(&reply.status)
            && does_it(proof, reply)
        {
            let call = &proof.call;
            let found = SPEC
                .finds(
                    format!("GET {}", call.path),
                    format!("GET {} does what {call} does", call.path),
                )
                .expected("HTTP 405")
                .actual(format!(
                    "HTTP {} with the results of {}",
                    reply.status, call.method
                ));
            tally.find(found.shown_by([exchange]));
        }
        tally.done()
    }
}

/// The first operation that does something and may be called freely: nothing is counted, and GET is not its own to use.
fn proof<'v>(view: &View<'v>) -> Option<&'v Proof> {
    let target = view.target;
    let free = target.bounds.paid.is_none();
    let held =
        |proof: &Proof| !proof.protected || target.auth.as_ref().is_some_and(|auth| auth.good().is_some());
    let own = |call: &Call| {
        let contract = view.contract;
        contract.is_some_and(|contract| {
            let found = contract.find("GET", &call.path, target.base_path());
            found.is_ok_and(|found| found.operation.method == "GET")
        })
    };
    target.proofs.iter().find(|proof| {
        let acts = proof.nature != Nature::Read && !asks::is_safe(&proof.call) && !proof.expect.is_empty();
        free && acts && may(target, proof) && held(proof) && !own(&proof.call)
    })
}

/// Whether the run may have the effect that this would have if it worked (law 4).
fn may(target: &Target, proof: &Proof) -> bool {
    let effect = match proof.nature {
        Nature::Paid => Effect::Paid,
        Nature::Write => Effect::Writes,
        Nature::Read => Effect::Read,
    };
    target.allows(effect)
}

fn probe(target: &Target, proof: &Proof) -> Probe {
    let request = Probe::get(proof.call.path.as_str())
        .nature(Some(proof.nature))
        .body(proof.body.clone())
        .conn(Conn::Fresh);
    let good = target.auth.as_ref().and_then(|auth| auth.good());
    match good {
        Some(good) if proof.protected => request.who(&good.name, Mutation::AsIs).build(),
        _ => request.build(),
    }
}

/// Whether the answer holds what the proof expects of a result; a list of earlier ones does not.
fn does_it(proof: &Proof, reply: &Reply) -> bool {
    let Some(body) = reply.body.json() else {
        return false;
    };
    proof
        .expect
        .iter()
        .all(|expected| match (&expected.expect, body.pointer(&expected.at)) {
            (_, None) => false,
            (Expect::Equals(value), Some(found)) => found == value,
            (Expect::Nonempty | Expect::Present, Some(_)) => true,
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{answered, target};
    use crate::check::trial::{findings, judgement};
    use crate::contract::load::Contract;
    use crate::model::target::{Environment, Expectation};

    fn local() -> Target {
        let mut target = target();
        target.bounds = crate::model::target::Bounds::of(Environment::Local);
        target.proofs[0].expect = vec![Expectation {
            at: "/summary".into(),
            expect: Expect::Nonempty,
        }];
        target
    }

    fn found(status: u16, body: &str) -> usize {
        let target = local();
        let seen = [answered(1, &probe(&target, &target.proofs[0]), status, &[], body)];
        findings(&GetHasNoEffect, &target, &seen).len()
    }

    #[test]
    fn a_get_that_gives_the_result_is_found() {
        assert_eq!(found(200, r#"{"summary":"x"}"#), 1);
    }

    #[test]
    fn spares_a_405_and_a_list_of_earlier_results() {
        assert_eq!(found(405, ""), 0);
        assert_eq!(found(200, r#"[{"summary":"x"}]"#), 0);
    }

    #[test]
    fn it_is_not_asked_where_calls_are_counted() {
        let mut target = local();
        target.bounds.paid = Some(1);
        assert!(matches!(
            judgement(&GetHasNoEffect, &target, &[]),
            Judgement::Unable(_)
        ));
        target.bounds.paid = None;
        target.allow = vec![];
        assert!(matches!(
            judgement(&GetHasNoEffect, &target, &[]),
            Judgement::Unable(_)
        ));
    }

    fn asked(target: &Target) -> Vec<Ask> {
        GetHasNoEffect.ask(&View::new(target, None, &[], &[]))
    }

    #[test]
    fn it_is_asked_as_the_good_call_is() {
        let mut target = local();
        let good = probe(&target, &target.proofs[0]);
        assert!(good.who.is_some());
        assert_eq!(asked(&target), [Ask::One(good)]);
        target.proofs[0].protected = false;
        assert_eq!(probe(&target, &target.proofs[0]).who, None);
        target.auth = None;
        assert_eq!(asked(&target).len(), 1);
        target.proofs[0].protected = true;
        assert_eq!(asked(&target), [], "it takes a credential that nobody gave");
    }

    #[test]
    fn it_is_not_asked_where_the_effect_is_not_allowed_or_nothing_would_show_it() {
        for allow in [Effect::Paid, Effect::Writes] {
            let mut target = local();
            target.allow = vec![allow];
            assert_eq!(asked(&target).len(), usize::from(allow == Effect::Paid));
        }
        let mut silent = local();
        silent.proofs[0].expect.clear();
        let mut reads = local();
        reads.proofs[0].nature = Nature::Read;
        let mut safe = local();
        safe.proofs[0].call.method = "GET".into();
        for target in [silent, reads, safe] {
            assert_eq!(asked(&target), []);
        }
    }

    #[test]
    fn a_get_that_the_contract_has_is_left_alone() {
        const DOCUMENT: &str = "openapi: 3.1.0\ninfo: {title: t, version: '1'}\npaths:\n  /summaries:\n    METHOD:\n      responses: {'200': {description: ok}}\n";
        for (method, times) in [("get", 0), ("post", 1)] {
            let contract = Contract::parse(&DOCUMENT.replace("METHOD", method), "pinned.yaml").unwrap();
            let target = local();
            let view = View::new(&target, Some(&contract), &[], &[]);
            assert_eq!(GetHasNoEffect.ask(&view).len(), times, "{method}");
        }
    }

    #[test]
    fn a_value_that_is_expected_must_be_that_value() {
        let mut target = local();
        target.proofs[0].expect[0].expect = Expect::Equals("done".into());
        let found = |body: &str| {
            let seen = [answered(1, &probe(&target, &target.proofs[0]), 200, &[], body)];
            findings(&GetHasNoEffect, &target, &seen).len()
        };
        assert_eq!(
            (found(r#"{"summary":"done"}"#), found(r#"{"summary":"idle"}"#)),
            (1, 0)
        );
    }
}
