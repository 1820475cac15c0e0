//! From calls that somebody made to the steps that make them again.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use url::Url;

use crate::check::text::clean;
use crate::contract::find::NotFound;
use crate::contract::load::Contract;
use crate::contract::operation::Operation;
use crate::cors::origin::origin_of;
use crate::devtools::calls::{Call, Load};
use crate::draft::document::{Parameter, Step};
use crate::draft::drafted::Drafted;
use crate::draft::maker::{Maker, unique};
use crate::draft::operations::success;
use crate::draft::secret::looks_secret;
use crate::draft::written::{SOURCE, criteria, draft, name_of, operation_id};
use crate::draft::{Draft, NoDraft, Setting};

/// The methods that an operation of OpenAPI 3.1 can have.
const METHODS: &[&str] = &[
    "GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE",
];
/// A query of more members is no call of a person's.
const MOST_MEMBERS: usize = 200;

/// A scenario that makes these calls again, in their order. All of them go to one origin.
///
/// # Errors
/// A call that is none of the contract's, that no step can make, or with a credential that cannot be taken out.
pub fn of_calls(calls: &[Call], setting: &Setting<'_>) -> Result<Draft, NoDraft> {
    // What is a credential in one call must not be written down in another one, so all of them are looked at first.
    let learnt = Making::of(calls, setting, BTreeSet::new())?.maker.secrets();
    let mut making = Making::of(calls, setting, learnt)?;
    let server = calls
        .first()
        .map(|call| origin_of(&call.url).0)
        .unwrap_or_default();
    let pages = calls.iter().filter_map(|call| header(call, "origin"));
    let mut pages = pages.filter(|page| *page != server && *page != "null");
    let page = pages.next().map(str::to_owned);
    let contract = match setting.contract {
        Some(_) => None,
        None => Some(making.drafted.written(setting.title, server)?),
    };
    let notes = std::mem::take(&mut making.maker.notes);
    let mut draft = draft(&making.maker, setting, page, contract, notes)?;
    draft.server = making.server;
    let texts = [
        draft.scenario.as_str(),
        draft.contract.as_deref().unwrap_or_default(),
    ];
    making.maker.holds_no_secret(&texts)?;
    Ok(draft)
}

fn header<'c>(call: &'c Call, name: &str) -> Option<&'c str> {
    let mut headers = call.headers.iter();
    headers
        .find(|(other, _)| other == name)
        .map(|(_, value)| value.as_str())
}

pub(super) struct Making<'m> {
    pub(super) maker: Maker,
    pub(super) contract: Option<&'m Contract>,
    pub(super) drafted: Drafted,
    /// Where the calls went, by the contract's paths.
    server: Option<String>,
}

/// What a call is to the contract, drafted or not.
pub(super) struct Place<'m> {
    template: String,
    values: Vec<(String, String)>,
    pub(super) operation: Option<&'m Operation>,
}

impl Place<'_> {
    /// Whether the contract has such a parameter; nothing where there is none.
    pub(super) fn declares(&self, location: &str, name: &str) -> Option<bool> {
        self.operation.map(|operation| {
            let mut known = operation.parameters.iter();
            known.any(|known| known.location == location && known.name.eq_ignore_ascii_case(name))
        })
    }
}

impl<'m> Making<'m> {
    fn of(calls: &[Call], setting: &Setting<'m>, learnt: BTreeSet<String>) -> Result<Making<'m>, NoDraft> {
        let mut making = Making {
            maker: Maker::knowing(learnt, setting.back),
            contract: setting.contract,
            drafted: Drafted::default(),
            server: None,
        };
        calls.iter().try_for_each(|call| making.step(call))?;
        Ok(making)
    }

    fn step(&mut self, call: &Call) -> Result<(), NoDraft> {
        let place = self.place(call)?;
        let mut parameters: Vec<Parameter> = Vec::new();
        for (name, value) in &place.values {
            parameters.push(self.maker.parameter(name, "path", value));
        }
        let mut security = Vec::new();
        self.query(call, &place, &mut parameters, &mut security)?;
        self.user(call, &place, &mut security);
        for (name, value) in &call.headers {
            self.header((name, value), &place, &mut parameters, &mut security);
        }
        let body = self.maker.body(&call.body)?;
        // A 304 answers a condition that no step says again.
        let status = call.answer.as_ref().map(|answer| answer.status);
        let status = status.filter(|status| *status != 304);
        if let Some(status) = status.filter(|status| *status >= 500) {
            let (method, path) = (&call.method, &place.template);
            let note = format!("{method} {path} was answered {status}; the scenario asks for a success");
            self.maker.note(note);
        }
        let known = place
            .operation
            .and_then(|operation| operation.operation_id.clone());
        let id = known
            .clone()
            .unwrap_or_else(|| operation_id(&call.method, &place.template));
        let id = match self.contract {
            Some(_) => id,
            None => self
                .drafted
                .declare(call, (&place.template, id), &parameters, &security),
        };
        let promised = place.operation.and_then(success);
        let by_path = place.operation.filter(|_| known.is_none());
        let step_id = self.maker.step_id(&name_of(&id));
        let at = self.maker.steps.len();
        self.maker.steps.push(Step {
            step_id,
            operation_path: by_path
                .map(|operation| format!("{{$sourceDescriptions.{SOURCE}.url}}#{}", operation.pointer)),
            operation_id: by_path.is_none().then_some(id),
            security,
            parameters,
            request_body: body,
            success_criteria: criteria(status.filter(|status| *status < 500).or(promised)),
            outputs: BTreeMap::new(),
        });
        if let Some(body) = call.answer.as_ref().and_then(|answer| answer.body.as_ref()) {
            self.maker.answers.keep(at, body, &sent(call));
        }
        Ok(())
    }

    /// The members of the query: one that stands there more than once is a list.
    fn query(
        &mut self,
        call: &Call,
        place: &Place<'_>,
        parameters: &mut Vec<Parameter>,
        security: &mut Vec<crate::draft::document::Credential>,
    ) -> Result<(), NoDraft> {
        let mut lists: BTreeMap<String, usize> = BTreeMap::new();
        let pairs: Vec<_> = call.url.query_pairs().take(MOST_MEMBERS + 1).collect();
        if pairs.len() > MOST_MEMBERS {
            return Err(NoDraft {
                what: format!("a query has more than {MOST_MEMBERS} members"),
                why: "each of them would be a parameter".to_owned(),
                next: "leave the call out".to_owned(),
            });
        }
        for (name, value) in pairs {
            if place.declares("query", &name) != Some(true) {
                if self.maker.is_secret(&name, &value) || self.is_key_of(place, "query", &name) {
                    security.push(self.key(place, "query", &name, &value));
                    continue;
                }
                if place.operation.is_some() {
                    let name = clean(&name, 60);
                    let note =
                        format!("the query's {name} is no parameter in the contract, and was left out");
                    self.maker.note(note);
                    continue;
                }
            }
            let fresh = self.maker.parameter(&name, "query", &value);
            match lists.get(&*name).and_then(|at| parameters.get_mut(*at)) {
                None => {
                    lists.insert(name.into_owned(), parameters.len());
                    parameters.push(fresh);
                }
                Some(known) => match &mut known.value {
                    Value::Array(items) => items.push(fresh.value),
                    one => *one = Value::Array(vec![one.take(), fresh.value]),
                },
            }
        }
        Ok(())
    }

    /// The path of a call as the contract has it; without one, its names and not the ids in it.
    fn place(&mut self, call: &Call) -> Result<Place<'m>, NoDraft> {
        let path = call.url.path();
        let Some(contract) = self.contract else {
            if !METHODS.contains(&call.method.as_str()) {
                return Err(NoDraft {
                    what: format!("{} is no method of an operation", clean(&call.method, 20)),
                    why: format!("OpenAPI 3.1 knows {}", METHODS.join(", ")),
                    next: "leave the call out".to_owned(),
                });
            }
            return Ok(self.drafted_place(path));
        };
        let found = contract.find(&call.method, path, "");
        let shown: Vec<&str> = path
            .split('/')
            .map(|part| if looks_secret(part) { "…" } else { part })
            .collect();
        let none = |why: String| NoDraft {
            what: format!(
                "{} {} is no operation of {}",
                call.method,
                clean(&shown.join("/"), 200),
                contract.source()
            ),
            why,
            next: "name the contract of this API, or none: one is drafted then".to_owned(),
        };
        let found = found.map_err(|why| {
            none(match why {
                NotFound::UnknownPath => "none of its paths is like that".to_owned(),
                NotFound::OtherMethods { template, methods } => {
                    format!("{template} has {}", methods.join(", "))
                }
            })
        })?;
        if found.operation.method != call.method {
            return Err(none(format!(
                "{} has {}",
                found.operation.template, found.operation.method
            )));
        }
        let below = found.operation.template.matches('/').count();
        let segments: Vec<&str> = path.split('/').collect();
        let base = segments
            .get(..segments.len().saturating_sub(below))
            .unwrap_or_default()
            .join("/");
        self.server = Some(format!("{}{base}", origin_of(&call.url)));
        Ok(Place {
            template: found.operation.template.clone(),
            values: found.path_params.into_iter().collect(),
            operation: Some(found.operation),
        })
    }

    fn drafted_place(&self, path: &str) -> Place<'m> {
        let mut values = Vec::new();
        let mut template = String::new();
        for segment in path.split('/').skip(1) {
            let plain = percent_encoding::percent_decode_str(segment).decode_utf8_lossy();
            let from_answer = self.maker.answers.origin(&plain).is_some();
            if is_id(&plain) || from_answer || self.maker.is_secret("", &plain) {
                let name = unique("id", |name| values.iter().any(|(other, _)| other == name));
                template.push_str(&format!("/{{{name}}}"));
                values.push((name, plain.into_owned()));
            } else {
                template.push_str(&format!("/{segment}"));
            }
        }
        Place {
            template,
            values,
            operation: None,
        }
    }
}

/// Whether a part of a path is an id and no name: a number, a UUID, or a long word with digits in it.
fn is_id(segment: &str) -> bool {
    let digits = segment.bytes().filter(u8::is_ascii_digit).count();
    let word = segment
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    word && digits > 0 && (digits == segment.len() || (segment.len() >= 16 && digits >= 4))
}

/// All that a call said, in which an answer's value may only be repeated.
fn sent(call: &Call) -> String {
    let mut sent = Url::as_str(&call.url).to_owned();
    for (_, value) in &call.headers {
        sent.push('\n');
        sent.push_str(value);
    }
    if let Load::Text(_, text) = &call.body {
        sent.push('\n');
        sent.push_str(text);
    }
    sent
}
