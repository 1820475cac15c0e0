//! A draft in the making: its steps, its inputs, and what answers gave that later calls sent.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::devtools::calls::{Held, Load};
use crate::draft::document::{Body, Credential, File, Input, Parameter, Step};
use crate::draft::written::{is_written_like_an_expression, name_of};
use crate::drive::scenario::secrets::is_credential;

/// A value that an answer gave: shorter ones are the same by chance.
const TELLING: usize = 8;
/// A number that an answer gave: smaller ones, too.
const TELLING_NUMBER: u64 = 1_000;
/// Values that are kept of one answer.
const MOST_VALUES: usize = 2_000;

/// A draft in the making. What it was given may be secret, so it has no `Debug`.
#[derive(Default)]
pub(super) struct Maker {
    pub(super) steps: Vec<Step>,
    inputs: Vec<(String, Input)>,
    /// What was given to inputs, so that the same value is one input.
    given: BTreeMap<String, String>,
    known: BTreeMap<String, (usize, String)>,
    /// What leads from the scenario's folder to where files are named.
    back: String,
}

impl Maker {
    /// One whose files lie where this leads from the scenario's folder.
    pub(super) fn leading(back: &str) -> Maker {
        Maker {
            back: back.to_owned(),
            ..Maker::default()
        }
    }

    /// The inputs, in the order of their names.
    pub(super) fn inputs(&self) -> BTreeMap<&str, &Input> {
        self.inputs
            .iter()
            .map(|(name, input)| (name.as_str(), input))
            .collect()
    }

    /// An id for a step or an output that no other has.
    pub(super) fn step_id(&self, wanted: &str) -> String {
        unique(wanted, |id| self.steps.iter().any(|step| step.step_id == *id))
    }

    /// The expression for a value that an earlier answer gave.
    fn answered_before(&mut self, text: &str) -> Option<String> {
        let (at, pointer) = self.known.get(text)?.clone();
        let step = self.steps.get_mut(at)?;
        let place = format!("$response.body#{pointer}");
        let known = step.outputs.iter().find(|(_, value)| **value == place);
        let name = match known {
            Some((name, _)) => name.clone(),
            None => {
                let wanted = name_of(pointer.rsplit('/').next().unwrap_or_default());
                unique(&wanted, |name| step.outputs.contains_key(name))
            }
        };
        step.outputs.insert(name.clone(), place);
        Some(format!("$steps.{}.outputs.{name}", step.step_id))
    }

    /// The expression for a value that nobody may see.
    pub(super) fn secret(&mut self, name: &str, value: &str) -> String {
        self.answered_before(value).unwrap_or_else(|| {
            let input = Input {
                kind: Some("string".to_owned()),
                format: Some("password"),
                default: None,
            };
            self.input(name, value, input)
        })
    }

    /// The expression for an input of this name and value.
    pub(super) fn input(&mut self, name: &str, value: &str, input: Input) -> String {
        if let Some(known) = self.given.get(value) {
            return format!("$inputs.{known}");
        }
        let name = unique(&name_of(name), |name| {
            self.inputs.iter().any(|(other, _)| other == name)
        });
        self.given.insert(value.to_owned(), name.clone());
        self.inputs.push((name.clone(), input));
        format!("$inputs.{name}")
    }

    /// A text where it stands by itself: from an earlier answer, as it is, or from an input where it would be taken for an expression.
    pub(super) fn text(&mut self, name: &str, text: &str) -> Value {
        if let Some(expression) = self.answered_before(text) {
            return expression.into();
        }
        if is_written_like_an_expression(text) {
            let input = Input {
                kind: Some("string".to_owned()),
                format: None,
                default: Some(text.into()),
            };
            return self.input(name, text, input).into();
        }
        text.into()
    }

    /// A value of a payload, of which only that stays which anybody may see.
    fn payload(&mut self, name: &str, value: &Value) -> Value {
        match value {
            Value::String(text) if is_credential(name) => self.secret(name, text).into(),
            Value::String(text) => self.text(name, text),
            Value::Number(number) => self
                .answered_before(&number.to_string())
                .map_or_else(|| value.clone(), Value::from),
            Value::Array(items) => items.iter().map(|item| self.payload(name, item)).collect(),
            Value::Object(members) => members
                .iter()
                .map(|(key, value)| (key.clone(), self.payload(key, value)))
                .collect(),
            _ => value.clone(),
        }
    }

    /// The body of a step.
    pub(super) fn body(&mut self, load: &Load) -> Option<Body> {
        let said = |media_type: &str| (!media_type.is_empty()).then(|| media_type.to_owned());
        Some(match load {
            Load::Nothing => return None,
            Load::File(media_type, path) => Body {
                content_type: said(media_type),
                files: vec![self.file(path, None, None)],
                ..Body::default()
            },
            Load::Text(media_type, text) => Body {
                content_type: said(media_type),
                payload: Some(self.text_body(media_type, text)),
                ..Body::default()
            },
            Load::Parts(parts) => {
                let mut texts = serde_json::Map::new();
                let mut files = Vec::new();
                for part in parts {
                    match &part.held {
                        Held::Text(text) => {
                            let value = match is_credential(&part.name) {
                                true => self.secret(&part.name, text).into(),
                                false => self.text(&part.name, text),
                            };
                            texts.insert(part.name.clone(), value);
                        }
                        Held::File(path) => {
                            let name = part.name.replace('~', "~0").replace('/', "~1");
                            files.push(self.file(path, Some(format!("/{name}")), part.media_type.clone()));
                        }
                    }
                }
                Body {
                    content_type: Some("multipart/form-data".to_owned()),
                    payload: (!texts.is_empty()).then_some(Value::Object(texts)),
                    files,
                }
            }
        })
    }

    fn text_body(&mut self, media_type: &str, text: &str) -> Value {
        if media_type.contains("json")
            && let Ok(value) = serde_json::from_str::<Value>(text)
        {
            return self.payload("", &value);
        }
        if media_type.starts_with("application/x-www-form-urlencoded") {
            let pairs: Vec<(String, String)> = url::form_urlencoded::parse(text.as_bytes())
                .into_owned()
                .collect();
            let mut names: Vec<&String> = pairs.iter().map(|(name, _)| name).collect();
            names.sort();
            names.dedup();
            if !pairs.is_empty() && names.len() == pairs.len() {
                let members = pairs.iter().map(|(name, value)| (name.clone(), json!(value)));
                return self.payload("", &Value::Object(members.collect()));
            }
        }
        self.text("body", text)
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

    /// A parameter that anybody may see.
    pub(super) fn parameter(&mut self, name: &str, place: &'static str, text: &str) -> Parameter {
        Parameter {
            name: name.to_owned(),
            place,
            value: self.text(name, text),
        }
    }

    /// A credential with one value.
    pub(super) fn credential(
        &mut self,
        scheme: Scheme,
        key: &'static str,
        name: &str,
        value: &str,
    ) -> Credential {
        let value = self.secret(name, value);
        let (scheme_name, scheme) = match scheme {
            Scheme::Named(name) => (Some(name), None),
            Scheme::Own(scheme) => (None, Some(scheme)),
        };
        Credential {
            scheme_name,
            scheme,
            values: BTreeMap::from([(key, value)]),
        }
    }

    /// Keeps what an answer gave, but for what it only repeats of the call.
    pub(super) fn answered(&mut self, step: usize, answer: &Value, sent: &str) {
        let mut left = MOST_VALUES;
        let mut found = Vec::new();
        leaves(answer, String::new(), &mut left, &mut found);
        for (text, pointer) in found {
            if !sent.contains(&text) {
                self.known.entry(text).or_insert((step, pointer));
            }
        }
    }

    /// Whether an earlier answer gave this.
    pub(super) fn knows(&self, text: &str) -> bool {
        self.known.contains_key(text)
    }
}

/// How a credential is spoken of: by the name of its scheme in the contract, or by the scheme.
pub(super) enum Scheme {
    Named(String),
    Own(Value),
}

/// The values of an answer that tell where they came from, each with its JSON Pointer.
fn leaves(value: &Value, pointer: String, left: &mut usize, found: &mut Vec<(String, String)>) {
    if *left == 0 {
        return;
    }
    *left -= 1;
    match value {
        Value::String(text) if (TELLING..=4096).contains(&text.len()) => found.push((text.clone(), pointer)),
        Value::Number(number) if number.as_u64().is_some_and(|number| number >= TELLING_NUMBER) => {
            found.push((number.to_string(), pointer));
        }
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                leaves(item, format!("{pointer}/{at}"), left, found);
            }
        }
        Value::Object(members) => {
            for (key, item) in members {
                let key = key.replace('~', "~0").replace('/', "~1");
                leaves(item, format!("{pointer}/{key}"), left, found);
            }
        }
        _ => {}
    }
}

/// A name that is not taken: the wanted one, else with a number.
pub(super) fn unique(wanted: &str, is_taken: impl Fn(&String) -> bool) -> String {
    let mut name = wanted.to_owned();
    let mut number = 2_u32;
    while is_taken(&name) {
        name = format!("{wanted}-{number}");
        number += 1;
    }
    name
}
