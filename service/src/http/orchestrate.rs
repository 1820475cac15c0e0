//! `POST /ai/orchestrate`: words or a recording in, transcription and concepts out.

use std::sync::Arc;
use std::time::Duration;

use poem::http::StatusCode;
use poem_openapi::payload::Json;
use poem_openapi::{ApiResponse, OpenApi};

use crate::auth::caller::Scope;
use crate::domain::audio::AudioError;
use crate::domain::intake::IntakeError;
use crate::domain::orchestrate::{Failure, Work};
use crate::http::answer::{ResponseBody, answer};
use crate::http::api::Tag;
use crate::http::ask::Ask;
use crate::http::credential::Credential;
use crate::http::payload::{JsonBody, within};
use crate::http::problem::Problem;

/// The resource.
pub struct OrchestrateApi {
    /// Who does the work.
    pub work: Arc<dyn Work>,
    /// How long it may take.
    pub deadline: Duration,
}

/// Every answer of this operation. There is no 500: that would be a bug, and a bug is not documented.
#[derive(ApiResponse)]
pub enum OrchestrateResponse {
    /// Done.
    #[oai(status = 200)]
    Done(Json<ResponseBody>),
    /// The body is not JSON, holds nothing to work on, or holds a recording that cannot be read.
    #[oai(status = 400)]
    BadRequest(Problem),
    /// There is no credential, or one that is not believed.
    #[oai(status = 401, header(name = "WWW-Authenticate", ty = "String"))]
    Unauthorized(Problem),
    /// The credential lacks the scope `orchestrate`.
    #[oai(status = 403, header(name = "WWW-Authenticate", ty = "String"))]
    Forbidden(Problem),
    /// The body did not arrive in time.
    #[oai(status = 408)]
    TooSlow(Problem),
    /// The body or the recording is too large.
    #[oai(status = 413)]
    TooLarge(Problem),
    /// The body is not declared as JSON.
    #[oai(status = 415)]
    UnsupportedMediaType(Problem),
    /// A field has the wrong type or an impossible value.
    #[oai(status = 422)]
    Unprocessable(Problem),
    /// The AI provider refused us, or gave an answer that cannot be used.
    #[oai(status = 502, header(name = "Retry-After", ty = "u32"))]
    BadGateway(Problem),
    /// The AI provider, the database, or what credentials are checked with is not available.
    #[oai(status = 503, header(name = "Retry-After", ty = "u32"))]
    Unavailable(Problem),
    /// The AI provider, or the whole of the work, took too long.
    #[oai(status = 504, header(name = "Retry-After", ty = "u32"))]
    TimedOut(Problem),
}

impl From<Problem> for OrchestrateResponse {
    fn from(problem: Problem) -> Self {
        match problem.status.as_u16() {
            401 => Self::Unauthorized(problem),
            403 => Self::Forbidden(problem),
            408 => Self::TooSlow(problem),
            413 => Self::TooLarge(problem),
            415 => Self::UnsupportedMediaType(problem),
            422 => Self::Unprocessable(problem),
            502 => Self::BadGateway(problem),
            503 => Self::Unavailable(problem),
            504 => Self::TimedOut(problem),
            _ => Self::BadRequest(problem),
        }
    }
}

#[OpenApi]
impl OrchestrateApi {
    /// Orchestrate
    ///
    /// Transcribes a recording, or takes words as they are, and finds concepts in them. The caller pays the
    /// AI provider's price for every accepted request.
    #[oai(
        path = "/ai/orchestrate",
        method = "post",
        operation_id = "orchestrate",
        tag = "Tag::Ai"
    )]
    async fn orchestrate(&self, caller: Credential, body: JsonBody<Ask>) -> OrchestrateResponse {
        let caller = match caller.with(Scope::Orchestrate) {
            Ok(caller) => caller,
            Err(problem) => return problem.into(),
        };
        // The turn is kept until the answer is ready: the work holds the recording all that time.
        let (Ask { request, language }, _turn) = body.into_parts();
        let work = async {
            let outcome = self.work.run(request, language, &caller.subject).await;
            outcome.map_err(|failure| problem(&failure))
        };
        match within(self.deadline, work).await {
            Ok(outcome) => OrchestrateResponse::Done(Json(answer(outcome))),
            Err(problem) => problem.into(),
        }
    }
}

/// The answer to a failure. Whoever can mend it is told how; nobody is told what a driver or a provider said.
fn problem(failure: &Failure) -> Problem {
    let detail = sentence(&failure.to_string());
    match failure {
        Failure::Plan(error) => Problem::bad_request(error.code(), detail),
        Failure::Intake(error) => {
            let status = match error {
                IntakeError::Audio(AudioError::TooLarge { .. }) => StatusCode::PAYLOAD_TOO_LARGE,
                _ => StatusCode::BAD_REQUEST,
            };
            Problem::new(status, error.code(), detail)
        }
        Failure::Provider(error) => {
            tracing::warn!(
                code = error.code(),
                category = error.category(),
                "the AI provider failed"
            );
            Problem::new(error.status(), error.code(), detail).with_retry_after(error.retry_after())
        }
        Failure::Store(error) => {
            tracing::error!(why = error.word(), "a run could not be kept");
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, "database_unavailable", detail)
                .with_retry_after(Some(Duration::from_secs(5)))
        }
    }
}

/// An error's words as a sentence.
fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    let first = letters
        .next()
        .map(|letter| letter.to_uppercase().to_string())
        .unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}

#[cfg(test)]
#[path = "orchestrate_tests.rs"]
mod tests;
