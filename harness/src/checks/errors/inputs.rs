//! The bodies that an operation must refuse, made from one that it accepts, one defect each.

use serde_json::{Value, json};

use crate::check::asks;
use crate::model::probe::{Body, Mutation, Probe, Text};
use crate::model::target::{Call, Target};

/// What is wrong with a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Defect {
    /// It is cut off in the middle.
    Broken,
    /// An object without a member.
    Nothing,
    /// An array where an object is expected.
    Array,
    /// A number where text is expected.
    NumberForText,
    /// A number where base64 is expected.
    NumberForAudio,
    /// Text that is not base64 where base64 is expected.
    NotBase64,
    /// U+0000 inside a text. JSON allows it; many databases do not.
    Nul,
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
            Defect::NumberForText => "a number instead of text",
            Defect::NumberForAudio => "a number instead of audio",
            Defect::NotBase64 => "audio that is not base64",
            Defect::Nul => "text with a NUL character",
            Defect::MediaType => "a body declared as text/plain",
        }
    }
}

/// One invalid request.
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

/// An operation that takes a JSON object, and what is known of it.
struct Taker {
    call: Call,
    body: Value,
    text_at: Option<String>,
    audio_at: Option<String>,
}

/// Every invalid request to the operations that must be seen working.
pub fn inputs(target: &Target) -> Vec<Input> {
    takers(target)
        .iter()
        .flat_map(|taker| input(target, taker))
        .collect()
}

fn takers(target: &Target) -> Vec<Taker> {
    let role = target.transcription.as_ref();
    let mut takers: Vec<Taker> = Vec::new();
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
                audio_at: None,
            });
        }
    }
    let Some(role) = role else { return takers };
    match takers.iter_mut().find(|taker| taker.call == role.call) {
        Some(taker) => {
            taker.text_at = role.text_in.clone().or(taker.text_at.take());
            taker.audio_at = Some(role.audio_at.clone());
        }
        None => takers.push(Taker {
            call: role.call.clone(),
            body: role.body.clone(),
            text_at: role.text_in.clone(),
            audio_at: Some(role.audio_at.clone()),
        }),
    }
    takers
}

fn input(target: &Target, taker: &Taker) -> Vec<Input> {
    let call = &taker.call;
    let mutation = asks::is_protected(target, call).then_some(Mutation::AsIs);
    let make = |defect: Defect, value: Value| Input {
        call: call.clone(),
        defect,
        probe: asks::with_body(
            target,
            call,
            Body::Json {
                value: value.clone(),
                inserts: vec![],
            },
        ),
        value: Some(value),
    };
    let mut inputs = vec![Input {
        call: call.clone(),
        defect: Defect::Broken,
        probe: asks::inert(target, call, mutation),
        value: None,
    }];
    inputs.push(make(Defect::Nothing, json!({})));
    inputs.push(make(Defect::Array, json!([])));
    if let Some(at) = &taker.text_at {
        inputs.push(make(Defect::NumberForText, with(&taker.body, at, json!(7))));
        inputs.push(make(Defect::Nul, with(&taker.body, at, json!("a\u{0}b"))));
    }
    if let Some(at) = &taker.audio_at {
        let without_text = taker
            .text_at
            .as_ref()
            .map_or_else(|| taker.body.clone(), |text| without(&taker.body, text));
        inputs.push(make(Defect::NumberForAudio, with(&without_text, at, json!(7))));
        inputs.push(make(
            Defect::NotBase64,
            with(&without_text, at, json!(NOT_BASE64)),
        ));
    }
    inputs.push(Input {
        call: call.clone(),
        defect: Defect::MediaType,
        probe: asks::with_body(
            target,
            call,
            Body::Text {
                media_type: "text/plain".into(),
                text: Text::Lit(taker.body.to_string()),
            },
        ),
        value: None,
    });
    inputs
}

/// The document with this value at this JSON Pointer; its parent must be there.
fn with(body: &Value, at: &str, value: Value) -> Value {
    let mut body = body.clone();
    if let Some(slot) = body.pointer_mut(at) {
        *slot = value;
        return body;
    }
    let (parent, name) = at.rsplit_once('/').unwrap_or(("", at));
    let name = name.replace("~1", "/").replace("~0", "~");
    if let Some(Value::Object(members)) = body.pointer_mut(parent) {
        members.insert(name, value);
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
mod tests {
    use super::*;
    use crate::check::testing::{call, target};
    use crate::model::probe::{Effect, Nature};
    use crate::model::target::Transcription;

    fn body(input: &Input) -> Value {
        input.value.clone().unwrap()
    }

    #[test]
    fn only_the_broken_body_goes_out_without_leave() {
        for input in inputs(&target()) {
            let effect = input.probe.effect;
            assert_eq!(
                effect == Effect::Inert,
                input.defect == Defect::Broken,
                "{input:?}"
            );
            assert!(effect == Effect::Inert || effect == Effect::Paid);
        }
    }

    #[test]
    fn audio_takes_the_place_of_text() {
        let mut target = target();
        target.transcription = Some(Transcription {
            call: call(),
            body: json!({"language": "en", "output": {"save": false}}),
            audio_at: "/audio".into(),
            text_in: Some("/text".into()),
            text_at: "/transcript".into(),
            concepts_at: None,
            nature: Nature::Paid,
            samples: vec![],
        });
        let inputs = inputs(&target);
        let find = |defect| inputs.iter().find(|input| input.defect == defect).unwrap();
        assert_eq!(body(find(Defect::NotBase64)), json!({"audio": NOT_BASE64}));
        assert_eq!(body(find(Defect::NumberForText)), json!({"text": 7}));
        assert_eq!(inputs.len(), 8);
    }

    #[test]
    fn the_longest_text_is_found_however_deep() {
        let value = json!({"language": "en", "input": {"a/b": "a longer text"}});
        let (at, _) = longest_text(&value, String::new()).unwrap();
        assert_eq!(
            with(&value, &at, json!(1)).pointer("/input/a~1b"),
            Some(&json!(1))
        );
    }

    #[test]
    fn a_read_has_no_body_to_spoil() {
        let mut target = target();
        target.proofs[0].call.method = "GET".into();
        assert!(inputs(&target).is_empty());
    }
}
