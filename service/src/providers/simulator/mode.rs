//! The ways in which the simulator can be told to fail: each is one that a real provider shows.

use std::time::Duration;

/// How the simulator behaves. What is said of paid calls leaves `GET /v1/models` alone, as in life.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Mode {
    /// It answers.
    #[default]
    Healthy,
    /// Paid calls are 429 `rate_limit_exceeded`.
    RateLimited {
        /// Said in `Retry-After`, in whole seconds.
        retry_after: Option<Duration>,
    },
    /// Paid calls are 429 `insufficient_quota`.
    QuotaExhausted,
    /// Paid calls are 402, as some compatible providers say that the account is out of credit.
    PaymentRequired,
    /// Paid calls are 404 `model_not_found`: the account may not use the model, or it is gone.
    ModelRefused,
    /// Every call is 401 `invalid_api_key`, with a message that shows a part of the key.
    KeyRefused,
    /// Paid calls are 500, with a message that talks of internals.
    ServerError,
    /// Every call is 503 from a proxy, in HTML.
    Unavailable,
    /// Every call is accepted and never answered.
    Hangs,
    /// Paid calls are accepted and never answered.
    PaidHang,
    /// Paid calls are 200 with JSON that comes byte by byte and takes minutes.
    SlowDrip,
    /// Paid calls are 200 with JSON that ends in the middle.
    TruncatedJson,
    /// Paid calls are 200 with an HTML page.
    WrongContentType,
    /// Transcriptions are 200 with an empty text, whatever the audio.
    EmptyTranscript,
    /// Transcriptions are 200 with this text, whatever the audio.
    CannedTranscript(String),
    /// Silence is 200 with this text; everything else is heard as it is.
    InventsOnSilence(String),
    /// Speech in another language comes back in English.
    Translates,
    /// Only the words of so much of a recording come back.
    FirstSeconds(Duration),
    /// Uploads of more bytes are 413.
    SmallUploads(usize),
    /// Chat completions find nothing in any text.
    NoConcepts,
    /// Chat completions find the same in every text.
    CannedConcepts,
    /// Chat completions answer in prose, whatever schema was asked for.
    NonJsonConcepts,
}
