//! The body of a step's request.

use serde_json::{Value, json};

use crate::contract::media::MediaType;
use crate::contract::place;
use crate::drive::scenario::evaluate;
use crate::drive::scenario::fill::{Making, Unsendable};
use crate::drive::scenario::payload::replaced;
use crate::drive::scenario::secrets::{Strand, is_credential};
use crate::drive::scenario::values::Form;
use crate::model::probe::{Body, Change, Content, Insert, Part, Text};
use crate::scenario::call::{Book, Promised};
use crate::scenario::document::{Replacement, RequestBody};
use crate::scenario::expression::Expression;
use crate::scenario::serialise;
use crate::scenario::source::{Node, Tree};
use crate::scenario::template::{self, Piece, embedded};

/// The body's recipe.
pub(super) fn of(making: &mut Making<'_>, promised: Option<Promised<'_>>) -> Result<Body, Unsendable> {
    let Some(written) = &making.standing.step.body else {
        return Ok(Body::Empty);
    };
    let files = files(making.standing.book, written);
    let said = said(making, written);
    if let [file] = &*files
        && file.target.is_none()
    {
        return whole(file, said, promised);
    }
    let scene = making.standing.scene;
    let (raw, shown) = match &written.payload {
        None if files.is_empty() => return Ok(Body::Empty),
        None => (json!({}), json!({})),
        Some(payload) => (
            replaced(payload, &written.replacements, &scene, Form::Raw)?,
            replaced(payload, &written.replacements, &scene, Form::Shown)?,
        ),
    };
    making.requested.body.put("", raw.clone(), Some(shown.clone()));
    let media = said.unwrap_or_else(|| media_type(&raw, promised));
    let kind = MediaType::parse(&media);
    let is = |essence: &str| kind.as_ref().is_some_and(|kind| kind.is(essence));
    if is("multipart/form-data") {
        return parts(making, (&raw, &shown), &files);
    }
    if kind.as_ref().is_some_and(MediaType::is_json) {
        return json_body(making, media, (raw, shown), &files);
    }
    if let Some(file) = files.first() {
        return Err(Unsendable::Other(format!(
            "{} goes into JSON or a form in parts, and this body is {media}",
            file.sample
        )));
    }
    if is("application/x-www-form-urlencoded") && raw.is_object() {
        let strands = form(making, &raw, &shown);
        return Ok(text(making, media, strands));
    }
    let pieces = written
        .payload
        .as_ref()
        .and_then(|payload| pieces(payload, &written.replacements));
    let strands = match (&raw, pieces) {
        (Value::String(_), Some(pieces)) => written_out(making, pieces)?,
        _ => vec![making.strand(&raw, &shown, embedded(&raw), "body", false)],
    };
    Ok(text(making, media, strands))
}

/// A file that is the whole body.
fn whole(file: &File, said: Option<String>, promised: Option<Promised<'_>>) -> Result<Body, Unsendable> {
    let media_type = said
        .or_else(|| file.media_type.clone())
        .unwrap_or_else(|| file_type(promised));
    let kind = MediaType::parse(&media_type);
    let is = |essence: &str| kind.as_ref().is_some_and(|kind| kind.is(essence));
    if is("multipart/form-data") || is("application/x-www-form-urlencoded") {
        return Err(Unsendable::Other(format!(
            "{} is the whole body, and {media_type} takes names: say its `target`",
            file.sample
        )));
    }
    Ok(Body::File {
        media_type,
        sample: file.sample.clone(),
    })
}

/// A file of a body.
struct File {
    /// Its name among the samples of the run.
    sample: String,
    target: Option<String>,
    media_type: Option<String>,
}

fn files(book: &Book, written: &RequestBody) -> Vec<File> {
    let files = written.files.iter().map(|file| File {
        sample: book.beside(&file.path.value),
        target: file.target.as_ref().map(|word| word.value.clone()),
        media_type: file.content_type.as_ref().map(|word| word.value.clone()),
    });
    files.collect()
}

/// The media type that the step says: of its body, else as a header field.
fn said(making: &mut Making<'_>, written: &RequestBody) -> Option<String> {
    let said = written.content_type.as_ref().map(|word| word.value.clone());
    let mut headers = making.headers.iter();
    let in_header = headers.position(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    let in_header = in_header.map(|at| making.headers.remove(at).1);
    let in_header = in_header.and_then(|strands| match &*strands {
        [Strand::Open(text)] => Some(text.clone()),
        _ => None,
    });
    said.or(in_header)
}

/// The media type of a file that is the whole body, when the document does not say: the first of the contract that is no text.
fn file_type(promised: Option<Promised<'_>>) -> String {
    let kinds = concrete(promised);
    let binary = kinds.iter().find(|name| {
        let kind = MediaType::parse(name);
        !name.starts_with("text/") && !kind.as_ref().is_some_and(MediaType::is_json)
    });
    binary.map_or_else(|| "application/octet-stream".to_owned(), |name| (*name).clone())
}

/// JSON, with the files in it as base64.
fn json_body(
    making: &mut Making<'_>,
    media: String,
    (raw, shown): (Value, Value),
    files: &[File],
) -> Result<Body, Unsendable> {
    let mut inserts = Vec::new();
    for file in files {
        let at = file.target.clone().unwrap_or_default();
        inserts.push(Insert {
            at,
            sample: file.sample.clone(),
            change: Change::None,
        });
    }
    let (mut with, mut seen) = (raw, shown);
    for insert in &inserts {
        // Both alike, or they could not be told apart member by member.
        for value in [&mut with, &mut seen] {
            let slot = insert.slot(value);
            let slot = slot
                .ok_or_else(|| Unsendable::Other(format!("its payload has no place at `{}`", insert.at)))?;
            *slot = Value::Null;
        }
    }
    let mut strands = Vec::new();
    let place = Place {
        name: "body",
        at: String::new(),
        inserts: &inserts,
    };
    json_strands(making, (&with, &seen), &place, &mut strands);
    let placed = strands.iter().filter(|strand| matches!(strand, Strand::File(_)));
    if placed.count() != files.len() {
        return Err(Unsendable::Other(
            "its files have no places of their own in the payload".to_owned(),
        ));
    }
    let open = strands
        .iter()
        .all(|strand| matches!(strand, Strand::Open(_) | Strand::File(_)));
    if open && media.eq_ignore_ascii_case("application/json") {
        return Ok(Body::Json { value: with, inserts });
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

/// The media types that the contract names for the body.
fn concrete(promised: Option<Promised<'_>>) -> Vec<&String> {
    let described = promised.and_then(|promised| promised.operation.request_body.as_ref());
    let media = described.into_iter().flat_map(|body| &body.media);
    let names = media.map(|media| &media.media_type);
    names.filter(|name| !name.contains('*')).collect()
}

/// The media type when the document does not say: the contract's, JSON before others.
fn media_type(raw: &Value, promised: Option<Promised<'_>>) -> String {
    let concrete = concrete(promised);
    let json = concrete.iter().find(|name| name.contains("json"));
    match (json.or(concrete.first()), raw) {
        (Some(name), _) => (*name).clone(),
        (None, Value::String(_)) => "text/plain".to_owned(),
        (None, _) => "application/json".to_owned(),
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

/// Where in a JSON document something stands.
struct Place<'p> {
    /// The name of the member that it belongs to.
    name: &'p str,
    /// Its JSON Pointer.
    at: String,
    /// Where files stand.
    inserts: &'p [Insert],
}

impl<'p> Place<'p> {
    fn below(&self, key: &str, name: &'p str) -> Place<'p> {
        Place {
            name,
            at: place::push(&self.at, key),
            inserts: self.inserts,
        }
    }
}

/// JSON, of which only those values are held that may not be seen.
fn json_strands(
    making: &Making<'_>,
    (raw, shown): (&Value, &Value),
    place: &Place<'_>,
    strands: &mut Vec<Strand>,
) {
    let open = |text: &str| Strand::Open(text.to_owned());
    if let Some(insert) = place.inserts.iter().find(|insert| insert.at == place.at) {
        return strands.extend([open("\""), Strand::File(insert.sample.clone()), open("\"")]);
    }
    match (raw, shown) {
        (Value::Object(members), Value::Object(others))
            if members.len() == others.len() && members.keys().all(|key| others.contains_key(key)) =>
        {
            strands.push(open("{"));
            for (at, (key, value)) in members.iter().enumerate() {
                let comma = if at == 0 { "" } else { "," };
                strands.push(open(&format!("{comma}{}:", Value::String(key.clone()))));
                json_strands(making, (value, &others[key]), &place.below(key, key), strands);
            }
            strands.push(open("}"));
        }
        (Value::Array(items), Value::Array(others)) if items.len() == others.len() => {
            strands.push(open("["));
            for (at, pair) in items.iter().zip(others).enumerate() {
                strands.push(open(if at == 0 { "" } else { "," }));
                json_strands(making, pair, &place.below(&at.to_string(), place.name), strands);
            }
            strands.push(open("]"));
        }
        (Value::String(text), _) if raw != shown || is_credential(place.name) => {
            // The quotes stay outside, so that a shell can put the value in their place.
            let inside = raw.to_string();
            let inside = inside.get(1..inside.len() - 1).unwrap_or(text).to_owned();
            strands.extend([
                open("\""),
                making.strand(raw, shown, inside, place.name, true),
                open("\""),
            ]);
        }
        _ => strands.push(making.strand(raw, shown, raw.to_string(), place.name, false)),
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

/// A form in parts (RFC 7578): texts, and files under the names that their targets say.
fn parts(
    making: &mut Making<'_>,
    (raw, shown): (&Value, &Value),
    files: &[File],
) -> Result<Body, Unsendable> {
    let Some(members) = raw.as_object() else {
        return Err(Unsendable::Other(
            "a form in parts takes a map as payload".to_owned(),
        ));
    };
    let mut parts = Vec::new();
    for (name, value) in members {
        let other = shown.get(name).unwrap_or(&Value::Null);
        let strand = making.strand(value, other, embedded(value), name, is_credential(name));
        parts.push(Part {
            name: name.clone(),
            media_type: (value.is_object() || value.is_array()).then(|| "application/json".to_owned()),
            content: Content::Text(making.secrets.woven(vec![strand])),
        });
    }
    for file in files {
        let name = file.target.as_deref().unwrap_or_default().trim_start_matches('/');
        let name = name.replace("~1", "/").replace("~0", "~");
        let part = Part {
            media_type: Some(
                file.media_type
                    .clone()
                    .unwrap_or_else(|| "application/octet-stream".to_owned()),
            ),
            content: Content::File(file.sample.clone()),
            name,
        };
        // A file takes the place of a text; several files may have one name.
        parts.retain(|other| other.name != part.name || other.content.text().is_none());
        parts.push(part);
    }
    Ok(Body::Parts { parts })
}
