//! The parameters of a step's request, each spelt as the contract says, with what may not be seen held apart.

use serde_json::Value;

use crate::contract::load::Contract;
use crate::drive::scenario::evaluate::{self, Missing};
use crate::drive::scenario::fill::{Making, Standing, Unsendable};
use crate::drive::scenario::secrets::{Strand, is_credential};
use crate::drive::scenario::values::Form;
use crate::scenario::call::Promised;
use crate::scenario::document::{Parameter, Place};
use crate::scenario::expression::Expression;
use crate::scenario::serialise::{self, Style};
use crate::scenario::source::{Node, Tree};
use crate::scenario::template::{self, Piece, embedded};

/// Words that stand before a credential in a header field and are none.
const SCHEMES: &[&str] = &["bearer", "basic", "token", "digest", "apikey", "dpop"];

impl Making<'_> {
    /// The parameters of the step, and those that the workflow gives to each of its steps and this one does not override.
    pub(super) fn parameters(&mut self, promised: Option<Promised<'_>>) -> Result<(), Unsendable> {
        let Standing {
            book, workflow, step, ..
        } = self.standing;
        let of = |list| -> Vec<(&Parameter, &Node)> {
            let list: &[_] = list;
            list.iter().filter_map(|one| book.parameter(one)).collect()
        };
        let own = of(&step.parameters);
        let same = |a: &Parameter, b: &Parameter| a.name.value == b.name.value && a.place == b.place;
        let common = of(&workflow.parameters);
        let common = common
            .into_iter()
            .filter(|(common, _)| !own.iter().any(|(own, _)| same(own, common)));
        let all: Vec<_> = common.chain(own.iter().copied()).collect();
        for (parameter, node) in all {
            let Some(place) = parameter.place else { continue };
            match self.parameter(&parameter.name.value, place, node, promised) {
                Err(missing) if missing.is_input && place != Place::Path => {}
                other => other?,
            }
        }
        Ok(())
    }

    fn parameter(
        &mut self,
        name: &str,
        place: Place,
        node: &Node,
        promised: Option<Promised<'_>>,
    ) -> Result<(), Missing> {
        let style = promised.map_or(Style::of(place), |promised| {
            Style::promised(promised.contract, promised.operation, name, place)
        });
        let raw = evaluate::value(node, &self.standing.scene, Form::Raw)?;
        let shown = evaluate::value(node, &self.standing.scene, Form::Shown)?;
        let secret = place == Place::Cookie || is_credential(name) || is_key(name, place, promised);
        let visible = (!secret).then(|| shown.clone());
        let noted = match place {
            Place::Path => Some((&mut self.requested.path, name.to_owned())),
            Place::Query => Some((&mut self.requested.query, name.to_owned())),
            Place::Header => Some((&mut self.requested.headers, name.to_ascii_lowercase())),
            Place::Cookie | Place::QueryString => None,
        };
        if let Some((worths, name)) = noted {
            worths.put(&name, raw.clone(), visible);
        }
        if place == Place::QueryString {
            let text = match &raw {
                Value::Object(_) => serialise::form(&raw),
                other => embedded(other),
            };
            let strand = self.strand(&raw, &shown, text, name, secret);
            self.query.push(vec![strand]);
            return Ok(());
        }
        let strands = self.strands((name, place, style), node, (&raw, &shown), secret)?;
        match place {
            Place::Path => self.path.push((name.to_owned(), strands)),
            Place::Query => self.query.push(strands),
            Place::Header => self.headers.push((name.to_owned(), strands)),
            Place::Cookie | Place::QueryString => {
                let mut cookie = vec![Strand::Open(format!("{name}="))];
                cookie.extend(strands);
                self.cookies.push(cookie);
            }
        }
        Ok(())
    }

    /// A value of which nothing is open unless all of it is.
    pub(super) fn strand(
        &self,
        raw: &Value,
        shown: &Value,
        spelt: String,
        name: &str,
        secret: bool,
    ) -> Strand {
        if raw == shown && !secret {
            Strand::Open(spelt)
        } else {
            Strand::held(raw, spelt, &self.called(name))
        }
    }

    /// What a value is called that comes from no named place.
    fn called(&self, name: &str) -> String {
        let Standing { workflow, step, .. } = self.standing;
        format!("{}.{}.{name}", workflow.id.value, step.id.value)
    }

    /// A parameter's value as it stands in the request.
    fn strands(
        &mut self,
        (name, place, style): (&str, Place, Style),
        node: &Node,
        (raw, shown): (&Value, &Value),
        secret: bool,
    ) -> Result<Vec<Strand>, Missing> {
        let spelt = |value: &Value| match place {
            Place::Query => serialise::query(name, value, style),
            _ => serialise::one(name, value, place, style),
        };
        let simple = matches!(
            raw,
            Value::String(_) | Value::Number(_) | Value::Bool(_) | Value::Null
        );
        if raw == shown && !secret || !simple {
            return Ok(vec![self.strand(raw, shown, spelt(raw), name, secret)]);
        }
        let begun = match place {
            Place::Query => format!("{}=", style.spelt(Place::Query, name)),
            _ => String::new(),
        };
        let mut strands = vec![Strand::Open(begun)];
        let pieces = match &node.tree {
            Tree::Text(text) if !Expression::is_meant(text) => template::parse(text).unwrap_or_default(),
            _ => Vec::new(),
        };
        if pieces.is_empty() {
            let inner = match place {
                Place::Query => style.spelt(Place::Query, &embedded(raw)),
                _ => spelt(raw),
            };
            strands.push(Strand::held(raw, inner, &self.called(name)));
            return Ok(strands);
        }
        for piece in pieces {
            match piece {
                Piece::Text(text) => self.written(&text, (name, place, style), secret, &mut strands),
                Piece::Expression(expression) => {
                    let raw = evaluate::look(&expression, &self.standing.scene, Form::Raw)?;
                    let shown = evaluate::look(&expression, &self.standing.scene, Form::Shown)?;
                    let spelt = style.spelt(place, &embedded(&raw));
                    strands.push(self.strand(&raw, &shown, spelt, name, secret));
                }
            }
        }
        Ok(strands)
    }

    /// A text of the document itself. In a place for credentials it is one, but for the scheme before it.
    fn written(
        &self,
        text: &str,
        (name, place, style): (&str, Place, Style),
        secret: bool,
        strands: &mut Vec<Strand>,
    ) {
        let open = |text: &str| Strand::Open(style.spelt(place, text));
        if !secret {
            return strands.push(open(text));
        }
        let (scheme, rest) = match text.split_once(' ') {
            Some((scheme, rest)) if SCHEMES.contains(&scheme.to_ascii_lowercase().as_str()) => {
                (format!("{scheme} "), rest)
            }
            _ => (String::new(), text),
        };
        strands.push(open(&scheme));
        if !rest.is_empty() {
            let value = Value::String(rest.to_owned());
            strands.push(Strand::held(&value, style.spelt(place, rest), &self.called(name)));
        }
    }
}

/// Whether a parameter carries an API key, as the contract says.
fn is_key(name: &str, place: Place, promised: Option<Promised<'_>>) -> bool {
    promised.is_some_and(|promised| keys(promised.contract).any(|key| key == (name, place.word())))
}

fn keys(contract: &Contract) -> impl Iterator<Item = (&str, &str)> {
    let schemes = contract.document().pointer("/components/securitySchemes");
    let schemes = schemes.and_then(Value::as_object).into_iter().flatten();
    schemes.filter_map(|(_, scheme)| {
        let text = |key: &str| scheme.get(key).and_then(Value::as_str);
        (text("type") == Some("apiKey"))
            .then(|| text("name").zip(text("in")))
            .flatten()
    })
}
