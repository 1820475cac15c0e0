//! The committed document, read: its operations, and whether a value keeps to a schema.

use jsonschema::Draft;
use serde_json::{Map, Value, json};

pub(super) const COMMITTED: &str = include_str!("../../../../contracts/orchestrate.openapi.yaml");

pub(super) struct Document {
    tree: Value,
    /// The components, in the dialect of JSON Schema: `nullable` is a type there.
    components: Value,
}

/// One operation.
#[derive(Debug, Clone)]
pub(super) struct Operation {
    pub(super) id: String,
    pub(super) path: String,
    pub(super) method: String,
    pub(super) value: Value,
}

impl Operation {
    pub(super) fn is_secured(&self) -> bool {
        self.value["security"]
            .as_array()
            .is_some_and(|schemes| !schemes.is_empty())
    }

    pub(super) fn has_body(&self) -> bool {
        self.value.get("requestBody").is_some()
    }

    /// The examples of its requests, by name.
    pub(super) fn examples(&self) -> Map<String, Value> {
        let examples = &self.value["requestBody"]["content"]["application/json"]["examples"];
        examples.as_object().cloned().unwrap_or_default()
    }
}

impl Document {
    pub(super) fn committed() -> Self {
        let tree: Value = serde_saphyr::from_str(COMMITTED).unwrap();
        let mut components = tree["components"].clone();
        nullable(&mut components);
        Self { tree, components }
    }

    pub(super) fn tree(&self) -> &Value {
        &self.tree
    }

    pub(super) fn operations(&self) -> Vec<Operation> {
        let mut all = Vec::new();
        for (path, item) in self.tree["paths"].as_object().unwrap() {
            for (method, value) in item.as_object().unwrap() {
                all.push(Operation {
                    id: value["operationId"].as_str().unwrap().to_owned(),
                    path: path.clone(),
                    method: method.to_uppercase(),
                    value: value.clone(),
                });
            }
        }
        all
    }

    pub(super) fn operation(&self, id: &str) -> Operation {
        let mut all = self.operations().into_iter();
        all.find(|operation| operation.id == id)
            .unwrap_or_else(|| panic!("no operation {id}"))
    }

    /// Its answers, by status, with what is referred to in its place.
    pub(super) fn answers(&self, operation: &Operation) -> Vec<(u16, Value)> {
        let answers = operation.value["responses"].as_object().unwrap();
        let mut found = Vec::new();
        for (status, answer) in answers {
            found.push((status.parse().unwrap(), self.follow(answer).clone()));
        }
        found
    }

    pub(super) fn answer(&self, operation: &Operation, status: u16) -> Option<Value> {
        let mut all = self.answers(operation).into_iter();
        all.find(|(known, _)| *known == status).map(|(_, answer)| answer)
    }

    pub(super) fn follow<'v>(&'v self, value: &'v Value) -> &'v Value {
        match value["$ref"].as_str() {
            Some(reference) => self.tree.pointer(reference.strip_prefix('#').unwrap()).unwrap(),
            None => value,
        }
    }

    /// What is wrong with a value, by this schema of the document.
    pub(super) fn objections(&self, schema: &Value, value: &Value) -> Vec<String> {
        let mut schema = schema.clone();
        nullable(&mut schema);
        let whole = json!({"allOf": [schema], "components": self.components});
        let validator = jsonschema::options()
            .with_draft(Draft::Draft4)
            .build(&whole)
            .unwrap();
        validator
            .iter_errors(value)
            .map(|error| format!("{error} (at {})", error.instance_path()))
            .collect()
    }
}

/// OpenAPI 3.0's `nullable` in the words of JSON Schema.
fn nullable(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            if members.remove("nullable") == Some(true.into())
                && let Some(kind) = members.get_mut("type")
            {
                *kind = json!([kind.clone(), "null"]);
            }
            members.values_mut().for_each(nullable);
        }
        Value::Array(items) => items.iter_mut().for_each(nullable),
        _ => {}
    }
}

#[test]
fn a_value_that_breaks_a_schema_is_objected_to() {
    let document = Document::committed();
    let schema = json!({"$ref": "#/components/schemas/OrchestrateRequest"});
    let objections = |value: Value| document.objections(&schema, &value).len();
    assert_eq!(
        objections(json!({"text": "x", "language": null, "workflow_type": null, "output": null})),
        0
    );
    assert_eq!(objections(json!({"text": 1})), 1);
    assert_eq!(
        objections(json!({"text": "a\u{0}b", "output": {"save_to_db": "yes"}})),
        2
    );
    assert_eq!(
        objections(json!({"language": "portuguese", "workflow_type": "nope"})),
        2
    );
}
