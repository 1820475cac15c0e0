//! From calls that somebody made to the steps that make them again.

use std::collections::BTreeMap;

use base64::Engine as _;
use serde_json::{Value, json};
use url::Url;

use crate::contract::find::NotFound;
use crate::contract::load::Contract;
use crate::contract::operation::Operation;
use crate::contract::security::SchemeKind;
use crate::cors::origin::origin_of;
use crate::devtools::calls::{Call, Load};
use crate::draft::document::{Credential, Parameter, Step};
use crate::draft::drafted::Drafted;
use crate::draft::maker::{Maker, Scheme, unique};
use crate::draft::operations::success;
use crate::draft::written::{SOURCE, criteria, draft, name_of, operation_id};
use crate::draft::{Draft, NoDraft, Setting};
use crate::drive::scenario::secrets::is_credential;

/// A scenario that makes these calls again, in their order. All of them go to one origin.
///
/// # Errors
/// A call that is none of the contract's, by its name and path.
pub fn of_calls(calls: &[Call], setting: &Setting<'_>) -> Result<Draft, NoDraft> {
    let mut making = Making {
        maker: Maker::leading(setting.back),
        contract: setting.contract,
        drafted: Drafted::default(),
        notes: Vec::new(),
    };
    for call in calls {
        making.step(call)?;
    }
    let server = calls
        .first()
        .map(|call| origin_of(&call.url).0)
        .unwrap_or_default();
    let pages = calls.iter().filter_map(|call| header(call, "origin"));
    let mut pages: Vec<&str> = pages.filter(|page| *page != server && *page != "null").collect();
    pages.dedup();
    let page = pages.first().map(|page| (*page).to_owned());
    let contract = match setting.contract {
        Some(_) => None,
        None => Some(making.drafted.written(setting.title, server)?),
    };
    draft(&making.maker, setting, page, contract, making.notes)
}

fn header<'c>(call: &'c Call, name: &str) -> Option<&'c str> {
    let mut headers = call.headers.iter();
    headers
        .find(|(other, _)| other == name)
        .map(|(_, value)| value.as_str())
}

struct Making<'m> {
    maker: Maker,
    contract: Option<&'m Contract>,
    drafted: Drafted,
    notes: Vec<String>,
}

/// What a call is to the contract, drafted or not.
struct Place<'m> {
    template: String,
    values: Vec<(String, String)>,
    operation: Option<&'m Operation>,
}

impl<'m> Making<'m> {
    fn step(&mut self, call: &Call) -> Result<(), NoDraft> {
        let place = self.place(call)?;
        let mut parameters: Vec<Parameter> = Vec::new();
        for (name, value) in &place.values {
            parameters.push(self.maker.parameter(name, "path", value));
        }
        let mut security = Vec::new();
        for (name, value) in call.url.query_pairs() {
            match is_key(&name) {
                true => security.push(self.key(&place, "query", &name, &value)),
                false => parameters.push(self.maker.parameter(&name, "query", &value)),
            }
        }
        for (name, value) in &call.headers {
            self.header((name, value), &place, &mut parameters, &mut security);
        }
        let body = self.maker.body(&call.body);
        let status = call.answer.as_ref().map(|answer| answer.status);
        if let Some(status) = status.filter(|status| *status >= 500) {
            let (method, path) = (&call.method, &place.template);
            self.notes.push(format!(
                "{method} {path} was answered {status}; the scenario asks for a success"
            ));
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
            self.maker.answered(at, body, &sent(call));
        }
        Ok(())
    }

    /// The path of a call as the contract has it; without one, its names and not the ids in it.
    fn place(&self, call: &Call) -> Result<Place<'m>, NoDraft> {
        let path = call.url.path();
        let Some(contract) = self.contract else {
            let mut values = Vec::new();
            let mut template = String::new();
            for segment in path.split('/').skip(1) {
                let plain = percent_encoding::percent_decode_str(segment).decode_utf8_lossy();
                if is_id(&plain) || self.maker.knows(&plain) {
                    let name = unique("id", |name| values.iter().any(|(other, _)| other == name));
                    template.push_str(&format!("/{{{name}}}"));
                    values.push((name, plain.into_owned()));
                } else {
                    template.push_str(&format!("/{segment}"));
                }
            }
            return Ok(Place {
                template,
                values,
                operation: None,
            });
        };
        let found = contract.find(&call.method, path, "");
        let found = found.map_err(|why| NoDraft {
            what: format!("{} {path} is no operation of {}", call.method, contract.source()),
            why: match why {
                NotFound::UnknownPath => "none of its paths is like that".to_owned(),
                NotFound::OtherMethods { template, methods } => {
                    format!("{template} has {}", methods.join(", "))
                }
            },
            next: "name the contract of this API, or none: one is drafted then".to_owned(),
        })?;
        Ok(Place {
            template: found.operation.template.clone(),
            values: found.path_params.into_iter().collect(),
            operation: Some(found.operation),
        })
    }

    fn header(
        &mut self,
        (name, value): (&str, &str),
        place: &Place<'_>,
        parameters: &mut Vec<Parameter>,
        security: &mut Vec<Credential>,
    ) {
        let scheme = value
            .split_once(' ')
            .map(|(scheme, rest)| (scheme.to_ascii_lowercase(), rest.trim()));
        match (name, scheme) {
            ("origin", _) => {}
            ("authorization", Some((scheme, token))) if scheme == "bearer" => {
                security.push(self.bearer(place, token));
            }
            ("authorization", Some((scheme, pair))) if scheme == "basic" => {
                security.extend(self.basic(place, pair));
            }
            ("cookie", _) => {
                for cookie in value.split(';') {
                    if let Some((name, value)) = cookie.trim().split_once('=') {
                        security.push(self.key(place, "cookie", name, value));
                    }
                }
            }
            (name, _) if name == "authorization" || is_key(name) || is_key_of(place, name) => {
                security.push(self.key(place, "header", name, value));
            }
            (name, _) => {
                let declared = place.operation.map(|operation| {
                    let mut known = operation.parameters.iter();
                    known.any(|known| known.location == "header" && known.name.eq_ignore_ascii_case(name))
                });
                match declared {
                    Some(false) => {
                        let note = format!(
                            "the header field {name} is no parameter in the contract, and was left out"
                        );
                        if !self.notes.contains(&note) {
                            self.notes.push(note);
                        }
                    }
                    Some(true) | None => parameters.push(self.maker.parameter(name, "header", value)),
                }
            }
        }
    }

    fn bearer(&mut self, place: &Place<'_>, token: &str) -> Credential {
        let is = |kind: &SchemeKind| {
            matches!(
                kind,
                SchemeKind::Bearer | SchemeKind::OAuth2 | SchemeKind::OpenIdConnect
            )
        };
        let scheme = self.scheme(place, "bearer", is, json!({"type": "http", "scheme": "bearer"}));
        self.maker.credential(scheme, "token", "token", token)
    }

    fn basic(&mut self, place: &Place<'_>, pair: &str) -> Option<Credential> {
        let bytes = base64::engine::general_purpose::STANDARD.decode(pair).ok()?;
        let pair = String::from_utf8(bytes).ok()?;
        let (user, password) = pair.split_once(':')?;
        let is = |kind: &SchemeKind| *kind == SchemeKind::Basic;
        let scheme = self.scheme(place, "basic", is, json!({"type": "http", "scheme": "basic"}));
        let mut credential = self.maker.credential(scheme, "password", "password", password);
        let user = self.maker.secret("username", user);
        credential.values.insert("username", user);
        Some(credential)
    }

    /// A key under a name of its own.
    fn key(&mut self, place: &Place<'_>, location: &str, name: &str, value: &str) -> Credential {
        let is = |kind: &SchemeKind| match kind {
            SchemeKind::ApiKey {
                location: other,
                name: known,
            } => other == location && known.eq_ignore_ascii_case(name),
            _ => false,
        };
        let own = json!({"type": "apiKey", "in": location, "name": name});
        let scheme = self.scheme(place, &name_of(name), is, own);
        self.maker.credential(scheme, "apiKey", name, value)
    }

    /// How a credential is spoken of: as the contract does, else as a scheme of the step's own, or of the drafted contract's.
    fn scheme(
        &mut self,
        place: &Place<'_>,
        name: &str,
        is: impl Fn(&SchemeKind) -> bool,
        own: Value,
    ) -> Scheme {
        if self.contract.is_none() {
            self.drafted.schemes.insert(name.to_owned(), own);
            return Scheme::Named(name.to_owned());
        }
        let uses = place
            .operation
            .into_iter()
            .flat_map(|operation| operation.security.alternatives.iter().flatten());
        let known = uses.into_iter().find(|known| is(&known.kind));
        known.map_or(Scheme::Own(own), |known| Scheme::Named(known.name.clone()))
    }
}

/// Whether something of this name is a credential: more names than elsewhere, since what is none may stand in an input too.
fn is_key(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    is_credential(&name) || (name.ends_with("key") && !name.ends_with("idempotency-key"))
}

/// Whether the contract says that this header field is one.
fn is_key_of(place: &Place<'_>, name: &str) -> bool {
    let alternatives = place
        .operation
        .into_iter()
        .flat_map(|operation| &operation.security.alternatives);
    let mut kinds = alternatives.flatten().map(|scheme| &scheme.kind);
    kinds.any(|kind| match kind {
        SchemeKind::ApiKey {
            location,
            name: known,
        } => location == "header" && known.eq_ignore_ascii_case(name),
        _ => false,
    })
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
