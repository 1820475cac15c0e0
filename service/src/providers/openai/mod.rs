//! The one client of the OpenAI HTTP API, for anything that speaks it: OpenAI itself, a compatible server,
//! our simulator.
//!
//! A call is made again only when nobody can have worked on it ([`retry`]). The key goes to the host that it was
//! given for and follows no redirect. What arrives is read up to a bound and judged by the pure modules beside
//! this one; nothing of it reaches an error.

pub mod refusal;
pub mod retry;
pub mod settings;
pub mod wire;

use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use reqwest::multipart::{Form, Part};
use reqwest::{RequestBuilder, Response, Url, header};
use tracing::{Instrument, field};

use crate::domain::budget::Budget;
use crate::domain::concepts::{ConceptRequest, Concepts};
use crate::domain::language::Language;
use crate::domain::provider::{
    Circuit, Clip, InvalidAnswer, Provider, ProviderError, ProviderFacts, Transcript,
};
use crate::providers::openai::refusal::{Call, refusal};
use crate::providers::openai::retry::Missed;
use crate::providers::openai::settings::{OpenAiSettings, SettingsError};
use crate::secret::Secret;
use crate::telemetry::context::{self, Context};

/// The largest answer that is read. A transcript of 25 MiB of speech is far below it.
pub const MAX_ANSWER_BYTES: usize = 1024 * 1024;

/// A client of the OpenAI HTTP API.
#[derive(Debug)]
pub struct OpenAi {
    client: reqwest::Client,
    settings: OpenAiSettings,
    base: Url,
    host: String,
}

impl OpenAi {
    /// A client with these settings. Sends nothing.
    ///
    /// # Errors
    /// When the base URL or the key cannot be used, or TLS cannot be set up.
    pub fn new(settings: OpenAiSettings) -> Result<Self, SettingsError> {
        let (base, host) = settings.checked_base()?;
        settings.check_key()?;
        let builder = reqwest::Client::builder()
            .connect_timeout(settings.connect_deadline)
            // A redirect would carry the key elsewhere, or turn a POST into a GET.
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .user_agent(concat!("orchestrate/", env!("CARGO_PKG_VERSION")));
        // No proxy stands between us and our own loopback, whatever the environment says.
        let builder = if settings::is_loopback(&base) {
            builder.no_proxy()
        } else {
            builder
        };
        // Reading the system's root certificates takes longer than a whole call on loopback.
        let builder = if base.scheme() == "http" {
            builder.tls_certs_only([])
        } else {
            builder
        };
        let client = builder.build().map_err(|_| SettingsError::Tls)?;
        Ok(Self {
            client,
            settings,
            base,
            host,
        })
    }

    fn url(&self, path: &str) -> Url {
        let mut url = self.base.clone();
        let whole = format!("{}/{path}", self.base.path().trim_end_matches('/'));
        url.set_path(&whole);
        url
    }

    fn authorised(&self, request: RequestBuilder) -> RequestBuilder {
        // `bearer_auth` marks the header as sensitive, so that reqwest's own Debug hides it.
        request
            .bearer_auth(Secret::expose(&self.settings.api_key))
            .header(header::ACCEPT, "application/json")
    }

    /// Asks until there is an answer, or no reason to ask again; within `most` an attempt, and within the budget in all.
    async fn ask(
        &self,
        call: Call,
        (most, budget): (Duration, Budget),
        request: impl Fn() -> Result<RequestBuilder, ProviderError>,
    ) -> Result<Bytes, ProviderError> {
        for attempt in 1.. {
            if budget.is_over() {
                break;
            }
            let request = request()?.timeout(most.min(budget.left()));
            let started = Instant::now();
            let missed = match self.once(call, request).await {
                Ok(answer) => return Ok(answer),
                Err(missed) => missed,
            };
            let again = self
                .settings
                .retry
                .pause(&missed, attempt, budget.left(), fastrand::f64());
            tracing::warn!(
                call = call.as_str(),
                code = missed.error.code(),
                category = missed.error.category(),
                attempt,
                elapsed_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
                again_in_ms = again.map(|pause| u64::try_from(pause.as_millis()).unwrap_or(u64::MAX)),
                "the AI provider gave no result"
            );
            match again {
                None => return Err(missed.error),
                Some(pause) => tokio::time::sleep(pause).await,
            }
        }
        Err(ProviderError::Timeout)
    }

    /// Sends, waits, reads within bounds, and tells a usable JSON body from every kind of failure.
    async fn once(&self, call: Call, request: RequestBuilder) -> Result<Bytes, Missed> {
        let span = tracing::info_span!(
            "provider",
            call = call.as_str(),
            otel.kind = "client",
            otel.status_code = field::Empty
        );
        let request = traced(self.authorised(request), context::outgoing(&span));
        let answer = async {
            match request.send().await {
                Ok(response) => {
                    let read = self.read(call, response).await;
                    read.map_err(|error| Missed { error, sent: true })
                }
                Err(error) => Err(Missed {
                    error: unsent(&error),
                    sent: !error.is_connect(),
                }),
            }
        };
        let answer = answer.instrument(span.clone()).await;
        if answer.is_err() {
            span.record("otel.status_code", "ERROR");
        }
        answer
    }

    async fn read(&self, call: Call, response: Response) -> Result<Bytes, ProviderError> {
        let status = response.status();
        let headers = response.headers().clone();
        if status.is_success() {
            if !refusal::is_json(&headers) {
                return Err(ProviderError::InvalidAnswer(InvalidAnswer::WrongContentType));
            }
            return bounded(response).await;
        }
        // A refusal whose body cannot be read is still that refusal.
        let body = bounded(response).await.unwrap_or_default();
        Err(refusal(call, status, &headers, &body, Timestamp::now()))
    }

    async fn transcribe(
        &self,
        clip: Clip,
        language: Option<Language>,
        budget: Budget,
    ) -> Result<Transcript, ProviderError> {
        let model = &self.settings.transcription_model;
        let request = || {
            let form = self.form(&clip, language.as_ref())?;
            Ok(self.client.post(self.url("audio/transcriptions")).multipart(form))
        };
        let within = (self.settings.total_deadline, budget);
        let body = self.ask(Call::Transcription, within, request).await?;
        wire::read_transcript(&body, model, language.as_ref(), clip.duration)
            .inspect_err(|error| unusable(Call::Transcription, error))
    }

    /// A recording as the API takes it.
    fn form(&self, clip: &Clip, language: Option<&Language>) -> Result<Form, ProviderError> {
        let model = &self.settings.transcription_model;
        let length = clip.bytes.len() as u64;
        let file = Part::stream_with_length(clip.bytes.clone(), length)
            // The API tells formats apart by the extension of this name.
            .file_name(format!("audio.{}", clip.container.extension()))
            .mime_str(clip.container.media_type())
            .map_err(|_| ProviderError::AudioRefused)?;
        let form = Form::new()
            .text("model", model.clone())
            .text("response_format", wire::transcript_format(model))
            .part("file", file);
        Ok(match language {
            Some(language) => form.text("language", language.iso_639_1().to_owned()),
            None => form,
        })
    }

    async fn find_concepts(
        &self,
        request: ConceptRequest,
        budget: Budget,
    ) -> Result<Concepts, ProviderError> {
        let model = &self.settings.concept_model;
        let question = wire::concept_question(model, &request);
        let call = || Ok(self.client.post(self.url("chat/completions")).json(&question));
        let within = (self.settings.total_deadline, budget);
        let body = self.ask(Call::Completion, within, call).await?;
        wire::read_concepts(&body, model, &request.categories)
            .inspect_err(|error| unusable(Call::Completion, error))
    }

    async fn look(&self) -> Result<(), ProviderError> {
        let whole = self.settings.check_deadline;
        let request = || Ok(self.client.get(self.url("models")));
        let body = self
            .ask(Call::Models, (whole, Budget::of(whole)), request)
            .await?;
        wire::read_models(&body).inspect_err(|error| unusable(Call::Models, error))
    }
}

impl Provider for OpenAi {
    fn transcribe(
        &self,
        clip: Clip,
        language: Option<Language>,
        budget: Budget,
    ) -> BoxFuture<'_, Result<Transcript, ProviderError>> {
        self.transcribe(clip, language, budget).boxed()
    }

    fn concepts(
        &self,
        request: ConceptRequest,
        budget: Budget,
    ) -> BoxFuture<'_, Result<Concepts, ProviderError>> {
        self.find_concepts(request, budget).boxed()
    }

    fn describe(&self) -> ProviderFacts {
        ProviderFacts {
            kind: self.settings.kind,
            host: self.host.clone(),
            transcription_model: self.settings.transcription_model.clone(),
            concept_model: self.settings.concept_model.clone(),
            circuit: Circuit::Closed,
        }
    }

    fn check(&self) -> BoxFuture<'_, Result<(), ProviderError>> {
        self.look().boxed()
    }
}

/// The request with the trace that it belongs to, if it belongs to one.
fn traced(request: RequestBuilder, context: Option<Context>) -> RequestBuilder {
    let Some(context) = context else { return request };
    let request = request.header("traceparent", context.to_string());
    match context.state() {
        Some(state) => request.header("tracestate", state),
        None => request,
    }
}

/// Why no answer arrived. reqwest's error holds the URL, so it goes no further than this.
fn unsent(error: &reqwest::Error) -> ProviderError {
    if error.is_timeout() && !error.is_connect() {
        ProviderError::Timeout
    } else {
        ProviderError::Unavailable {
            upstream_status: None,
            retry_after: None,
        }
    }
}

async fn bounded(mut response: Response) -> Result<Bytes, ProviderError> {
    let mut body = BytesMut::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() > MAX_ANSWER_BYTES => {
                return Err(ProviderError::InvalidAnswer(InvalidAnswer::TooLarge));
            }
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) => return Ok(body.freeze()),
            Err(error) if error.is_timeout() => return Err(ProviderError::Timeout),
            Err(_) => return Err(ProviderError::InvalidAnswer(InvalidAnswer::NotJson)),
        }
    }
}

fn unusable(call: Call, error: &ProviderError) {
    tracing::warn!(
        call = call.as_str(),
        code = error.code(),
        category = error.category(),
        "the AI provider's answer cannot be used"
    );
}

#[cfg(test)]
mod tests;
