//! From a step to the probe that it sends.

use serde_json::Value;

use crate::contract::load::Contract;
use crate::drive::scenario::evaluate::{self, Missing};
use crate::drive::scenario::secrets::{Secrets, Strand, is_credential};
use crate::drive::scenario::values::{Form, Requested, Scene};
use crate::drive::scenario::{body, security};
use crate::model::probe::{Body, Mode, Nature, Origin, Probe, Text};
use crate::scenario::call::{Book, Promised};
use crate::scenario::document::{Call, Parameter, Place, Step, Workflow};
use crate::scenario::expression::Expression;
use crate::scenario::serialise::{self, Style};
use crate::scenario::source::{Node, Tree};
use crate::scenario::template::{self, Piece, embedded};

/// Words that stand before a credential in a header field and are none.
const SCHEMES: &[&str] = &["bearer", "basic", "token", "digest", "apikey", "dpop"];

/// A step ready to be sent.
#[derive(Debug)]
pub struct Filled {
    /// The probe.
    pub probe: Probe,
    /// What it was made of.
    pub requested: Requested,
}

/// Why a step cannot be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unsendable {
    /// A value that it needs is not there.
    Missing(Missing),
    /// Another reason, in a sentence.
    Other(String),
}

impl From<Missing> for Unsendable {
    fn from(missing: Missing) -> Unsendable {
        Unsendable::Missing(missing)
    }
}

impl Unsendable {
    /// Why, for people.
    pub fn words(&self) -> String {
        match self {
            Unsendable::Missing(missing) => format!("{} is not there", missing.expression),
            Unsendable::Other(why) => why.clone(),
        }
    }
}

/// What is the same for all steps.
#[derive(Debug, Clone)]
pub struct Setting {
    /// The target's base URL.
    pub base: String,
    /// Whether somebody gave it, in place of what the contracts say.
    pub given: bool,
}

/// A step in its workflow.
#[derive(Clone, Copy)]
pub struct Standing<'s> {
    /// The document.
    pub book: &'s Book,
    /// The workflow.
    pub workflow: &'s Workflow,
    /// The step.
    pub step: &'s Step,
    /// What is known where it stands.
    pub scene: Scene<'s>,
}

/// The parts of a request, as they are gathered.
pub(super) struct Making<'m> {
    pub(super) standing: Standing<'m>,
    pub(super) secrets: &'m mut Secrets,
    pub(super) requested: Requested,
    pub(super) query: Vec<Vec<Strand>>,
    pub(super) headers: Vec<(String, Vec<Strand>)>,
    pub(super) cookies: Vec<Vec<Strand>>,
    path: Vec<(String, Vec<Strand>)>,
}

/// The probe of a step.
pub fn probe(
    standing: Standing<'_>,
    setting: &Setting,
    nature: Option<Nature>,
    secrets: &mut Secrets,
) -> Result<Filled, Unsendable> {
    let promised = standing.book.promised(standing.step);
    let mut making = Making {
        standing,
        secrets,
        requested: Requested::default(),
        query: Vec::new(),
        headers: Vec::new(),
        cookies: Vec::new(),
        path: Vec::new(),
    };
    making.parameters(promised)?;
    security::add(&mut making, promised)?;
    let body = body::of(&mut making, promised)?;
    let route = making.route(promised, setting)?;
    Ok(making.made(route, body, nature))
}

/// Where a request goes.
struct Route {
    method: String,
    path: Vec<Strand>,
    template: Option<String>,
    at_root: bool,
}

impl Making<'_> {
    /// The parameters of the step, and those that the workflow gives to each of its steps and this one does not override.
    fn parameters(&mut self, promised: Option<Promised<'_>>) -> Result<(), Unsendable> {
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
    pub(super) fn strand(&self, raw: &Value, shown: &Value, spelt: String, name: &str, secret: bool) -> Strand {
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
        let simple = matches!(raw, Value::String(_) | Value::Number(_) | Value::Bool(_) | Value::Null);
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

    fn route(&mut self, promised: Option<Promised<'_>>, setting: &Setting) -> Result<Route, Unsendable> {
        let step = self.standing.step;
        let server = match &step.ours.server_url {
            Some(word) => {
                let url = evaluate::text_value(&word.value, &self.standing.scene, Form::Raw)?;
                Some(embedded(&url))
            }
            None if setting.given => None,
            None => promised.and_then(|promised| promised.server()),
        };
        if let Some(Call::Direct { method, url }) = &step.call {
            return self.direct(&method.value, &url.value, setting);
        }
        let Some(Promised { operation, .. }) = promised else {
            return Err(Unsendable::Other("no source describes what it calls".to_owned()));
        };
        let (prefix, at_root) = placed(server.as_deref(), setting)?;
        let mut path = vec![Strand::Open(prefix)];
        let mut rest = operation.template.as_str();
        while let Some((before, (name, after))) = rest
            .split_once('{')
            .and_then(|(before, inside)| Some((before, inside.split_once('}')?)))
        {
            path.push(Strand::Open(before.to_owned()));
            let Some((_, strands)) = self.path.iter().find(|(known, _)| known == name) else {
                return Err(Unsendable::Other(format!("its path parameter `{name}` has no value")));
            };
            path.extend(strands.iter().cloned());
            rest = after;
        }
        path.push(Strand::Open(rest.to_owned()));
        Ok(Route {
            method: operation.method.clone(),
            path,
            template: Some(operation.template.clone()),
            at_root,
        })
    }

    /// A request that no source describes.
    fn direct(&mut self, method: &str, url: &str, setting: &Setting) -> Result<Route, Unsendable> {
        let raw = embedded(&evaluate::text_value(url, &self.standing.scene, Form::Raw)?);
        let shown = embedded(&evaluate::text_value(url, &self.standing.scene, Form::Shown)?);
        let (path, at_root) = match raw.strip_prefix('/') {
            Some(_) => (raw.clone(), false),
            None => placed(Some(&raw), setting)?,
        };
        let path = path.split('#').next().unwrap_or_default();
        let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        let strand = self.strand(&Value::String(raw), &Value::String(shown), path, "url", false);
        Ok(Route {
            method: method.to_ascii_uppercase(),
            path: vec![strand],
            template: None,
            at_root,
        })
    }

    fn made(mut self, route: Route, body: Body, nature: Option<Nature>) -> Filled {
        let mut path = route.path;
        let mut sign = match &*path {
            [Strand::Open(path)] if path.contains('?') => "&",
            _ => "?",
        };
        for member in std::mem::take(&mut self.query) {
            if matches!(&*member, [Strand::Open(text)] if text.is_empty()) {
                continue;
            }
            path.push(Strand::Open(sign.to_owned()));
            path.extend(member);
            sign = "&";
        }
        let path = self.secrets.woven(path);
        let mut builder = Probe::request(&route.method, path.clone());
        if let Some(template) = route.template.filter(|template| path != Text::Lit(template.clone())) {
            builder = builder.template(template);
        }
        if route.at_root {
            builder = builder.at_root();
        }
        for (name, strands) in std::mem::take(&mut self.headers) {
            let value = self.secrets.woven(strands);
            builder = builder.header(&name, value);
        }
        let cookies = std::mem::take(&mut self.cookies);
        if !cookies.is_empty() {
            let mut line = Vec::new();
            for (at, cookie) in cookies.into_iter().enumerate() {
                line.push(Strand::Open(if at == 0 { "" } else { "; " }.to_owned()));
                line.extend(cookie);
            }
            let line = self.secrets.woven(line);
            builder = builder.header("cookie", line);
        }
        if let Some(origin) = &self.standing.step.ours.origin {
            builder = builder.page(&Origin(origin.value.clone()), Mode::Omit);
        }
        self.requested.method = route.method;
        Filled {
            probe: builder.body(body).nature(nature).build(),
            requested: self.requested,
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
        (text("type") == Some("apiKey")).then(|| text("name").zip(text("in"))).flatten()
    })
}

/// The path below the target's base URL, or below its root, under which a server's operations lie.
fn placed(server: Option<&str>, setting: &Setting) -> Result<(String, bool), Unsendable> {
    let base = setting.base.trim_end_matches('/');
    let Some(server) = server.map(|server| server.trim_end_matches('/')) else {
        return Ok((String::new(), false));
    };
    if server == base {
        return Ok((String::new(), false));
    }
    if let Some(rest) = server.strip_prefix(base).filter(|rest| rest.starts_with('/')) {
        return Ok((rest.to_owned(), false));
    }
    let elsewhere = || Unsendable::Other(format!("it leads to {server}, and this run is about {base} alone"));
    let base = url::Url::parse(base).map_err(|_| elsewhere())?;
    let url = base.join(server).map_err(|_| elsewhere())?;
    if url.origin() != base.origin() {
        return Err(elsewhere());
    }
    let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
    Ok((format!("{}{query}", url.path().trim_end_matches('/')), true))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_lies_at_the_base_below_it_beside_it_or_elsewhere() {
        let setting = Setting {
            base: "http://127.0.0.1:8080/api/v3".to_owned(),
            given: false,
        };
        let placed = |server| placed(server, &setting);
        let at = |path: &str, at_root| Ok((path.to_owned(), at_root));
        assert_eq!(placed(None), at("", false));
        assert_eq!(placed(Some("http://127.0.0.1:8080/api/v3/")), at("", false));
        assert_eq!(placed(Some("http://127.0.0.1:8080/api/v3/admin")), at("/admin", false));
        assert_eq!(placed(Some("http://127.0.0.1:8080/api/v4")), at("/api/v4", true));
        assert_eq!(placed(Some("/other")), at("/other", true));
        for elsewhere in ["http://127.0.0.1:8081/api/v3", "https://127.0.0.1:8080/api/v3", "http://evil.example"] {
            let Err(Unsendable::Other(why)) = placed(Some(elsewhere)) else {
                panic!("{elsewhere}")
            };
            assert!(why.contains("this run is about"), "{why}");
        }
    }
}
