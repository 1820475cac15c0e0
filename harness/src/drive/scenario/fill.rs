//! From a step to the probe that it sends.

use serde_json::Value;

use crate::drive::scenario::evaluate::{self, Missing};
use crate::drive::scenario::page::Before;
use crate::drive::scenario::secrets::{Secrets, Strand};
use crate::drive::scenario::values::{Form, Requested, Scene};
use crate::drive::scenario::{body, page, security};
use crate::model::probe::{Body, Nature, Page, Probe, Text};
use crate::scenario::call::{Book, Promised};
use crate::scenario::document::{Call, Step, Workflow};
use crate::scenario::template::embedded;

/// A step ready to be sent.
#[derive(Debug)]
pub struct Filled {
    /// The probe.
    pub probe: Probe,
    /// What it was made of.
    pub requested: Requested,
    /// What a browser asks before it.
    pub(super) before: Option<Before>,
}

impl Filled {
    /// What is asked now: the preflight, while there is one.
    pub fn asked(&self) -> &Probe {
        self.before.as_ref().map_or(&self.probe, |before| &before.probe)
    }
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
    pub(super) path: Vec<(String, Vec<Strand>)>,
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
    let page = making.page()?;
    Ok(making.made(route, body, nature, page))
}

/// Where a request goes.
struct Route {
    method: String,
    path: Vec<Strand>,
    template: Option<String>,
    at_root: bool,
}

impl Making<'_> {
    /// The page that sends it.
    fn page(&self) -> Result<Option<Page>, Unsendable> {
        let Some(word) = &self.standing.step.ours.origin else {
            return Ok(None);
        };
        let written = evaluate::text_value(&word.value, &self.standing.scene, Form::Raw)?;
        page::origin(&embedded(&written)).map(Some)
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
                return Err(Unsendable::Other(format!(
                    "its path parameter `{name}` has no value"
                )));
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
        let path = if path.starts_with('/') {
            path.to_owned()
        } else {
            format!("/{path}")
        };
        let strand = self.strand(&Value::String(raw), &Value::String(shown), path, "url", false);
        Ok(Route {
            method: method.to_ascii_uppercase(),
            path: vec![strand],
            template: None,
            at_root,
        })
    }

    fn made(mut self, route: Route, body: Body, nature: Option<Nature>, page: Option<Page>) -> Filled {
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
        if let Some(template) = route
            .template
            .filter(|template| path != Text::Lit(template.clone()))
        {
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
        if let Some(page) = page {
            builder = builder.page(&page.origin, page.mode);
        }
        self.requested.method = route.method;
        builder = builder.within_ms(self.standing.step.timeout);
        let probe = builder.body(body).nature(nature).build();
        Filled {
            before: page::before(&probe),
            probe,
            requested: self.requested,
        }
    }
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
    let elsewhere = || {
        Unsendable::Other(format!(
            "it leads to {server}, and this run is about {base} alone"
        ))
    };
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
        assert_eq!(
            placed(Some("http://127.0.0.1:8080/api/v3/admin")),
            at("/admin", false)
        );
        assert_eq!(placed(Some("http://127.0.0.1:8080/api/v4")), at("/api/v4", true));
        assert_eq!(placed(Some("/other")), at("/other", true));
        for elsewhere in [
            "http://127.0.0.1:8081/api/v3",
            "https://127.0.0.1:8080/api/v3",
            "http://evil.example",
        ] {
            let Err(Unsendable::Other(why)) = placed(Some(elsewhere)) else {
                panic!("{elsewhere}")
            };
            assert!(why.contains("this run is about"), "{why}");
        }
    }
}
