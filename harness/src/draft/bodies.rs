//! Bodies of calls as the bodies of steps: what anybody may see as it is, the rest as inputs.

use serde_json::{Map, Value, json};

use crate::contract::place::push;
use crate::devtools::calls::{Held, Load, Part};
use crate::draft::NoDraft;
use crate::draft::document::{Body, File, Input};
use crate::draft::maker::Maker;
use crate::draft::secret::names_a_secret;

/// A text of no known form that is longer than this may hold anything.
const SHORT: usize = 64;

impl Maker {
    /// The body of a step.
    ///
    /// # Errors
    /// A body that no step can send again.
    pub(super) fn body(&mut self, load: &Load) -> Result<Option<Body>, NoDraft> {
        let said = |media_type: &str| (!media_type.is_empty()).then(|| media_type.to_owned());
        Ok(Some(match load {
            Load::Nothing => return Ok(None),
            Load::File(media_type, path) => Body {
                content_type: said(media_type),
                files: vec![self.file(path, None, None)],
                ..Body::default()
            },
            Load::Text(media_type, text) => Body {
                content_type: said(media_type),
                payload: Some(self.text_body(media_type, text)?),
                ..Body::default()
            },
            Load::Parts(parts) => self.form(parts)?,
        }))
    }

    fn form(&mut self, parts: &[Part]) -> Result<Body, NoDraft> {
        let mut texts = Map::new();
        let mut files = Vec::new();
        for part in parts {
            match &part.held {
                Held::Text(_) if texts.contains_key(&part.name) => {
                    return Err(no_body(
                        "its form has two texts of one name",
                        "a payload is a map of names",
                    ));
                }
                Held::Text(text) => {
                    let typed = part.media_type.as_ref();
                    let json = serde_json::from_str::<Value>(text).ok().filter(is_structured);
                    let value = match json {
                        Some(value) => self.payload(&part.name, &value, false),
                        None => self.text(&part.name, text),
                    };
                    if typed.is_some_and(|kind| {
                        !(value.is_object() || value.is_array()) || !kind.contains("json")
                    }) {
                        self.note(format!(
                            "the part {} of the form says a type of its own, which no step says",
                            part.name
                        ));
                    }
                    texts.insert(part.name.clone(), value);
                }
                Held::File(path) => {
                    files.push(self.file(path, Some(push("", &part.name)), part.media_type.clone()));
                }
            }
        }
        Ok(Body {
            content_type: Some("multipart/form-data".to_owned()),
            payload: (!texts.is_empty()).then_some(Value::Object(texts)),
            files,
        })
    }

    fn text_body(&mut self, media_type: &str, text: &str) -> Result<Value, NoDraft> {
        let parsed = serde_json::from_str::<Value>(text).ok();
        if media_type.contains("json") && !media_type.contains("ndjson") {
            let value = parsed.ok_or_else(|| {
                no_body(
                    "its body says that it is JSON, and is none",
                    "a step would send it as a JSON text",
                )
            })?;
            return Ok(self.payload("", &value, false));
        }
        if let Some(value) = parsed.filter(is_structured) {
            // JSON under another type goes out as it came, character by character: a text with expressions in it.
            let value = self.payload("", &value, false);
            return Ok(embedded(&value).to_string().into());
        }
        if media_type.starts_with("application/x-www-form-urlencoded") && text.contains('=') {
            return Ok(self.urlencoded(text));
        }
        let says_nothing = |word: &str| !names_a_secret(word);
        if text.len() <= SHORT && text.split(|c: char| !c.is_alphanumeric()).all(says_nothing) {
            return Ok(self.text("body", text));
        }
        self.note("nobody knows what in the body is secret, so all of it is an input".to_owned());
        let input = Input {
            kind: Some("string".to_owned()),
            format: None,
            default: None,
        };
        Ok(self.input("body", ("body", text), input).into())
    }

    /// A form, in which a name that stands there more than once has a list.
    fn urlencoded(&mut self, text: &str) -> Value {
        let mut members: Map<String, Value> = Map::new();
        for (name, value) in url::form_urlencoded::parse(text.as_bytes()) {
            let value = json!(value);
            match members.get_mut(&*name) {
                None => drop(members.insert(name.into_owned(), value)),
                Some(Value::Array(items)) => items.push(value),
                Some(one) => *one = json!([one.take(), value]),
            }
        }
        self.payload("", &Value::Object(members), false)
    }

    /// A value of a payload, of which only that stays which anybody may see.
    pub(super) fn payload(&mut self, name: &str, value: &Value, secret: bool) -> Value {
        let secret = secret || names_a_secret(name);
        match value {
            Value::String(text) if secret && !text.is_empty() => self.secret(name, text).into(),
            Value::String(text) => match self.answers.origin(text).is_some_and(|origin| origin.number) {
                // It was a number there, and would be one again.
                true => self
                    .answered_before(text, None)
                    .map_or(Value::Null, |from| format!("{{{from}}}").into()),
                false => self.text(name, text),
            },
            Value::Number(number) if secret => {
                let kind = if number.is_f64() { "number" } else { "integer" };
                self.secret_of(kind, name, &number.to_string()).into()
            }
            Value::Number(number) => {
                let from = self.answered_before(&number.to_string(), Some(true));
                from.map_or_else(|| value.clone(), Value::from)
            }
            Value::Array(items) => items
                .iter()
                .map(|item| self.payload(name, item, secret))
                .collect(),
            Value::Object(members) => {
                let said = members
                    .get("name")
                    .or_else(|| members.get("key"))
                    .and_then(Value::as_str);
                let its_value = said.is_some_and(names_a_secret);
                let member = |(key, value): (&String, &Value)| {
                    let secret = secret || (its_value && key == "value");
                    (key.clone(), self.payload(key, value, secret))
                };
                members.iter().map(member).collect()
            }
            _ => value.clone(),
        }
    }

    fn file(&self, path: &str, target: Option<String>, content_type: Option<String>) -> File {
        let path = match path.starts_with('/') {
            true => path.to_owned(),
            false => format!("{}{path}", self.back),
        };
        File {
            path,
            target,
            content_type,
        }
    }
}

fn is_structured(value: &Value) -> bool {
    value.is_object() || value.is_array()
}

fn no_body(what: &str, why: &str) -> NoDraft {
    NoDraft {
        what: what.to_owned(),
        why: why.to_owned(),
        next: "leave the call out, or write its step by hand".to_owned(),
    }
}

/// The same with each expression of ours embedded, as it stands in a text.
fn embedded(value: &Value) -> Value {
    match value {
        Value::String(text) if text.starts_with("$inputs.") || text.starts_with("$steps.") => {
            format!("{{{text}}}").into()
        }
        Value::Array(items) => items.iter().map(embedded).collect(),
        Value::Object(members) => members
            .iter()
            .map(|(key, value)| (key.clone(), embedded(value)))
            .collect(),
        other => other.clone(),
    }
}
