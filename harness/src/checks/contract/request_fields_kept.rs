//! An id that a client sends and the answer should repeat is the simplest sign that a field was read at all.

use serde_json::Value;

use crate::check::Rule;
use crate::check::spec::{Spec, Suite};
use crate::check::text::clean;
use crate::check::view::View;
use crate::model::exchange::Exchange;
use crate::model::finding::{Finding, Layer, Severity};
use crate::model::probe::Body;

/// The rule.
pub struct RequestFieldsKept;

static SPEC: Spec = Spec {
    id: "contract/request-fields-kept",
    layer: Layer::Contract,
    title: "Ids that a request names come back in its answer",
    severity: Severity::Major,
    suites: Suite::ALL,
    needs: &[],
    must_run: false,
    explanation: "A field that is read under another name after a deploy is ignored without an error: the call succeeds, and \
                  what it was about is lost. Ids are opaque, so where the contract has the same one in request and answer, \
                  the answer must repeat it.",
    hint: "Read the field under the name that the contract gives it, and refuse what is not understood.",
};

/// Ids that a service may make itself, whatever the request says.
const OWN: &[&str] = &[
    "request_id",
    "trace_id",
    "correlation_id",
    "session_id",
    "transaction_id",
    "run_id",
];

impl Rule for RequestFieldsKept {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn judge(&self, exchange: &Exchange, view: &View<'_>) -> Option<Vec<Finding>> {
        let contract = view.contract?;
        let reply = exchange
            .answer()
            .filter(|reply| (200..300).contains(&reply.status))?;
        let Body::Json { value, .. } = &exchange.probe.body else {
            return None;
        };
        let sent = ids(value);
        if sent.is_empty() || !exchange.redacted.is_empty() && reply.body.json().is_none() {
            return None;
        }
        let body = reply.body.json()?;
        let found = contract.find(
            &exchange.probe.method,
            exchange.probe.path_text(),
            view.target.base_path(),
        );
        let response = found.ok()?.operation.response(reply.status)?;
        let schema = response.media.iter().find_map(|media| media.schema.as_ref())?;
        let operation = exchange.probe.operation();
        let mut documented = false;
        let mut findings = Vec::new();
        for (name, value) in &sent {
            let places = contract.places_of(schema, &body, name);
            documented |= !places.is_empty();
            let masked = |at: &str| {
                exchange.redacted.iter().any(|fact| {
                matches!(&fact.place, crate::model::exchange::Place::ReplyValue(place) if place == at)
            })
            };
            let wrong = places
                .iter()
                .find(|(at, found)| found.as_ref() != Some(value) && !masked(at));
            if let Some((at, found)) = wrong {
                let actual = found
                    .as_ref()
                    .map_or_else(|| "nothing".to_owned(), |found| clean(&found.to_string(), 60));
                let title = format!("{operation} does not take the {name} that the request names");
                let found = SPEC
                    .finds(format!("{operation} {name}"), title)
                    .expected(format!("{value} at {at}"))
                    .actual(actual);
                findings.push(found.shown_by([exchange]));
            }
        }
        documented.then_some(findings)
    }
}

/// The ids that a body names at its top.
fn ids(body: &Value) -> Vec<(String, Value)> {
    let members = body.as_object().into_iter().flatten();
    let is_id = |name: &String| name.ends_with("_id") && !OWN.contains(&name.as_str());
    let named =
        members.filter(|(name, value)| is_id(name) && value.as_str().is_some_and(|text| !text.is_empty()));
    named.map(|(name, value)| (name.clone(), value.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::asks;
    use crate::check::testing::{answered, target};
    use crate::check::trial::rule_finds;
    use crate::contract::load::Contract;

    const DOCUMENT: &str = "openapi: 3.1.0\ninfo: {title: x, version: '1'}\npaths: {/summaries: {post: {responses: {'200': {description: '', \
        content: {application/json: {schema: {type: object, properties: {about: {type: object, properties: {owner_id: {type: string}, n: \
        {type: integer}}}}}}}}}}}}";

    fn found(answer: &str) -> Option<usize> {
        let mut target = target();
        target.proofs[0].body = Body::Json {
            value: serde_json::json!({"text": "x", "owner_id": "o7", "request_id": "r1"}),
            inserts: vec![],
        };
        let contract = Contract::parse(DOCUMENT, "pinned.yaml").unwrap();
        let json = [("content-type", "application/json")];
        let seen = [answered(
            1,
            &asks::proof(&target, &target.proofs[0]),
            200,
            &json,
            answer,
        )];
        rule_finds(&RequestFieldsKept, &target, &contract, &seen).map(|found| found.len())
    }

    #[test]
    fn an_id_that_is_lost_or_another_is_found() {
        assert_eq!(found(r#"{"about":{"n":1}}"#), Some(1));
        assert_eq!(found(r#"{"about":{"owner_id":"o8"}}"#), Some(1));
    }

    #[test]
    fn spares_one_that_comes_back_and_answers_without_its_place() {
        assert_eq!(found(r#"{"about":{"owner_id":"o7"}}"#), Some(0));
        assert_eq!(found(r#"{"about":{}}"#), None);
        assert_eq!(found("{}"), None);
    }
}
