//! The contract that is drafted where none is known: what the calls say of the API, and no more.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::devtools::calls::{Call, Load};
use crate::draft::NoDraft;
use crate::draft::document::{
    Components, Content, Credential, Declared, Info, Media, OpenApi, Operation, Parameter, Response, Server,
};
use crate::draft::maker::unique;
use crate::draft::written::yaml;

/// A contract in the making.
#[derive(Debug, Default)]
pub(super) struct Drafted {
    paths: BTreeMap<String, BTreeMap<String, Operation>>,
    /// The security schemes, by name.
    pub(super) schemes: BTreeMap<String, Value>,
}

impl Drafted {
    /// The document.
    pub(super) fn written(self, title: &str, server: String) -> Result<String, NoDraft> {
        yaml(&OpenApi {
            openapi: "3.1.0",
            info: Info {
                title,
                version: "1.0.0",
            },
            servers: [Server { url: server }],
            paths: self.paths,
            components: (!self.schemes.is_empty()).then_some(Components {
                security_schemes: self.schemes,
            }),
        })
    }

    /// Writes the operation of a call into the drafted contract, and returns its id.
    pub(super) fn declare(
        &mut self,
        call: &Call,
        (template, wanted): (&str, String),
        parameters: &[Parameter],
        security: &[Credential],
    ) -> String {
        let ids = self.paths.values().flat_map(BTreeMap::values);
        let ids: Vec<String> = ids.map(|operation| operation.operation_id.clone()).collect();
        let methods = self.paths.entry(template.to_owned()).or_default();
        let operation = methods
            .entry(call.method.to_ascii_lowercase())
            .or_insert_with(|| Operation {
                operation_id: unique(&wanted, |id| ids.contains(id)),
                security: Vec::new(),
                parameters: Vec::new(),
                request_body: None,
                responses: BTreeMap::new(),
            });
        for parameter in parameters {
            let declared = Declared {
                name: parameter.name.clone(),
                place: parameter.place,
                required: parameter.place == "path",
                schema: json!({"type": "string"}),
            };
            if !operation.parameters.contains(&declared) {
                operation.parameters.push(declared);
            }
        }
        let names = security
            .iter()
            .filter_map(|credential| credential.scheme_name.clone());
        let all: BTreeMap<String, Vec<String>> = names.map(|name| (name, Vec::new())).collect();
        if !all.is_empty() && !operation.security.contains(&all) {
            operation.security.push(all);
        }
        if let Some((media_type, schema)) = described(&call.body) {
            let content = operation.request_body.get_or_insert_with(|| Content {
                content: BTreeMap::new(),
            });
            content.content.insert(media_type, Media { schema });
        }
        let status = call
            .answer
            .as_ref()
            .map(|answer| answer.status)
            .filter(|status| *status < 500);
        let key = status.map_or_else(|| "2XX".to_owned(), |status| status.to_string());
        operation.responses.insert(
            key,
            Response {
                description: "As it was seen.",
            },
        );
        operation.responses.insert(
            "default".to_owned(),
            Response {
                description: "Anything else.",
            },
        );
        operation.operation_id.clone()
    }
}

/// The media type of a body and what is known of it.
fn described(body: &Load) -> Option<(String, Value)> {
    let named = |media_type: &str| match media_type {
        "" => "application/octet-stream".to_owned(),
        media_type => media_type.split(';').next().unwrap_or_default().trim().to_owned(),
    };
    match body {
        Load::Nothing => None,
        Load::Text(media_type, text) => {
            let json = media_type
                .contains("json")
                .then(|| serde_json::from_str::<Value>(text).ok())
                .flatten();
            let schema = match json {
                Some(Value::Object(_)) => json!({"type": "object"}),
                Some(Value::Array(_)) => json!({"type": "array"}),
                _ if media_type.starts_with("application/x-www-form-urlencoded") => json!({"type": "object"}),
                _ => json!({}),
            };
            Some((named(media_type), schema))
        }
        Load::File(media_type, _) => Some((named(media_type), json!({}))),
        Load::Parts(_) => Some(("multipart/form-data".to_owned(), json!({"type": "object"}))),
    }
}
