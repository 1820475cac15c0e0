//! Documented reads that take text in their query: searches, filters, and addresses to return to.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use crate::check::view::View;
use crate::contract::load::Contract;
use crate::contract::operation::{Operation, Parameter};
use crate::model::probe::{Mutation, Probe};
use crate::model::target::{Call, Target};

/// A parameter of a query that takes any text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// The path below the target's base URL.
    pub path: String,
    /// The parameter's name.
    pub name: String,
    /// Whether callers must say who they are.
    pub protected: bool,
}

/// The parameters that a run can fill: of documented reads without other needs, open to everybody or to a credential that
/// the run has. In the order of the document.
pub fn fields(view: &View<'_>) -> Vec<Field> {
    let Some(contract) = view.contract else {
        return Vec::new();
    };
    let target = view.target;
    let held = target.auth.as_ref().is_some_and(|auth| auth.good().is_some());
    let mut fields = Vec::new();
    for operation in contract
        .operations()
        .iter()
        .filter(|operation| is_plain_read(operation))
    {
        let protected = !operation.security.allows_anonymous();
        let texts = operation.parameters.iter().filter(|parameter| {
            parameter.location == "query"
                && takes_text(contract, parameter)
                && needs_only(operation, parameter)
        });
        fields.extend(texts.filter(|_| held || !protected).map(|parameter| Field {
            path: below(target, &operation.template).to_owned(),
            name: parameter.name.clone(),
            protected,
        }));
    }
    fields
}

/// The read with this text in the parameter.
pub fn asked(target: &Target, field: &Field, text: &str) -> Probe {
    let call = Call {
        method: "GET".into(),
        path: field.path.clone(),
    };
    let (name, text) = (encoded(&field.name), encoded(text));
    let request = Probe::get(format!("{}?{name}={text}", field.path)).nature(target.nature_of(&call));
    match target.auth.as_ref().and_then(|auth| auth.good()) {
        Some(good) if field.protected => request.who(&good.name, Mutation::AsIs).build(),
        _ => request.build(),
    }
}

/// A documented path as it is asked for below the target's base URL.
pub fn below<'t>(target: &Target, template: &'t str) -> &'t str {
    template
        .strip_prefix(target.base_path())
        .filter(|rest| rest.starts_with('/'))
        .unwrap_or(template)
}

/// Everything but what never needs it (RFC 3986 §2.3): a full stop is sent as people send it.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

fn is_plain_read(operation: &Operation) -> bool {
    operation.method == "GET" && !operation.template.contains('{')
}

fn needs_only(operation: &Operation, parameter: &Parameter) -> bool {
    let mut needed = operation.parameters.iter().filter(|other| other.required);
    needed.all(|other| other == parameter)
}

/// Whether any text is allowed: neither a number, nor one of a list, nor of a form of its own.
fn takes_text(contract: &Contract, parameter: &Parameter) -> bool {
    let schema = parameter.schema.as_deref();
    let Some(schema) = schema.and_then(|at| contract.document().pointer(at)) else {
        return false;
    };
    let is_text = match &schema["type"] {
        Value::String(name) => name == "string",
        Value::Array(names) => names.iter().any(|name| name == "string"),
        _ => false,
    };
    let narrowed = ["enum", "const", "format", "pattern"]
        .iter()
        .any(|word| schema.get(word).is_some());
    is_text && !narrowed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::target;

    const DOCUMENT: &str = "openapi: 3.1.0\ninfo: {title: x, version: '1'}\npaths:\n  /items:\n    get:\n      parameters:\n        - {name: name, in: query, schema: {type: string}}\n        - {name: kind, in: query, schema: {type: string, enum: [a]}}\n        - {name: limit, in: query, schema: {type: integer}}\n      responses: {'200': {description: ''}}\n  /of/{id}:\n    get:\n      parameters: [{name: id, in: path, required: true, schema: {type: string}}, {name: q, in: query, schema: {type: string}}]\n      responses: {'200': {description: ''}}\n";

    #[test]
    fn only_what_takes_any_text_is_filled() {
        let (target, contract) = (target(), Contract::parse(DOCUMENT, "pinned.yaml").unwrap());
        let fields = fields(&View::new(&target, Some(&contract), &[], &[]));
        let names: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
        assert_eq!(names, ["name"]);
        assert_eq!(asked(&target, &fields[0], "a(b").path_text(), "/items?name=a%28b");
    }
}
