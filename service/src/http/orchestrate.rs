//! `POST /ai/orchestrate`: words or a recording in, transcription and concepts out.

use std::sync::Arc;
use std::time::Duration;

use poem::http::StatusCode;
use poem_openapi::payload::Json;
use poem_openapi::{ApiResponse, OpenApi};
use tracing::Instrument;

use crate::domain::audio::AudioError;
use crate::domain::budget::Budget;
use crate::domain::intake::IntakeError;
use crate::domain::orchestrate::{Failure, Work};
use crate::http::answer::{ResponseBody, answer};
use crate::http::api::Tag;
use crate::http::ask::Ask;
use crate::http::credential::Credential;
use crate::http::payload::JsonBody;
use crate::http::problem::Problem;

/// The resource.
pub struct OrchestrateApi {
    /// Who does the work.
    pub work: Arc<dyn Work>,
    /// How long it may take in all.
    pub deadline: Duration,
    /// How long what is paid for may take.
    pub paid_deadline: Duration,
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
    /// There is no token, or one that is not believed.
    #[oai(status = 401, header(name = "WWW-Authenticate", ty = "String"))]
    Unauthorized(Problem),
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
    /// The AI provider or the database is not available.
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
        let Credential(caller) = caller;
        // The turn is kept until the work is done: it holds the recording all that time.
        let (Ask { request, language }, turn) = body.into_parts();
        let (work, whole, budget) = (self.work.clone(), self.deadline, Budget::of(self.paid_deadline));
        let run = async move {
            let _turn = turn;
            let run = work.run(request, language, &caller.subject, budget);
            tokio::time::timeout(whole, run).await
        };
        match carried_out(run).await {
            Ok(Ok(outcome)) => OrchestrateResponse::Done(Json(answer(outcome))),
            Ok(Err(failure)) => problem(&failure).into(),
            Err(_) => out_of_time().into(),
        }
    }
}

/// Does something to its end, whether or not its caller is still there: who pays for half of it gets none. A panic over there is a
/// panic here.
async fn carried_out<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> T {
    match tokio::spawn(work.in_current_span()).await {
        Ok(done) => done,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // Nobody aborts it; only the runtime does, when it ends and this with it.
            Err(_) => std::future::pending().await,
        },
    }
}

fn out_of_time() -> Problem {
    let detail = "The work took too long and was given up.";
    Problem::new(StatusCode::GATEWAY_TIMEOUT, "deadline_exceeded", detail)
        .with_retry_after(Some(Duration::from_secs(10)))
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
