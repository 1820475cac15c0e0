//! Header fields of calls: those that carry credentials become `x-security` with inputs, the rest parameters.

use base64::Engine as _;
use serde_json::{Value, json};

use crate::check::text::clean;
use crate::contract::security::SchemeKind;
use crate::devtools::calls::Call;
use crate::draft::calls::{Making, Place};
use crate::draft::document::{Credential, Parameter};
use crate::draft::maker::{Scheme, unique};
use crate::draft::written::name_of;

/// Header fields that the client adds by itself.
const OF_THE_CLIENT: &[&str] = &[
    "accept-encoding",
    "accept-language",
    "cache-control",
    "connection",
    "content-length",
    "content-type",
    "dnt",
    "host",
    "if-modified-since",
    "if-none-match",
    "keep-alive",
    "pragma",
    "priority",
    "referer",
    "te",
    "upgrade-insecure-requests",
    "user-agent",
];

impl Making<'_> {
    /// A header field of a call.
    pub(super) fn header(
        &mut self,
        (name, value): (&str, &str),
        place: &Place<'_>,
        parameters: &mut Vec<Parameter>,
        security: &mut Vec<Credential>,
    ) {
        let scheme = value
            .split_once(' ')
            .map(|(scheme, rest)| (scheme.to_ascii_lowercase(), rest.trim()));
        let declared = place.declares("header", name);
        match (name, scheme) {
            ("origin" | "host" | "content-type" | "content-length", _) => {}
            ("authorization", Some((scheme, token))) if scheme == "bearer" => {
                security.push(self.bearer(place, token));
            }
            ("authorization", Some((scheme, pair))) if scheme == "basic" && decoded(pair).is_some() => {
                let (user, password) = decoded(pair).unwrap_or_default();
                security.push(self.basic(place, &user, &password));
            }
            ("cookie", _) => self.cookies(value, place, security),
            (name, _) if declared == Some(true) => {
                if !parameters.iter().any(|known| known.name == name) {
                    parameters.push(self.maker.parameter(name, "header", value));
                }
            }
            (name, _) if OF_THE_CLIENT.contains(&name) => {}
            (name, _)
                if name == "authorization"
                    || self.maker.is_secret(name, value)
                    || self.is_key_of(place, "header", name) =>
            {
                security.push(self.key(place, "header", name, value));
            }
            (name, _) if declared == Some(false) => {
                let name = clean(name, 60);
                let note =
                    format!("the header field {name} is no parameter in the contract, and was left out");
                self.maker.note(note);
            }
            (name, _) => {
                if !parameters.iter().any(|known| known.name == name) {
                    parameters.push(self.maker.parameter(name, "header", value));
                }
            }
        }
    }

    /// User and password of the address, which curl sends as Basic.
    pub(super) fn user(&mut self, call: &Call, place: &Place<'_>, security: &mut Vec<Credential>) {
        if let Some(password) = call.url.password() {
            let plain = |text: &str| {
                percent_encoding::percent_decode_str(text)
                    .decode_utf8_lossy()
                    .into_owned()
            };
            security.push(self.basic(place, &plain(call.url.username()), &plain(password)));
        }
    }

    fn cookies(&mut self, line: &str, place: &Place<'_>, security: &mut Vec<Credential>) {
        for cookie in line.split(';').map(str::trim).filter(|cookie| !cookie.is_empty()) {
            match cookie.split_once('=') {
                Some((name, value)) => security.push(self.key(place, "cookie", name, value)),
                None => self
                    .maker
                    .note("a cookie without a name, or a file of cookies, was left out".to_owned()),
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

    fn basic(&mut self, place: &Place<'_>, user: &str, password: &str) -> Credential {
        let is = |kind: &SchemeKind| *kind == SchemeKind::Basic;
        let scheme = self.scheme(place, "basic", is, json!({"type": "http", "scheme": "basic"}));
        let mut credential = self.maker.credential(scheme, "password", "password", password);
        let user = self.maker.secret("username", user);
        credential.values.insert("username", user);
        credential
    }

    /// A key under a name of its own.
    pub(super) fn key(&mut self, place: &Place<'_>, location: &str, name: &str, value: &str) -> Credential {
        let is = |kind: &SchemeKind| is_key(kind, location, name);
        let own = json!({"type": "apiKey", "in": location, "name": name});
        let scheme = self.scheme(place, &name_of(name), is, own);
        self.maker.credential(scheme, "apiKey", name, value)
    }

    /// Whether the contract says that this is one.
    pub(super) fn is_key_of(&self, place: &Place<'_>, location: &str, name: &str) -> bool {
        let alternatives = place
            .operation
            .into_iter()
            .flat_map(|operation| &operation.security.alternatives);
        let mut kinds = alternatives.flatten().map(|scheme| &scheme.kind);
        kinds.any(|kind| is_key(kind, location, name))
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
            let schemes = &mut self.drafted.schemes;
            let same = schemes
                .iter()
                .find(|(_, known)| **known == own)
                .map(|(name, _)| name.clone());
            let name = same.unwrap_or_else(|| unique(name, |name| schemes.contains_key(name)));
            schemes.insert(name.clone(), own);
            return Scheme::Named(name);
        }
        let uses = place
            .operation
            .into_iter()
            .flat_map(|operation| operation.security.alternatives.iter().flatten());
        let known = uses.into_iter().find(|known| is(&known.kind));
        known.map_or(Scheme::Own(own), |known| Scheme::Named(known.name.clone()))
    }
}

fn is_key(kind: &SchemeKind, location: &str, name: &str) -> bool {
    match kind {
        SchemeKind::ApiKey {
            location: other,
            name: known,
        } => other == location && known.eq_ignore_ascii_case(name),
        _ => false,
    }
}

/// User and password of Basic (RFC 7617 §2).
fn decoded(pair: &str) -> Option<(String, String)> {
    let bytes = base64::engine::general_purpose::STANDARD.decode(pair).ok()?;
    let pair = String::from_utf8(bytes).ok()?;
    let (user, password) = pair.split_once(':')?;
    Some((user.to_owned(), password.to_owned()))
}
