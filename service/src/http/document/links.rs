//! How one answer leads to the next operation (OpenAPI 3.0.3 §4.7.20): what a client, and a verifier, can follow.

use serde_json::{Value, json};

use crate::http::document::each_operation;

/// From the success of an operation to another one, whose parameter is taken from there.
struct Link {
    from: &'static str,
    status: u16,
    name: &'static str,
    to: &'static str,
    parameter: &'static str,
    source: &'static str,
}

const fn link(
    from: (&'static str, u16),
    name: &'static str,
    to: &'static str,
    parameter: (&'static str, &'static str),
) -> Link {
    Link {
        from: from.0,
        status: from.1,
        name,
        to,
        parameter: parameter.0,
        source: parameter.1,
    }
}

const KEPT: (&str, &str) = ("id", "$response.body#/results/curation_id");
const NEWEST: (&str, &str) = ("id", "$response.body#/items/0/id");
const NEXT: (&str, &str) = ("cursor", "$response.body#/next_cursor");
const SAME: (&str, &str) = ("id", "$request.path.id");
const KIND: (&str, &str) = ("entity_type", "$response.body#/entity_type");

const ORCHESTRATE: (&str, u16) = ("orchestrate", 200);
const LIST: (&str, u16) = ("listCurations", 200);
const PUT: (&str, u16) = ("putConceptCategories", 200);

const LINKS: &[Link] = &[
    link(ORCHESTRATE, "ReadWhatWasKept", "readCuration", KEPT),
    link(ORCHESTRATE, "DeleteWhatWasKept", "deleteCuration", KEPT),
    link(LIST, "NextPage", "listCurations", NEXT),
    link(LIST, "ReadTheNewest", "readCuration", NEWEST),
    link(LIST, "DeleteTheNewest", "deleteCuration", NEWEST),
    link(("deleteCuration", 204), "ReadWhatIsGone", "readCuration", SAME),
    link(PUT, "ReadThem", "readConceptCategories", KIND),
    link(PUT, "DeleteThem", "deleteConceptCategories", KIND),
];

pub(super) fn apply(document: &mut Value) {
    each_operation(document, |operation| {
        for link in LINKS.iter().filter(|link| link.from == operation.name) {
            let answer = &mut operation.value["responses"][link.status.to_string()];
            answer["links"][link.name] =
                json!({"operationId": link.to, "parameters": {link.parameter: link.source}});
        }
    });
}
