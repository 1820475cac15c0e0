//! Speech and what is found in it: a provider, a client of it or a handler that quietly does something else.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use poem::endpoint::EndpointExt;
use poem::http::header::CONTENT_LENGTH;
use poem::http::{Method, StatusCode};
use poem::{Endpoint as _, Request, Response};
use serde_json::{Value, json};

use crate::domain::audio::{AudioPolicy, Container};
use crate::domain::budget::Budget;
use crate::domain::concepts::{ConceptRequest, Concepts};
use crate::domain::language::Language;
use crate::domain::orchestrate::{Failure, Outcome, Work};
use crate::domain::provider::{Clip, Provider, ProviderError, ProviderFacts, Transcript};
use crate::domain::request::OrchestrateRequest;
use crate::faults::id::FaultId;
use crate::faults::json::edit;
use crate::faults::look_alike::LookAlike;
use crate::faults::{Endpoint, Faults};
use crate::http::api::PREFIX;

/// Whoever mishandles silence, or answers it in another way than we do, lets it in first.
#[must_use]
pub fn audio(policy: AudioPolicy, faults: &Faults) -> AudioPolicy {
    let silent = faults.any(&[FaultId::SilenceInvented, FaultId::SilenceCrash]);
    let otherwise = matches!(
        faults.look_alike,
        Some(LookAlike::SilenceRefused | LookAlike::SilenceWritten | LookAlike::SilenceEmpty)
    );
    AudioPolicy {
        quietest: policy.quietest.filter(|_| !silent && !otherwise),
        ..policy
    }
}

/// The provider behind a client that mishandles recordings or their transcripts.
#[must_use]
pub fn provider(inner: Arc<dyn Provider>, faults: &Faults) -> Arc<dyn Provider> {
    let mistakes = [
        FaultId::LanguageIgnored,
        FaultId::ContainerMislabelled,
        FaultId::SilenceCrash,
        FaultId::ResponseFormatRefused,
        FaultId::LanguageTagRefused,
    ];
    match mistakes.into_iter().find(|fault| faults.has(*fault)) {
        Some(mistake) => Arc::new(Careless { inner, mistake }),
        None => inner,
    }
}

struct Careless {
    inner: Arc<dyn Provider>,
    mistake: FaultId,
}

impl Provider for Careless {
    fn transcribe(
        &self,
        mut clip: Clip,
        language: Option<Language>,
        budget: Budget,
    ) -> BoxFuture<'_, Result<Transcript, ProviderError>> {
        let language = match self.mistake {
            FaultId::LanguageIgnored => "en".parse().ok(),
            _ => language,
        };
        if self.mistake == FaultId::ContainerMislabelled {
            clip.container = Container::Wav;
        }
        let tagged = language
            .as_ref()
            .is_some_and(|language| language.as_str().contains('-'));
        async move {
            if self.mistake == FaultId::LanguageTagRefused && tagged {
                crash("Error code: 400 - Invalid language 'pt-BR'. Language parameter must be ISO-639-1");
            }
            let transcript = self.inner.transcribe(clip, language, budget).await?;
            if self.mistake == FaultId::SilenceCrash && transcript.text.is_empty() {
                crash("'NoneType' object has no attribute 'strip'");
            }
            Ok(transcript)
        }
        .boxed()
    }

    fn concepts(
        &self,
        request: ConceptRequest,
        budget: Budget,
    ) -> BoxFuture<'_, Result<Concepts, ProviderError>> {
        async move {
            if self.mistake == FaultId::ResponseFormatRefused {
                crash("Error code: 400 - 'response_format' of type 'json_object' is not supported");
            }
            self.inner.concepts(request, budget).await
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

/// An exception that nobody catches. Without the panic hook: a lab that crashes on purpose should not fill the terminal.
fn crash(words: &'static str) -> ! {
    std::panic::resume_unwind(Box::new(words))
}

/// Work that keeps what it was told not to keep, or measures it wrongly.
#[must_use]
pub fn work(inner: Arc<dyn Work>, faults: &Faults) -> Arc<dyn Work> {
    let (saves, lies) = (faults.has(FaultId::SavesUnasked), faults.has(FaultId::TimeLie));
    if saves || lies {
        Arc::new(Wilful { inner, saves, lies })
    } else {
        inner
    }
}

struct Wilful {
    inner: Arc<dyn Work>,
    saves: bool,
    lies: bool,
}

impl Work for Wilful {
    fn run<'a>(
        &'a self,
        mut request: OrchestrateRequest,
        language: Language,
        subject: &'a str,
        budget: Budget,
    ) -> BoxFuture<'a, Result<Outcome, Failure>> {
        request.output.save_to_db |= self.saves;
        async move {
            let mut outcome = self.inner.run(request, language, subject, budget).await?;
            if self.lies {
                outcome.took = outcome.took.saturating_mul(1_000);
            }
            Ok(outcome)
        }
        .boxed()
    }
}

/// Answers that are not what they say.
#[must_use]
pub fn inside(endpoint: Endpoint, faults: &Faults) -> Endpoint {
    let change: fn(Response) -> BoxFuture<'static, Response> = if faults.has(FaultId::NanInAnswer) {
        |response| with_nan(response).boxed()
    } else if faults.has(FaultId::PartialSuccess) {
        |response| edit(response, fail_within).boxed()
    } else if faults.has(FaultId::UnicodeMangled) {
        |response| edit(response, mangle).boxed()
    } else {
        return endpoint;
    };
    let path = format!("{PREFIX}/ai/orchestrate");
    endpoint
        .around(move |endpoint, request: Request| {
            let there = request.uri().path() == path && request.method() == Method::POST;
            async move {
                let response = endpoint.get_response(request).await;
                Ok(if there && response.status() == StatusCode::OK {
                    change(response).await
                } else {
                    response
                })
            }
        })
        .boxed()
}

/// As an exception handler around the second half of the work does it.
fn fail_within(body: &mut Value) {
    if let Some(concepts) = body.pointer_mut("/results/concepts") {
        concepts["concepts"] = json!([]);
        concepts["error"] = json!("Concept extraction failed: the model did not answer");
    }
}

/// As `encode("latin-1", "replace")` does it.
fn mangle(body: &mut Value) {
    if let Some(Value::String(text)) = body.pointer_mut("/results/transcription/text") {
        *text = text
            .chars()
            .map(|letter| if letter > '\u{ff}' { '?' } else { letter })
            .collect();
    }
}

/// As encoders write it that do not keep to RFC 8259 §6.
async fn with_nan(mut response: Response) -> Response {
    let text = response.take_body().into_string().await.unwrap_or_default();
    let text = match serde_json::from_str::<Value>(&text) {
        Ok(mut body) => {
            body["processing_time_ms"] = json!("@NaN@");
            body.to_string().replace("\"@NaN@\"", "NaN")
        }
        Err(_) => text,
    };
    response.headers_mut().remove(CONTENT_LENGTH);
    response.set_body(Bytes::from(text));
    response
}
