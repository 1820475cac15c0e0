//! How one answer leads to the next operation (OpenAPI 3.0.3 §4.7.20): what a client, and a verifier, can follow.

use serde_json::{Value, json};

use crate::http::document::each_operation;

/// From an operation and its success, by a name, to an operation with this parameter taken from here.
const LINKS: &[(&str, u16, &str, &str, (&str, &str))] = &[
    (
        "orchestrate",
        200,
        "ReadWhatWasKept",
        "readCuration",
        ("id", "$response.body#/results/curation_id"),
    ),
    (
        "orchestrate",
        200,
        "DeleteWhatWasKept",
        "deleteCuration",
        ("id", "$response.body#/results/curation_id"),
    ),
    (
        "listCurations",
        200,
        "NextPage",
        "listCurations",
        ("cursor", "$response.body#/next_cursor"),
    ),
    (
        "listCurations",
        200,
        "ReadTheNewest",
        "readCuration",
        ("id", "$response.body#/items/0/id"),
    ),
    (
        "listCurations",
        200,
        "DeleteTheNewest",
        "deleteCuration",
        ("id", "$response.body#/items/0/id"),
    ),
    (
        "deleteCuration",
        204,
        "ReadWhatIsGone",
        "readCuration",
        ("id", "$request.path.id"),
    ),
    (
        "putConceptCategories",
        200,
        "ReadThem",
        "readConceptCategories",
        ("entity_type", "$response.body#/entity_type"),
    ),
    (
        "putConceptCategories",
        200,
        "DeleteThem",
        "deleteConceptCategories",
        ("entity_type", "$response.body#/entity_type"),
    ),
];

pub(super) fn apply(document: &mut Value) {
    each_operation(document, |operation| {
        let from = operation.name.clone();
        for (_, status, name, to, (parameter, source)) in LINKS.iter().filter(|link| link.0 == from) {
            let answer = &mut operation.value["responses"][status.to_string()];
            answer["links"][*name] = json!({"operationId": to, "parameters": {*parameter: source}});
        }
    });
}
