//! Members of JSON answers that came, went or are of another type.
//!
//! Compared are places and types, never values: those differ between any two runs, and answers from production are kept
//! without them. A member went when every answer of the earlier run to a request has it and none of the later run does.
//! Maps, whose keys are data, are one place whatever the keys are; an empty list says nothing of its items; null is a
//! value of any type.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::compare::Seen;
use crate::compare::pairs::{Answer, Pairs};
use crate::model::diff::{Change, Cost, Kind};

/// The most places of one answer that are looked at.
const MOST: usize = 2_000;

/// Place by place, with `*` for the items of a list, the types that were seen there.
type Shape = BTreeMap<String, BTreeSet<&'static str>>;

/// Every change of shape. Where both runs had a contract, it says what a client may rely on, and is compared and kept to
/// by other means: then a member that went breaks nothing by itself, since it may have been optional.
pub(super) fn changed(pairs: &Pairs<'_>, documented: bool) -> Vec<Change> {
    let mut seen = Seen::default();
    for (status, pair) in pairs.alike() {
        let (Some(before), Some(after)) = (shapes(&pair.before), shapes(&pair.after)) else {
            continue;
        };
        let breaking = if documented || !(200..300).contains(&status) {
            Cost::Nothing
        } else {
            Cost::Breaking
        };
        let subject = format!("{} → {status}", pair.operation);
        let (old, new) = (merged(&before), merged(&after));
        let gone = went(&before, &after, &new).map(|at| (breaking, format!("the member {at} is gone")));
        let came = went(&after, &before, &old).map(|at| (Cost::Nothing, format!("the member {at} is new")));
        let other = retyped(&old, &new).map(|what| (breaking, what));
        for told in gone.chain(came).chain(other) {
            seen.at(&subject, told);
        }
    }
    seen.told(Kind::Body)
}

/// The shape of each answer; none when one of them is no whole JSON, or is a document about the service.
fn shapes(answers: &[Answer<'_>]) -> Option<Vec<Shape>> {
    let shape = |(_, reply): &Answer<'_>| {
        let body = reply.body.json()?;
        let document = ["openapi", "swagger"]
            .iter()
            .any(|member| body.get(member).is_some());
        if document {
            return None;
        }
        let mut shape = Shape::new();
        walk(&body, &mut String::new(), &mut shape);
        Some(shape)
    };
    answers.iter().map(shape).collect()
}

fn walk(value: &Value, at: &mut String, shape: &mut Shape) {
    if shape.len() >= MOST {
        return;
    }
    shape.entry(at.clone()).or_default().insert(kind(value));
    let depth = at.len();
    match value {
        Value::Object(members) => {
            let map = members.keys().any(|name| is_data(name));
            for (name, member) in members {
                at.push('/');
                at.push_str(if map { "{key}" } else { name });
                walk(member, at, shape);
                at.truncate(depth);
            }
        }
        Value::Array(items) => {
            for item in items {
                at.push_str("/*");
                walk(item, at, shape);
                at.truncate(depth);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// Whether a name is data rather than a word that a programmer chose: an id, a date, a path.
fn is_data(name: &str) -> bool {
    let digits = name.bytes().filter(u8::is_ascii_digit).count();
    let word = name
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"_-.$@".contains(&byte));
    !word
        || name.is_empty()
        || name.len() > 64
        || digits > 3
        || name.starts_with(|c: char| c.is_ascii_digit())
}

fn merged(shapes: &[Shape]) -> Shape {
    let mut all = Shape::new();
    for (at, kinds) in shapes.iter().flatten() {
        all.entry(at.clone()).or_default().extend(kinds);
    }
    all
}

/// Places that each answer of one run has and no answer of the other, whose parent is an object in both and has some member
/// in common: a whole that is another thing is told by its type, and a map by none of its keys.
fn went<'s>(had: &'s [Shape], has: &'s [Shape], all: &'s Shape) -> impl Iterator<Item = String> + 's {
    let shared = had
        .iter()
        .flat_map(BTreeMap::keys)
        .filter(|at| all.contains_key(*at));
    let shared: BTreeSet<&str> = shared.filter_map(|at| Some(at.rsplit_once('/')?.0)).collect();
    let objects = has
        .iter()
        .flatten()
        .filter(|(_, kinds)| kinds.contains("an object"));
    let objects: BTreeSet<&str> = objects.map(|(at, _)| at.as_str()).collect();
    let first = had.first().into_iter().flat_map(BTreeMap::keys);
    first
        .filter(|at| had.iter().all(|shape| shape.contains_key(*at)) && !all.contains_key(*at))
        .filter(move |at| {
            let parent = at.rsplit_once('/').map(|(parent, _)| parent);
            parent.is_some_and(|parent| shared.contains(parent) && objects.contains(parent))
        })
        .cloned()
}

fn retyped<'s>(old: &'s Shape, new: &'s Shape) -> impl Iterator<Item = String> + 's {
    let both = old
        .iter()
        .filter_map(|(at, kinds)| Some((at, kinds, new.get(at)?)));
    both.filter(|(_, old, new)| old.is_disjoint(new) && !old.contains("null") && !new.contains("null"))
        .map(|(at, old, new)| {
            let place = if at.is_empty() {
                "the body".to_owned()
            } else {
                format!("the member {at}")
            };
            let said =
                |kinds: &BTreeSet<&'static str>| kinds.iter().copied().collect::<Vec<_>>().join(" or ");
            format!("{place} was {} and is {}", said(old), said(new))
        })
}
