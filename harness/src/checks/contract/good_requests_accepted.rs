//! A request that the contract allows must not be refused for what it holds.

use serde_json::Value;

use crate::check::Check;
use crate::check::asks;
use crate::check::judgement::{Judgement, Tally};
use crate::check::spec::{Spec, Suite};
use crate::check::text::clean;
use crate::check::view::{Seen, View};
use crate::contract::schema::Direction;
use crate::model::exchange::Reply;
use crate::model::finding::{Layer, Severity};
use crate::model::probe::{Ask, Body};
use crate::model::target::Proof;

/// The check.
pub struct GoodRequestsAccepted;

static SPEC: Spec = Spec {
    id: "contract/good-requests-accepted",
    layer: Layer::Contract,
    title: "A request that the contract allows is not refused for its content",
    severity: Severity::Blocker,
    suites: Suite::ALL,
    needs: &["reach/answers"],
    must_run: false,
    explanation: "A field that became required, or a value that is no longer taken, breaks every client that was built on \
                  the contract, in the hour of the deploy. The calls that must work are held against it: one that it \
                  allows and the service refuses with 400 or 422 was broken by the service.",
    hint: "Take yesterday's request again: give the new field a default, or the value its old meaning.",
};

impl Check for GoodRequestsAccepted {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    /// The proofs are asked for by their own check; nothing is sent for this one.
    fn ask(&self, _view: &View<'_>) -> Vec<Ask> {
        Vec::new()
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        let allowed: Vec<&Proof> = view
            .target
            .proofs
            .iter()
            .filter(|proof| is_allowed(view, proof))
            .collect();
        if allowed.is_empty() {
            return Judgement::NotApplicable(
                "no call that must work is one that a contract speaks of".into(),
            );
        }
        let mut tally = Tally::new(view);
        let called = |proof: &&Proof| !matches!(view.seen(&asks::proof(view.target, proof)), Seen::NotAsked);
        if !allowed.iter().any(called) {
            return Judgement::skipped("no call that must work was made", None);
        }
        for proof in allowed {
            let Some((exchange, reply)) = tally.answer(&asks::proof(view.target, proof)) else {
                continue;
            };
            if !matches!(reply.status, 400 | 422) {
                continue;
            }
            let (call, why) = (&proof.call, reason(reply));
            let found = SPEC
                .finds(
                    call.to_string(),
                    format!("{call} refuses a request that the contract allows: {why}"),
                )
                .expected("the answer of a good call")
                .actual(format!("HTTP {}: {why}", reply.status));
            tally.find(found.shown_by([exchange]));
        }
        tally.done()
    }
}

/// Whether the contract knows the operation, and its body is what that allows.
fn is_allowed(view: &View<'_>, proof: &Proof) -> bool {
    let judged = || {
        let Body::Json { value, inserts } = &proof.body else {
            return None;
        };
        let contract = view.contract.filter(|_| inserts.is_empty())?;
        let found = contract
            .find(&proof.call.method, &proof.call.path, view.target.base_path())
            .ok()?;
        let media = found.operation.request_body.as_ref()?.media.iter();
        let schema = media
            .filter(|media| media.media_type.contains("json"))
            .find_map(|media| media.schema.as_ref())?;
        let violations = contract.violations(schema, Direction::Request, value, &[]).ok()?;
        Some(violations.is_empty())
    };
    judged().unwrap_or(false)
}

/// What the refusal says, in the forms of RFC 9457, FastAPI and others.
fn reason(reply: &Reply) -> String {
    let body = reply.body.json().unwrap_or_default();
    let text = |pointer: &str| body.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    let located = || {
        let place: Vec<String> = body
            .pointer("/detail/0/loc")?
            .as_array()?
            .iter()
            .filter_map(|part| part.as_str().map(str::to_owned))
            .collect();
        Some(format!("{}: {}", place.join("."), text("/detail/0/msg")?))
    };
    let said = located()
        .or_else(|| text("/detail"))
        .or_else(|| text("/message"))
        .or_else(|| text("/error"));
    clean(&said.unwrap_or_else(|| reply.body.text().into_owned()), 120)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{answered, target};
    use crate::contract::load::Contract;
    use crate::model::finding::Finding;

    fn document(required: &str) -> Contract {
        let text = format!(
            "openapi: 3.1.0\ninfo: {{title: x, version: '1'}}\npaths: {{/summaries: {{post: {{requestBody: {{content: {{application/json: \
             {{schema: {{type: object, required: [{required}]}}}}}}}}, responses: {{'200': {{description: ''}}}}}}}}}}"
        );
        Contract::parse(&text, "pinned.yaml").unwrap()
    }

    fn judged(contract: &Contract, status: u16, body: &str) -> Judgement {
        let target = target();
        let seen = [answered(
            1,
            &asks::proof(&target, &target.proofs[0]),
            status,
            &[],
            body,
        )];
        GoodRequestsAccepted.judge(&View::new(&target, Some(contract), &seen, &[]))
    }

    fn found(status: u16, body: &str) -> Vec<Finding> {
        match judged(&document("text"), status, body) {
            Judgement::Judged { findings, .. } => findings,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_refusal_is_found_with_what_it_says() {
        let fastapi = r#"{"detail":[{"type":"missing","loc":["body","owner"],"msg":"Field required"}]}"#;
        assert_eq!(
            found(422, fastapi)[0].actual,
            "HTTP 422: body.owner: Field required"
        );
        assert_eq!(
            found(400, r#"{"error":"no owner"}"#)[0].actual,
            "HTTP 400: no owner"
        );
    }

    #[test]
    fn spares_refusals_of_another_kind_and_requests_that_the_contract_forbids() {
        for status in [200, 401, 403, 404, 500] {
            assert_eq!(found(status, "{}"), [], "{status}");
        }
        assert!(matches!(
            judged(&document("owner"), 422, "{}"),
            Judgement::NotApplicable(_)
        ));
    }
}
