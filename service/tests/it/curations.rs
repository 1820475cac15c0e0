//! What was kept is read back whole, by its owner and by nobody else, page by page, and is gone once deleted.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use orchestrate::auth::caller::{Scope, Scopes};
use orchestrate::auth::mint::{TokenRequest, mint};
use reqwest::RequestBuilder;
use serde_json::{Value, json};

use crate::support::{ALLOWED, Service, expect_problem, header, json, start};

const KITCHEN: &[u8] = include_bytes!("../../../scenarios/samples/kitchen.wav");

fn as_caller(service: &Service, request: TokenRequest, method: &str, path: &str) -> RequestBuilder {
    let token = mint(&service.settings.auth, &request).unwrap();
    service
        .request(method, path)
        .bearer_auth(token)
        .header("origin", ALLOWED)
}

fn ana(service: &Service, method: &str, path: &str) -> RequestBuilder {
    as_caller(service, TokenRequest::access("ana@example.com"), method, path)
}

/// Keeps a run and gives its path, as `Location` says it.
async fn keep(service: &Service, body: &Value) -> String {
    let answer = service.orchestrate(body).send().await.unwrap();
    let location = header(&answer, "location").to_owned();
    let (status, body) = json(answer).await;
    assert_eq!(
        (status, body["saved_to_db"].as_bool()),
        (200, Some(true)),
        "{body}"
    );
    location.strip_prefix("/api/v3").unwrap().to_owned()
}

fn saved(text: &str, more: &Value) -> Value {
    let mut body = json!({"text": text, "output": {"save_to_db": true}});
    let more = more.as_object().unwrap().clone();
    body.as_object_mut().unwrap().extend(more);
    body
}

#[tokio::test]
async fn every_field_that_was_kept_comes_back() {
    let service = start().await;
    let body = json!({
        "audio_file": STANDARD.encode(KITCHEN), "language": "en", "entity_type": "bar", "curator_id": "c-7",
        "output": {"save_to_db": true, "return_results": true},
    });
    let answer = service.orchestrate(&body).send().await.unwrap();
    let location = header(&answer, "location").to_owned();
    let (_, said) = json(answer).await;
    let path = location.strip_prefix("/api/v3").unwrap();
    let (status, read) = json(ana(&service, "GET", path).send().await.unwrap()).await;
    assert_eq!(status, 200);
    assert_eq!(path, format!("/curations/{}", read["id"].as_str().unwrap()));
    assert_eq!(read["id"], said["results"]["curation_id"]);
    assert_eq!(read["text"], said["results"]["transcription"]["text"]);
    assert_eq!(read["concepts"], said["results"]["concepts"]["concepts"]);
    assert_eq!(
        (&read["entity_type"], &read["curator_id"]),
        (&json!("bar"), &json!("c-7"))
    );
    assert_eq!(
        (&read["language"], &read["workflow"]),
        (&json!("en"), &json!("audio_only"))
    );
    assert!(read["audio_seconds"].as_f64().unwrap() > 0.5, "{read}");
    let created: jiff::Timestamp = read["created_at"].as_str().unwrap().parse().unwrap();
    assert!(jiff::Timestamp::now().duration_since(created).as_secs().abs() < 60);
    assert!(read.get("place_id").is_none(), "absent and not null: {read}");
}

#[tokio::test]
async fn what_is_kept_is_deleted_once() {
    let service = start().await;
    let path = keep(&service, &saved("Quiet.", &json!({}))).await;
    assert_eq!(ana(&service, "DELETE", &path).send().await.unwrap().status(), 204);
    expect_problem(ana(&service, "DELETE", &path), 404, "curation_not_found").await;
    expect_problem(ana(&service, "GET", &path), 404, "curation_not_found").await;
    let (_, list) = json(ana(&service, "GET", "/curations").send().await.unwrap()).await;
    assert_eq!(list, json!({"items": []}));
}

#[tokio::test]
async fn nobody_reads_or_deletes_what_is_somebody_else_s() {
    let service = start().await;
    let path = keep(&service, &saved("Quiet.", &json!({}))).await;
    let ben = |method, path: &str| as_caller(&service, TokenRequest::access("ben"), method, path);
    expect_problem(ben("GET", &path), 404, "curation_not_found").await;
    expect_problem(ben("DELETE", &path), 404, "curation_not_found").await;
    let (_, list) = json(ben("GET", "/curations").send().await.unwrap()).await;
    assert_eq!(list, json!({"items": []}));
    for path in [&*path, "/curations"] {
        expect_problem(service.request("GET", path), 401, "token_missing").await;
    }
    assert_eq!(ana(&service, "GET", &path).send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_credential_without_the_scope_is_403_and_told_which() {
    let service = start().await;
    let path = keep(&service, &saved("Quiet.", &json!({}))).await;
    let reads = TokenRequest {
        scopes: Some(Scopes::of([Scope::CurationsRead])),
        ..TokenRequest::access("ana@example.com")
    };
    let reader = |method, path: &str| as_caller(&service, reads.clone(), method, path);
    assert_eq!(reader("GET", &path).send().await.unwrap().status(), 200);
    let refused = reader("DELETE", &path).send().await.unwrap();
    assert_eq!(
        header(&refused, "www-authenticate"),
        "Bearer realm=\"orchestrate\", error=\"insufficient_scope\", scope=\"curations:write\""
    );
    assert_eq!(header(&refused, "access-control-allow-origin"), ALLOWED);
    expect_problem(reader("DELETE", &path), 403, "scope_missing").await;
    let work = reader("POST", "/ai/orchestrate").json(&json!({"text": "Quiet."}));
    expect_problem(work, 403, "scope_missing").await;
    assert_eq!(ana(&service, "GET", &path).send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn pages_hold_each_once_newest_first_and_filters_are_exact() {
    let service = start().await;
    let mut kept = Vec::new();
    for number in 0..5 {
        let entity = if number % 2 == 0 { "e%_1" } else { "e2" };
        let body = saved(
            &format!("Quiet {number}."),
            &json!({"entity_id": entity, "entity_type": "bar"}),
        );
        kept.insert(
            0,
            keep(&service, &body).await.rsplit_once('/').unwrap().1.to_owned(),
        );
    }
    let (mut seen, mut cursor) = (Vec::new(), None::<String>);
    loop {
        let path = match &cursor {
            None => "/curations?limit=2".to_owned(),
            Some(cursor) => format!("/curations?limit=2&cursor={cursor}"),
        };
        let (status, page) = json(ana(&service, "GET", &path).send().await.unwrap()).await;
        assert_eq!(status, 200, "{page}");
        let items = page["items"].as_array().unwrap();
        assert!(items.len() <= 2);
        seen.extend(items.iter().map(|item| item["id"].as_str().unwrap().to_owned()));
        match page.get("next_cursor") {
            Some(next) => cursor = Some(next.as_str().unwrap().to_owned()),
            None => break,
        }
        // What is kept meanwhile moves no page, and neither does what is deleted.
        keep(&service, &saved("Late.", &json!({"entity_id": "late"}))).await;
        let last = format!("/curations/{}", seen.last().unwrap());
        ana(&service, "DELETE", &last).send().await.unwrap();
    }
    assert_eq!(seen, kept);
    for (query, count) in [
        ("entity_id=e%25_1", 3),
        ("entity_id=e2", 0),
        // Wildcards of databases are letters like any other.
        ("entity_id=e%25", 0),
        ("entity_id=(", 0),
        ("entity_id=%27%20OR%201=1--", 0),
        ("entity_id=%5C", 0),
        ("entity_type=hotel", 0),
        ("entity_id=late&entity_type=restaurant", 2),
    ] {
        let (status, page) = json(
            ana(&service, "GET", &format!("/curations?{query}"))
                .send()
                .await
                .unwrap(),
        )
        .await;
        assert_eq!(
            (status, page["items"].as_array().map(Vec::len)),
            (200, Some(count)),
            "{query}: {page}"
        );
    }
}

#[tokio::test]
async fn a_parameter_that_cannot_be_is_422_and_an_id_that_cannot_be_is_404() {
    let service = start().await;
    let foreign = URL_SAFE_NO_PAD.encode("x' OR '1'='1");
    for query in [
        "limit=0",
        "limit=101",
        "limit=-1",
        "limit=many",
        "limit=",
        "cursor=!",
        "cursor=",
        &format!("cursor={foreign}"),
        "entity_id=%00",
        &format!("entity_id={}", "e".repeat(257)),
    ] {
        expect_problem(
            ana(&service, "GET", &format!("/curations?{query}")),
            422,
            "parameter_invalid",
        )
        .await;
    }
    for id in [
        "1",
        "nope",
        "%00",
        "0190B5A0-0000-7000-8000-00000000000A",
        "..%2F..",
        "%27",
    ] {
        expect_problem(
            ana(&service, "GET", &format!("/curations/{id}")),
            404,
            "curation_not_found",
        )
        .await;
    }
    let odd = ana(&service, "GET", "/curations/%FF").send().await.unwrap();
    assert!(odd.status().is_client_error(), "{}", odd.status());
}

#[tokio::test]
async fn a_path_with_a_name_in_it_is_a_route_like_any_other() {
    let service = start().await;
    let preflight = service
        .request("OPTIONS", "/curations/0190b5a0-0000-7000-8000-00000000000a")
        .header("origin", ALLOWED)
        .header("access-control-request-method", "DELETE")
        .send()
        .await
        .unwrap();
    assert_eq!(preflight.status(), 204);
    assert_eq!(
        header(&preflight, "access-control-allow-methods"),
        "GET, DELETE, HEAD, OPTIONS"
    );
    let wrong = ana(&service, "PATCH", "/curations/1").send().await.unwrap();
    assert_eq!(
        (wrong.status().as_u16(), header(&wrong, "allow")),
        (405, "GET, DELETE, HEAD, OPTIONS")
    );
}

#[tokio::test]
async fn two_runs_of_one_entity_are_two() {
    let service = start().await;
    let body = saved("Quiet.", &json!({"entity_id": "e1"}));
    assert_ne!(keep(&service, &body).await, keep(&service, &body).await);
}
