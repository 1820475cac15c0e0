//! Reading the answers of the operation that turns speech into text: shared by the checks of the transcription role.

use serde_json::Value;

use crate::check::asks;
use crate::check::spec::Spec;
use crate::checks::journey::proofs::is_nonempty;
use crate::model::capture::End;
use crate::model::exchange::{Exchange, Place, Reply, SecretKind};
use crate::model::finding::Finding;
use crate::model::probe::{Body, Probe};
use crate::model::target::{Target, Transcription};

/// What was put in, and what is known of it.
#[derive(Debug, Clone)]
pub struct Given {
    /// The request.
    pub probe: Probe,
    /// What it was, for people: `the recording kitchen.wav`, `text`.
    pub what: String,
    /// Words that must come back.
    pub words: Vec<String>,
}

/// Text, for an operation that takes text. The text of a proof on the same operation is used when there is one: then it is
/// the same request, and paid once.
pub fn text(target: &Target, role: &Transcription) -> Option<Given> {
    let text_in = role.text_in.as_deref()?;
    let text_of = |body: &Body| match body {
        Body::Json { value, inserts } if inserts.is_empty() => {
            value.pointer(text_in)?.as_str().map(str::to_owned)
        }
        _ => None,
    };
    let proof = target
        .proofs
        .iter()
        .filter(|proof| proof.call == role.call && proof.protected)
        .find_map(|proof| Some((asks::proof(target, proof), text_of(&proof.body)?)));
    let (probe, text) = match proof {
        Some(found) => found,
        None => {
            let text = "The kitchen closes at ten.".to_owned();
            let mut value = role.body.clone();
            set(&mut value, text_in, Value::String(text.clone()))?;
            (
                asks::acted(
                    target,
                    role,
                    Body::Json {
                        value,
                        inserts: vec![],
                    },
                ),
                text,
            )
        }
    };
    Some(Given {
        probe,
        what: "text".to_owned(),
        words: words(&text),
    })
}

/// Every sample of speech.
pub fn speech(target: &Target, role: &Transcription) -> Vec<Given> {
    let given = |sample: &crate::model::target::Sample| Given {
        probe: asks::transcribe(target, role, sample),
        what: format!(
            "the recording {}",
            sample.name.rsplit('/').next().unwrap_or(&sample.name)
        ),
        words: sample.words.iter().flat_map(|word| words(word)).collect(),
    };
    role.samples.iter().map(given).collect()
}

/// Puts a value at a pointer whose parent is an object.
fn set(body: &mut Value, pointer: &str, value: Value) -> Option<()> {
    let (parent, name) = pointer.rsplit_once('/')?;
    let name = name.replace("~1", "/").replace("~0", "~");
    body.pointer_mut(parent)?.as_object_mut()?.insert(name, value);
    Some(())
}

/// The words of a text, without case and punctuation.
pub fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

/// What came back as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// This text, or what stands for it: equal texts of one run stay equal.
    Text {
        /// The text.
        text: String,
        /// Whether only its kind and length were kept.
        hidden: bool,
    },
    /// A text with nothing in it.
    Blank,
    /// No text at that place.
    Absent,
}

/// The transcript in an answer.
pub fn heard(role: &Transcription, exchange: &Exchange, reply: &Reply) -> Heard {
    let body = reply.body.json();
    match body.as_ref().and_then(|body| body.pointer(&role.text_at)) {
        Some(Value::String(text)) if text.trim().is_empty() => Heard::Blank,
        Some(Value::String(text)) => Heard::Text {
            text: text.clone(),
            hidden: is_hidden(exchange, &role.text_at),
        },
        _ => Heard::Absent,
    }
}

/// Whether a value of the body was kept as type and length only.
fn is_hidden(exchange: &Exchange, pointer: &str) -> bool {
    exchange.redacted.iter().any(|fact| {
        fact.kind == SecretKind::Content
            && matches!(&fact.place, Place::ReplyValue(place) if place == pointer || place.is_empty())
    })
}

/// What a check says of the answer to something given: nothing, a finding, or why it cannot be told.
pub fn judge(
    spec: &Spec,
    role: &Transcription,
    given: &Given,
    exchange: &Exchange,
    reply: &Reply,
) -> Result<Vec<Finding>, String> {
    let call = &role.call;
    let what = &given.what;
    let found = |title: String, actual: String| {
        let found = spec
            .finds(format!("{call} with {what}"), title)
            .expected(format!("a 2xx answer with the text at {}", role.text_at))
            .actual(actual);
        Ok(vec![found.shown_by([exchange])])
    };
    match reply.status {
        429 => return Err(format!("{call} limits how often it may be called")),
        200..300 if reply.body.end != End::Complete => {
            return Err(format!("the answer of {call} was cut before its end"));
        }
        200..300 => {}
        status => {
            return found(
                format!("{call} answers HTTP {status} to {what}"),
                format!("HTTP {status}"),
            );
        }
    }
    let is_text = given.what == "text";
    let concepts = reply.body.json().and_then(|body| {
        let at = role.concepts_at.as_deref()?;
        Some(body.pointer(at).is_some_and(is_nonempty))
    });
    match heard(role, exchange, reply) {
        // Not every service repeats a text that it was given.
        Heard::Absent if is_text && concepts == Some(true) => {}
        Heard::Absent => {
            return found(
                format!(
                    "{call} answers {} to {what} without any text at {}",
                    reply.status, role.text_at
                ),
                "nothing there".to_owned(),
            );
        }
        Heard::Blank => {
            return found(
                format!("{call} answers {} to {what} with an empty text", reply.status),
                "an empty text".to_owned(),
            );
        }
        Heard::Text { text, hidden: false } if !has_half(&text, &given.words) => {
            return found(
                format!(
                    "{call} answers {} to {what} with other words than were in it",
                    reply.status
                ),
                format!("fewer than half of: {}", given.words.join(", ")),
            );
        }
        Heard::Text { .. } => {}
    }
    match (concepts, &role.concepts_at) {
        (Some(false), Some(at)) => found(
            format!(
                "{call} answers {} to {what} without any concepts at {at}",
                reply.status
            ),
            "none".to_owned(),
        ),
        _ => Ok(vec![]),
    }
}

/// Whether a text has at least half of these words. Recognisers differ in the rest.
fn has_half(text: &str, known: &[String]) -> bool {
    let said = words(text);
    let present = known.iter().filter(|word| said.contains(word)).count();
    present * 2 >= known.len()
}
