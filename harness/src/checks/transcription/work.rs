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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::asks;
    use crate::check::testing::{answered, target};
    use crate::model::exchange::Outcome;

    /// Whether an answer of this status and end, to this request, counts as work that was done.
    fn is_done(method: &str, path: &str, status: u16, end: End) -> bool {
        let target = target();
        let mut probe = asks::proof(&target, &target.proofs[0]);
        probe.method = method.into();
        probe.path = path.into();
        let mut exchange = answered(1, &probe, status, &[], "{}");
        if let Outcome::Answered(reply) = &mut exchange.reply {
            reply.body.end = end;
        }
        done(&exchange, &View::new(&target, None, &[], &[])).is_some()
    }

    #[test]
    fn only_a_whole_success_of_the_operation_is_work() {
        assert!(is_done("POST", "/summaries", 201, End::Complete));
        for (method, path, status, end) in [
            ("GET", "/summaries", 200, End::Complete),
            ("POST", "/titles", 200, End::Complete),
            ("POST", "/summaries", 422, End::Complete),
            ("POST", "/summaries", 200, End::Reset),
        ] {
            assert!(
                !is_done(method, path, status, end),
                "{method} {path} {status} {end:?}"
            );
        }
    }

    #[test]
    fn a_document_is_walked_eight_deep() {
        let nested = |open: &str, close: &str, inner: &str| {
            let text = format!("{}{inner}{}", open.repeat(10), close.repeat(10));
            members(&serde_json::from_str(&text).unwrap()).len()
        };
        assert_eq!(nested(r#"{"a":"#, "}", "1"), 8);
        assert_eq!(nested("[", "]", r#"{"a":1}"#), 0);
    }
}
