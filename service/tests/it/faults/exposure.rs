//! What caches keep, and what is given away.

use orchestrate::faults::id::FaultId;

use super::{accepted, has, send, start};
use crate::support::{Service, header};

fn read(service: &Service, path: &str) -> reqwest::RequestBuilder {
    service.request("GET", path)
}

#[tokio::test]
async fn caches_are_told_or_do_what_they_must_not() {
    let public = send(accepted(&start(FaultId::CacheAuthedPublic).await)).await;
    assert!(header(&public, "cache-control").starts_with("public"));
    let outage = send(read(&start(FaultId::CachedError).await, "/ai/health")).await;
    assert_eq!((outage.status().as_u16(), header(&outage, "age")), (503, "312"));
    let silent = send(read(&start(FaultId::NoStoreAbsent).await, "/info")).await;
    assert!(!has(&silent, "cache-control"));
    let service = start(FaultId::EtagFixed).await;
    // Health may say the same for a second; readiness is measured every time.
    let first = send(read(&service, "/ready")).await;
    let tag = header(&first, "etag").to_owned();
    let second = send(read(&service, "/ready")).await;
    assert_eq!(header(&second, "etag"), tag);
    assert_ne!(first.text().await.unwrap(), second.text().await.unwrap());
}

#[tokio::test]
async fn headers_give_away_too_much_or_forbid_too_little() {
    let health = async |fault| send(read(&start(fault).await, "/health")).await;
    assert!(header(&health(FaultId::ServerBanner).await, "server").contains("2.4.41"));
    assert!(!has(
        &health(FaultId::NosniffMissing).await,
        "x-content-type-options"
    ));
    let open = health(FaultId::CookieUnsafe).await;
    assert!(!header(&open, "set-cookie").contains("HttpOnly"));
    let lax = health(FaultId::CookieSameSiteLax).await;
    assert!(header(&lax, "set-cookie").ends_with("SameSite=Lax"));
}

#[tokio::test]
async fn pages_files_and_routes_are_open() {
    let page = send(read(&start(FaultId::DebugPage).await, "/nowhere")).await;
    assert_eq!(page.status(), 404);
    assert!(page.text().await.unwrap().contains("DEBUG = True"));
    let files = start(FaultId::SecretFiles).await;
    for path in ["/../../.env", "/../../.git/HEAD"] {
        assert_eq!(send(read(&files, path)).await.status(), 200, "{path}");
    }
    let routes = start(FaultId::DebugRoutes).await;
    let metrics = send(read(&routes, "/../../metrics")).await.text().await.unwrap();
    assert!(metrics.contains("# TYPE"));
    let pages = start(FaultId::DebugPages).await;
    let status = send(read(&pages, "/../../server-status"))
        .await
        .text()
        .await
        .unwrap();
    assert!(status.contains("Apache Server Status"));
}
