//! The documents of a draft, member by member in the order in which people write them: Arazzo 1.0.1 and OpenAPI 3.1.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

/// An Arazzo document.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Scenario<'d> {
    pub(super) arazzo: &'static str,
    pub(super) info: Info<'d>,
    pub(super) source_descriptions: [Source<'d>; 1],
    #[serde(rename = "x-greenlight-origin", skip_serializing_if = "Option::is_none")]
    pub(super) origin: Option<String>,
    pub(super) workflows: [Workflow<'d>; 1],
}

#[derive(Debug, Serialize)]
pub(super) struct Info<'d> {
    pub(super) title: &'d str,
    pub(super) version: &'static str,
}

#[derive(Debug, Serialize)]
pub(super) struct Source<'d> {
    pub(super) name: &'static str,
    pub(super) url: &'d str,
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Workflow<'d> {
    pub(super) workflow_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) inputs: Option<Inputs<'d>>,
    pub(super) steps: &'d [Step],
}

#[derive(Debug, Serialize)]
pub(super) struct Inputs<'d> {
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) required: Vec<&'d str>,
    pub(super) properties: BTreeMap<&'d str, &'d Input>,
}

/// An input, by what its schema says.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Input {
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub(super) kind: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) format: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) default: Option<Value>,
}

/// A step.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Step {
    pub(super) step_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) operation_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) operation_path: Option<String>,
    #[serde(rename = "x-security", skip_serializing_if = "Vec::is_empty")]
    pub(super) security: Vec<Credential>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) parameters: Vec<Parameter>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) request_body: Option<Body>,
    pub(super) success_criteria: Vec<Criterion>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) outputs: BTreeMap<String, String>,
}

/// What `x-security` of a step says: the scheme by name or as it is, and the values for it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Credential {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) scheme_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) scheme: Option<Value>,
    pub(super) values: BTreeMap<&'static str, String>,
}

#[derive(Debug, Serialize)]
pub(super) struct Parameter {
    pub(super) name: String,
    #[serde(rename = "in")]
    pub(super) place: &'static str,
    pub(super) value: Value,
}

#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Body {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) content_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) payload: Option<Value>,
    #[serde(rename = "x-greenlight-file", skip_serializing_if = "Vec::is_empty")]
    pub(super) files: Vec<File>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct File {
    pub(super) path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) target: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) content_type: Option<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct Criterion {
    pub(super) condition: String,
}

/// An OpenAPI document.
#[derive(Debug, Serialize)]
pub(super) struct OpenApi<'d> {
    pub(super) openapi: &'static str,
    pub(super) info: Info<'d>,
    pub(super) servers: [Server; 1],
    pub(super) paths: BTreeMap<String, BTreeMap<String, Operation>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) components: Option<Components>,
}

#[derive(Debug, Serialize)]
pub(super) struct Server {
    pub(super) url: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Components {
    pub(super) security_schemes: BTreeMap<String, Value>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Operation {
    pub(super) operation_id: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) security: Vec<BTreeMap<String, Vec<String>>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) parameters: Vec<Declared>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) request_body: Option<Content>,
    pub(super) responses: BTreeMap<String, Response>,
}

#[derive(Debug, PartialEq, Serialize)]
pub(super) struct Declared {
    pub(super) name: String,
    #[serde(rename = "in")]
    pub(super) place: &'static str,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) required: bool,
    pub(super) schema: Value,
}

#[derive(Debug, Serialize)]
pub(super) struct Content {
    pub(super) content: BTreeMap<String, Media>,
}

#[derive(Debug, Serialize)]
pub(super) struct Media {
    pub(super) schema: Value,
}

#[derive(Debug, Serialize)]
pub(super) struct Response {
    pub(super) description: &'static str,
}
