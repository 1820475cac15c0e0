//! Every class of answer, from every kind of origin: who may read it.

use orchestrate::domain::provider::ProviderError;
use reqwest::{RequestBuilder, Response};
use serde_json::json;
use std::time::Duration;

use crate::support::{ALLOWED, Behaviour, Service, header, settings, start, start_bad, start_bad_with};

const ORIGINS: [Option<&str>; 4] = [Some(ALLOWED), Some("https://evil.example"), Some("null"), None];

/// One way to get an answer of a certain status.
struct Case {
    service: Service,
    status: u16,
    make: fn(&Service) -> RequestBuilder,
}

async fn cases() -> Vec<Case> {
    let case = |service, status, make| Case {
        service,
        status,
        make,
    };
    let failing = |error| start_bad(Behaviour::Fails(error));
    let text = |service: &Service| orchestrate(service).json(&json!({"text": "Good fish."}));
    let mut hasty = settings();
    hasty.limits.work_deadline = Duration::from_millis(20);
    vec![
        case(start().await, 200, |s| s.request("GET", "/health")),
        case(start().await, 200, |s| {
            orchestrate(s).json(&json!({"text": "Good fish."}))
        }),
        case(start().await, 400, |s| {
            orchestrate(s)
                .header("content-type", "application/json")
                .body("{")
        }),
        case(start().await, 401, |s| {
            s.request("POST", "/ai/orchestrate").json(&json!({}))
        }),
        case(start().await, 404, |s| s.request("GET", "/nowhere")),
        case(start().await, 405, |s| s.request("DELETE", "/health")),
        case(start().await, 413, |s| {
            orchestrate(s).json(&json!({"audio_file": "A".repeat(37 << 20)}))
        }),
        case(start().await, 415, |s| orchestrate(s).body("text")),
        case(start().await, 422, |s| orchestrate(s).json(&json!({"text": 1}))),
        case(start_bad(Behaviour::Panics).await, 500, text),
        case(failing(ProviderError::CredentialsRefused).await, 502, text),
        case(
            failing(ProviderError::RateLimited { retry_after: None }).await,
            503,
            text,
        ),
        case(failing(ProviderError::Timeout).await, 504, text),
        case(start_bad_with(hasty, Behaviour::Hangs).await, 504, text),
    ]
}

fn orchestrate(service: &Service) -> RequestBuilder {
    service
        .request("POST", "/ai/orchestrate")
        .bearer_auth(service.token())
}

/// The rules that hold for every answer, whatever its status.
fn judge(response: &Response, origin: Option<&str>, what: &str) {
    let vary: Vec<_> = response.headers().get_all("vary").iter().collect();
    assert!(
        vary.iter()
            .any(|value| value.as_bytes().eq_ignore_ascii_case(b"origin")),
        "{what}: no Vary"
    );
    assert!(
        !header(response, "x-request-id").is_empty(),
        "{what}: no request id"
    );
    assert!(
        !header(response, "x-app-version").is_empty(),
        "{what}: no version"
    );
    assert!(
        !header(response, "x-instance-id").is_empty(),
        "{what}: no instance"
    );
    let names: Vec<_> = response
        .headers()
        .get_all("access-control-allow-origin")
        .iter()
        .collect();
    if origin == Some(ALLOWED) {
        assert_eq!(names, [ALLOWED], "{what}");
        assert_eq!(
            header(response, "access-control-allow-credentials"),
            "true",
            "{what}"
        );
    } else {
        assert!(names.is_empty(), "{what}: readable by {origin:?}");
        assert!(
            !response
                .headers()
                .contains_key("access-control-allow-credentials"),
            "{what}"
        );
    }
}

#[tokio::test]
async fn every_class_of_answer_is_readable_by_the_allowed_origin_and_no_other() {
    for case in cases().await {
        for origin in ORIGINS {
            let mut request = (case.make)(&case.service);
            if let Some(origin) = origin {
                request = request.header("origin", origin);
            }
            let response = request.send().await.unwrap();
            let what = format!("{} from {origin:?}", case.status);
            assert_eq!(response.status().as_u16(), case.status, "{what}");
            judge(&response, origin, &what);
            if case.status >= 400 {
                assert_eq!(
                    header(&response, "content-type"),
                    "application/problem+json",
                    "{what}"
                );
                assert!(serde_json::from_str::<serde_json::Value>(&response.text().await.unwrap()).unwrap()["detail"].is_string());
            }
        }
    }
}

fn preflight(service: &Service, path: &str, origin: &str, method: &str) -> RequestBuilder {
    service
        .request("OPTIONS", path)
        .header("origin", origin)
        .header("access-control-request-method", method)
        .header(
            "access-control-request-headers",
            "authorization,content-type,x-request-id",
        )
}

#[tokio::test]
async fn a_preflight_of_the_allowed_origin_is_told_what_the_route_has() {
    let service = start().await;
    let response = preflight(&service, "/ai/orchestrate", ALLOWED, "POST")
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 204);
    judge(&response, Some(ALLOWED), "preflight");
    assert_eq!(header(&response, "access-control-allow-methods"), "POST, OPTIONS");
    assert_eq!(
        header(&response, "access-control-allow-headers"),
        "authorization, content-type, idempotency-key, traceparent, tracestate, x-api-key, x-request-id"
    );
    assert_eq!(header(&response, "access-control-max-age"), "600");
}

#[tokio::test]
async fn a_preflight_of_another_origin_is_refused_and_says_so() {
    let service = start().await;
    for origin in [
        "https://evil.example",
        "null",
        "https://concierge.example/",
        "https://concierge.example.evil.test",
    ] {
        let response = preflight(&service, "/ai/orchestrate", origin, "POST")
            .send()
            .await
            .unwrap();
        judge(&response, Some(origin), "foreign preflight");
        assert_eq!(response.status(), 403);
        assert!(!response.headers().contains_key("access-control-allow-methods"));
    }
}

#[tokio::test]
async fn a_preflight_tells_the_truth_about_unknown_paths_and_methods() {
    let service = start().await;
    let unknown = preflight(&service, "/nowhere", ALLOWED, "POST")
        .send()
        .await
        .unwrap();
    assert_eq!(unknown.status(), 404);
    judge(&unknown, Some(ALLOWED), "unknown path");
    let method = preflight(&service, "/ai/orchestrate", ALLOWED, "DELETE")
        .send()
        .await
        .unwrap();
    assert_eq!(method.status(), 204);
    assert!(!header(&method, "access-control-allow-methods").contains("DELETE"));
}

#[tokio::test]
async fn a_page_may_read_the_headers_that_help_it() {
    let service = start().await;
    let response = service
        .request("GET", "/health")
        .header("origin", ALLOWED)
        .send()
        .await
        .unwrap();
    let exposed = header(&response, "access-control-expose-headers");
    for name in [
        "x-request-id",
        "x-app-version",
        "x-instance-id",
        "retry-after",
        "www-authenticate",
    ] {
        assert!(exposed.contains(name), "{name} is not exposed: {exposed}");
    }
}

#[tokio::test]
async fn options_without_an_origin_names_the_methods() {
    let service = start().await;
    let response = service.request("OPTIONS", "/health").send().await.unwrap();
    assert_eq!(
        (response.status().as_u16(), header(&response, "allow")),
        (204, "GET, HEAD, OPTIONS")
    );
}

#[tokio::test]
async fn strange_origins_are_answered_like_foreign_ones() {
    let service = start().await;
    let long = vec![b'a'; 8000];
    let strange: [&[u8]; 5] = [
        b"",
        b"\xff\xfe",
        b"*",
        b"https://concierge.example\xc3\xa3",
        &long,
    ];
    for origin in strange {
        let value = reqwest::header::HeaderValue::from_bytes(origin).unwrap();
        let response = service
            .request("GET", "/health")
            .header("origin", value)
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), 200);
        judge(&response, Some("strange"), "strange origin");
    }
    let twice = service
        .request("GET", "/health")
        .header("origin", ALLOWED)
        .header("origin", ALLOWED);
    judge(&twice.send().await.unwrap(), Some("two origins"), "two origins");
}
