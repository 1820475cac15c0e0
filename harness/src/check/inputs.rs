//! The bodies that an operation must refuse or at least survive, made from one that it accepts, one defect each.

use serde_json::{Value, json};

use crate::check::asks;
use crate::model::capture::Octets;
use crate::model::probe::{Body, Change, Mutation, Piece, Probe, Text};
use crate::model::target::{Call, Target, Transcription};

/// What is wrong with a body, or unusual about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Defect {
    /// It is cut off in the middle.
    Broken,
    /// An object without a member.
    Nothing,
    /// An array where an object is expected.
    Array,
    /// No byte at all, declared as JSON.
    EmptyBody,
    /// Bytes that are no text, declared as bytes.
    Octets,
    /// Bytes that are no UTF-8 inside a JSON string (RFC 8259 §8.1).
    NotUtf8,
    /// Arrays in arrays, thousands deep, and none of them closed.
    Nested,
    /// A number where text is expected.
    NumberForText,
    /// A text without a character.
    EmptyText,
    /// U+0000 inside a text. JSON allows it; many databases do not.
    Nul,
    /// Half of a surrogate pair inside a text. JSON's grammar allows it; no Unicode text may hold it (RFC 8259 §8.2).
    Surrogate,
    /// `null` in place of a member besides text and audio.
    Null,
    /// A language that exists and that no recogniser knows.
    UnknownLanguage,
    /// A number where base64 is expected.
    NumberForAudio,
    /// Text that is not base64 where base64 is expected.
    NotBase64,
    /// Audio as a `data:` URL, as browsers make it. A service may take it.
    DataUrl,
    /// Audio without a byte.
    EmptyAudio,
    /// Bytes that are no recording.
    Noise,
    /// A recording whose second half is missing.
    CutAudio,
    /// A media type that is not JSON.
    MediaType,
}

impl Defect {
    /// What people call a body with it.
    pub fn name(self) -> &'static str {
        match self {
            Defect::Broken => "a body that is not JSON",
            Defect::Nothing => "an empty object",
            Defect::Array => "an array instead of an object",
            Defect::EmptyBody => "an empty body",
            Defect::Octets => "bytes that are no text",
            Defect::NotUtf8 => "JSON that is not UTF-8",
            Defect::Nested => "10,000 nested brackets",
            Defect::NumberForText => "a number instead of text",
            Defect::EmptyText => "an empty text",
            Defect::Nul => "text with a NUL character",
            Defect::Surrogate => "text with an unpaired surrogate",
            Defect::Null => "null in an optional field",
            Defect::UnknownLanguage => "a language that no recogniser knows",
            Defect::NumberForAudio => "a number instead of audio",
            Defect::NotBase64 => "audio that is not base64",
            Defect::DataUrl => "audio as a data: URL",
            Defect::EmptyAudio => "empty audio",
            Defect::Noise => "audio that is no recording",
            Defect::CutAudio => "a recording that is cut off",
            Defect::MediaType => "a body declared as text/plain",
        }
    }
}

/// One request with a defect.
#[derive(Debug, Clone)]
pub struct Input {
    /// The operation.
    pub call: Call,
    /// What is wrong with it.
    pub defect: Defect,
    /// The request.
    pub probe: Probe,
    /// The body as JSON, when it is any.
    pub value: Option<Value>,
}

/// Text that no base64 alphabet holds (RFC 4648 §4, §5).
const NOT_BASE64: &str = "!!! this is not base64 !!!";

/// Stands where octets go that JSON cannot carry.
const PLACE: &str = "@place@";

/// How deep brackets are nested: deeper than any parser's stack that grows with them, and ten kilobytes.
const DEPTH: u32 = 10_000;

/// Volapük (ISO 639-1): well formed, and no recogniser has heard enough of it.
const UNKNOWN_LANGUAGE: &str = "vo";

/// An operation that takes a JSON object, and what is known of it.
struct Taker<'t> {
    call: Call,
    body: Value,
    text_at: Option<String>,
    role: Option<&'t Transcription>,
}

/// Every invalid request to the operations that must be seen working.
pub fn inputs(target: &Target) -> Vec<Input> {
    takers(target)
        .iter()
        .flat_map(|taker| input(target, taker))
        .collect()
}

fn takers(target: &Target) -> Vec<Taker<'_>> {
    let mut takers: Vec<Taker<'_>> = Vec::new();
    for proof in &target.proofs {
        let (Body::Json { value, .. }, false) = (&proof.body, asks::is_safe(&proof.call)) else {
            continue;
        };
        let known = takers.iter().any(|taker| taker.call == proof.call);
        if !known && value.is_object() && proof.call.method != "DELETE" {
            takers.push(Taker {
                call: proof.call.clone(),
                body: value.clone(),
                text_at: longest_text(value, String::new()).map(|(at, _)| at),
                role: None,
            });
        }
    }
    let Some(role) = &target.transcription else {
        return takers;
    };
    match takers.iter_mut().find(|taker| taker.call == role.call) {
        Some(taker) => {
            taker.text_at = role.text_in.clone().or(taker.text_at.take());
            taker.role = Some(role);
        }
        None => takers.push(Taker {
            call: role.call.clone(),
            body: role.body.clone(),
            text_at: role.text_in.clone(),
            role: Some(role),
        }),
    }
    takers
}

fn input(target: &Target, taker: &Taker<'_>) -> Vec<Input> {
    let call = &taker.call;
    let mutation = asks::is_protected(target, call).then_some(Mutation::AsIs);
    let make = |(defect, body): (Defect, Body)| Input {
        call: call.clone(),
        defect,
        value: match &body {
            Body::Json { value, inserts } if inserts.is_empty() => Some(value.clone()),
            _ => None,
        },
        probe: asks::with_body(target, call, body),
    };
    let mut inputs = vec![Input {
        call: call.clone(),
        defect: Defect::Broken,
        probe: asks::inert(target, call, mutation),
        value: None,
    }];
    inputs.extend(of_any_body(taker).into_iter().map(make));
    inputs.extend(of_text(taker).into_iter().map(make));
    inputs.extend(of_audio(target, taker).into_iter().map(make));
    inputs
}

fn json_of(value: Value) -> Body {
    Body::Json {
        value,
        inserts: vec![],
    }
}

fn of_any_body(taker: &Taker<'_>) -> Vec<(Defect, Body)> {
    let octets = |bytes: &'static [u8], times| Piece {
        octets: Octets(bytes.into()),
        times,
    };
    let pieces = |media_type: &str, pieces: Vec<Piece>| Body::Pieces {
        media_type: media_type.into(),
        pieces,
    };
    let json_type = "application/json";
    let text = |media_type: &str, text: String| Body::Text {
        media_type: media_type.into(),
        text: Text::Lit(text),
    };
    vec![
        (Defect::Nothing, json_of(json!({}))),
        (Defect::Array, json_of(json!([]))),
        (Defect::EmptyBody, text(json_type, String::new())),
        (
            Defect::Octets,
            pieces("application/octet-stream", vec![octets(b"\x00\xff\xfe\x80", 16)]),
        ),
        (Defect::Nested, pieces(json_type, vec![octets(b"[", DEPTH)])),
        (Defect::MediaType, text("text/plain", taker.body.to_string())),
    ]
}

fn of_text(taker: &Taker<'_>) -> Vec<(Defect, Body)> {
    let Some(at) = &taker.text_at else { return vec![] };
    let body = |value: Value| json_of(with(&taker.body, at, value));
    let around = with(&taker.body, at, json!(PLACE)).to_string();
    let (before, after) = around.split_once(PLACE).unwrap_or((&around, ""));
    let piece = |octets: &[u8]| Piece {
        octets: Octets(bytes::Bytes::copy_from_slice(octets)),
        times: 1,
    };
    let broken = |octets: &[u8]| Body::Pieces {
        media_type: "application/json".into(),
        pieces: vec![piece(before.as_bytes()), piece(octets), piece(after.as_bytes())],
    };
    let mut bodies = vec![
        (Defect::NumberForText, body(json!(7))),
        (Defect::EmptyText, body(json!(""))),
        (Defect::Nul, body(json!("a\u{0}b"))),
        (Defect::Surrogate, broken(br"a\ud83db")),
        (Defect::NotUtf8, broken(b"a\xff\xfeb")),
    ];
    let known = taker.role.and_then(|role| role.language_in.clone());
    let optional = known.clone().or_else(|| other_text(&taker.body, at));
    bodies.extend(optional.map(|other| (Defect::Null, json_of(with(&taker.body, &other, Value::Null)))));
    bodies
}

fn of_audio(target: &Target, taker: &Taker<'_>) -> Vec<(Defect, Body)> {
    let Some(role) = taker.role else { return vec![] };
    let without_text = taker
        .text_at
        .as_ref()
        .map_or_else(|| taker.body.clone(), |text| without(&taker.body, text));
    let body = |value: Value| json_of(with(&without_text, &role.audio_at, value));
    let mut bodies = vec![
        (Defect::NumberForAudio, body(json!(7))),
        (Defect::NotBase64, body(json!(NOT_BASE64))),
        (Defect::EmptyAudio, body(json!(""))),
    ];
    let Some(sample) = role.samples.first() else {
        return bodies;
    };
    let changed = |change| asks::transcribe_changed(target, role, sample, change).body;
    bodies.push((Defect::DataUrl, changed(Change::DataUrl)));
    bodies.push((Defect::Noise, changed(Change::Noise)));
    bodies.push((Defect::CutAudio, changed(Change::Cut)));
    if let (Some(at), Body::Json { value, inserts }) = (&role.language_in, changed(Change::None)) {
        let value = with(&value, at, json!(UNKNOWN_LANGUAGE));
        bodies.push((Defect::UnknownLanguage, Body::Json { value, inserts }));
    }
    bodies
}

/// The document with this value at this JSON Pointer; its parent must be there.
fn with(body: &Value, at: &str, value: Value) -> Value {
    let mut body = body.clone();
    match body.pointer_mut(at) {
        Some(slot) => *slot = value,
        None => asks::put(&mut body, at, value),
    }
    body
}

fn without(body: &Value, at: &str) -> Value {
    let mut body = body.clone();
    let (parent, name) = at.rsplit_once('/').unwrap_or(("", at));
    if let Some(Value::Object(members)) = body.pointer_mut(parent) {
        members.remove(&name.replace("~1", "/").replace("~0", "~"));
    }
    body
}

/// The place of a member that is text and is not the text that people write.
fn other_text(body: &Value, text_at: &str) -> Option<String> {
    let members = body.as_object()?.iter();
    members
        .filter(|(_, value)| value.is_string())
        .map(|(name, _)| format!("/{}", name.replace('~', "~0").replace('/', "~1")))
        .find(|at| at != text_at)
}

/// The place of the longest text, which is most likely what people write.
fn longest_text(value: &Value, at: String) -> Option<(String, usize)> {
    match value {
        Value::String(text) => Some((at, text.len())),
        Value::Object(members) => {
            let place = |name: &str| format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
            members
                .iter()
                .filter_map(|(name, member)| longest_text(member, place(name)))
                .max_by_key(|(_, length)| *length)
        }
        _ => None,
    }
}

#[cfg(test)]
#[path = "inputs_tests.rs"]
mod tests;
