//! The simulator's routes: who may call, what a mode breaks, then the work.

use std::sync::Arc;

use poem::endpoint::BoxEndpoint;
use poem::http::{Method, StatusCode, header};
use poem::web::Multipart;
use poem::{Endpoint, EndpointExt, FromRequest, Request, Response, Route};
use serde_json::json;
use tokio::io::AsyncReadExt;

use crate::domain::audio::MAX_BYTES;
use crate::providers::simulator::chat;
use crate::providers::simulator::mode::Mode;
use crate::providers::simulator::speech::{self, Upload};
use crate::providers::simulator::{OWNER, Shared, answers};

/// The largest chat completion that is read.
const MAX_CHAT_BYTES: usize = 4 * 1024 * 1024;

/// The largest form field besides the file.
const MAX_FIELD_BYTES: u64 = 64 * 1024;

/// The most parts of a form that are looked at.
const MAX_PARTS: usize = 16;

/// What the simulator does with a request that came through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Work {
    Models,
    Transcription,
    Completion,
}

/// More of an upload that is refused is not read.
const MOST_READ: usize = 32 * 1024 * 1024;

pub(crate) fn routes(shared: Arc<Shared>) -> BoxEndpoint<'static, Response> {
    let route = |work: Work, method: Method| Door {
        shared: Arc::clone(&shared),
        work,
        method,
    };
    Route::new()
        .at("/v1/models", route(Work::Models, Method::GET))
        .at(
            "/v1/audio/transcriptions",
            route(Work::Transcription, Method::POST),
        )
        .at("/v1/chat/completions", route(Work::Completion, Method::POST))
        .catch_all_error(|error: poem::Error| async move {
            let message = "Invalid URL, or a request that could not be read.";
            answers::error(error.status(), "invalid_request_error", message, None, None)
        })
        .boxed()
}

/// One route, behind the checks that all share.
struct Door {
    shared: Arc<Shared>,
    work: Work,
    method: Method,
}

impl Endpoint for Door {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        if *request.method() != self.method {
            return Err(StatusCode::METHOD_NOT_ALLOWED.into());
        }
        match self.work {
            Work::Models => {}
            Work::Transcription => self.shared.count_transcription(),
            Work::Completion => self.shared.count_completion(),
        }
        let mode = self.shared.mode();
        if mode == Mode::Hangs || (mode == Mode::PaidHang && self.work != Work::Models) {
            std::future::pending::<()>().await;
        }
        let Some(key) = bearer(&request) else {
            return Ok(after(request, answers::missing_key()).await);
        };
        if let Some(failure) = answers::failure_of_every_call(&mode, &key) {
            return Ok(after(request, failure).await);
        }
        if self.work == Work::Models {
            return Ok(models());
        }
        tokio::time::sleep(self.shared.latency()).await;
        if let Some(failure) = answers::failure_of_paid_calls(&mode) {
            return Ok(after(request, failure).await);
        }
        if self.work == Work::Transcription {
            transcribe(request, &mode).await
        } else {
            complete(request, &mode).await
        }
    }
}

/// The answer, once the upload was read: who is cut off while it sends may lose the answer with the connection.
async fn after(request: Request, answer: Response) -> Response {
    let _ = request.into_body().into_bytes_limit(MOST_READ).await;
    answer
}

fn bearer(request: &Request) -> Option<String> {
    let value = request.header(header::AUTHORIZATION)?;
    let (scheme, key) = value.split_once(' ')?;
    let key = key.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !key.is_empty()).then(|| key.to_owned())
}

fn models() -> Response {
    let list: Vec<_> = ["whisper-1", "gpt-4o-transcribe", "gpt-4o-mini", "gpt-4o"]
        .map(|id| json!({"id": id, "object": "model", "created": 0, "owned_by": OWNER}))
        .into();
    answers::json_answer(StatusCode::OK, &json!({"object": "list", "data": list}))
}

async fn complete(mut request: Request, mode: &Mode) -> poem::Result<Response> {
    let body = request.take_body().into_bytes_limit(MAX_CHAT_BYTES).await?;
    Ok(chat::complete(&body, mode))
}

async fn transcribe(request: Request, mode: &Mode) -> poem::Result<Response> {
    let (request, mut body) = request.split();
    let mut form = Multipart::from_request(&request, &mut body).await?;
    let mut upload = Upload::default();
    for _ in 0..MAX_PARTS {
        let Some(field) = form.next_field().await? else {
            break;
        };
        let name = field.name().unwrap_or_default().to_owned();
        let file_name = field.file_name().map(ToOwned::to_owned);
        let limit = if name == "file" {
            MAX_BYTES as u64 + 1
        } else {
            MAX_FIELD_BYTES
        };
        let mut bytes = Vec::new();
        field
            .into_async_read()
            .take(limit)
            .read_to_end(&mut bytes)
            .await
            .map_err(poem::error::BadRequest)?;
        let text = || String::from_utf8_lossy(&bytes).into_owned();
        match name.as_str() {
            "file" => upload.file = Some((file_name.unwrap_or_default(), bytes)),
            "model" => upload.model = Some(text()),
            "language" => upload.language = Some(text()),
            "response_format" => upload.format = Some(text()),
            _ => {}
        }
    }
    let mode = mode.clone();
    // Decoding is work for a thread of its own: others wait on this one.
    tokio::task::spawn_blocking(move || speech::answer(&upload, &mode))
        .await
        .map_err(poem::error::InternalServerError)
}
