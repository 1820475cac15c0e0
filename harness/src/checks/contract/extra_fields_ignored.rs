//! Clients send fields of tomorrow's version to yesterday's service. One that refuses them cannot be deployed alone.

use serde_json::Value;

use crate::check::Check;
use crate::check::asks;
use crate::check::judgement::{Judgement, Tally};
use crate::check::spec::{Spec, Suite};
use crate::check::text::clean;
use crate::check::view::View;
use crate::contract::schema::Direction;
use crate::model::finding::{Layer, Severity};
use crate::model::probe::{Ask, Body, Effect, Nature, Probe};
use crate::model::target::Proof;

/// The check.
pub struct ExtraFieldsIgnored;

static SPEC: Spec = Spec {
    id: "contract/extra-fields-ignored",
    layer: Layer::Contract,
    title: "A field that the service does not know breaks no request",
    severity: Severity::Minor,
    suites: &[Suite::Contract, Suite::Integration],
    needs: &["reach/answers"],
    must_run: false,
    explanation: "During every deploy clients and service are of different versions for a while. A service that begins to \
                  refuse unknown fields breaks the clients that were ahead of it. A contract that forbids them \
                  (additionalProperties: false) has said so, and is left alone. It takes one good call, so it is asked only \
                  where calls are not counted.",
    hint: "Ignore unknown fields, or forbid them in the contract and agree that with every client.",
};

/// A field that no service has.
const EXTRA: &str = "greenlight_unknown_field";

impl Check for ExtraFieldsIgnored {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        let wanted = proof(view).filter(|proof| works(view, proof));
        let probe = wanted.and_then(|proof| probe(view, proof));
        probe.into_iter().map(Ask::One).collect()
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        let Some((proof, probe)) = proof(view).and_then(|proof| Some((proof, probe(view, proof)?))) else {
            return Judgement::skipped(
                "no call with a JSON body may be made here as often as one likes, or its contract forbids unknown fields",
                None,
            );
        };
        if !works(view, proof) {
            return Judgement::NotApplicable(format!("{} does not work without one", proof.call));
        }
        let mut tally = Tally::new(view);
        if let Some((exchange, reply)) = tally.answer(&probe)
            && matches!(reply.status, 400 | 422)
        {
            let call = &proof.call;
            let found = SPEC
                .finds(
                    call.to_string(),
                    format!("{call} refuses a request for a field that it does not know"),
                )
                .expected("the answer that it has without the field")
                .actual(format!(
                    "HTTP {}: {}",
                    reply.status,
                    clean(&reply.body.text(), 120)
                ));
            tally.find(found.shown_by([exchange]));
        }
        tally.done()
    }
}

/// The first good call with a JSON object that is free: neither counted nor forbidden.
fn proof<'v>(view: &View<'v>) -> Option<&'v Proof> {
    let target = view.target;
    target.proofs.iter().find(|proof| {
        let effect = match proof.nature {
            Nature::Paid => Effect::Paid,
            Nature::Write | Nature::Read => Effect::Writes,
        };
        let object = matches!(&proof.body, Body::Json { value, .. } if value.is_object());
        object && target.bounds.paid.is_none() && target.allows(effect) && !asks::is_safe(&proof.call)
    })
}

fn works(view: &View<'_>, proof: &Proof) -> bool {
    let seen = view.answer(&asks::proof(view.target, proof));
    seen.is_some_and(|(_, reply)| (200..300).contains(&reply.status))
}

/// The good call with a field more, unless its contract forbids that.
fn probe(view: &View<'_>, proof: &Proof) -> Option<Probe> {
    let Body::Json { value, inserts } = &proof.body else {
        return None;
    };
    let mut value = value.clone();
    value.as_object_mut()?.insert(EXTRA.to_owned(), Value::Bool(true));
    if forbids(view, proof, &value) {
        return None;
    }
    let body = Body::Json {
        value,
        inserts: inserts.clone(),
    };
    let changed = Proof {
        body,
        ..proof.clone()
    };
    Some(asks::proof(view.target, &changed))
}

fn forbids(view: &View<'_>, proof: &Proof, value: &Value) -> bool {
    let violated = || {
        let contract = view.contract?;
        let found = contract
            .find(&proof.call.method, &proof.call.path, view.target.base_path())
            .ok()?;
        let mut media = found.operation.request_body.as_ref()?.media.iter();
        let schema = media.find_map(|media| media.schema.as_ref())?;
        let violations = contract.violations(schema, Direction::Request, value, &[]).ok()?;
        Some(!violations.is_empty())
    };
    violated().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{answered, target};
    use crate::check::trial::{findings, judgement};
    use crate::model::target::{Bounds, Environment, Target};

    fn local() -> Target {
        Target {
            bounds: Bounds::of(Environment::Local),
            ..target()
        }
    }

    fn found(status: u16) -> usize {
        let target = local();
        let proof = &target.proofs[0];
        let more = probe(&View::new(&target, None, &[], &[]), proof).unwrap();
        let seen = [
            answered(1, &asks::proof(&target, proof), 200, &[], "{}"),
            answered(2, &more, status, &[], "{}"),
        ];
        findings(&ExtraFieldsIgnored, &target, &seen).len()
    }

    #[test]
    fn a_refusal_is_found_and_an_answer_spared() {
        assert_eq!(found(422), 1);
        assert_eq!(found(200), 0);
    }

    #[test]
    fn it_is_not_asked_where_calls_are_counted() {
        let target = Target {
            bounds: Bounds::of(Environment::Production),
            ..target()
        };
        assert!(matches!(
            judgement(&ExtraFieldsIgnored, &target, &[]),
            Judgement::Unable(_)
        ));
    }
}
