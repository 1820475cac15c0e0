//! What a page is told before it asks, and what it may read of an answer.

use reqwest::RequestBuilder;

use super::judge::{Standing, headers};
use crate::support::{ALLOWED, Service, header, start};

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
    headers(&response, Standing::Reads, "preflight");
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
        headers(&response, Standing::Foreign, origin);
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
    headers(&unknown, Standing::Reads, "unknown path");
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
