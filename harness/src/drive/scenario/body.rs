//! The body of a step's request.

use serde_json::Value;

use crate::contract::media::MediaType;
use crate::drive::scenario::evaluate;
use crate::drive::scenario::fill::{Making, Unsendable};
use crate::drive::scenario::secrets::{Strand, is_credential};
use crate::drive::scenario::values::{Form, Scene};
use crate::model::probe::{Body, Text};
use crate::scenario::call::Promised;
use crate::scenario::document::{Language, Replacement};
use crate::scenario::expression::Expression;
use crate::scenario::serialise;
use crate::scenario::source::{Node, Tree};
use crate::scenario::template::{self, Piece, embedded};

/// What stands between the parts of a form that is sent in parts.
const BOUNDARY: &str = "greenlight-part-of-a-form";

/// The body's recipe.
pub(super) fn of(making: &mut Making<'_>, promised: Option<Promised<'_>>) -> Result<Body, Unsendable> {
    let Some(written) = &making.standing.step.body else {
        return Ok(Body::Empty);
    };
    let Some(payload) = &written.payload else {
        return Ok(Body::Empty);
    };
    let scene = making.standing.scene;
    let raw = replaced(payload, &written.replacements, &scene, Form::Raw)?;
    let shown = replaced(payload, &written.replacements, &scene, Form::Shown)?;
    let said = written.content_type.as_ref().map(|word| word.value.clone());
    let in_header = making
        .headers
        .iter()
        .position(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    let in_header = in_header.map(|at| making.headers.remove(at).1);
    let in_header = in_header.and_then(|strands| match &*strands {
        [Strand::Open(text)] => Some(text.clone()),
        _ => None,
    });
    let media = said.or(in_header).unwrap_or_else(|| media_type(&raw, promised));
    making.requested.body.put("", raw.clone(), Some(shown.clone()));
    let kind = MediaType::parse(&media);
    let is = |essence: &str| kind.as_ref().is_some_and(|kind| kind.is(essence));
    if is("multipart/form-data") {
        return parts(making, &raw, &shown);
    }
    if is("application/x-www-form-urlencoded") && raw.is_object() {
        let strands = form(making, &raw, &shown);
        return Ok(text(making, media, strands));
    }
    if let (Value::String(_), Some(pieces)) = (&raw, pieces(payload, &written.replacements)) {
        let strands = written_out(making, pieces)?;
        return Ok(text(making, media, strands));
    }
    if !kind.as_ref().is_some_and(MediaType::is_json) {
        let strand = making.strand(&raw, &shown, embedded(&raw), "body", false);
        return Ok(text(making, media, vec![strand]));
    }
    let mut strands = Vec::new();
    json(making, (&raw, &shown), "body", &mut strands);
    let open = strands.iter().all(|strand| matches!(strand, Strand::Open(_)));
    if open && media.eq_ignore_ascii_case("application/json") {
        return Ok(Body::Json {
            value: raw,
            inserts: Vec::new(),
        });
    }
    Ok(text(making, media, strands))
}

fn text(making: &mut Making<'_>, media_type: String, strands: Vec<Strand>) -> Body {
    Body::Text {
        media_type,
        text: match strands.is_empty() {
            true => Text::Lit(String::new()),
            false => making.secrets.woven(strands),
        },
    }
}

/// The media type when the document does not say: the contract's, JSON before others.
fn media_type(raw: &Value, promised: Option<Promised<'_>>) -> String {
    let described = promised.and_then(|promised| promised.operation.request_body.as_ref());
    let media = described.into_iter().flat_map(|body| &body.media);
    let concrete: Vec<&String> = media
        .map(|media| &media.media_type)
        .filter(|name| !name.contains('*'))
        .collect();
    let json = concrete.iter().find(|name| name.contains("json"));
    match (json.or(concrete.first()), raw) {
        (Some(name), _) => (*name).clone(),
        (None, Value::String(_)) => "text/plain".to_owned(),
        (None, _) => "application/json".to_owned(),
    }
}

/// The payload with what takes the place of its parts.
fn replaced(
    payload: &Node,
    replacements: &[Replacement],
    scene: &Scene<'_>,
    form: Form,
) -> Result<Value, Unsendable> {
    let mut value = evaluate::value(payload, scene, form)?;
    for replacement in replacements {
        let new = match evaluate::value(&replacement.value, scene, form) {
            Err(missing) if missing.is_input => continue,
            other => other?,
        };
        let target = &replacement.target.value;
        let pointers = match replacement.language {
            Language::JsonPath => pointers(&value, target),
            _ => vec![target.clone()],
        };
        for pointer in pointers {
            if !put(&mut value, &pointer, &new) {
                return Err(Unsendable::Other(format!(
                    "its payload has no place at `{target}`"
                )));
            }
        }
    }
    Ok(value)
}

/// The places that a query selects, as JSON Pointers.
fn pointers(value: &Value, query: &str) -> Vec<String> {
    let Ok(query) = serde_json_path::JsonPath::parse(query) else {
        return Vec::new();
    };
    let located = query.query_located(value);
    located.locations().map(|place| place.to_json_pointer()).collect()
}

/// Puts a value at a JSON Pointer; the last member is made when it is not there, and `-` is behind the last element.
fn put(value: &mut Value, pointer: &str, new: &Value) -> bool {
    if pointer.is_empty() {
        *value = new.clone();
        return true;
    }
    let Some((parent, last)) = pointer.rsplit_once('/') else {
        return false;
    };
    let last = last.replace("~1", "/").replace("~0", "~");
    match value.pointer_mut(parent) {
        Some(Value::Object(members)) => {
            members.insert(last, new.clone());
            true
        }
        Some(Value::Array(items)) if last == "-" => {
            items.push(new.clone());
            true
        }
        Some(Value::Array(items)) => {
            let slot = last.parse().ok().and_then(|at: usize| items.get_mut(at));
            slot.map(|slot| *slot = new.clone()).is_some()
        }
        _ => false,
    }
}

/// The pieces of a payload that is a text with expressions in it.
fn pieces(payload: &Node, replacements: &[Replacement]) -> Option<Vec<Piece>> {
    match &payload.tree {
        Tree::Text(text) if replacements.is_empty() && !Expression::is_meant(text) => {
            template::parse(text).ok()
        }
        _ => None,
    }
}

fn written_out(making: &mut Making<'_>, pieces: Vec<Piece>) -> Result<Vec<Strand>, Unsendable> {
    let mut strands = Vec::new();
    for piece in pieces {
        match piece {
            Piece::Text(text) => strands.push(Strand::Open(text)),
            Piece::Expression(expression) => {
                let scene = making.standing.scene;
                let raw = evaluate::look(&expression, &scene, Form::Raw)?;
                let shown = evaluate::look(&expression, &scene, Form::Shown)?;
                strands.push(making.strand(&raw, &shown, embedded(&raw), "body", false));
            }
        }
    }
    Ok(strands)
}

/// JSON, of which only those values are held that may not be seen.
fn json(making: &Making<'_>, (raw, shown): (&Value, &Value), name: &str, strands: &mut Vec<Strand>) {
    let open = |text: &str| Strand::Open(text.to_owned());
    match (raw, shown) {
        (Value::Object(members), Value::Object(others))
            if members.len() == others.len() && members.keys().all(|key| others.contains_key(key)) =>
        {
            strands.push(open("{"));
            for (at, (key, value)) in members.iter().enumerate() {
                let comma = if at == 0 { "" } else { "," };
                strands.push(open(&format!("{comma}{}:", Value::String(key.clone()))));
                json(making, (value, &others[key]), key, strands);
            }
            strands.push(open("}"));
        }
        (Value::Array(items), Value::Array(others)) if items.len() == others.len() => {
            strands.push(open("["));
            for (at, (item, other)) in items.iter().zip(others).enumerate() {
                strands.push(open(if at == 0 { "" } else { "," }));
                json(making, (item, other), name, strands);
            }
            strands.push(open("]"));
        }
        (Value::String(text), _) if raw != shown || is_credential(name) => {
            // The quotes stay outside, so that a shell can put the value in their place.
            let inside = raw.to_string();
            let inside = inside.get(1..inside.len() - 1).unwrap_or(text).to_owned();
            strands.extend([
                open("\""),
                making.strand(raw, shown, inside, name, true),
                open("\""),
            ]);
        }
        _ => strands.push(making.strand(raw, shown, raw.to_string(), name, false)),
    }
}

/// A form, of which only those values are held that may not be seen.
fn form(making: &Making<'_>, raw: &Value, shown: &Value) -> Vec<Strand> {
    let mut strands = Vec::new();
    for (name, value) in raw.as_object().into_iter().flatten() {
        let comma = if strands.is_empty() { "" } else { "&" };
        let other = shown.get(name).unwrap_or(&Value::Null);
        let whole = serialise::form(&serde_json::json!({ name.as_str(): value }));
        match (value, whole.split_once('=')) {
            (Value::Array(_), _) | (_, None) => {
                strands.push(Strand::Open(comma.to_owned()));
                strands.push(making.strand(value, other, whole, name, is_credential(name)));
            }
            (_, Some((key, spelt))) => {
                strands.push(Strand::Open(format!("{comma}{key}=")));
                let spelt = spelt.to_owned();
                strands.push(making.strand(value, other, spelt, name, is_credential(name)));
            }
        }
    }
    strands
}

/// A form in parts (RFC 7578), of texts.
fn parts(making: &mut Making<'_>, raw: &Value, shown: &Value) -> Result<Body, Unsendable> {
    let Some(members) = raw.as_object() else {
        return Err(Unsendable::Other(
            "a form in parts takes a map as payload".to_owned(),
        ));
    };
    let mut strands = Vec::new();
    for (name, value) in members {
        let other = shown.get(name).unwrap_or(&Value::Null);
        let quoted = name.replace('"', "%22").replace(['\r', '\n'], " ");
        let kind = match value {
            Value::Object(_) | Value::Array(_) => "Content-Type: application/json\r\n",
            _ => "",
        };
        let head = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{quoted}\"\r\n{kind}\r\n");
        strands.push(Strand::Open(head));
        strands.push(making.strand(value, other, embedded(value), name, is_credential(name)));
        strands.push(Strand::Open("\r\n".to_owned()));
    }
    strands.push(Strand::Open(format!("--{BOUNDARY}--\r\n")));
    Ok(text(
        making,
        format!("multipart/form-data; boundary={BOUNDARY}"),
        strands,
    ))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_replacement_is_put_where_its_pointer_leads() {
        let mut value = json!({"a": [1, 2], "b/c": {}});
        for (pointer, new, done) in [
            ("/a/0", json!(9), true),
            ("/a/-", json!(3), true),
            ("/b~1c/d", json!("e"), true),
            ("/a/7", json!(0), false),
            ("/x/y", json!(0), false),
        ] {
            assert_eq!(put(&mut value, pointer, &new), done, "{pointer}");
        }
        assert_eq!(value, json!({"a": [9, 2, 3], "b/c": {"d": "e"}}));
        assert!(put(&mut value, "", &json!(1)) && value == json!(1));
        assert_eq!(
            pointers(&json!({"a": [{"b": 1}, {"b": 2}]}), "$.a[*].b"),
            ["/a/0/b", "/a/1/b"]
        );
    }
}
