//! Origins that nobody listed, preflights that are answered wrongly, and errors outside of CORS.

use std::time::{Duration, Instant};

use orchestrate::faults::id::FaultId;
use reqwest::Response;
use serde_json::json;

use super::{accepted, accepted_from, has, preflight, readable_by, send, start, with};
use crate::support::{ALLOWED, Service, header, start_with};

const ACAC: &str = "access-control-allow-credentials";
const ACAH: &str = "access-control-allow-headers";
const EVIL: &str = "https://evil.example";

/// The preflight of orchestrate, asking for these headers.
async fn asking(service: &Service, names: &str) -> Response {
    let request = service
        .request("OPTIONS", "/ai/orchestrate")
        .header("origin", ALLOWED)
        .header("access-control-request-method", "POST");
    send(request.header("access-control-request-headers", names)).await
}

#[tokio::test]
async fn careless_comparisons_let_in_what_only_looks_like_the_page() {
    for (fault, admitted, refused) in [
        (
            FaultId::OriginByPrefix,
            "https://concierge.example.evil.example",
            "https://evilconcierge.example",
        ),
        (
            FaultId::OriginBySuffix,
            "https://evilconcierge.example",
            "https://concierge.example.evil.example",
        ),
        (
            FaultId::OriginByPattern,
            "https://conciergexexample",
            "https://concierge.examples",
        ),
        (
            FaultId::OriginHttpTwin,
            "http://concierge.example",
            "http://a.concierge.example",
        ),
        (
            FaultId::OriginAnySubdomain,
            "https://a.concierge.example",
            "https://evilconcierge.example",
        ),
    ] {
        let service = start(fault).await;
        let response = send(accepted_from(&service, admitted)).await;
        assert_eq!(
            (readable_by(&response), header(&response, ACAC)),
            (Some(admitted), "true"),
            "{fault}"
        );
        assert_eq!(
            readable_by(&send(accepted_from(&service, refused)).await),
            None,
            "{fault}"
        );
        assert_eq!(
            readable_by(&send(accepted(&service)).await),
            Some(ALLOWED),
            "{fault}"
        );
    }
}

#[tokio::test]
async fn any_origin_is_reflected_without_credentials() {
    let service = start(FaultId::OriginReflectedOpen).await;
    let foreign = send(accepted_from(&service, EVIL)).await;
    assert_eq!((readable_by(&foreign), has(&foreign, ACAC)), (Some(EVIL), false));
    assert!(has(&send(accepted(&service)).await, ACAC));
}

#[tokio::test]
async fn development_servers_are_on_the_list() {
    let mut settings = with(FaultId::LocalhostAllowed);
    settings.origins = vec![ALLOWED.to_owned()];
    let service = start_with(settings).await;
    let local = "http://localhost:3000";
    assert_eq!(
        readable_by(&send(accepted_from(&service, local)).await),
        Some(local)
    );
    assert_eq!(readable_by(&send(accepted_from(&service, EVIL)).await), None);
}

#[tokio::test]
async fn json_is_taken_under_any_name() {
    let service = start(FaultId::JsonAsText).await;
    let request = service
        .request("POST", "/ai/orchestrate")
        .bearer_auth(service.token())
        .header("content-type", "text/plain")
        .body(json!({"text": "Grilled fish by the river."}).to_string());
    assert_eq!(send(request).await.status(), 200);
}

#[tokio::test]
async fn lists_of_headers_are_wrong() {
    let service = start(FaultId::AuthorizationNotAllowed).await;
    assert!(!header(&send(preflight(&service, ALLOWED)).await, ACAH).contains("authorization"));
    let service = start(FaultId::HeadersByStar).await;
    assert_eq!(header(&send(preflight(&service, ALLOWED)).await, ACAH), "*");
    let service = start(FaultId::MaxAgeInvalid).await;
    assert_eq!(
        header(
            &send(preflight(&service, ALLOWED)).await,
            "access-control-max-age"
        ),
        "10m"
    );
}

#[tokio::test]
async fn lists_of_headers_are_read_wrongly() {
    let service = start(FaultId::HeadersParsedStrictly).await;
    assert_eq!(asking(&service, "authorization,content-type").await.status(), 403);
    assert_eq!(
        asking(&service, "Authorization, Content-Type").await.status(),
        204
    );
    let service = start(FaultId::HeadersByAnyMatch).await;
    assert_eq!(asking(&service, "x-odd").await.status(), 403);
    assert_eq!(asking(&service, "authorization,x-odd").await.status(), 204);
}

#[tokio::test]
async fn put_works_and_is_not_listed() {
    let service = start(FaultId::MethodNotAllowed).await;
    let put = service
        .request("PUT", "/ai/orchestrate")
        .bearer_auth(service.token())
        .json(&json!({"text": "Grilled fish by the river."}));
    assert_eq!(send(put).await.status(), 200);
    let asked = send(preflight(&service, ALLOWED)).await;
    assert!(!header(&asked, "access-control-allow-methods").contains("PUT"));
}

#[tokio::test]
async fn a_preflight_takes_as_long_as_the_work() {
    let service = start(FaultId::PreflightWorks).await;
    for request in [preflight(&service, ALLOWED), accepted(&service)] {
        let begun = Instant::now();
        assert!(send(request).await.status().is_success());
        assert!(begun.elapsed() >= Duration::from_millis(400));
    }
    let begun = Instant::now();
    send(service.request("GET", "/health")).await;
    assert!(begun.elapsed() < Duration::from_millis(400));
}

#[tokio::test]
async fn some_errors_are_written_outside_of_cors() {
    let page =
        |service: &Service, method: &str, path: &str| service.request(method, path).header("origin", ALLOWED);
    for (fault, status) in [
        (FaultId::CorsMissingOn403, 403),
        (FaultId::CorsMissingOn404, 404),
        (FaultId::CorsMissingOn413, 413),
        (FaultId::CorsMissingOnParseErrors, 400),
        (FaultId::HandlerOutsideCors, 500),
    ] {
        let service = start(fault).await;
        let post = page(&service, "POST", "/ai/orchestrate");
        let request = match status {
            403 => post.bearer_auth("nonsense"),
            404 => page(&service, "GET", "/nowhere"),
            413 => post.body("x".repeat(1_100_000)),
            400 => post
                .bearer_auth(service.token())
                .header("content-type", "application/json")
                .body("{"),
            _ => accepted(&service),
        };
        let response = send(request).await;
        assert_eq!(
            (response.status().as_u16(), readable_by(&response)),
            (status, None),
            "{fault}"
        );
        let health = send(page(&service, "GET", "/health")).await;
        assert_eq!(readable_by(&health), Some(ALLOWED), "{fault}");
    }
}

#[tokio::test]
async fn failed_logins_are_limited_outside_of_cors() {
    let service = start(FaultId::CorsMissingOn429).await;
    let mut statuses = Vec::new();
    for _ in 0..5 {
        let request = service
            .request("POST", "/ai/orchestrate")
            .header("origin", ALLOWED);
        let response = send(request).await;
        statuses.push((
            response.status().as_u16(),
            readable_by(&response).is_some(),
            has(&response, "retry-after"),
        ));
    }
    let (passed, limited) = ((401, true, false), (429, false, true));
    assert_eq!(statuses, [passed, passed, passed, limited, limited]);
    assert_eq!(send(accepted(&service)).await.status(), 200);
}
