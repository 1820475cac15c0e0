//! The operation that turns speech into text: what is put in, and what comes back. Shared by its checks and causes.

use serde_json::Value;

use crate::check::asks;
use crate::check::judgement::Judgement;
use crate::model::exchange::{Exchange, Place, Reply, SecretKind};
use crate::model::probe::{Body, Probe};
use crate::model::target::{Proof, Sample, Target, Transcription};

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

/// Why the operation cannot be called as its users call it: it needs a credential, and none was given. What it answers
/// without one says nothing about speech.
pub fn locked(target: &Target, role: &Transcription) -> Option<Judgement> {
    let auth = target.auth.as_ref().filter(|auth| auth.good().is_none())?;
    let open = |proof: &Proof| proof.call == role.call && !proof.protected;
    let reason = format!("{} needs a credential, and none was given", role.call);
    (!target.proofs.iter().any(open)).then(|| Judgement::skipped(reason, Some(&auth.supply)))
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
    let given = |sample: &Sample| Given {
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

/// Whether there is anything in a value: text besides white space, or a member.
pub fn is_nonempty(value: &Value) -> bool {
    match value {
        Value::String(text) => !text.trim().is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(members) => !members.is_empty(),
        Value::Number(_) | Value::Bool(_) => true,
        Value::Null => false,
    }
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
