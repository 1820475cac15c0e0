//! From operations that a contract names to the steps that call them as the contract says.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::contract::load::Contract;
use crate::contract::operation::{Operation, Parameter as Described, StatusKey};
use crate::contract::security::{SchemeKind, SchemeUse};
use crate::devtools::calls::Load;
use crate::draft::document::{Credential, Input, Parameter, Step};
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
    let mut notes = Vec::new();
    for wanted in wanted {
        let operation = named(contract, wanted)?;
        step(&mut maker, contract, operation, &mut notes);
    }
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

fn step(maker: &mut Maker, contract: &Contract, operation: &Operation, notes: &mut Vec<String>) {
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
    let load = match (contract.guess_body(operation), &operation.request_body) {
        (Some(value), _) => Load::Text("application/json".to_owned(), value.to_string()),
        (None, Some(body)) if body.required => {
            let kinds: Vec<&str> = body.media.iter().map(|media| media.media_type.as_str()).collect();
            notes.push(format!(
                "{} takes {}, and nobody knows what would be accepted: write its `requestBody`",
                operation.name(),
                kinds.join(" or ")
            ));
            Load::Nothing
        }
        (None, _) => Load::Nothing,
    };
    let request_body = maker.body(&load);
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
    let schema = parameter
        .schema
        .as_ref()
        .and_then(|pointer| document.pointer(pointer));
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
        kind: Some(kind.unwrap_or("string").to_owned()),
        format: None,
        default: example,
    };
    let own = format!("{} {}", parameter.pointer, parameter.name);
    Some(Parameter {
        name: parameter.name.clone(),
        place,
        value: maker.input(&parameter.name, &own, input).into(),
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
