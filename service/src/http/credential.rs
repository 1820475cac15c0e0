//! Reading what a request shows to be let in, and wording the challenge when it is refused (RFC 6750).

use std::sync::Arc;

use poem::http::StatusCode;
use poem::http::header::{AUTHORIZATION, HeaderMap, WWW_AUTHENTICATE};
use poem::{Request, RequestBody, Result};
use poem_openapi::registry::{MetaSecurityScheme, Registry};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};

use crate::auth::caller::{Caller, Scope};
use crate::auth::gate::{Gate, Presented, Refusal};
use crate::http::problem::Problem;
use crate::http::rate::{Limiters, Noted};

/// The names of the security schemes in the API document. Each is enough by itself.
const BEARER: &str = "bearer";
const API_KEY: &str = "api_key";

/// The header that holds an API key.
pub const API_KEY_HEADER: &str = "X-API-Key";

/// A caller who was let in. As the first argument of an operation it is checked before the body is read.
pub struct Credential(pub Caller);

/// The answer to a credential that may not do something.
#[must_use]
pub fn lacks(scope: Scope) -> Problem {
    let name = scope.name();
    let challenge = format!("{REALM}, error=\"insufficient_scope\", scope=\"{name}\"");
    let detail = format!("This credential may not do that: it lacks the scope {name}.");
    Problem::new(StatusCode::FORBIDDEN, "scope_missing", detail).with_header(WWW_AUTHENTICATE, &challenge)
}

impl<'a> ApiExtractor<'a> for Credential {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::SecurityScheme];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        let scheme = |ty, description| MetaSecurityScheme {
            ty,
            description: Some(description),
            name: None,
            key_in: None,
            scheme: None,
            bearer_format: None,
            flows: None,
            openid_connect_url: None,
        };
        registry.create_security_scheme(
            BEARER,
            MetaSecurityScheme {
                scheme: Some("bearer"),
                bearer_format: Some("JWT"),
                ..scheme("http", "An access token, as `orchestrate token` prints one.")
            },
        );
        registry.create_security_scheme(
            API_KEY,
            MetaSecurityScheme {
                name: Some(API_KEY_HEADER),
                key_in: Some("header"),
                ..scheme("apiKey", "A key, as `orchestrate keys make` prints one.")
            },
        );
    }

    fn security_schemes() -> Vec<&'static str> {
        vec![BEARER, API_KEY]
    }

    async fn from_request(
        request: &'a Request,
        _body: &mut RequestBody,
        _options: ExtractParamOptions<()>,
    ) -> Result<Self> {
        let gate = request.data::<Arc<dyn Gate>>().ok_or_else(Problem::internal)?;
        let shown = Presented {
            bearer: token(request.headers()),
            api_key: api_key(request.headers()),
        };
        let caller = gate.admit(shown).await.map_err(|refusal| {
            // A fixed sentence: nothing of the credential.
            tracing::info!(code = refusal.code(), why = %refusal, "the caller was refused");
            challenge(refusal)
        })?;
        // Every further line of the request says for whom.
        tracing::Span::current().record("subject", &*caller.subject);
        if let Some(limiters) = request.data::<Arc<Limiters>>() {
            limiters.credential(&caller.credential, request.data::<Noted>())?;
        }
        Ok(Self(caller))
    }
}

/// The API key of a request. Two of them, or bytes that are no text, are a bad one.
fn api_key(headers: &HeaderMap) -> Option<&str> {
    let mut sent = headers.get_all(API_KEY_HEADER).iter();
    let first = sent.next()?;
    if sent.next().is_some() {
        return Some("");
    }
    Some(first.to_str().unwrap_or_default().trim())
}

/// The token of a request. Another scheme than bearer is no token; bytes that are no text are a bad one.
fn token(headers: &HeaderMap) -> Option<&str> {
    let mut sent = headers.get_all(AUTHORIZATION).iter();
    let first = sent.next()?;
    if sent.next().is_some() {
        // Which of two was meant is nobody's to guess; an empty token is refused as malformed.
        return Some("");
    }
    let Ok(text) = first.to_str() else { return Some("") };
    let (scheme, token) = text.split_once(' ').unwrap_or((text, ""));
    let token = token.trim_matches(' ');
    // Schemes are compared without regard to case (RFC 9110 §11.1).
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

/// What a challenge begins with.
const REALM: &str = "Bearer realm=\"orchestrate\"";

/// The answer to a caller who is not let in.
#[must_use]
pub fn challenge(refusal: Refusal) -> Problem {
    let invalid = |why: &str| format!("{REALM}, error=\"invalid_token\", error_description=\"{why}\"");
    let unavailable = |detail: &str| Problem::come_back(refusal.code(), detail);
    let challenge = match refusal {
        // RFC 6750 §3.1: a request without a token is told nothing about errors.
        Refusal::Missing | Refusal::Key(_) => REALM.to_owned(),
        Refusal::Invalid(error) => invalid(&error.to_string()),
        Refusal::SessionEnded => invalid("the session has ended"),
        Refusal::Reused => invalid("the refresh token was used before"),
        Refusal::Unavailable(error) => {
            tracing::error!(why = error.word(), "a credential could not be checked");
            return unavailable(
                "Credentials cannot be checked now: the database does not answer. Try again.",
            );
        }
        Refusal::KeysAway => {
            return unavailable(
                "Tokens of this issuer cannot be checked now: its keys cannot be had. Try again.",
            );
        }
    };
    Problem::new(StatusCode::UNAUTHORIZED, refusal.code(), refusal.to_string())
        .with_header(WWW_AUTHENTICATE, &challenge)
}

#[cfg(test)]
mod tests {
    use poem::http::HeaderValue;

    use super::*;

    fn read(values: &[&[u8]]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(AUTHORIZATION, HeaderValue::from_bytes(value).unwrap());
        }
        token(&headers).map(str::to_owned)
    }

    #[test]
    fn reads_the_token_whatever_the_case_of_the_scheme() {
        for value in ["Bearer abc", "bearer abc", "BEARER  abc"] {
            assert_eq!(read(&[value.as_bytes()]).as_deref(), Some("abc"), "{value}");
        }
    }

    #[test]
    fn another_scheme_or_an_empty_token_is_no_token() {
        for value in ["Basic abc", "Bearer", "Bearer ", "abc", ""] {
            assert_eq!(read(&[value.as_bytes()]), None, "{value}");
        }
    }

    #[test]
    fn two_headers_or_strange_bytes_are_a_bad_token() {
        assert_eq!(read(&[b"Bearer a", b"Bearer b"]).as_deref(), Some(""));
        assert_eq!(read(&[b"Bearer \xff"]).as_deref(), Some(""));
    }
}
