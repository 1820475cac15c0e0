//! Answers in the shapes and with the statuses of the OpenAI API.

use std::time::Duration;

use futures_util::StreamExt;
use poem::http::StatusCode;
use poem::http::header::RETRY_AFTER;
use poem::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::providers::simulator::mode::Mode;

/// A JSON answer.
pub(crate) fn json_answer(status: StatusCode, body: &Value) -> Response {
    body.to_string()
        .with_content_type("application/json")
        .with_status(status)
        .into_response()
}

/// OpenAI's error object.
pub(crate) fn error(
    status: StatusCode,
    kind: &str,
    message: &str,
    param: Option<&str>,
    code: Option<&str>,
) -> Response {
    let reason = json!({"message": message, "type": kind, "param": param, "code": code});
    json_answer(status, &json!({"error": reason}))
}

/// A 400 about one parameter.
pub(crate) fn bad_request(param: &str, code: &str, message: &str) -> Response {
    error(
        StatusCode::BAD_REQUEST,
        "invalid_request_error",
        message,
        Some(param),
        Some(code),
    )
}

/// What a mode answers to every call; none when it lets `GET /v1/models` through.
pub(crate) fn failure_of_every_call(mode: &Mode, key: &str) -> Option<Response> {
    match mode {
        Mode::KeyRefused => Some(invalid_key(key)),
        Mode::Unavailable => {
            let page = "<html><body><h1>503 Service Temporarily Unavailable</h1>cloud-proxy</body></html>";
            Some(html(StatusCode::SERVICE_UNAVAILABLE, page))
        }
        _ => None,
    }
}

/// What a mode answers to paid calls; none when they are to be worked on.
pub(crate) fn failure_of_paid_calls(mode: &Mode) -> Option<Response> {
    match mode {
        Mode::RateLimited { retry_after } => Some(rate_limited(*retry_after)),
        Mode::QuotaExhausted => Some(error(
            StatusCode::TOO_MANY_REQUESTS,
            "insufficient_quota",
            "You exceeded your current quota, please check your plan and billing details.",
            None,
            Some("insufficient_quota"),
        )),
        Mode::PaymentRequired => Some(error(
            StatusCode::PAYMENT_REQUIRED,
            "invalid_request_error",
            "Insufficient balance. Please top up the account org-simulated.",
            None,
            None,
        )),
        Mode::ModelRefused => Some(error(
            StatusCode::NOT_FOUND,
            "invalid_request_error",
            "The model does not exist or project proj-simulated does not have access to it.",
            Some("model"),
            Some("model_not_found"),
        )),
        Mode::SlowDrip => Some(dripping()),
        Mode::ServerError => Some(error(
            StatusCode::INTERNAL_SERVER_ERROR,
            "server_error",
            "The server had an error in worker pool gpu-7 (org-simulated) while processing your request.",
            None,
            None,
        )),
        Mode::TruncatedJson => {
            Some(r#"{"text": "The kit"#.with_content_type("application/json").into_response())
        }
        Mode::WrongContentType => Some(html(
            StatusCode::OK,
            "<html><body>Welcome to the hotel Wi-Fi</body></html>",
        )),
        _ => None,
    }
}

/// 401 without a usable key.
pub(crate) fn missing_key() -> Response {
    error(
        StatusCode::UNAUTHORIZED,
        "invalid_request_error",
        "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth.",
        None,
        None,
    )
}

fn invalid_key(key: &str) -> Response {
    // The real API shows both ends of the key: our errors must not pass that on.
    let head: String = key.chars().take(4).collect();
    let message =
        format!("Incorrect API key provided: {head}****. You can find your API key in your account.");
    error(
        StatusCode::UNAUTHORIZED,
        "invalid_request_error",
        &message,
        None,
        Some("invalid_api_key"),
    )
}

fn rate_limited(retry_after: Option<Duration>) -> Response {
    let mut response = error(
        StatusCode::TOO_MANY_REQUESTS,
        "requests",
        "Rate limit reached for org-simulated on requests per min. Limit: 3 / min.",
        None,
        Some("rate_limit_exceeded"),
    );
    if let Some(wait) = retry_after {
        response.headers_mut().insert(RETRY_AFTER, wait.as_secs().into());
    }
    response
}

/// A whole answer for anybody who waits for it: one byte in 50 ms.
fn dripping() -> Response {
    let whole = r#"{"text": "The kitchen closes at ten."}"#
        .bytes()
        .chain(std::iter::repeat_n(b' ', 10_000));
    let bytes = futures_util::stream::iter(whole).then(|byte| async move {
        tokio::time::sleep(Duration::from_millis(50)).await;
        Ok::<_, std::io::Error>(bytes::Bytes::copy_from_slice(&[byte]))
    });
    poem::Body::from_bytes_stream(bytes)
        .with_content_type("application/json")
        .into_response()
}

fn html(status: StatusCode, page: &'static str) -> Response {
    page.with_content_type("text/html; charset=utf-8")
        .with_status(status)
        .into_response()
}
