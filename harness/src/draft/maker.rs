//! A draft in the making: its steps, its inputs, and what answers gave that later calls sent.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::check::text::variable;
use crate::draft::NoDraft;
use crate::draft::answers::Answers;
use crate::draft::document::{Credential, Input, Parameter, Step};
use crate::draft::secret::{looks_secret, names_a_secret};
use crate::draft::written::{is_written_like_an_expression, name_of};

/// A scenario with more inputs is nobody's first.
const MOST_INPUTS: usize = 200;

/// A draft in the making. What it was given may be secret, so it has no `Debug`.
#[derive(Default)]
pub(super) struct Maker {
    pub(super) steps: Vec<Step>,
    /// What somebody should know.
    pub(super) notes: Vec<String>,
    pub(super) answers: Answers,
    inputs: Vec<(String, Input)>,
    /// Which input was given what, by what it is for and the value; what is no secret is one input wherever it stands.
    given: BTreeMap<(String, String), String>,
    /// What must stand nowhere.
    secrets: BTreeSet<String>,
    /// What is known to be secret from the first look at the calls.
    learnt: BTreeSet<String>,
    /// What leads from the scenario's folder to where files are named.
    pub(super) back: String,
    crowded: bool,
}

impl Maker {
    /// One that knows these secrets already, and whose files lie where `back` leads from the scenario's folder.
    pub(super) fn knowing(learnt: BTreeSet<String>, back: &str) -> Maker {
        Maker {
            learnt,
            back: back.to_owned(),
            ..Maker::default()
        }
    }

    /// What was found to be secret.
    pub(super) fn secrets(self) -> BTreeSet<String> {
        self.secrets
    }

    /// The inputs, in the order of their names.
    pub(super) fn inputs(&self) -> BTreeMap<&str, &Input> {
        let inputs = self.inputs.iter();
        inputs.map(|(name, input)| (name.as_str(), input)).collect()
    }

    /// An id for a step that no other has.
    pub(super) fn step_id(&self, wanted: &str) -> String {
        unique(wanted, |id| self.steps.iter().any(|step| step.step_id == *id))
    }

    /// Says something once.
    pub(super) fn note(&mut self, text: String) {
        if !self.notes.contains(&text) {
            self.notes.push(text);
        }
    }

    /// The expression for a value that an earlier answer gave; `number` where it must have been one there, or must not.
    pub(super) fn answered_before(&mut self, text: &str, number: Option<bool>) -> Option<String> {
        let origin = self.answers.origin(text)?.clone();
        if number.is_some_and(|number| number != origin.number) {
            return None;
        }
        let step = self.steps.get_mut(origin.step)?;
        let place = format!("$response.body#{}", origin.pointer);
        let known = step.outputs.iter().find(|(_, value)| **value == place);
        let name = match known {
            Some((name, _)) => name.clone(),
            None => {
                let wanted = name_of(origin.pointer.rsplit('/').next().unwrap_or_default());
                unique(&wanted, |name| step.outputs.contains_key(name))
            }
        };
        step.outputs.insert(name.clone(), place);
        Some(format!("$steps.{}.outputs.{name}", step.step_id))
    }

    /// Whether a text must not be written down: by its name, by its looks, or since it is one elsewhere.
    pub(super) fn is_secret(&self, name: &str, text: &str) -> bool {
        !text.is_empty() && (names_a_secret(name) || looks_secret(text) || self.learnt.contains(text))
    }

    /// The expression for a value that nobody may see.
    pub(super) fn secret(&mut self, name: &str, value: &str) -> String {
        self.secret_of("string", name, value)
    }

    /// The same for a value of this JSON type.
    pub(super) fn secret_of(&mut self, kind: &str, name: &str, value: &str) -> String {
        self.secrets.insert(value.to_owned());
        let number = (kind != "string").then_some(true);
        if let Some(expression) = self.answered_before(value, number) {
            return expression;
        }
        let input = Input {
            kind: Some(kind.to_owned()),
            format: Some("password"),
            default: None,
        };
        self.input(name, (name, value), input)
    }

    /// The expression for an input of this name, for what it was given.
    pub(super) fn input(&mut self, name: &str, (of, value): (&str, &str), input: Input) -> String {
        let given = (of.to_owned(), value.to_owned());
        if let Some(known) = self.given.get(&given) {
            return format!("$inputs.{known}");
        }
        if self.inputs.len() >= MOST_INPUTS {
            self.crowded = true;
            return "$inputs".to_owned();
        }
        // Two that differ in what a variable's name cannot show would be given one value.
        let name = unique(&name_of(name), |name| {
            self.inputs
                .iter()
                .any(|(other, _)| variable(other) == variable(name))
        });
        self.given.insert(given, name.clone());
        self.inputs.push((name.clone(), input));
        format!("$inputs.{name}")
    }

    /// A text where it stands by itself: from an earlier answer, from an input when it is secret or would be taken for an expression,
    /// else as it is.
    pub(super) fn text(&mut self, name: &str, text: &str) -> Value {
        if self.is_secret(name, text) {
            return self.secret(name, text).into();
        }
        if let Some(expression) = self.answered_before(text, None) {
            return expression.into();
        }
        if is_written_like_an_expression(text) {
            let input = Input {
                kind: Some("string".to_owned()),
                format: None,
                default: Some(text.into()),
            };
            return self.input(name, ("", text), input).into();
        }
        text.into()
    }

    /// A parameter.
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

    /// Refuses a draft that nobody could use, or in which a secret stands.
    pub(super) fn holds_no_secret(&self, texts: &[&str]) -> Result<(), NoDraft> {
        if self.crowded {
            return Err(NoDraft {
                what: format!("it would take more than {MOST_INPUTS} inputs"),
                why: "each credential, and each value that looks like one, becomes an input".to_owned(),
                next: "leave out calls, or parts of their bodies".to_owned(),
            });
        }
        // What is a word that people use stands in names as well.
        let is_word = |text: &str| {
            text.len() < 6 || (text.len() < 12 && text.bytes().all(|byte| byte.is_ascii_alphabetic()))
        };
        let mut secrets = self.secrets.iter().filter(|secret| !is_word(secret));
        match secrets.any(|secret| texts.iter().any(|text| text.contains(secret.as_str()))) {
            false => Ok(()),
            true => Err(NoDraft {
                what: "a credential of these calls stands inside of another value, too".to_owned(),
                why: "it would be written down with it".to_owned(),
                next: "take it out there, and put an input in its place afterwards".to_owned(),
            }),
        }
    }
}

/// How a credential is spoken of: by the name of its scheme in the contract, or by the scheme.
pub(super) enum Scheme {
    Named(String),
    Own(Value),
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
