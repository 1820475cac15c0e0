//! Answers that several operations have to the letter: told of once, and named where they are given.

use std::collections::BTreeMap;

use poem::http::StatusCode;
use serde_json::{Map, Value, json};

use crate::http::document::each_operation;

pub(super) fn apply(document: &mut Value) {
    let mut seen: BTreeMap<(u16, String), u16> = BTreeMap::new();
    each_operation(document, |operation| {
        for (status, answer) in operation.answers().filter(|(status, _)| *status >= 400) {
            *seen.entry((status, answer.to_string())).or_default() += 1;
        }
    });
    let named = names(&seen);
    let mut shared = Map::new();
    each_operation(document, |operation| {
        for (status, answer) in operation.answers() {
            if let Some(name) = named.get(&(status, answer.to_string())) {
                let told =
                    std::mem::replace(answer, json!({"$ref": format!("#/components/responses/{name}")}));
                shared.insert(name.clone(), told);
            }
        }
    });
    document["components"]["responses"] = Value::Object(shared);
}

/// A name for each answer that is given more than once; the commonest of a status has the plain one.
fn names(seen: &BTreeMap<(u16, String), u16>) -> BTreeMap<(u16, String), String> {
    let mut often: Vec<_> = seen.iter().filter(|(_, times)| **times > 1).collect();
    often.sort_by_key(|((status, text), times)| (*status, std::cmp::Reverse(**times), text.clone()));
    let mut of_status: BTreeMap<u16, u16> = BTreeMap::new();
    let name = |((status, text), _): (&(u16, String), &u16)| {
        let nth = of_status.entry(*status).or_default();
        *nth += 1;
        let plain = plain_name(*status);
        let name = if *nth == 1 { plain } else { format!("{plain}{nth}") };
        ((*status, text.clone()), name)
    };
    often.into_iter().map(name).collect()
}

/// `TooManyRequests` for 429.
fn plain_name(status: u16) -> String {
    let known = StatusCode::from_u16(status).ok();
    let reason = known
        .and_then(|status| status.canonical_reason())
        .unwrap_or("Other");
    reason.split(' ').collect()
}
