//! CORS headers that are there and wrong, and caches and filters that get them wrong.

use orchestrate::faults::id::FaultId;
use reqwest::Response;

use super::{accepted, has, preflight, readable_by, send, start};
use crate::support::{ALLOWED, Service, header};

const ACAC: &str = "access-control-allow-credentials";
const EVIL: &str = "https://evil.example";

/// A read of a route from this origin.
async fn read(service: &Service, path: &str, origin: &str) -> Response {
    send(service.request("GET", path).header("origin", origin)).await
}

fn values(response: &Response, name: &str) -> Vec<String> {
    let all = response.headers().get_all(name).iter();
    all.map(|value| value.to_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn the_allowed_origin_is_named_in_ways_that_no_browser_accepts() {
    let acao = "access-control-allow-origin";
    for (fault, expected) in [
        (FaultId::OriginSentTwice, vec![ALLOWED, ALLOWED]),
        (
            FaultId::OriginsInOneHeader,
            vec!["https://concierge.example, http://localhost:3000"],
        ),
        (FaultId::OriginWithSlash, vec!["https://concierge.example/"]),
        (FaultId::OriginFixed, vec!["https://staging.concierge.example"]),
    ] {
        let service = start(fault).await;
        for response in [
            send(accepted(&service)).await,
            send(preflight(&service, ALLOWED)).await,
        ] {
            assert!(response.status().is_success());
            assert_eq!(values(&response, acao), expected, "{fault}");
        }
        let foreign = read(&service, "/health", EVIL).await;
        assert_eq!(has(&foreign, acao), fault == FaultId::OriginFixed, "{fault}");
    }
}

#[tokio::test]
async fn credentials_are_misspelt_or_only_on_the_preflight() {
    let service = start(FaultId::CredentialsMisspelt).await;
    assert_eq!(header(&send(accepted(&service)).await, ACAC), "True");
    let service = start(FaultId::CredentialsOnPreflightOnly).await;
    assert!(!has(&send(accepted(&service)).await, ACAC));
    assert_eq!(header(&send(preflight(&service, ALLOWED)).await, ACAC), "true");
}

#[tokio::test]
async fn some_answers_are_outside_of_cors() {
    for (fault, call, asks, health) in [
        (FaultId::ActualBare, None, Some(ALLOWED), Some(ALLOWED)),
        (FaultId::RouteBare, None, None, Some(ALLOWED)),
        (FaultId::CorsOnPreflightOnly, None, Some(ALLOWED), None),
    ] {
        let service = start(fault).await;
        let response = send(accepted(&service)).await;
        assert_eq!(
            (response.status().as_u16(), readable_by(&response)),
            (200, call),
            "{fault}"
        );
        let asked = send(preflight(&service, ALLOWED)).await;
        assert_eq!(readable_by(&asked), asks, "{fault}");
        assert_eq!(
            readable_by(&read(&service, "/health", ALLOWED).await),
            health,
            "{fault}"
        );
    }
}

#[tokio::test]
async fn the_filter_fails_at_any_origin_or_at_an_odd_one() {
    let service = start(FaultId::CorsFilterRaises).await;
    assert_eq!(read(&service, "/health", ALLOWED).await.status(), 500);
    assert_eq!(send(service.request("GET", "/health")).await.status(), 200);
    let service = start(FaultId::OddOriginCrashes).await;
    let odd = service
        .request("GET", "/health")
        .header("origin", "https://\u{e4}pp.example");
    assert_eq!(send(odd).await.status(), 500);
    assert_eq!(
        readable_by(&read(&service, "/health", ALLOWED).await),
        Some(ALLOWED)
    );
}

#[tokio::test]
async fn timings_are_shown_to_another_page() {
    let service = start(FaultId::TimingClosed).await;
    let response = read(&service, "/health", ALLOWED).await;
    assert_eq!(
        header(&response, "timing-allow-origin"),
        "https://staging.concierge.example"
    );
}

#[tokio::test]
async fn cors_writes_over_what_compression_said() {
    let service = start(FaultId::VaryClobbered).await;
    let read = |origin: Option<&str>| {
        let request = service.request("GET", "/info").header("accept-encoding", "gzip");
        origin
            .into_iter()
            .fold(request, |request, origin| request.header("origin", origin))
    };
    assert_eq!(values(&send(read(Some(ALLOWED))).await, "vary"), ["Origin"]);
    assert_eq!(
        values(&send(read(None)).await, "vary"),
        ["Origin", "Accept-Encoding"]
    );
}

#[tokio::test]
async fn a_cache_gives_the_first_callers_headers_to_everybody() {
    let service = start(FaultId::CachedForFirstOrigin).await;
    assert_eq!(readable_by(&read(&service, "/info?1", EVIL).await), None);
    let second = read(&service, "/info?1", ALLOWED).await;
    assert_eq!((readable_by(&second), header(&second, "x-cache")), (None, "HIT"));
    assert_eq!(
        readable_by(&read(&service, "/info?2", ALLOWED).await),
        Some(ALLOWED)
    );
    assert_eq!(readable_by(&read(&service, "/info?2", EVIL).await), Some(ALLOWED));
    assert_eq!(
        readable_by(&read(&service, "/health", ALLOWED).await),
        Some(ALLOWED)
    );
}
