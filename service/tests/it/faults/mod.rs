//! Each fault shows its symptom over a real socket, and spares what it does not claim to break.

mod auth;
mod contract;
mod cors;
mod cors_headers;
mod cors_policy;
mod doors;
mod edge;
mod errors;
mod exposure;
mod health;
mod input;
mod keeping;
mod load;
mod look_alike;
mod semantics;
mod speech;
mod upstream;

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use orchestrate::config::Settings;
use orchestrate::faults::id::FaultId;
use reqwest::{RequestBuilder, Response};
use serde_json::{Value, json};

use crate::support::{ALLOWED, Service, settings, start_with};

const KITCHEN: &[u8] = include_bytes!("../../../../scenarios/samples/kitchen.wav");
const TERRACE: &[u8] = include_bytes!("../../../../scenarios/samples/terrace.wav");

/// A service with one fault.
async fn start(fault: FaultId) -> Service {
    start_with(with(fault)).await
}

fn with(fault: FaultId) -> Settings {
    Settings {
        faults: [fault].into_iter().collect(),
        ..settings()
    }
}

/// A call that a healthy service accepts.
fn accepted(service: &Service) -> RequestBuilder {
    service.orchestrate(&json!({"text": "Grilled fish by the river."}))
}

/// The same call from elsewhere.
fn accepted_from(service: &Service, origin: &str) -> RequestBuilder {
    let body = json!({"text": "Grilled fish by the river."});
    let request = service
        .request("POST", "/ai/orchestrate")
        .bearer_auth(service.token());
    request.header("origin", origin).json(&body)
}

fn clip(service: &Service, audio: &[u8]) -> RequestBuilder {
    service.orchestrate(&json!({"audio_file": STANDARD.encode(audio), "language": "en"}))
}

fn preflight(service: &Service, origin: &str) -> RequestBuilder {
    service
        .request("OPTIONS", "/ai/orchestrate")
        .header("origin", origin)
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "authorization,content-type")
}

async fn send(request: RequestBuilder) -> Response {
    request.send().await.unwrap()
}

async fn body(request: RequestBuilder) -> Value {
    send(request).await.json().await.unwrap()
}

fn has(response: &Response, name: &str) -> bool {
    response.headers().contains_key(name)
}

/// The origin that may read an answer, if any.
fn readable_by(response: &Response) -> Option<&str> {
    Some(
        response
            .headers()
            .get("access-control-allow-origin")?
            .to_str()
            .unwrap(),
    )
}

#[tokio::test]
async fn a_service_without_faults_is_healthy_in_this_build_too() {
    let service = start_with(settings()).await;
    let response = send(accepted(&service)).await;
    assert_eq!(
        (response.status().as_u16(), readable_by(&response)),
        (200, Some(ALLOWED))
    );
}

#[tokio::test]
async fn production_refuses_every_fault() {
    let mut settings = with(FaultId::Slow);
    settings.environment = orchestrate::config::Environment::Production;
    settings.auth.secret = orchestrate::secret::Secret::new("0123456789abcdef0123456789abcdef");
    let error = orchestrate::app::build(settings).await.err().unwrap();
    assert!(
        error.to_string().contains("faults are refused in production"),
        "{error}"
    );
}

/// A fault that no test here names would be a fault that nobody has seen.
#[test]
fn every_fault_has_a_test() {
    let sources = [
        include_str!("auth.rs"),
        include_str!("contract.rs"),
        include_str!("cors.rs"),
        include_str!("doors.rs"),
        include_str!("cors_headers.rs"),
        include_str!("cors_policy.rs"),
        include_str!("edge.rs"),
        include_str!("errors.rs"),
        include_str!("exposure.rs"),
        include_str!("health.rs"),
        include_str!("input.rs"),
        include_str!("speech.rs"),
        include_str!("upstream.rs"),
        include_str!("keeping.rs"),
        include_str!("load.rs"),
        include_str!("semantics.rs"),
    ]
    .concat();
    let untested: BTreeSet<_> = FaultId::ALL
        .iter()
        .filter(|fault| !sources.contains(&format!("FaultId::{fault:?}")))
        .collect();
    assert!(untested.is_empty(), "{untested:?}");
}
