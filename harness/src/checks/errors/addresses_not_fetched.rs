//! Whoever can make the service fetch an address stands behind its firewall.

use serde_json::{Map, Value};

use crate::check::Check;
use crate::check::asks;
use crate::check::judgement::{Judgement, Tally};
use crate::check::spec::{Spec, Suite};
use crate::check::text::clean;
use crate::check::view::View;
use crate::contract::load::Contract;
use crate::model::exchange::Reply;
use crate::model::finding::{Layer, Severity};
use crate::model::probe::{Ask, Body, Probe};
use crate::model::target::{Call, Target};

/// The check.
pub struct AddressesNotFetched;

static SPEC: Spec = Spec {
    id: "errors/addresses-not-fetched",
    layer: Layer::Errors,
    title: "The service connects to no address inside that a caller names",
    severity: Severity::Blocker,
    suites: &[Suite::Integration],
    needs: &["reach/answers"],
    must_run: false,
    explanation: "A field that takes an address, and a service that fetches it without asking where it leads, gives every caller \
                  the service's own network: metadata of the cloud, databases, other tenants (OWASP API7:2023). A port on \
                  loopback on which something listens and one on which nothing does are named; a service that connects to \
                  neither answers both alike. It can be seen only where the service runs on this machine.",
    hint: "Resolve the address first, refuse loopback, link-local and private ranges, and connect to what was resolved.",
};

/// A port of loopback on which nothing listens: tcpmux (RFC 1078), retired long ago.
const CLOSED: &str = "http://127.0.0.1:1/";

/// A place where an address goes into the body of an operation.
struct Place {
    call: Call,
    body: Map<String, Value>,
    field: String,
}

impl Place {
    fn probe(&self, target: &Target, url: &str) -> Probe {
        let mut value = self.body.clone();
        value.insert(self.field.clone(), url.into());
        let body = Body::Json {
            value: Value::Object(value),
            inserts: vec![],
        };
        asks::with_body(target, &self.call, body)
    }
}

/// Where our own port is, when the service runs on loopback.
fn open(target: &Target) -> Option<String> {
    let authority = target.base.strip_prefix("http://")?.split('/').next()?;
    let (host, port) = authority.rsplit_once(':')?;
    matches!(host, "127.0.0.1" | "localhost").then(|| format!("http://127.0.0.1:{port}/"))
}

/// Every field for an address that the contract names, in the operations that take speech or must be seen working.
fn places(view: &View<'_>) -> Vec<Place> {
    let Some(contract) = view.contract else {
        return vec![];
    };
    let mut calls: Vec<(Call, Value)> = Vec::new();
    if let Some(role) = &view.target.transcription {
        calls.push((role.call.clone(), role.body.clone()));
    }
    for proof in &view.target.proofs {
        let known = calls.iter().any(|(call, _)| *call == proof.call);
        if let (Body::Json { value, .. }, false) = (&proof.body, known) {
            calls.push((proof.call.clone(), value.clone()));
        }
    }
    calls
        .into_iter()
        .flat_map(|(call, body)| {
            let body = body.as_object().cloned().unwrap_or_default();
            let fields = fields(contract, &call, view.target.base_path());
            fields.into_iter().map(move |field| Place {
                call: call.clone(),
                body: body.clone(),
                field,
            })
        })
        .collect()
}

/// Members of a request body that are called an address.
fn fields(contract: &Contract, call: &Call, base: &str) -> Vec<String> {
    let schema = || {
        let found = contract.find(&call.method, &call.path, base).ok()?;
        let media = found.operation.request_body.as_ref()?.media.iter();
        let at = media
            .filter(|media| media.media_type.contains("json"))
            .find_map(|media| media.schema.as_deref())?;
        let document = contract.document();
        let schema = document.pointer(at)?;
        let referred = schema.get("$ref").and_then(Value::as_str);
        let schema = match referred.and_then(|to| to.strip_prefix('#')) {
            Some(at) => document.pointer(at)?,
            None => schema,
        };
        schema.get("properties")?.as_object()
    };
    let is_address = |name: &&String| {
        let name = name.to_lowercase();
        name == "url" || name == "uri" || name.ends_with("url") || name.ends_with("_uri")
    };
    schema()
        .into_iter()
        .flat_map(|members| members.keys())
        .filter(is_address)
        .cloned()
        .collect()
}

impl Check for AddressesNotFetched {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        let Some(open) = open(view.target) else {
            return vec![];
        };
        let keyless = view
            .target
            .auth
            .as_ref()
            .is_some_and(|auth| auth.good().is_none());
        places(view)
            .iter()
            .filter(|place| !keyless || !asks::is_protected(view.target, &place.call))
            .flat_map(|place| [&open, CLOSED].map(|url| Ask::One(place.probe(view.target, url))))
            .collect()
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        let places = places(view);
        if places.is_empty() {
            return Judgement::NotApplicable("no field is known that takes an address".to_owned());
        }
        let Some(open) = open(view.target) else {
            return Judgement::skipped(
                "only where the service runs on this machine is it known what listens beside it",
                Some("verify a service on loopback"),
            );
        };
        let mut tally = Tally::new(view);
        let keyless = view.target.auth.as_ref().filter(|auth| auth.good().is_none());
        for place in places {
            if let Some(auth) = keyless.filter(|_| asks::is_protected(view.target, &place.call)) {
                let reason = format!("{} needs a credential, and none was given", place.call);
                tally.missing(reason, Some(&auth.supply));
                continue;
            }
            let (first, second) = (place.probe(view.target, &open), place.probe(view.target, CLOSED));
            let (Some((a, at_open)), Some((b, at_closed))) = (view.answer(&first), view.answer(&second))
            else {
                tally.answer(&first);
                tally.answer(&second);
                continue;
            };
            if [at_open, at_closed]
                .iter()
                .any(|reply| matches!(reply.status, 401 | 403 | 429 | 500..))
            {
                tally.unknown(format!("{} does not look at its input", place.call), None);
                continue;
            }
            tally.judged(a);
            tally.judged(b);
            let (said_open, said_closed) = (said(at_open, &open), said(at_closed, CLOSED));
            if said_open != said_closed {
                let found = SPEC.finds(
                    format!("{} {}", place.call, place.field),
                    format!(
                        "{} fetches whatever address a caller puts into {}, loopback included",
                        place.call, place.field
                    ),
                );
                let found = found
                    .expected("the same answer whether anything listens there or not")
                    .actual(clean(
                        &format!("an open port: {said_open}; a closed one: {said_closed}"),
                        240,
                    ));
                tally.find(found.shown_by([a, b]));
            }
        }
        tally.done()
    }
}

/// What an answer says, without the address that it may repeat and without what differs in every answer.
fn said(reply: &Reply, url: &str) -> String {
    let body = reply.body.json().unwrap_or_default();
    let words: Vec<String> = ["code", "detail", "error", "message", "title"]
        .iter()
        .filter_map(|name| body.get(name))
        .map(Value::to_string)
        .collect();
    let words = words
        .join(" ")
        .replace(url, "")
        .replace(url.trim_end_matches('/'), "");
    format!("{} {words}", reply.status)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{answered, target};

    /// What is judged of the answers, in turn, to the probes that the check asks for.
    fn judged(field: &str, answers: &[(u16, &str)]) -> Judgement {
        let mut target = target();
        target.base = "http://127.0.0.1:4711".into();
        let document = format!(
            r#"{{"openapi":"3.1.0","info":{{"title":"x","version":"1"}},"paths":{{"/summaries":{{"post":{{"requestBody":{{"content":{{
            "application/json":{{"schema":{{"type":"object","properties":{{"{field}":{{"type":"string"}}}}}}}}}}}},
            "responses":{{"200":{{"description":""}}}}}}}}}}}}"#
        );
        let contract = Contract::parse(&document, "x.json").unwrap();
        let asks = AddressesNotFetched.ask(&View::new(&target, Some(&contract), &[], &[]));
        let probes = asks.iter().flat_map(Ask::probes).zip(answers);
        let seen: Vec<_> = (1..)
            .zip(probes)
            .map(|(id, (probe, (status, body)))| answered(id, probe, *status, &[], body))
            .collect();
        AddressesNotFetched.judge(&View::new(&target, Some(&contract), &seen, &[]))
    }

    fn found(judgement: Judgement) -> Vec<crate::model::finding::Finding> {
        match judgement {
            Judgement::Judged { findings, .. } => findings,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_service_that_tells_an_open_port_from_a_closed_one_is_found() {
        for (at_open, at_closed) in [
            ((200, "{}"), (400, "{}")),
            (
                (400, r#"{"detail":"no image"}"#),
                (400, r#"{"detail":"connection refused"}"#),
            ),
        ] {
            let found = found(judged("image_url", &[at_open, at_closed]));
            assert_eq!((found.len(), found[0].severity), (1, Severity::Blocker));
            assert_eq!(found[0].subject, "POST /summaries image_url");
        }
    }

    #[test]
    fn a_service_that_answers_both_alike_is_spared() {
        let closed = r#"{"detail":"http://127.0.0.1:1/ is not allowed"}"#;
        let open = r#"{"detail":"http://127.0.0.1:4711/ is not allowed"}"#;
        assert_eq!(found(judged("url", &[(400, open), (400, closed)])), []);
        assert!(matches!(judged("title", &[]), Judgement::NotApplicable(_)));
    }

    #[test]
    fn answers_that_come_before_the_input_is_read_tell_nothing() {
        for status in [401, 403, 500] {
            let judged = judged("url", &[(400, "{}"), (status, "{}")]);
            assert!(matches!(judged, Judgement::Unable(_)), "{status}: {judged:?}");
        }
    }

    #[test]
    fn what_differs_is_neither_the_address_nor_the_request() {
        let probe = asks::read("/");
        let refused = |url: &str, id: u8| {
            let body = format!(r#"{{"detail":"{url} is not allowed","request_id":"{id}"}}"#);
            let exchange = answered(1, &probe, 400, &[], &body);
            said(exchange.answer().unwrap(), url)
        };
        assert_eq!(refused("http://127.0.0.1:4711/", 1), refused(CLOSED, 2));
    }

    #[test]
    fn only_loopback_is_asked_for() {
        let mut target = target();
        assert_eq!(open(&target), None);
        target.base = "http://127.0.0.1:4711/api".into();
        assert_eq!(open(&target).as_deref(), Some("http://127.0.0.1:4711/"));
    }
}
