//! What the service makes of a provider that fails, and what each call costs.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use poem::endpoint::EndpointExt;
use poem::http::header::RETRY_AFTER;
use poem::http::{Method, StatusCode};
use poem::{Endpoint as _, IntoResponse, Request, Response};

use crate::domain::budget::Budget;
use crate::domain::concepts::{ConceptRequest, Concepts};
use crate::domain::language::Language;
use crate::domain::provider::{Clip, Provider, ProviderError, ProviderFacts, Transcript};
use crate::faults::id::FaultId;
use crate::faults::{Endpoint, Faults};
use crate::http::api::PREFIX;
use crate::http::problem::Problem;

/// Which of our codes becomes which status, and what is said then.
const MISTAKES: [(FaultId, &str, StatusCode, &str); 6] = [
    (
        FaultId::ProviderKeyShownAs401,
        "provider_credentials_refused",
        StatusCode::UNAUTHORIZED,
        "Error code: 401 - Incorrect API key provided. You can find your API key in your account.",
    ),
    (
        FaultId::ProviderTimeoutAs500,
        "provider_timeout",
        StatusCode::INTERNAL_SERVER_ERROR,
        "Orchestration failed: Request timed out.",
    ),
    (
        FaultId::ModelJsonCrash,
        "provider_invalid_answer",
        StatusCode::INTERNAL_SERVER_ERROR,
        "Orchestration failed: Expecting value: line 1 column 1 (char 0)",
    ),
    (
        FaultId::ProviderLimitCrash,
        "audio_refused",
        StatusCode::INTERNAL_SERVER_ERROR,
        "Orchestration failed: Error code: 413 - Maximum content size limit exceeded",
    ),
    // Made up, and of the shape that scanners know.
    (
        FaultId::ProviderKeyLeak,
        "language_refused",
        StatusCode::BAD_REQUEST,
        "Client error '400 Bad Request' for url \
         'https://ai.example/v1/audio/transcriptions?api_key=sk-proj-7d1e90b2c4f8a6350912be7f'",
    ),
    (
        FaultId::ProviderWordsPassed,
        "language_refused",
        StatusCode::BAD_REQUEST,
        "Error code: 400 - {'error': {'message': 'Invalid language.', 'type': 'invalid_request_error', 'param': \
         'language', 'code': 'invalid_language_format'}} (organization org-8fKq2LmN0pQrStUvWx, request id \
         req_7c1f0b44a9d2e8535b16)",
    ),
];

/// The service's own words for what its provider did.
#[must_use]
pub fn inside(endpoint: Endpoint, faults: &Faults) -> Endpoint {
    let active: Vec<_> = MISTAKES
        .into_iter()
        .filter(|(fault, ..)| faults.has(*fault))
        .collect();
    let (unset, mute) = (
        faults.has(FaultId::ProviderNotConfigured),
        faults.has(FaultId::RetryAfterMissing),
    );
    if active.is_empty() && !unset && !mute {
        return endpoint;
    }
    let path = format!("{PREFIX}/ai/orchestrate");
    endpoint
        .around(move |endpoint, request: Request| {
            let there = request.uri().path() == path && request.method() == Method::POST;
            let active = active.clone();
            async move {
                if there && unset {
                    return Ok(not_configured().into_response());
                }
                let mut response = endpoint.get_response(request).await;
                if there && mute {
                    response.headers_mut().remove(RETRY_AFTER);
                }
                Ok(mistaken(response, &active))
            }
        })
        .boxed()
}

fn mistaken(response: Response, active: &[(FaultId, &str, StatusCode, &'static str)]) -> Response {
    let Some(problem) = response.data::<Problem>() else {
        return response;
    };
    let found = active.iter().find(|(_, code, ..)| problem.code == *code);
    match found {
        Some((_, _, status, detail)) => Problem::new(*status, "request_failed", *detail).into_response(),
        None => response,
    }
}

/// What a dependency says that runs before the caller is looked at.
fn not_configured() -> Problem {
    let mut problem = Problem::internal();
    problem.detail = "OPENAI_API_KEY is not configured".to_owned();
    problem
}

/// The provider behind a client that asks too often, or hides that there was no answer.
#[must_use]
pub fn provider(inner: Arc<dyn Provider>, faults: &Faults) -> Arc<dyn Provider> {
    let habit = if faults.has(FaultId::RetryStorm) {
        Habit::Insist
    } else if faults.has(FaultId::ChargedTwice) {
        Habit::Twice
    } else if faults.has(FaultId::ProviderDownEmpty) {
        Habit::Swallow
    } else if faults.any(&[
        FaultId::ProviderTimeoutAs500,
        FaultId::ProviderLate,
        FaultId::ProviderDrips,
    ]) {
        // A tenth of what is too long for everybody: a provider's deadline is shorter than a client's.
        Habit::GiveUp(faults.delay / 10)
    } else if faults.has(FaultId::MockLeftOn) {
        Habit::Pretend
    } else {
        return inner;
    };
    Arc::new(Habitual { inner, habit })
}

#[derive(Clone, Copy)]
enum Habit {
    Insist,
    Twice,
    Swallow,
    GiveUp(Duration),
    Pretend,
}

/// Three attempts of the client, twice, since its caller tries again too.
const ATTEMPTS: u8 = 6;

struct Habitual {
    inner: Arc<dyn Provider>,
    habit: Habit,
}

impl Habitual {
    /// Asks as this client is used to.
    async fn ask<T, F>(&self, ask: impl Fn() -> F, nothing: impl Fn() -> T) -> Result<T, ProviderError>
    where
        F: Future<Output = Result<T, ProviderError>>,
    {
        match self.habit {
            Habit::Insist => {
                let mut answer = ask().await;
                for _ in 1..ATTEMPTS {
                    if answer.is_ok() {
                        break;
                    }
                    answer = ask().await;
                }
                answer
            }
            Habit::Twice => {
                ask().await?;
                ask().await
            }
            Habit::Swallow => Ok(ask().await.unwrap_or_else(|_| nothing())),
            Habit::GiveUp(after) => tokio::time::timeout(after, ask())
                .await
                .unwrap_or(Err(ProviderError::Timeout)),
            Habit::Pretend => ask().await,
        }
    }
}

impl Provider for Habitual {
    fn transcribe(
        &self,
        clip: Clip,
        language: Option<Language>,
        budget: Budget,
    ) -> BoxFuture<'_, Result<Transcript, ProviderError>> {
        let model = self.describe().transcription_model;
        async move {
            let ask = || self.inner.transcribe(clip.clone(), language.clone(), budget);
            let nothing = || Transcript {
                text: String::new(),
                language: None,
                model: model.clone(),
                duration: clip.duration.as_secs_f64(),
            };
            self.ask(ask, nothing).await
        }
        .boxed()
    }

    fn concepts(
        &self,
        request: ConceptRequest,
        budget: Budget,
    ) -> BoxFuture<'_, Result<Concepts, ProviderError>> {
        async move {
            let nothing = || Concepts {
                concepts: Vec::new(),
                model: self.describe().concept_model,
            };
            let mut found = self
                .ask(|| self.inner.concepts(request.clone(), budget), nothing)
                .await?;
            if matches!(self.habit, Habit::Pretend) {
                found.model = "mock-llm".to_owned();
            }
            Ok(found)
        }
        .boxed()
    }

    fn describe(&self) -> ProviderFacts {
        self.inner.describe()
    }

    fn check(&self) -> BoxFuture<'_, Result<(), ProviderError>> {
        self.inner.check()
    }
}
