//! The calls that do the work: shared by the rules that judge what their answers say besides the text.

use serde_json::Value;

use crate::check::view::View;
use crate::model::capture::End;
use crate::model::exchange::{Exchange, Reply};

/// The answer to a successful call of an operation that must be seen working, and its JSON.
pub fn done<'e>(exchange: &'e Exchange, view: &View<'_>) -> Option<(&'e Reply, Value)> {
    let target = view.target;
    let calls = target.proofs.iter().map(|proof| &proof.call);
    let mut calls = calls.chain(target.transcription.iter().map(|role| &role.call));
    let probe = &exchange.probe;
    let reply = exchange.answer()?;
    let here = calls.any(|call| call.method == probe.method && call.path == probe.path_text());
    let whole = here && (200..300).contains(&reply.status) && reply.body.end == End::Complete;
    whole.then(|| Some((reply, reply.body.json()?))).flatten()
}

/// Every member of a document, at any depth, with its place and name. Depth is bounded, as documents are a stranger's.
pub fn members(value: &Value) -> Vec<(String, String, &Value)> {
    let mut found = Vec::new();
    walk(value, String::new(), 8, &mut found);
    found
}

fn walk<'v>(value: &'v Value, at: String, depth: u8, found: &mut Vec<(String, String, &'v Value)>) {
    if depth == 0 {
        return;
    }
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                let place = format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
                found.push((place.clone(), name.to_lowercase(), member));
                walk(member, place, depth - 1, found);
            }
        }
        Value::Array(items) => {
            for (position, item) in items.iter().enumerate().take(50) {
                walk(item, format!("{at}/{position}"), depth - 1, found);
            }
        }
        _ => {}
    }
}
