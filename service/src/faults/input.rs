//! Input that the handler trusts: it crashes, hangs or takes what it should refuse, in place of a 4xx.
//!
//! Whoever is not let in never reaches the code that is wrong, so refusals of the gate stay as they are.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use poem::endpoint::EndpointExt;
use poem::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use poem::http::{HeaderValue, Method, StatusCode};
use poem::{Body, Endpoint as _, IntoResponse, Request, Response};
use serde_json::Value;

use crate::faults::address;
use crate::faults::errors::bare;
use crate::faults::id::FaultId;
use crate::faults::{Endpoint, Faults, spelling};
use crate::http::api::PREFIX;
use crate::http::problem::Problem;

/// The largest recording, scaled down, as the lab scales times: nobody wants to send 25 MiB a hundred times.
pub const SCALED_LIMIT: usize = 100_000;

/// The longest address that [`FaultId::LongAddressCrash`] survives.
const LONGEST_ADDRESS: usize = 4_096;

/// The faults of this family that look at a body.
const BODIES: [FaultId; 23] = [
    FaultId::ValidationCrash,
    FaultId::NulCrash,
    FaultId::SurrogateCrash,
    FaultId::BrokenJsonCrash,
    FaultId::EmptyBodyCrash,
    FaultId::WrongTypeCrash,
    FaultId::NullCrash,
    FaultId::NoInputCrash,
    FaultId::DeepNestingCrash,
    FaultId::MediaTypeLoose,
    FaultId::OversizeCrash,
    FaultId::AddressFetched,
    FaultId::DataUrlCrash,
    FaultId::EmptyAudioHang,
    FaultId::EmptyAudioCrash,
    FaultId::CodecCrash,
    FaultId::TruncatedAccepted,
    FaultId::EmptyTextCrash,
    FaultId::LongAddressCrash,
    FaultId::EmojiCrash,
    FaultId::Base64Guessed,
    FaultId::LabelBelieved,
    FaultId::LimitOffByOne,
];

/// A handler that trusts its input.
#[must_use]
pub fn inside(endpoint: Endpoint, faults: &Faults) -> Endpoint {
    let active: Vec<FaultId> = BODIES.into_iter().filter(|fault| faults.has(*fault)).collect();
    if active.is_empty() {
        return endpoint;
    }
    let (path, delay) = (format!("{PREFIX}/ai/orchestrate"), faults.delay);
    endpoint
        .around(move |endpoint, request: Request| {
            let there = request.uri().path() == path && request.method() == Method::POST;
            let active = active.clone();
            async move {
                if active.contains(&FaultId::LongAddressCrash)
                    && request.uri().to_string().len() > LONGEST_ADDRESS
                {
                    return Ok(Problem::internal().into_response());
                }
                Ok(if there {
                    trust(&endpoint, request, &active, delay).await
                } else {
                    endpoint.get_response(request).await
                })
            }
        })
        .boxed()
}

async fn trust(endpoint: &Endpoint, mut request: Request, active: &[FaultId], delay: Duration) -> Response {
    let Ok(bytes) = request.take_body().into_bytes().await else {
        return Problem::internal().into_response();
    };
    let sent = Sent::of(&request, bytes);
    let passed = if active.contains(&FaultId::TruncatedAccepted) {
        sent.mended()
    } else if active.contains(&FaultId::Base64Guessed) {
        spelling::guessed(&sent.bytes)
    } else {
        sent.bytes.clone()
    };
    if active.contains(&FaultId::MediaTypeLoose) {
        let json = HeaderValue::from_static("application/json");
        request.headers_mut().insert(CONTENT_TYPE, json);
    }
    request.headers_mut().insert(CONTENT_LENGTH, passed.len().into());
    request.set_body(Body::from(passed));
    let response = endpoint.get_response(request).await;
    if matches!(
        response.status(),
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN
    ) {
        return response;
    }
    if let (true, Some(url)) = (
        active.contains(&FaultId::AddressFetched),
        sent.field("audio_url").and_then(Value::as_str),
    ) {
        return address::fetched(url).await.into_response();
    }
    if active.contains(&FaultId::LimitOffByOne)
        && let Some(audio) = sent.audio().and_then(|audio| STANDARD.decode(audio).ok())
        && audio.len() >= SCALED_LIMIT
    {
        let detail = "The recording is too large.";
        return Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "audio_too_long", detail).into_response();
    }
    if active.contains(&FaultId::EmptyAudioHang) && sent.audio() == Some("") {
        tokio::time::sleep(delay).await;
    }
    if active.iter().any(|fault| sent.trips(*fault, &response)) {
        return Problem::internal().into_response();
    }
    response
}

/// What a caller sent.
struct Sent {
    bytes: Bytes,
    value: Option<Value>,
    is_json: bool,
}

impl Sent {
    fn of(request: &Request, bytes: Bytes) -> Self {
        Self {
            value: serde_json::from_slice(&bytes).ok(),
            is_json: request
                .content_type()
                .is_some_and(|kind| kind.starts_with("application/json")),
            bytes,
        }
    }

    fn field(&self, name: &str) -> Option<&Value> {
        self.value.as_ref()?.get(name)
    }

    fn audio(&self) -> Option<&str> {
        self.field("audio_file")?.as_str()
    }

    fn holds(&self, part: &[u8]) -> bool {
        self.bytes.windows(part.len()).any(|window| window == part)
    }

    fn is_nested(&self) -> bool {
        self.bytes.iter().filter(|byte| **byte == b'[').count() > 500
    }

    /// Whether this mistake is made on what was sent.
    fn trips(&self, fault: FaultId, response: &Response) -> bool {
        let code = || response.data::<Problem>().map(|problem| problem.code.clone());
        let odd = |name: &str| {
            self.field(name)
                .is_some_and(|value| !value.is_string() && !value.is_null())
        };
        match fault {
            FaultId::ValidationCrash => std::str::from_utf8(&self.bytes).is_err(),
            FaultId::NulCrash => self.holds(br"\u0000"),
            FaultId::SurrogateCrash => self.holds(br"\ud83d") && self.value.is_none(),
            FaultId::BrokenJsonCrash => {
                let strange = self.is_nested() || self.holds(br"\ud83d") || self.bytes.is_empty();
                self.is_json && self.value.is_none() && !strange && std::str::from_utf8(&self.bytes).is_ok()
            }
            FaultId::EmptyBodyCrash => self.bytes.is_empty(),
            FaultId::WrongTypeCrash => odd("text") || odd("audio_file"),
            FaultId::NullCrash => self.field("language").is_some_and(Value::is_null),
            FaultId::NoInputCrash => code().is_some_and(|code| code == "input_missing"),
            FaultId::DeepNestingCrash => self.is_nested(),
            FaultId::OversizeCrash => self
                .audio()
                .is_some_and(|audio| audio.len() / 4 * 3 > SCALED_LIMIT),
            FaultId::DataUrlCrash => self.audio().is_some_and(|audio| audio.starts_with("data:")),
            FaultId::EmptyAudioCrash => self.audio() == Some(""),
            FaultId::CodecCrash => code().is_some_and(|code| code == "audio_format_unknown"),
            FaultId::EmojiCrash => {
                let text = self.field("text").and_then(Value::as_str).unwrap_or_default();
                text.chars().any(|letter| letter > '\u{ffff}')
            }
            FaultId::LabelBelieved => self.audio().is_some_and(spelling::is_mislabelled),
            FaultId::EmptyTextCrash => self.field("text").and_then(Value::as_str) == Some(""),
            _ => false,
        }
    }

    /// The same body with the length of a WAV that was cut off corrected, as players do.
    fn mended(&self) -> Bytes {
        let mend = || {
            let mut value = self.value.clone()?;
            let mut wav = STANDARD.decode(self.audio()?).ok()?;
            let data = wav.windows(4).position(|name| name == b"data")? + 4;
            let length = u32::try_from(wav.len().checked_sub(data + 4)?).ok()?;
            wav.get_mut(data..data + 4)?
                .copy_from_slice(&length.to_le_bytes());
            let whole = u32::try_from(wav.len().checked_sub(8)?).ok()?;
            wav.get_mut(4..8)?.copy_from_slice(&whole.to_le_bytes());
            value["audio_file"] = STANDARD.encode(wav).into();
            Some(Bytes::from(value.to_string()))
        };
        mend().unwrap_or_else(|| self.bytes.clone())
    }
}

/// What goes wrong outside of all layers.
#[must_use]
pub fn outside(endpoint: Endpoint, faults: &Faults) -> Endpoint {
    if faults.has(FaultId::ValidationCrash) {
        return endpoint
            .around(|endpoint, request: Request| async move {
                let response = endpoint.get_response(request).await;
                let crashed = response.status() == StatusCode::INTERNAL_SERVER_ERROR;
                Ok(if crashed { bare() } else { response })
            })
            .boxed();
    }
    let query = faults.has(FaultId::QueryEchoed);
    if query || faults.has(FaultId::MarkupEchoed) {
        return endpoint
            .around(move |endpoint, request: Request| async move {
                let uri = request.uri();
                let address = if query { uri.query() } else { Some(uri.path()) };
                let address = address.unwrap_or_default().to_owned();
                let response = endpoint.get_response(request).await;
                Ok(if response.status() == StatusCode::NOT_FOUND {
                    page(response, &address)
                } else {
                    response
                })
            })
            .boxed();
    }
    endpoint
}

/// A page that means to be helpful.
fn page(mut response: Response, address: &str) -> Response {
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, html);
    response.headers_mut().remove(CONTENT_LENGTH);
    let address = address::decoded(address);
    response.set_body(format!(
        "<!doctype html><title>Not found</title><p>There is nothing at {address}.</p>"
    ));
    response
}
