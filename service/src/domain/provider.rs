//! What the service asks of an AI provider, and every way in which that can fail.
//!
//! No HTTP client here, and no text of the provider: its error messages may hold a key, an organisation or
//! a prompt, so an error is a fixed sentence with a stable code, and nothing else.

use std::time::Duration;

use ::http::StatusCode;
use bytes::Bytes;
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};

use crate::domain::audio::Container;
use crate::domain::budget::Budget;
use crate::domain::concepts::{ConceptRequest, Concepts};
use crate::domain::language::Language;

/// Turns speech into text, and text into concepts. Both cost money.
pub trait Provider: Send + Sync {
    /// Transcribes a recording, within the budget. Without a language the provider guesses one. A paid call.
    fn transcribe(
        &self,
        clip: Clip,
        language: Option<Language>,
        budget: Budget,
    ) -> BoxFuture<'_, Result<Transcript, ProviderError>>;

    /// Finds the concepts of a text, within the budget. A paid call.
    fn concepts(
        &self,
        request: ConceptRequest,
        budget: Budget,
    ) -> BoxFuture<'_, Result<Concepts, ProviderError>>;

    /// Who answers, without asking it.
    fn describe(&self) -> ProviderFacts;

    /// Whether the provider answers and takes our key: one unpaid call with a short deadline.
    fn check(&self) -> BoxFuture<'_, Result<(), ProviderError>>;
}

/// A recording that [`inspect`](crate::domain::audio::inspect) accepted.
#[derive(Debug, Clone)]
pub struct Clip {
    /// The file as sent.
    pub bytes: Bytes,
    /// Its container, which decides the name and the media type under which it is sent on.
    pub container: Container,
    /// How long it plays.
    pub duration: Duration,
}

/// What was said.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Transcript {
    /// The words; empty when nothing was said.
    pub text: String,
    /// The language as the provider names it (a code or an English word), or as we asked for it.
    pub language: Option<String>,
    /// The model that was asked.
    pub model: String,
    /// Seconds of audio as the provider measured them, or as we did.
    pub duration: f64,
}

/// Which kind of provider answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ProviderKind {
    /// The embedded simulator: nothing is paid, nothing is understood.
    Simulator,
    /// Something that speaks the OpenAI HTTP API.
    OpenAi,
}

/// Who answers. Safe to show: no key, no path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderFacts {
    /// Which kind it is.
    pub kind: ProviderKind,
    /// Its host name, without scheme, port or path.
    pub host: String,
    /// The model that transcribes.
    pub transcription_model: String,
    /// The model that finds concepts.
    pub concept_model: String,
    /// Whether calls go out to it.
    pub circuit: Circuit,
}

/// Whether calls go out to a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Circuit {
    /// They do.
    Closed,
    /// They do not, for a while: it failed too often in a row.
    Open,
    /// One does, to see whether the others may.
    HalfOpen,
}

impl Circuit {
    /// One word for a health report.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open => "open",
            Self::HalfOpen => "half_open",
        }
    }
}

/// What was wrong with an answer that arrived with a success status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum InvalidAnswer {
    /// The body is not JSON, or ends early.
    NotJson,
    /// The `Content-Type` is not JSON.
    WrongContentType,
    /// It is JSON, but not of the documented shape.
    WrongShape,
    /// It is larger than we read.
    TooLarge,
    /// The model was cut off by its own limit.
    CutOff,
    /// A redirect or another status that the API does not document.
    UnexpectedStatus,
}

/// Why a provider gave no result. Neither `Display` nor `Debug` holds anything that the provider sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProviderError {
    /// 429: too many requests just now.
    #[error("the AI provider is limiting our requests; try again later")]
    RateLimited {
        /// How long it asked us to wait, when it said so sanely.
        retry_after: Option<Duration>,
    },
    /// 429 with `insufficient_quota`: the account is out of credit.
    #[error("the AI provider's quota is used up")]
    QuotaExhausted,
    /// 401 or 403: our key is not taken.
    #[error("the AI provider refused the service's credentials")]
    CredentialsRefused,
    /// It could not be reached, or answered 5xx.
    #[error("the AI provider is not available; try again later")]
    Unavailable {
        /// Its status; none when no answer arrived.
        upstream_status: Option<u16>,
        /// How long it asked us to wait, when it said so sanely.
        retry_after: Option<Duration>,
    },
    /// It failed too often just now, and is left alone for a while.
    #[error("the AI provider has failed repeatedly and is not asked for a while; try again later")]
    CircuitOpen {
        /// When it is asked again.
        retry_after: Duration,
    },
    /// No whole answer within the deadline.
    #[error("the AI provider did not answer in time; try again later")]
    Timeout,
    /// It answered with something that we cannot use.
    #[error("the AI provider gave an answer that cannot be used")]
    InvalidAnswer(InvalidAnswer),
    /// It refused the request as we built it (unknown model, unknown parameter): ours to mend.
    #[error("the AI provider refused the service's request")]
    RequestRefused {
        /// Its status, a 4xx.
        upstream_status: u16,
    },
    /// It cannot read the recording: the caller's to mend.
    #[error("the audio could not be read by the transcription provider")]
    AudioRefused,
    /// It does not take the text (too long for the model, or against its policy): the caller's to mend.
    #[error("the text was not accepted by the AI provider; it may be too long")]
    TextRefused,
    /// It does not know the language: the caller's to mend.
    #[error("the language is not supported by the transcription provider")]
    LanguageRefused,
}

/// What we tell callers to wait when the provider said nothing.
const DEFAULT_RETRY_AFTER: Duration = Duration::from_secs(10);
/// In which somebody may have paid a bill or put in another key.
const MENDED_BY_HAND: Duration = Duration::from_secs(300);

impl ProviderError {
    /// A stable name for the error's `code` member.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::RateLimited { .. } => "provider_rate_limited",
            Self::QuotaExhausted => "provider_quota_exhausted",
            Self::CredentialsRefused => "provider_credentials_refused",
            Self::Unavailable { .. } => "provider_unavailable",
            Self::CircuitOpen { .. } => "provider_circuit_open",
            Self::Timeout => "provider_timeout",
            Self::InvalidAnswer(_) => "provider_invalid_answer",
            Self::RequestRefused { .. } => "provider_request_refused",
            Self::AudioRefused => "audio_refused",
            Self::TextRefused => "text_refused",
            Self::LanguageRefused => "language_refused",
        }
    }

    /// The status of our own answer: 400 for what the caller can mend, 502 for an answer or a refusal that
    /// waiting does not mend, 503 for what it may, 504 for a missed deadline. Never 500.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::AudioRefused | Self::TextRefused | Self::LanguageRefused => StatusCode::BAD_REQUEST,
            Self::CredentialsRefused | Self::InvalidAnswer(_) | Self::RequestRefused { .. } => {
                StatusCode::BAD_GATEWAY
            }
            Self::RateLimited { .. }
            | Self::QuotaExhausted
            | Self::Unavailable { .. }
            | Self::CircuitOpen { .. } => StatusCode::SERVICE_UNAVAILABLE,
            Self::Timeout => StatusCode::GATEWAY_TIMEOUT,
        }
    }

    /// What to say in `Retry-After`: the provider's own wish, or ten seconds where waiting may help, or the time
    /// in which a person may mend it. None where the caller has to mend the request.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::RateLimited { retry_after } | Self::Unavailable { retry_after, .. } => {
                Some(retry_after.unwrap_or(DEFAULT_RETRY_AFTER))
            }
            Self::CircuitOpen { retry_after } => Some(*retry_after),
            Self::Timeout | Self::InvalidAnswer(_) => Some(DEFAULT_RETRY_AFTER),
            Self::QuotaExhausted | Self::CredentialsRefused | Self::RequestRefused { .. } => {
                Some(MENDED_BY_HAND)
            }
            Self::AudioRefused | Self::TextRefused | Self::LanguageRefused => None,
        }
    }

    /// A finer word than [`code`](Self::code), from a fixed set, for logs and metrics.
    #[must_use]
    pub fn category(&self) -> &'static str {
        match self {
            Self::Unavailable {
                upstream_status: None,
                ..
            } => "unreachable",
            Self::Unavailable { .. } => "server_error",
            Self::InvalidAnswer(InvalidAnswer::NotJson) => "not_json",
            Self::InvalidAnswer(InvalidAnswer::WrongContentType) => "wrong_content_type",
            Self::InvalidAnswer(InvalidAnswer::WrongShape) => "wrong_shape",
            Self::InvalidAnswer(InvalidAnswer::TooLarge) => "too_large",
            Self::InvalidAnswer(InvalidAnswer::CutOff) => "cut_off",
            Self::InvalidAnswer(InvalidAnswer::UnexpectedStatus) => "unexpected_status",
            other => other.code(),
        }
    }
}
