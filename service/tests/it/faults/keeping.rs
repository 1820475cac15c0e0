//! What is kept, deleted, repeated and renewed otherwise than it is answered.

use orchestrate::auth::caller::Scopes;
use orchestrate::auth::mint::{TokenRequest, mint};
use orchestrate::faults::id::FaultId;
use reqwest::RequestBuilder;
use serde_json::{Value, json};

use super::{body, send, start};
use crate::support::Service;

const TEXT: &str = "Grilled fish by the river, and a terrace that is open until late.";

/// A run that its caller wants kept.
fn kept(service: &Service) -> RequestBuilder {
    service.orchestrate(&json!({"text": TEXT, "entity_id": "the-river", "output": {"save_to_db": true, "return_results": true}}))
}

fn at(service: &Service, method: &str, path: &str) -> RequestBuilder {
    service.request(method, path).bearer_auth(service.token())
}

fn id(answer: &Value) -> String {
    assert_eq!(answer["saved_to_db"], true, "{answer}");
    answer["results"]["curation_id"].as_str().unwrap().to_owned()
}

async fn status(request: RequestBuilder) -> u16 {
    send(request).await.status().as_u16()
}

/// How many curations are listed.
async fn listed(service: &Service) -> usize {
    body(at(service, "GET", "/curations")).await["items"]
        .as_array()
        .unwrap()
        .len()
}

#[tokio::test]
async fn what_is_said_to_be_kept_is_not_there() {
    let service = start(FaultId::KeptNowhere).await;
    let id = id(&body(kept(&service)).await);
    assert_eq!(
        status(at(&service, "GET", &format!("/curations/{id}"))).await,
        404
    );
}

#[tokio::test]
async fn what_is_read_back_is_less_than_was_sent() {
    let lost = start(FaultId::KeptFieldLost).await;
    let cut = start(FaultId::KeptTextCut).await;
    let mut read = Vec::new();
    for service in [&lost, &cut] {
        let id = id(&body(kept(service)).await);
        read.push(body(at(service, "GET", &format!("/curations/{id}"))).await);
    }
    assert_eq!(
        (&read[0]["entity_id"], &read[0]["text"]),
        (&Value::Null, &json!(TEXT))
    );
    assert_eq!(read[1]["entity_id"], "the-river");
    assert_eq!(read[1]["text"], TEXT[..24]);
}

#[tokio::test]
async fn what_is_kept_is_on_no_list() {
    let service = start(FaultId::KeptOffList).await;
    let id = id(&body(kept(&service)).await);
    assert_eq!(listed(&service).await, 0);
    assert_eq!(
        status(at(&service, "GET", &format!("/curations/{id}"))).await,
        200
    );
}

#[tokio::test]
async fn what_is_deleted_is_still_there() {
    let service = start(FaultId::DeleteKeeps).await;
    let id = id(&body(kept(&service)).await);
    let there = format!("/curations/{id}");
    assert_eq!(status(at(&service, "DELETE", &there)).await, 204);
    assert_eq!(status(at(&service, "GET", &there)).await, 200);
}

#[tokio::test]
async fn a_preview_is_kept_and_says_that_it_is_not() {
    let service = start(FaultId::PreviewKept).await;
    let preview = body(service.orchestrate(&json!({"text": TEXT}))).await;
    assert_eq!(preview["saved_to_db"], false);
    assert_eq!(listed(&service).await, 1);
}

/// A run under a key, with one more word when it is another.
fn keyed(service: &Service, text: &str, token: &str) -> RequestBuilder {
    let body = json!({"text": text, "output": {"save_to_db": true, "return_results": true}});
    let request = service.request("POST", "/ai/orchestrate").bearer_auth(token);
    request.header("idempotency-key", "one").json(&body)
}

#[tokio::test]
async fn a_key_is_not_looked_at() {
    let service = start(FaultId::KeyNotKept).await;
    let token = service.token();
    let first = id(&body(keyed(&service, TEXT, &token)).await);
    assert_ne!(id(&body(keyed(&service, TEXT, &token)).await), first);
}

#[tokio::test]
async fn a_key_answers_another_body() {
    let service = start(FaultId::KeyWithoutBody).await;
    let token = service.token();
    let first = id(&body(keyed(&service, TEXT, &token)).await);
    assert_eq!(id(&body(keyed(&service, "A bar.", &token)).await), first);
}

#[tokio::test]
async fn a_key_answers_another_caller() {
    let service = start(FaultId::KeyWithoutCaller).await;
    let stranger = mint(&super::settings().auth, &TokenRequest::access("a-stranger")).unwrap();
    let first = id(&body(keyed(&service, TEXT, &service.token())).await);
    assert_eq!(id(&body(keyed(&service, TEXT, &stranger)).await), first);
}

/// A renewal with this refresh token.
fn renewal(service: &Service, token: &str) -> RequestBuilder {
    let body = json!({ "refresh_token": token });
    service.request("POST", "/auth/refresh").json(&body)
}

/// The refresh token of a new session.
async fn session(service: &Service) -> String {
    let tokens = service
        .running
        .sessions()
        .begin("ana", Scopes::usual())
        .await
        .unwrap();
    tokens.refresh.expose().to_owned()
}

#[tokio::test]
async fn renewing_crashes_whatever_is_shown() {
    let service = start(FaultId::RefreshCrashes).await;
    let good = session(&service).await;
    for token in [good.as_str(), "nonsense"] {
        assert_eq!(status(renewal(&service, token)).await, 500);
    }
}

#[tokio::test]
async fn a_renewed_token_is_refused() {
    let service = start(FaultId::RefreshUseless).await;
    let renewed = body(renewal(&service, &session(&service).await)).await;
    let token = renewed["access_token"].as_str().unwrap();
    let verify = service.request("GET", "/auth/verify").bearer_auth(token);
    assert_eq!(status(verify).await, 401);
}

#[tokio::test]
async fn an_access_token_renews_a_session() {
    let service = start(FaultId::RefreshTakesAccess).await;
    assert_eq!(status(renewal(&service, &service.token())).await, 200);
    assert_eq!(status(renewal(&service, "nonsense")).await, 401);
}

#[tokio::test]
async fn a_refresh_token_is_good_twice() {
    let service = start(FaultId::RefreshReusable).await;
    let token = session(&service).await;
    for _ in 0..3 {
        assert_eq!(status(renewal(&service, &token)).await, 200);
    }
}

#[tokio::test]
async fn a_session_goes_on_though_its_used_token_was_shown() {
    let healthy = crate::support::start().await;
    let service = start(FaultId::RefreshTheftForgiven).await;
    for (service, goes_on) in [(healthy, 401), (service, 200)] {
        let first = session(&service).await;
        let second = body(renewal(&service, &first)).await;
        assert_eq!(status(renewal(&service, &first)).await, 401);
        let second = second["refresh_token"].as_str().unwrap();
        assert_eq!(status(renewal(&service, second)).await, goes_on);
    }
}
