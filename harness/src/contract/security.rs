//! Who may call an operation, as its contract says (OpenAPI §4.8.27, §4.8.30).

use serde_json::Value;

use crate::contract::place::Place;

/// The alternatives under which a call is allowed. Any one of them is enough.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Security {
    /// Each alternative needs all of its schemes; an empty alternative is an anonymous call. No alternatives at all
    /// means that nothing is demanded either.
    pub alternatives: Vec<Vec<SchemeUse>>,
}

impl Security {
    /// Whether a call without any credential is documented as allowed.
    pub fn allows_anonymous(&self) -> bool {
        self.alternatives.is_empty() || self.alternatives.iter().any(Vec::is_empty)
    }

    /// Whether one of the alternatives takes a token in `Authorization: Bearer`.
    pub fn takes_bearer(&self) -> bool {
        let bearer = |scheme: &SchemeUse| {
            matches!(
                scheme.kind,
                SchemeKind::Bearer | SchemeKind::OAuth2 | SchemeKind::OpenIdConnect
            )
        };
        self.alternatives.iter().flatten().any(bearer)
    }
}

/// One scheme as one operation uses it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SchemeUse {
    /// Its name under `components/securitySchemes`.
    pub name: String,
    /// What it is on the wire.
    pub kind: SchemeKind,
    /// The scopes or roles that the operation needs, sorted.
    pub scopes: Vec<String>,
}

/// What a security scheme is on the wire.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum SchemeKind {
    /// `Authorization: Bearer` (RFC 6750).
    Bearer,
    /// `Authorization: Basic` (RFC 7617).
    Basic,
    /// Another HTTP authentication scheme, its name in lower case.
    Http(String),
    /// A key under a name of its own.
    ApiKey {
        /// `header`, `query` or `cookie`.
        location: String,
        /// The name of the header, parameter or cookie.
        name: String,
    },
    /// OAuth 2.0.
    OAuth2,
    /// OpenID Connect.
    OpenIdConnect,
    /// A client certificate.
    MutualTls,
    /// The document names the scheme and does not define it, or defines it in no way that the specification knows.
    Undefined,
}

/// The security of an operation: its own, or else the document's.
pub(crate) fn read(document: &Value, operation: &Place<'_>) -> Security {
    let own = operation
        .member("security")
        .or_else(|| Place::root(document).member("security"));
    let alternatives = own.map(|list| list.items()).unwrap_or_default();
    Security {
        alternatives: alternatives
            .iter()
            .map(|place| requirement(document, place))
            .collect(),
    }
}

fn requirement(document: &Value, place: &Place<'_>) -> Vec<SchemeUse> {
    let mut schemes: Vec<SchemeUse> = place
        .members()
        .into_iter()
        .map(|(name, scopes)| {
            let mut scopes: Vec<String> = scopes
                .items()
                .iter()
                .filter_map(|scope| scope.value.as_str().map(str::to_owned))
                .collect();
            scopes.sort();
            SchemeUse {
                name: name.to_owned(),
                kind: kind(document, name),
                scopes,
            }
        })
        .collect();
    schemes.sort();
    schemes
}

fn kind(document: &Value, name: &str) -> SchemeKind {
    let scheme = ["components", "securitySchemes", name]
        .iter()
        .try_fold(Place::root(document), |place, key| place.member(key))
        .and_then(|place| place.follow(document).ok());
    let Some(scheme) = scheme else {
        return SchemeKind::Undefined;
    };
    match scheme.text("type") {
        Some("http") => http(scheme.text("scheme").unwrap_or_default()),
        Some("apiKey") => SchemeKind::ApiKey {
            location: scheme.text("in").unwrap_or("header").to_owned(),
            name: scheme.text("name").unwrap_or_default().to_owned(),
        },
        Some("oauth2") => SchemeKind::OAuth2,
        Some("openIdConnect") => SchemeKind::OpenIdConnect,
        Some("mutualTLS") => SchemeKind::MutualTls,
        _ => SchemeKind::Undefined,
    }
}

/// Authentication scheme names are case-insensitive (RFC 9110 §11.1).
fn http(scheme: &str) -> SchemeKind {
    match scheme.to_ascii_lowercase().as_str() {
        "bearer" => SchemeKind::Bearer,
        "basic" => SchemeKind::Basic,
        "" => SchemeKind::Undefined,
        other => SchemeKind::Http(other.to_owned()),
    }
}
