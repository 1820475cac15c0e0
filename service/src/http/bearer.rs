//! Reading a bearer token from a request, and wording the challenge when it is refused (RFC 6750).

use std::sync::Arc;

use poem::http::StatusCode;
use poem::http::header::{AUTHORIZATION, HeaderMap, WWW_AUTHENTICATE};
use poem::{Request, RequestBody, Result};
use poem_openapi::registry::{MetaSecurityScheme, Registry};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};

use crate::auth::gate::{Gate, Refusal};
use crate::auth::verify::Caller;
use crate::http::problem::Problem;

/// The name of the security scheme in the API document.
const SCHEME: &str = "bearer";

/// A caller who was let in. As the first argument of an operation it is checked before the body is read.
pub struct Bearer(pub Caller);

impl<'a> ApiExtractor<'a> for Bearer {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::SecurityScheme];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        registry.create_security_scheme(
            SCHEME,
            MetaSecurityScheme {
                ty: "http",
                description: Some("An access token, as `orchestrate token` prints one."),
                name: None,
                key_in: None,
                scheme: Some("bearer"),
                bearer_format: Some("JWT"),
                flows: None,
                openid_connect_url: None,
            },
        );
    }

    fn security_schemes() -> Vec<&'static str> {
        vec![SCHEME]
    }

    async fn from_request(
        request: &'a Request,
        _body: &mut RequestBody,
        _options: ExtractParamOptions<()>,
    ) -> Result<Self> {
        let gate = request.data::<Arc<dyn Gate>>().ok_or_else(Problem::internal)?;
        match gate.admit(token(request.headers())) {
            Ok(caller) => {
                // Every further line of the request says for whom.
                tracing::Span::current().record("subject", &*caller.subject);
                Ok(Self(caller))
            }
            Err(refusal) => {
                // A fixed sentence: nothing of the token.
                tracing::info!(code = refusal.code(), why = %refusal, "the caller was refused");
                Err(challenge(refusal).into())
            }
        }
    }
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

fn challenge(refusal: Refusal) -> Problem {
    let realm = "Bearer realm=\"orchestrate\"";
    let challenge = match refusal {
        // RFC 6750 §3.1: a request without a token is told nothing about errors.
        Refusal::Missing => realm.to_owned(),
        Refusal::Invalid(error) => {
            format!("{realm}, error=\"invalid_token\", error_description=\"{error}\"")
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
