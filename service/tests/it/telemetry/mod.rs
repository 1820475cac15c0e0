//! What an operator can follow: traces across the service, the log by the id in an answer, spans, metrics.

mod export;
mod log;
mod metrics;
mod trace;

use std::process::Command;

use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::binary::{Binary, logged};
use crate::support::header;

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

/// A provider that refuses every call.
async fn refusing() -> MockServer {
    let provider = MockServer::start().await;
    let refusal =
        json!({"error": {"message": "no", "type": "invalid_request_error", "code": "invalid_api_key"}});
    Mock::given(method("POST"))
        .and(path("/v1/chat/completions"))
        .respond_with(ResponseTemplate::new(401).set_body_json(refusal))
        .mount(&provider)
        .await;
    provider
}

/// The trace headers of the last call that a provider got.
async fn heard(provider: &MockServer) -> (Vec<String>, Vec<String>) {
    let request = provider.received_requests().await.unwrap().pop().unwrap();
    let all = |name: &str| {
        let values = request.headers.get_all(name).iter();
        values.map(|value| value.to_str().unwrap().to_owned()).collect()
    };
    (all("traceparent"), all("tracestate"))
}

/// A token that `serve --dev` believes.
fn token() -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_orchestrate"))
        .args(["token", "--dev"])
        .env_clear()
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

const KEY: &str = "sk-that-nobody-may-read";
const WORDS: &str = "Words that nobody may read";

/// A request to orchestrate of a running binary.
fn orchestrate(binary: &Binary, token: &str, body: &Value) -> RequestBuilder {
    let client = Client::builder().no_proxy().build().unwrap();
    client
        .post(format!("{}/ai/orchestrate", binary.base_url()))
        .bearer_auth(token)
        .header("traceparent", PARENT)
        .json(body)
}

/// Sends, and gives the id of the answer, which must have this status and code.
async fn failed(request: RequestBuilder, status: u16, code: &str) -> String {
    let answer = request.send().await.unwrap();
    let id = header(&answer, "x-request-id").to_owned();
    let (seen, body) = (answer.status().as_u16(), answer.json::<Value>().await.unwrap());
    assert_eq!((seen, &body["code"]), (status, &json!(code)), "{body}");
    id
}

/// The lines about a request: the last one, which every request has, and those before it.
fn of<'l>(log: &'l [String], id: &str) -> (Value, Vec<&'l String>) {
    let mut lines: Vec<&String> = log.iter().filter(|line| line.contains(id)).collect();
    let last = logged(
        lines
            .pop()
            .unwrap_or_else(|| panic!("nothing about {id}: {log:?}")),
    );
    assert_eq!(
        (&last["message"], &last["request_id"]),
        (&json!("answered"), &json!(id)),
        "{last}"
    );
    assert_eq!(last["trace_id"], TRACE, "{last}");
    assert_eq!(
        (&last["method"], &last["route"]),
        (&json!("POST"), &json!("/api/v3/ai/orchestrate"))
    );
    assert!(
        last["duration_ms"].as_f64().is_some_and(|took| took > 0.0),
        "{last}"
    );
    (last, lines)
}

/// What was logged between being ready and the end, without a line that is none, or holds what none may hold.
fn log_of(binary: Binary, token: &str) -> Vec<String> {
    binary.signal("TERM");
    let (status, log) = binary.end();
    assert_eq!(status.code(), Some(0), "{log:?}");
    for line in &log {
        logged(line);
        for secret in [token, token.split('.').nth(2).unwrap(), KEY, WORDS] {
            assert!(!line.contains(secret), "{line}");
        }
    }
    log
}
