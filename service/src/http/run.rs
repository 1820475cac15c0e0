//! One accepted request, carried out to its end: the work, the count of it, and the answer kept under its key.
//!
//! In a task of its own: whoever goes away while we work has paid all the same, and finds the answer under the key.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use poem::http::StatusCode;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::timeout;
use tokio_util::task::TaskTracker;
use tracing::Instrument;

use crate::domain::audio::AudioError;
use crate::domain::budget::Budget;
use crate::domain::data::usage::{Usage, Used};
use crate::domain::fetch::FetchError;
use crate::domain::intake::IntakeError;
use crate::domain::language::Language;
use crate::domain::orchestrate::{Failure, Outcome, Work, joined};
use crate::domain::provider::ProviderError;
use crate::domain::request::OrchestrateRequest;
use crate::http::answer::{self, Answered};
use crate::http::idempotency::Turn;
use crate::http::problem::Problem;
use crate::telemetry::context;

/// Who does the work, and who counts it.
#[derive(Clone)]
pub struct Runner {
    /// Who does it.
    pub work: Arc<dyn Work>,
    /// Where it is counted.
    pub usage: Arc<dyn Usage>,
    /// How long it may take in all.
    pub deadline: Duration,
    /// How long what is paid for may take.
    pub paid_deadline: Duration,
    /// What is being worked on, whether or not somebody still waits for it.
    pub under_way: TaskTracker,
}

/// A request that was accepted.
pub struct Accepted {
    /// What is asked for.
    pub request: OrchestrateRequest,
    /// Its language, parsed.
    pub language: Language,
    /// On whose behalf.
    pub subject: String,
    /// The turn of its body, held until the work is done: the work holds the recording all that time.
    pub held: OwnedSemaphorePermit,
}

impl Runner {
    /// Does a request to its end, and keeps its answer under the key of the turn, if there is one. A panic of the work is a panic
    /// here.
    ///
    /// # Errors
    /// Says whose fault it is that nothing came of it, and why.
    pub async fn run(&self, accepted: Accepted, turn: Option<Turn>) -> Result<Answered, Problem> {
        let runner = self.clone();
        let carried = async move {
            let (subject, heard) = (accepted.subject.clone(), accepted.request.heard.clone());
            let done = AssertUnwindSafe(runner.work(accepted)).catch_unwind().await;
            runner.count(subject, heard.audio_ms(), done.as_ref().ok()).await;
            // A panic drops the turn, which frees the key.
            let answer = match done {
                Ok(done) => done.map(Answered::of),
                Err(panic) => std::panic::resume_unwind(panic),
            };
            if let Some(turn) = turn {
                match answer::kept(&answer) {
                    Some(kept) => turn.keep(&kept).await,
                    None => turn.release().await,
                }
            }
            answer
        };
        let working = self.under_way.spawn(context::carry(carried).in_current_span());
        joined(working).await
    }

    async fn work(&self, accepted: Accepted) -> Result<Outcome, Problem> {
        let Accepted {
            request,
            language,
            subject,
            held,
        } = accepted;
        let budget = Budget::of(self.paid_deadline);
        let work = self.work.run(request, language, &subject, budget);
        let done = timeout(self.deadline, work).await;
        drop(held);
        match done {
            Ok(Ok(outcome)) => Ok(outcome),
            Ok(Err(failure)) => Err(problem(&failure)),
            Err(_) => Err(out_of_time()),
        }
    }

    /// Counts what came of a request; nothing came of a panic. A request that cannot be counted is answered all the same.
    async fn count(&self, subject: String, audio_ms: u64, done: Option<&Result<Outcome, Problem>>) {
        let status = match done {
            Some(Ok(_)) => StatusCode::OK,
            Some(Err(problem)) => problem.status,
            None => StatusCode::INTERNAL_SERVER_ERROR,
        };
        let used = Used {
            day: TimeZone::UTC.to_datetime(Timestamp::now()).date(),
            subject,
            audio_ms,
            failed: status.is_server_error(),
            refused: status.is_client_error(),
        };
        if let Err(error) = self.usage.record(&used).await {
            tracing::warn!(why = error.word(), "a request could not be counted");
        }
    }
}

pub(super) fn out_of_time() -> Problem {
    let detail = "The work took too long and was given up.";
    Problem::new(StatusCode::GATEWAY_TIMEOUT, "deadline_exceeded", detail)
        .with_retry_after(Some(Duration::from_secs(10)))
}

/// The answer to a failure. Whoever can mend it is told how; nobody is told what a driver or a provider said.
pub(super) fn problem(failure: &Failure) -> Problem {
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
        Failure::Fetch(error) => {
            let status = match error {
                FetchError::Busy => return Problem::come_back(error.code(), detail),
                FetchError::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
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
            of_provider(error)
        }
        Failure::Store(error) => {
            tracing::error!(why = error.word(), "a run could not be kept");
            Problem::come_back("database_unavailable", detail)
        }
    }
}

/// The answer when the AI provider fails.
pub(super) fn of_provider(error: &ProviderError) -> Problem {
    let detail = sentence(&error.to_string());
    Problem::new(error.status(), error.code(), detail).with_retry_after(error.retry_after())
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
#[path = "run_tests.rs"]
mod tests;
