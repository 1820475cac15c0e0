//! From a provider's refusal to our error: pure, and blind to the provider's words.
//!
//! Only the status, `Retry-After` and a few known values of `code`, `type` and `param` are looked at.

use std::time::Duration;

use jiff::Timestamp;
use reqwest::StatusCode;
use reqwest::header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use serde::Deserialize;

use crate::domain::provider::{InvalidAnswer, ProviderError};

/// The longest wait that is passed on; a longer wish is as good as none.
pub const MAX_RETRY_AFTER: Duration = Duration::from_secs(3_600);

/// Which call was refused: a 400 means different things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    /// `POST /audio/transcriptions`.
    Transcription,
    /// `POST /chat/completions`.
    Completion,
    /// `GET /models`.
    Models,
}

impl Call {
    /// A word for logs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Transcription => "transcription",
            Self::Completion => "completion",
            Self::Models => "models",
        }
    }
}

/// OpenAI's error object, as far as it is looked at.
#[derive(Debug, Default, Deserialize)]
struct Envelope {
    #[serde(default)]
    error: Reason,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Reason {
    code: Option<String>,
    r#type: Option<String>,
    param: Option<String>,
}

impl Reason {
    fn says(&self, words: &[&str]) -> bool {
        [&self.code, &self.r#type]
            .into_iter()
            .flatten()
            .any(|said| words.contains(&said.as_str()))
    }

    fn about(&self, param: &str) -> bool {
        self.param.as_deref() == Some(param)
    }
}

/// What an answer without a success status means. `now` is what `Retry-After` dates are measured from.
#[must_use]
pub fn refusal(
    call: Call,
    status: StatusCode,
    headers: &HeaderMap,
    body: &[u8],
    now: Timestamp,
) -> ProviderError {
    let reason = serde_json::from_slice::<Envelope>(body).unwrap_or_default().error;
    match status.as_u16() {
        401 | 403 => ProviderError::CredentialsRefused,
        402 => ProviderError::QuotaExhausted,
        408 => ProviderError::Timeout,
        429 if reason.says(&["insufficient_quota", "billing_hard_limit_reached"]) => {
            ProviderError::QuotaExhausted
        }
        429 => ProviderError::RateLimited {
            retry_after: retry_after(headers, now),
        },
        400..=499 => refused_request(call, status.as_u16(), &reason),
        500..=599 => ProviderError::Unavailable {
            upstream_status: Some(status.as_u16()),
            retry_after: retry_after(headers, now),
        },
        _ => ProviderError::InvalidAnswer(InvalidAnswer::UnexpectedStatus),
    }
}

/// Tells what the caller sent from what we made of it: only the first is the caller's to mend.
fn refused_request(call: Call, status: u16, reason: &Reason) -> ProviderError {
    let ours = ProviderError::RequestRefused {
        upstream_status: status,
    };
    match (call, status) {
        (Call::Transcription, 413) => ProviderError::AudioRefused,
        (Call::Transcription, 400 | 415 | 422) if reason.about("language") => ProviderError::LanguageRefused,
        // OpenAI names no parameter when it cannot decode a file.
        (Call::Transcription, 400 | 415 | 422)
            if (reason.param.is_none() || reason.about("file")) && !reason.says(&["model_not_found"]) =>
        {
            ProviderError::AudioRefused
        }
        (Call::Completion, 413) => ProviderError::TextRefused,
        (Call::Completion, 400 | 422) if reason.says(&TEXT_REASONS) => ProviderError::TextRefused,
        _ => ours,
    }
}

/// Why a model declines a text as such.
const TEXT_REASONS: [&str; 5] = [
    "context_length_exceeded",
    "string_above_max_length",
    "content_filter",
    "content_policy_violation",
    "invalid_prompt",
];

/// RFC 9110 §10.2.3: seconds, or a date. At least one second, at most [`MAX_RETRY_AFTER`], or nothing.
fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let said = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let seconds = said.parse::<i64>().ok().or_else(|| {
        let then = jiff::fmt::rfc2822::parse(said).ok()?.timestamp();
        Some(then.as_second().saturating_sub(now.as_second()))
    })?;
    let wait = Duration::from_secs(u64::try_from(seconds).ok()?.max(1));
    (wait <= MAX_RETRY_AFTER).then_some(wait)
}

/// Whether a `Content-Type` says JSON (RFC 8259 §11, RFC 6839 §3.1 for `+json`).
#[must_use]
pub fn is_json(headers: &HeaderMap) -> bool {
    let said = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let essence = said
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}

#[cfg(test)]
#[path = "refusal_tests.rs"]
mod tests;
