//! From operations that a contract names to the steps that call them as the contract says.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::contract::load::Contract;
use crate::contract::operation::{MediaSpec, Operation, Parameter as Described, StatusKey};
use crate::contract::place::Place;
use crate::contract::security::{SchemeKind, SchemeUse};
use crate::draft::document::{Body, Credential, Input, Parameter, Step};
use crate::draft::maker::{Maker, Scheme};
use crate::draft::written::{SOURCE, criteria, draft, name_of, operation_id};
use crate::draft::{Draft, NoDraft, Setting};
use crate::target::fault::suggest;

/// A scenario that calls these operations, named by their ids or as `METHOD /path`, in this order.
///
/// # Errors
/// An operation that the contract does not have.
pub fn of_operations(
    contract: &Contract,
    wanted: &[String],
    setting: &Setting<'_>,
) -> Result<Draft, NoDraft> {
    let mut maker = Maker::default();
    for wanted in wanted {
        step(&mut maker, contract, named(contract, wanted)?)?;
    }
    let notes = std::mem::take(&mut maker.notes);
    draft(&maker, setting, None, None, notes)
}

fn named<'c>(contract: &'c Contract, wanted: &str) -> Result<&'c Operation, NoDraft> {
    let is = |operation: &&Operation| {
        operation.operation_id.as_deref() == Some(wanted) || operation.name().eq_ignore_ascii_case(wanted)
    };
    contract.operations().iter().find(is).ok_or_else(|| {
        let names = contract.operations().iter().map(|operation| {
            let id = operation.operation_id.clone();
            id.unwrap_or_else(|| operation.name())
        });
        let names: Vec<String> = names.collect();
        let known: Vec<&str> = names.iter().map(String::as_str).collect();
        NoDraft {
            what: format!("{} has no operation `{wanted}`", contract.source()),
            why: "operations are named by `operationId`, or as METHOD /path".to_owned(),
            next: suggest(wanted, &known),
        }
    })
}

fn step(maker: &mut Maker, contract: &Contract, operation: &Operation) -> Result<(), NoDraft> {
    let mut parameters = Vec::new();
    let required = operation.parameters.iter().filter(|parameter| parameter.required);
    for parameter in required {
        parameters.extend(asked(maker, contract, parameter));
    }
    let demanded = operation
        .security
        .alternatives
        .iter()
        .find(|uses| !uses.is_empty());
    let uses = demanded.into_iter().flatten();
    let security = uses.filter_map(|scheme| credential(maker, scheme)).collect();
    let request_body = body(maker, contract, operation)?;
    let id = operation.operation_id.clone();
    let wanted = id
        .clone()
        .unwrap_or_else(|| operation_id(&operation.method, &operation.template));
    maker.steps.push(Step {
        step_id: maker.step_id(&name_of(&wanted)),
        operation_path: match &id {
            Some(_) => None,
            None => Some(format!(
                "{{$sourceDescriptions.{SOURCE}.url}}#{}",
                operation.pointer
            )),
        },
        operation_id: id,
        security,
        parameters,
        request_body,
        success_criteria: criteria(success(operation)),
        outputs: BTreeMap::new(),
    });
    Ok(())
}

/// A body that should be accepted: JSON, else another value under its media type, else an input that somebody must give.
fn body(maker: &mut Maker, contract: &Contract, operation: &Operation) -> Result<Option<Body>, NoDraft> {
    let Some(described) = &operation.request_body else {
        return Ok(None);
    };
    let json = |media: &&MediaSpec| media.media_type.contains("json");
    let form = |media: &&MediaSpec| {
        let forms = ["application/x-www-form-urlencoded", "multipart/form-data"];
        forms.iter().any(|form| media.media_type.starts_with(form))
    };
    let any = |media: &&MediaSpec| media.media_type.contains('*');
    let media = || described.media.iter();
    let likeliest = media()
        .filter(json)
        .chain(media().filter(form))
        .chain(media().filter(any));
    let mut guessed = likeliest.filter_map(|media| {
        let value = contract
            .guess_media(media)
            .filter(|value| value.is_object() || json(&media))?;
        Some((media, value))
    });
    if let Some((media, value)) = guessed.next() {
        let payload = maker.payload("", &value, false);
        let content_type = (!any(&media)).then(|| media.media_type.clone());
        return Ok(Some(Body {
            content_type,
            payload: Some(payload),
            ..Body::default()
        }));
    }
    if !described.required {
        return Ok(None);
    }
    let kinds: Vec<&str> = media().map(|media| media.media_type.as_str()).collect();
    let (name, kinds) = (operation.name(), kinds.join(" or "));
    maker.note(format!(
        "nobody knows which {kinds} {name} accepts: it is an input, or name a file in its place"
    ));
    let input = Input {
        kind: None,
        format: None,
        default: None,
    };
    Ok(Some(Body {
        content_type: media()
            .find(|media| !any(media))
            .map(|media| media.media_type.clone()),
        payload: Some(maker.input("body", ("body", &name), input).into()),
        ..Body::default()
    }))
}

/// The first success that the contract names.
pub(super) fn success(operation: &Operation) -> Option<u16> {
    let mut exact = operation
        .responses
        .iter()
        .filter_map(|response| match response.status {
            StatusKey::Exact(status) => Some(status),
            StatusKey::Range(_) | StatusKey::Default => None,
        });
    exact.find(|status| (200..300).contains(status))
}

/// A parameter as an input, with the example of the contract when it gives one.
fn asked(maker: &mut Maker, contract: &Contract, parameter: &Described) -> Option<Parameter> {
    let place = ["path", "query", "header", "cookie"]
        .into_iter()
        .find(|place| *place == parameter.location)?;
    let document = contract.document();
    let described = document.pointer(&parameter.pointer);
    let schema = parameter.schema.as_ref().and_then(|pointer| {
        let place = Place {
            pointer: pointer.clone(),
            value: document.pointer(pointer)?,
        };
        place.follow(document).ok().map(|place| place.value)
    });
    let first = |list: &Value| list.get(0).cloned();
    let of_schema = schema.and_then(|schema| {
        let plain = schema.get("example").or_else(|| schema.get("default")).cloned();
        plain
            .or_else(|| schema.get("examples").and_then(first))
            .or_else(|| schema.get("enum").and_then(first))
    });
    let example = described
        .and_then(|described| described.get("example"))
        .cloned()
        .or(of_schema);
    let kind = schema
        .and_then(|schema| schema.get("type"))
        .and_then(Value::as_str);
    let input = Input {
        // What several kinds may be is said by its example.
        kind: kind.or(example.is_none().then_some("string")).map(str::to_owned),
        format: None,
        default: example,
    };
    let own = format!("{} {}", parameter.pointer, parameter.name);
    Some(Parameter {
        name: parameter.name.clone(),
        place,
        value: maker.input(&parameter.name, (&own, ""), input).into(),
    })
}

/// A credential as an input.
fn credential(maker: &mut Maker, scheme: &SchemeUse) -> Option<Credential> {
    let (key, name) = match &scheme.kind {
        SchemeKind::Bearer | SchemeKind::OAuth2 | SchemeKind::OpenIdConnect => ("token", "token"),
        SchemeKind::Basic => ("password", "password"),
        SchemeKind::ApiKey { name, .. } => ("apiKey", name.as_str()),
        SchemeKind::Http(_) | SchemeKind::MutualTls | SchemeKind::Undefined => return None,
    };
    let own = |what: &str| format!("{} {what}", scheme.name);
    let mut credential = maker.credential(Scheme::Named(scheme.name.clone()), key, name, &own(name));
    if scheme.kind == SchemeKind::Basic {
        let user = maker.secret("username", &own("username"));
        credential.values.insert("username", user);
    }
    Some(credential)
}
