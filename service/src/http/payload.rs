//! Reading a JSON body: which of our words answers which defect.
//!
//! No JSON at all is 400, another media type 415, too many bytes or values 413, too slow 408,
//! and 503 when the memory for bodies is others' for too long. Types and fields are the
//! operation's to judge (422). poem's own `Json` gives all of them one error, and reads without a bound.

use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use poem::http::StatusCode;
use poem::http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderMap};
use poem::{Body, Request, RequestBody, Result};
use poem_openapi::payload::Payload;
use poem_openapi::registry::{MetaMediaType, MetaRequest, Registry};
use poem_openapi::types::Type;
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};
use serde_json::Value;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::timeout;

use crate::auth::key::{hexadecimal, sha256};
use crate::http::admission::Place;
use crate::http::idempotency;
use crate::http::limits::BodyPolicy;
use crate::http::problem::{FieldError, Problem};
use crate::http::tree;

/// Bodies larger than this are parsed off the event loop, in bytes.
const PARSE_ELSEWHERE: usize = 256 * 1024;

/// What an operation reads from its JSON body.
pub trait FromJson: Sized + Send {
    /// The schema that documents it.
    type Schema: Type;

    /// The most bytes that such a body has; the service's own limit when that is less.
    const MAX_BYTES: usize = usize::MAX;

    /// Reads it, or lists every field that is wrong.
    ///
    /// # Errors
    /// The wrong fields, at least one.
    fn from_json(value: Value) -> Result<Self, Vec<FieldError>>;
}

/// A JSON body that was read, with its turn: the bytes count as held until this is dropped.
pub struct JsonBody<T> {
    value: T,
    turn: OwnedSemaphorePermit,
    fingerprint: Option<String>,
}

impl<T> JsonBody<T> {
    /// What tells this body from any other: its SHA-256 in hexadecimal. Only a request with an `Idempotency-Key` has one taken.
    pub fn fingerprint(&self) -> Option<&str> {
        self.fingerprint.as_deref()
    }

    /// What was read, and the turn to hold while it is worked on.
    pub fn into_parts(self) -> (T, OwnedSemaphorePermit) {
        (self.value, self.turn)
    }
}

impl<'a, T: FromJson> ApiExtractor<'a> for JsonBody<T> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        T::Schema::register(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        Some(MetaRequest {
            description: None,
            content: vec![MetaMediaType {
                content_type: "application/json",
                schema: T::Schema::schema_ref(),
            }],
            required: true,
        })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _options: ExtractParamOptions<()>,
    ) -> Result<Self> {
        let policy = request.data::<BodyPolicy>().ok_or_else(Problem::internal)?;
        let body = body.take()?;
        check_media_type(request.headers())?;
        let limit = policy.max_bytes.min(T::MAX_BYTES);
        let arriving = async {
            let turn = turn(request.headers(), policy, limit).await?;
            let read = read(body, declared_length(request.headers()), limit);
            let bytes = timeout(policy.deadline, read).await.map_err(|_| too_slow())??;
            Ok::<_, Problem>((turn, bytes))
        };
        let (turn, bytes) = match request.data::<Place>() {
            Some(place) => place.away(arriving).await?,
            None => arriving.await?,
        };
        let keyed = request.headers().contains_key(idempotency::HEADER);
        let (value, fingerprint) = parse(bytes, keyed).await?;
        let value = T::from_json(value).map_err(invalid)?;
        Ok(Self {
            value,
            turn,
            fingerprint,
        })
    }
}

/// The leave to hold a body of the declared size. It is waited for before the body's own time begins: who waits for others is
/// not slow.
async fn turn(
    headers: &HeaderMap,
    policy: &BodyPolicy,
    limit: usize,
) -> Result<OwnedSemaphorePermit, Problem> {
    let declared = declared_length(headers).unwrap_or(limit);
    if declared > limit {
        return Err(too_large(limit));
    }
    // The whole turn at once: two uploads that each held half of what they need would wait for ever.
    let permits = u32::try_from(declared.div_ceil(1024)).unwrap_or(u32::MAX);
    let turn = policy.turns.clone().acquire_many_owned(permits);
    match timeout(policy.turn_deadline, turn).await {
        Ok(turn) => turn.map_err(|_| Problem::internal()),
        Err(_) => Err(too_busy()),
    }
}

async fn read(body: Body, declared: Option<usize>, limit: usize) -> Result<Bytes, Problem> {
    // At once as large as it will be: a buffer that grows is there twice, and ends twice as large.
    let mut kept = BytesMut::with_capacity(declared.unwrap_or_default().min(limit));
    let mut chunks = std::pin::pin!(body.into_bytes_stream());
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| Problem::bad_request("body_cut", "The request body ended early."))?;
        if kept.len() + chunk.len() > limit {
            return Err(too_large(limit));
        }
        kept.extend_from_slice(&chunk);
    }
    Ok(kept.freeze())
}

fn declared_length(headers: &HeaderMap) -> Option<usize> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn check_media_type(headers: &HeaderMap) -> Result<(), Problem> {
    let sent = headers.get(CONTENT_TYPE);
    let text = sent.and_then(|value| value.to_str().ok()).unwrap_or_default();
    if <poem_openapi::payload::Json<Value> as Payload>::check_content_type(text) {
        return Ok(());
    }
    Err(another_media_type())
}

pub(super) fn another_media_type() -> Problem {
    Problem::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "media_type_not_supported",
        "Send the body as JSON, with \"Content-Type: application/json\".",
    )
}

/// The JSON, and the fingerprint if it is wanted.
async fn parse(bytes: Bytes, keyed: bool) -> Result<(Value, Option<String>), Problem> {
    let small = bytes.len() <= PARSE_ELSEWHERE;
    let parse = move || {
        let value = tree::read(&bytes)?;
        Ok((value, keyed.then(|| hexadecimal(&sha256(&bytes)))))
    };
    let parsed = if small {
        parse()
    } else {
        tokio::task::spawn_blocking(parse)
            .await
            .map_err(|_| Problem::internal())?
    };
    parsed.map_err(|error: serde_json::Error| match error.is_data() {
        true => too_many_values(),
        false => not_json(&error),
    })
}

pub(super) fn not_json(error: &serde_json::Error) -> Problem {
    let place = format!("line {}, column {}", error.line(), error.column());
    let why = if error.is_eof() {
        "ends early"
    } else {
        "is not JSON"
    };
    Problem::bad_request("body_not_json", format!("The request body {why} (at {place})."))
}

pub(super) fn too_large(limit: usize) -> Problem {
    Problem::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "body_too_large",
        format!("The request body is larger than {limit} bytes."),
    )
}

fn too_many_values() -> Problem {
    let detail = format!("The request body holds more than {} values.", tree::MOST_VALUES);
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_complex", detail)
}

fn too_busy() -> Problem {
    let detail = "Too many uploads are being read at once. Send it again a little later.";
    Problem::come_back("too_busy", detail)
}

pub(super) fn too_slow() -> Problem {
    Problem::new(
        StatusCode::REQUEST_TIMEOUT,
        "body_too_slow",
        "The request body did not arrive in time.",
    )
}

pub(super) fn invalid(errors: Vec<FieldError>) -> Problem {
    let detail = match errors.as_slice() {
        [only] if only.pointer.is_empty() => format!("the body {}", only.detail),
        [only] => format!("{}: {}", only.pointer, only.detail),
        several => format!(
            "{} fields of the request body are wrong: see errors.",
            several.len()
        ),
    };
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "body_invalid", detail).with_errors(errors)
}
