//! Nothing that a client sends is ever a 5xx.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use wiremock::matchers::method;
use wiremock::{Mock, MockServer};

use crate::support::{ALLOWED, Service, expect_problem, found, header, json as read, start, start_against};

async fn expect(service: &Service, body: Value, status: u16, code: &str) -> Value {
    expect_problem(service.orchestrate(&body), status, code).await
}

fn raw(service: &Service, body: impl Into<reqwest::Body>) -> reqwest::RequestBuilder {
    let request = service
        .request("POST", "/ai/orchestrate")
        .bearer_auth(service.token());
    request
        .header("content-type", "application/json")
        .header("origin", ALLOWED)
        .body(body)
}

#[tokio::test]
async fn text_is_answered_with_transcription_and_concepts() {
    let service = start().await;
    let body = json!({"text": "Grilled fish by the river, and friendly waiters.", "language": "en"});
    let (status, answer) = read(service.orchestrate(&body).send().await.unwrap()).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(answer["workflow"], "audio_only");
    assert_eq!(answer["saved_to_db"], false);
    assert!(answer["processing_time_ms"].is_u64());
    assert_eq!(answer["results"]["transcription"]["text"], body["text"]);
    assert_eq!(answer["results"]["transcription"]["source"], "direct_text");
    let concepts = &answer["results"]["concepts"];
    assert_eq!(concepts["entity_type"], "restaurant");
    assert!(concepts["model"].is_string());
    let first = &concepts["concepts"][0];
    assert!(
        first["category"].is_string() && first["value"].is_string(),
        "{answer}"
    );
    assert_eq!(
        answer.as_object().unwrap().len(),
        4,
        "the contract has four members"
    );
}

#[tokio::test]
async fn the_time_that_it_took_is_measured() {
    let (provider, takes) = (MockServer::start().await, Duration::from_millis(300));
    Mock::given(method("POST"))
        .respond_with(found().set_delay(takes))
        .mount(&provider)
        .await;
    let service = start_against(&provider).await;
    let begun = Instant::now();
    let (status, answer) = read(
        service
            .orchestrate(&json!({"text": "Good fish."}))
            .send()
            .await
            .unwrap(),
    )
    .await;
    let said = answer["processing_time_ms"]
        .as_u64()
        .map(Duration::from_millis)
        .unwrap();
    assert!(
        status == 200 && takes <= said && said <= begun.elapsed(),
        "{answer}"
    );
}

#[tokio::test]
async fn what_cannot_be_worked_on_is_400() {
    let service = start().await;
    for (body, code) in [
        (json!({}), "input_missing"),
        (json!({"text": ""}), "input_missing"),
        (json!({"text": " \t\n"}), "input_missing"),
        (json!({"workflow_type": "nope", "text": "x"}), "workflow_unknown"),
        (
            json!({"workflow_type": "image_only", "text": "x"}),
            "workflow_not_implemented",
        ),
        (
            json!({"place_id": "p", "audio_file": "AAAA"}),
            "workflow_not_implemented",
        ),
        (
            json!({"image_url": "https://example.com/a.png"}),
            "workflow_not_implemented",
        ),
        (
            json!({"audio_url": "http://127.0.0.1:1/a.wav"}),
            "audio_url_invalid",
        ),
        (json!({"audio_file": "not base64!"}), "audio_not_base64"),
        (json!({"audio_file": "data:audio/wav,x"}), "audio_not_base64"),
        (json!({"audio_file": ""}), "audio_empty"),
        (json!({"audio_file": "SGVsbG8gV29ybGQ="}), "audio_format_unknown"),
        (json!({"audio_file": "UklGRiQAAABXQVZF"}), "audio_truncated"),
    ] {
        expect(&service, body, 400, code).await;
    }
}

#[tokio::test]
async fn a_wrong_type_is_422_and_names_the_field() {
    let service = start().await;
    let body = json!({"text": ["x"], "output": {"save_to_db": "yes"}});
    let problem = expect(&service, body, 422, "body_invalid").await;
    let pointers: Vec<_> = problem["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["pointer"].clone())
        .collect();
    assert_eq!(pointers, ["/text", "/output/save_to_db"]);
    for body in [
        json!([]),
        json!("text"),
        json!(null),
        json!({"language": "portuguese"}),
        json!({"text": "a\u{0}b"}),
    ] {
        expect(&service, body, 422, "body_invalid").await;
    }
}

#[tokio::test]
async fn what_is_no_json_is_400() {
    let service = start().await;
    let deep = "[".repeat(100_000);
    let deep_object = format!("{}1{}", r#"{"a":"#.repeat(5_000), "}".repeat(5_000));
    let bodies: [Vec<u8>; 8] = [
        b"".to_vec(),
        b"{".to_vec(),
        b"{\"text\": \"\\ud800\"}".to_vec(),
        b"{\"text\": \"\xff\"}".to_vec(),
        b"{\"text\": \"a\x00b\"}".to_vec(),
        b"{\"text\": NaN}".to_vec(),
        deep.into_bytes(),
        deep_object.into_bytes(),
    ];
    for body in bodies {
        let shown = String::from_utf8_lossy(&body[..body.len().min(40)]).into_owned();
        let problem = expect_problem(raw(&service, body), 400, "body_not_json").await;
        assert!(
            problem["detail"].as_str().unwrap().contains("line"),
            "{shown}: {problem}"
        );
    }
}

#[tokio::test]
async fn another_media_type_is_415() {
    let service = start().await;
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/xml",
        "nonsense",
    ] {
        let request = raw(&service, "{}").header("content-type", kind);
        let request = request.build().unwrap();
        let mut request = request;
        request
            .headers_mut()
            .insert("content-type", kind.parse().unwrap());
        let response = reqwest::Client::new().execute(request).await.unwrap();
        assert_eq!(response.status(), 415, "{kind}");
    }
    for kind in [
        "application/json; charset=utf-8",
        "application/vnd.api+json",
        "Application/JSON",
    ] {
        let mut request = raw(&service, "{}").build().unwrap();
        request
            .headers_mut()
            .insert("content-type", kind.parse().unwrap());
        let response = reqwest::Client::new().execute(request).await.unwrap();
        assert_eq!(
            response.status(),
            400,
            "{kind} is JSON, and an empty object is 400"
        );
    }
}

#[tokio::test]
async fn a_body_without_a_length_is_bounded_too() {
    let service = start().await;
    let chunks = (0..40).map(|_| Ok::<_, std::io::Error>(vec![b' '; 1 << 20]));
    let body = reqwest::Body::wrap_stream(futures_util::stream::iter(chunks));
    expect_problem(raw(&service, body), 413, "body_too_large").await;
}

/// A list of so many things takes many times its bytes in memory, and no operation has a use for it.
#[tokio::test]
async fn a_body_of_too_many_values_is_413() {
    let service = start().await;
    let list = |entries: usize| json!({"text": "Quiet.", "more": vec![json!([]); entries]});
    expect(&service, list(1_000), 413, "body_too_complex").await;
    assert_eq!(
        service.orchestrate(&list(900)).send().await.unwrap().status(),
        200
    );
    let large = format!("[{}0]", "[],".repeat(10 << 20));
    expect_problem(raw(&service, large), 413, "body_too_complex").await;
}

#[tokio::test]
async fn a_large_body_within_the_limit_is_read() {
    let service = start().await;
    let audio = "A".repeat(33 << 20);
    expect(
        &service,
        json!({"audio_file": audio}),
        400,
        "audio_format_unknown",
    )
    .await;
}

#[tokio::test]
async fn unknown_routes_and_methods_are_problems_and_405_names_the_methods() {
    let service = start().await;
    for path in [
        "/nowhere",
        "/health/",
        "/ai",
        "/../health",
        "/%00",
        "/HEALTH",
        "/ai/orchestrate/",
    ] {
        expect_problem(service.request("GET", path), 404, "not_found").await;
    }
    for (method, path, allow) in [
        ("GET", "/ai/orchestrate", "POST, OPTIONS"),
        ("HEAD", "/ai/orchestrate", "POST, OPTIONS"),
        ("DELETE", "/health", "GET, HEAD, OPTIONS"),
        ("TRACE", "/health", "GET, HEAD, OPTIONS"),
        ("BREW", "/docs", "GET, HEAD, OPTIONS"),
    ] {
        let response = service.request(method, path).send().await.unwrap();
        assert_eq!(
            (response.status().as_u16(), header(&response, "allow")),
            (405, allow),
            "{method} {path}"
        );
    }
}

#[tokio::test]
async fn head_says_what_get_would() {
    let service = start().await;
    let get = service.request("GET", "/info").send().await.unwrap();
    let head = service.request("HEAD", "/info").send().await.unwrap();
    assert_eq!(head.status(), 200);
    assert_eq!(header(&get, "content-length"), header(&head, "content-length"));
}

#[tokio::test]
async fn a_plain_request_id_is_kept_and_an_odd_one_replaced() {
    let service = start().await;
    let answer = |id: &'static str| {
        service
            .request("GET", "/nowhere")
            .header("x-request-id", id)
            .send()
    };
    assert_eq!(
        header(&answer("deploy-42").await.unwrap(), "x-request-id"),
        "deploy-42"
    );
    let replaced = answer("a b\"<c>").await.unwrap();
    assert_ne!(header(&replaced, "x-request-id"), "a b\"<c>");
    assert_eq!(header(&replaced, "x-request-id").len(), 36);
}

#[tokio::test]
async fn a_broken_recording_is_refused_even_beside_a_text() {
    let service = start().await;
    let both = json!({"text": "The kitchen closes at ten.", "audio_file": "%%"});
    expect(&service, both, 400, "audio_not_base64").await;
    let good = json!({"text": "The kitchen closes at ten.", "audio_file": "UklGRg=="});
    let (status, answer) = read(service.orchestrate(&good).send().await.unwrap()).await;
    assert_eq!(status, 200, "{answer}");
}

#[tokio::test]
async fn a_body_that_is_no_object_is_named_as_the_body() {
    let service = start().await;
    let problem = expect(&service, json!([1]), 422, "body_invalid").await;
    assert_eq!(problem["detail"], "the body must be an object, not an array");
}
