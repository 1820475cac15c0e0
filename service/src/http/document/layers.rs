//! What the layers around the operations answer in their place (`crate::http` lists them), and who needs no credential.
//!
//! An operation that documents such an answer itself keeps its own words. A 405 is the path's and not an operation's, and a
//! 500 is a bug, which no document promises.

use serde_json::{Value, json};

use crate::http::admission::WATCHED;
use crate::http::document::{Operation, each_operation};
use crate::http::problem::MEDIA_TYPE;

pub(super) fn apply(document: &mut Value) {
    each_operation(document, |operation| {
        if !operation.is_secured() {
            // Said aloud: a document that says nothing of it may have forgotten it.
            operation.value["security"] = json!([]);
        }
        if !WATCHED.contains(&operation.path) {
            answers(operation, 429, "Asked too often.");
            answers(operation, 503, "Too much is being worked on.");
        }
        if operation.is_secured() {
            answers(
                operation,
                401,
                "There is no credential, or one that is not believed.",
            );
            answers(
                operation,
                503,
                "What credentials are checked with is not available.",
            );
        }
        if operation.has_body() {
            answers(operation, 400, "The body is not JSON.");
            answers(operation, 408, "The body did not arrive in time.");
            answers(operation, 413, "The body is too large.");
            answers(operation, 415, "The body is not declared as JSON.");
            answers(
                operation,
                422,
                "A field has the wrong type or an impossible value.",
            );
        }
    });
}

/// Documents a problem of this status, in the words of the operation if it has any.
fn answers(operation: &mut Operation<'_>, status: u16, why: &str) {
    let answer = &mut operation.value["responses"][status.to_string()];
    if answer.is_null() {
        *answer = json!({"description": why, "headers": {}, "content": {}});
    } else if answer["content"].get(MEDIA_TYPE).is_none() {
        // A report of health, in whose place this may come.
        let words = answer["description"].as_str().unwrap_or_default();
        answer["description"] = format!("{words} Or, as a problem: {why}").into();
    }
    answer["content"][MEDIA_TYPE] = json!({"schema": {"$ref": "#/components/schemas/Problem"}});
}
