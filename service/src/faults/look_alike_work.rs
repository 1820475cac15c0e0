//! Look-alikes of the work itself: other words, other statuses and other shapes that are just as right.

use poem::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use poem::http::{HeaderValue, StatusCode};
use poem::{Body, Endpoint as _, Request, Response};
use serde_json::{Value, json};

use crate::faults::json::edit;
use crate::faults::look_alike::LookAlike;
use crate::faults::{Endpoint, address, input, spelling};

/// An answer as this look-alike gives it.
pub async fn other(mut response: Response, look_alike: LookAlike, work: bool, path: &str) -> Response {
    let status = response.status();
    match look_alike {
        LookAlike::EscapedPage if status == StatusCode::NOT_FOUND && !path.contains("/curations/") => {
            page(response, path)
        }
        LookAlike::Invalid400 if status == StatusCode::UNPROCESSABLE_ENTITY => {
            response.set_status(StatusCode::BAD_REQUEST);
            edit(response, |body| body["status"] = json!(400)).await
        }
        LookAlike::InvalidQuoted if status == StatusCode::UNPROCESSABLE_ENTITY => {
            edit(response, |body| {
                let errors = body["errors"].take();
                body["errors"] = json!([]);
                body["detail"] = json!(format!("[{{'loc': ['body'], 'input': {errors}}}]"));
            })
            .await
        }
        LookAlike::SilenceRefused if work && status == StatusCode::OK => silence(response).await,
        LookAlike::SilenceWritten if work && status == StatusCode::OK => {
            reworded(response, |text| match text {
                "" => "[BLANK_AUDIO]".to_owned(),
                spoken => spoken.to_owned(),
            })
            .await
        }
        LookAlike::TextComposed if work && status == StatusCode::OK => {
            reworded(response, |text| text.replace("e\u{301}", "\u{e9}")).await
        }
        LookAlike::PlainTranscripts if work && status == StatusCode::OK => {
            reworded(response, |text| {
                let plain: String = text
                    .chars()
                    .filter(|c| c.is_alphanumeric() || *c == ' ')
                    .collect();
                plain.to_lowercase().replace("ten", "10").replace("dez", "10")
            })
            .await
        }
        LookAlike::ShoutedTranscripts if work && status == StatusCode::OK => {
            reworded(response, |text| match text {
                "" => String::new(),
                _ => format!(" {}.", text.to_uppercase()),
            })
            .await
        }
        LookAlike::NoProcessingTime if work && status == StatusCode::OK => {
            edit(response, |body| body["processing_time_ms"] = json!(0)).await
        }
        LookAlike::EmptyErrors if work && status == StatusCode::OK => {
            edit(response, |body| {
                body["error"] = Value::Null;
                body["errors"] = json!([]);
                body["failed"] = json!(0);
                body["exception"] = json!("none");
                body["failure"] = json!("no");
                body["status"] = json!("completed");
            })
            .await
        }
        _ => response,
    }
}

const TEXT: &str = "/results/transcription/text";

async fn reworded(response: Response, reword: impl FnOnce(&str) -> String) -> Response {
    edit(response, |body| {
        if let Some(Value::String(text)) = body.pointer_mut(TEXT) {
            *text = reword(text);
        }
    })
    .await
}

/// Nobody speaks: that is for the caller to mend.
async fn silence(mut response: Response) -> Response {
    let text = response.take_body().into_string().await.unwrap_or_default();
    let body: Value = serde_json::from_str(&text).unwrap_or_default();
    response.headers_mut().remove(CONTENT_LENGTH);
    if body.pointer(TEXT) != Some(&json!("")) {
        response.set_body(text);
        return response;
    }
    refused(
        response,
        422,
        "audio_without_speech",
        "Nobody speaks in this recording.",
    )
}

/// An endpoint with something in front of it that refuses early.
pub async fn guarded(endpoint: &Endpoint, mut request: Request, look_alike: LookAlike) -> Response {
    let bytes = request.take_body().into_bytes().await.unwrap_or_default();
    let value: Value = serde_json::from_slice(&bytes).unwrap_or_default();
    let bytes = match look_alike {
        LookAlike::Base64Forgiven => spelling::respelt(&bytes),
        LookAlike::LabelOverlooked => unlabelled(&value).map_or(bytes, Into::into),
        _ => bytes,
    };
    request.headers_mut().insert(CONTENT_LENGTH, bytes.len().into());
    request.set_body(Body::from(bytes));
    let response = endpoint.get_response(request).await;
    if matches!(
        response.status(),
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN
    ) {
        return response;
    }
    let audio = value["audio_file"].as_str().unwrap_or_default();
    let size = audio.len() / 4 * 3 - audio.bytes().rev().take_while(|byte| *byte == b'=').count();
    match look_alike {
        LookAlike::LimitedTo413 if size > input::SCALED_LIMIT => refused(
            response,
            413,
            "audio_too_large",
            "The recording is larger than this service takes.",
        ),
        LookAlike::AddressPolicy if value["audio_url"].is_string() => {
            let url = &value["audio_url"];
            refused(
                response,
                400,
                "address_not_allowed",
                &format!("{url} is not an address that this service fetches."),
            )
        }
        _ => response,
    }
}

fn refused(mut response: Response, status: u16, code: &str, detail: &str) -> Response {
    response.set_status(StatusCode::from_u16(status).unwrap_or_default());
    let problem = json!({
        "type": format!("tag:orchestrate.example,2025:{code}"),
        "title": response.status().canonical_reason(),
        "status": status,
        "detail": detail,
        "code": code,
        "instance": "/requests/look-alike",
        "request_id": "look-alike",
    });
    let kind = HeaderValue::from_static("application/problem+json");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response.headers_mut().remove(CONTENT_LENGTH);
    response.set_body(problem.to_string());
    response
}

/// The request with its recording as mere base64, when it is a data: URL.
fn unlabelled(value: &Value) -> Option<String> {
    let (_, audio) = value["audio_file"].as_str()?.split_once(";base64,")?;
    let mut value = value.clone();
    value["audio_file"] = json!(audio);
    Some(value.to_string())
}

/// The contract of a service that looks at no key, or says 410 where ours says 404.
pub async fn promised(response: Response, look_alike: LookAlike) -> Response {
    let (word, other) = match look_alike {
        LookAlike::NoKeys => ("Idempotency-Key", "X-Not-Looked-At"),
        _ => ("\"404\"", "\"410\""),
    };
    edit(response, |document| {
        let text = document.to_string().replace(word, other);
        *document = serde_json::from_str(&text).unwrap_or_default();
    })
    .await
}

/// A read of what was kept, as another service answers it.
pub async fn kept(mut response: Response, look_alike: LookAlike) -> Response {
    match (look_alike, response.status()) {
        (LookAlike::GoneForGood, StatusCode::NOT_FOUND) => {
            response.set_status(StatusCode::GONE);
            edit(response, |body| body["status"] = json!(410)).await
        }
        (LookAlike::CurationSaysMore, StatusCode::OK) => {
            edit(response, |body| {
                body["revision"] = json!(1);
                body["links"] = json!({"self": "here"});
            })
            .await
        }
        _ => response,
    }
}

/// A page that means to be helpful, and is careful.
fn page(mut response: Response, path: &str) -> Response {
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, html);
    response.headers_mut().remove(CONTENT_LENGTH);
    let path = address::decoded(path)
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    response.set_body(format!(
        "<!doctype html><title>Not found</title><p>There is nothing at {path}.</p>"
    ));
    response
}
