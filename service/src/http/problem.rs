//! What an error says: problem details for HTTP APIs (RFC 9457), the same for every error that leaves us.
//!
//! A [`Problem`] travels as data on the response, and `crate::http::problems` writes it out last, when the
//! request id is known. So no handler renders an error, and none can be forgotten.

use std::borrow::Cow;
use std::time::Duration;

use poem::http::{HeaderValue, StatusCode, header};
use poem::{IntoResponse, Response};
use poem_openapi::Object;
use poem_openapi::payload::Payload;
use poem_openapi::registry::{MetaSchemaRef, Registry};
use poem_openapi::types::Type;

use crate::domain::store::StoreError;

/// The media type of every error (RFC 9457 §3).
pub const MEDIA_TYPE: &str = "application/problem+json";

/// One error: a status, a stable code, a sentence, and what goes with them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{status} {code}: {detail}")]
pub struct Problem {
    /// The HTTP status.
    pub status: StatusCode,
    /// What went wrong, as a name that never changes.
    pub code: Cow<'static, str>,
    /// What went wrong and what to do, as a sentence for people. Nothing of a driver or a provider.
    pub detail: String,
    /// Which fields of the body are wrong, when that is known.
    pub errors: Vec<FieldError>,
    /// Header fields that belong to this error, such as a challenge.
    pub headers: Vec<(header::HeaderName, HeaderValue)>,
}

/// The answer when the database does not do its work.
impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        tracing::error!(why = error.word(), "the database could not be asked");
        Self::come_back(
            "database_unavailable",
            "The database does not answer. Try again a little later.",
        )
    }
}

/// One wrong field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// Where, as a JSON Pointer (RFC 6901).
    pub pointer: String,
    /// What is wrong with it.
    pub detail: String,
}

impl Problem {
    /// A problem with a status, a code and a sentence.
    pub fn new(status: StatusCode, code: impl Into<Cow<'static, str>>, detail: impl Into<String>) -> Self {
        Self {
            status,
            code: code.into(),
            detail: detail.into(),
            errors: Vec::new(),
            headers: Vec::new(),
        }
    }

    /// A 400: the caller can mend it.
    pub fn bad_request(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, detail)
    }

    /// A 500: a bug of ours. It says nothing but where to look.
    #[must_use]
    pub fn internal() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal_error",
            "The service failed unexpectedly. Quote the request id when you report it.",
        )
    }

    /// A 503 that ends by itself: whoever comes back a little later is served.
    pub fn come_back(code: impl Into<Cow<'static, str>>, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, code, detail)
            .with_retry_after(Some(Duration::from_secs(5)))
    }

    /// What stands for an error that arrived as a bare status.
    #[must_use]
    pub fn from_status(status: StatusCode) -> Self {
        let (code, detail) = match status {
            StatusCode::NOT_FOUND => ("not_found", "There is no such route."),
            StatusCode::METHOD_NOT_ALLOWED => (
                "method_not_allowed",
                "This route has other methods: see the Allow header.",
            ),
            StatusCode::INTERNAL_SERVER_ERROR => return Self::internal(),
            _ => ("request_refused", "The request was refused."),
        };
        Self::new(status, code, detail)
    }

    /// The same problem with a header field. A value that could not be sent is left out.
    #[must_use]
    pub fn with_header(mut self, name: header::HeaderName, value: &str) -> Self {
        self.headers
            .extend(HeaderValue::from_str(value).ok().map(|value| (name, value)));
        self
    }

    /// The same problem with `Retry-After`, in whole seconds and at least one (RFC 9110 §10.2.3).
    #[must_use]
    pub fn with_retry_after(self, wait: Option<Duration>) -> Self {
        match wait {
            None => self,
            Some(wait) => {
                let seconds = wait.as_millis().div_ceil(1000).max(1);
                self.with_header(header::RETRY_AFTER, &seconds.to_string())
            }
        }
    }

    /// The same problem with the fields that are wrong.
    #[must_use]
    pub fn with_errors(mut self, errors: Vec<FieldError>) -> Self {
        self.errors = errors;
        self
    }

    /// The body, for the request of this id.
    #[must_use]
    pub fn body(&self, request_id: &str) -> ProblemBody {
        ProblemBody {
            kind: format!("tag:orchestrate.example,2025:{}", self.code),
            title: self.status.canonical_reason().unwrap_or("Error").to_owned(),
            status: self.status.as_u16(),
            detail: self.detail.clone(),
            code: self.code.to_string(),
            instance: format!("/requests/{request_id}"),
            request_id: request_id.to_owned(),
            errors: (!self.errors.is_empty()).then(|| {
                let body = |error: &FieldError| FieldErrorBody {
                    pointer: error.pointer.clone(),
                    detail: error.detail.clone(),
                };
                self.errors.iter().map(body).collect()
            }),
        }
    }
}

impl From<Problem> for poem::Error {
    fn from(problem: Problem) -> Self {
        // poem puts an error's own data on its response in place of the response's: so the problem goes there.
        let mut error = Self::from_response(problem.clone().into_response());
        error.set_data(problem);
        error
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = Response::builder().status(self.status).finish();
        for (name, value) in &self.headers {
            response.headers_mut().append(name, value.clone());
        }
        response.set_data(self);
        response
    }
}

impl Payload for Problem {
    const CONTENT_TYPE: &'static str = MEDIA_TYPE;

    fn schema_ref() -> MetaSchemaRef {
        ProblemBody::schema_ref()
    }

    fn register(registry: &mut Registry) {
        ProblemBody::register(registry);
    }
}

/// What every error says (RFC 9457).
#[derive(Debug, Clone, Object)]
#[oai(rename = "Problem", skip_serializing_if_is_none)]
pub struct ProblemBody {
    /// Identifies the kind of problem. Not an address to fetch.
    #[oai(rename = "type")]
    pub kind: String,
    /// The status in words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What went wrong and what to do, as a sentence.
    pub detail: String,
    /// What went wrong, as a name that never changes.
    pub code: String,
    /// Identifies this occurrence. Not an address to fetch.
    pub instance: String,
    /// The request id, as in `X-Request-Id`.
    pub request_id: String,
    /// Which fields of the body are wrong, when that is known.
    pub errors: Option<Vec<FieldErrorBody>>,
}

/// One wrong field of the body.
#[derive(Debug, Clone, Object)]
#[oai(rename = "FieldError")]
pub struct FieldErrorBody {
    /// Where, as a JSON Pointer (RFC 6901).
    pub pointer: String,
    /// What is wrong with it.
    pub detail: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_whole_seconds_and_at_least_one() {
        let wait = |millis| {
            let problem = Problem::internal().with_retry_after(Some(Duration::from_millis(millis)));
            problem.headers[0].1.to_str().unwrap().to_owned()
        };
        assert_eq!(wait(0), "1");
        assert_eq!(wait(1001), "2");
        assert_eq!(wait(10_000), "10");
    }
}
