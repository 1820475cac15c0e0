//! Who may read, and what may be sent.

use orchestrate::faults::id::FaultId;

use super::{accepted, accepted_from, has, preflight, readable_by, send, start};
use crate::support::{ALLOWED, header};

const EVIL: &str = "https://evil.example";

#[tokio::test]
async fn nothing_carries_cors_headers() {
    let service = start(FaultId::CorsMissingEverywhere).await;
    let response = send(accepted(&service)).await;
    assert_eq!((response.status().as_u16(), readable_by(&response)), (200, None));
    let preflight = send(preflight(&service, ALLOWED)).await;
    assert!(preflight.status().is_success() && readable_by(&preflight).is_none());
    assert!(!has(&preflight, "access-control-allow-methods"));
}

#[tokio::test]
async fn only_rejections_lack_cors_headers() {
    let service = start(FaultId::CorsMissingOn401).await;
    let rejected = service
        .request("POST", "/ai/orchestrate")
        .header("origin", ALLOWED);
    let rejected = send(rejected).await;
    assert_eq!((rejected.status().as_u16(), readable_by(&rejected)), (401, None));
    assert_eq!(readable_by(&send(accepted(&service)).await), Some(ALLOWED));
}

#[tokio::test]
async fn the_list_holds_what_no_browser_sends() {
    let service = start(FaultId::OriginNotListed).await;
    assert_eq!(send(preflight(&service, ALLOWED)).await.status(), 403);
    assert_eq!(readable_by(&send(accepted(&service)).await), None);
    for twin in ["https://concierge.example/", "https://www.concierge.example"] {
        assert_eq!(
            readable_by(&send(accepted_from(&service, twin)).await),
            Some(twin)
        );
    }
}

#[tokio::test]
async fn any_origin_is_reflected_with_credentials() {
    let service = start(FaultId::OriginReflected).await;
    for response in [
        send(accepted_from(&service, EVIL)).await,
        send(preflight(&service, EVIL)).await,
    ] {
        assert!(response.status().is_success());
        assert_eq!(readable_by(&response), Some(EVIL));
        assert_eq!(header(&response, "access-control-allow-credentials"), "true");
    }
}

#[tokio::test]
async fn null_is_allowed_and_other_foreign_origins_are_not() {
    let service = start(FaultId::NullOriginAllowed).await;
    let null = send(accepted_from(&service, "null")).await;
    assert_eq!(readable_by(&null), Some("null"));
    assert_eq!(header(&null, "access-control-allow-credentials"), "true");
    assert_eq!(readable_by(&send(accepted_from(&service, EVIL)).await), None);
    assert_eq!(readable_by(&send(accepted(&service)).await), Some(ALLOWED));
}

#[tokio::test]
async fn a_wildcard_comes_with_credentials() {
    let service = start(FaultId::WildcardWithCredentials).await;
    for response in [
        send(accepted(&service)).await,
        send(preflight(&service, ALLOWED)).await,
    ] {
        assert_eq!(readable_by(&response), Some("*"));
        assert_eq!(header(&response, "access-control-allow-credentials"), "true");
    }
}

#[tokio::test]
async fn answers_do_not_say_that_they_vary() {
    let service = start(FaultId::VaryMissing).await;
    let response = send(accepted(&service)).await;
    assert!(!has(&response, "vary") && readable_by(&response) == Some(ALLOWED));
}

#[tokio::test]
async fn a_preflight_is_405_and_the_call_itself_works() {
    let service = start(FaultId::Preflight405).await;
    let response = send(preflight(&service, ALLOWED)).await;
    assert_eq!((response.status().as_u16(), readable_by(&response)), (405, None));
    assert_eq!(send(accepted(&service)).await.status(), 200);
}

#[tokio::test]
async fn a_preflight_is_asked_for_a_token() {
    let service = start(FaultId::PreflightRequiresAuth).await;
    let response = send(preflight(&service, ALLOWED)).await;
    assert_eq!((response.status().as_u16(), readable_by(&response)), (401, None));
    assert!(has(&response, "www-authenticate"));
    assert_eq!(send(accepted(&service)).await.status(), 200);
}

#[tokio::test]
async fn a_preflight_is_redirected() {
    let service = start(FaultId::PreflightRedirect).await;
    let response = send(preflight(&service, ALLOWED)).await;
    assert_eq!(
        (response.status().as_u16(), header(&response, "location")),
        (307, "/api/v3/ai/orchestrate/")
    );
    assert_eq!(send(accepted(&service)).await.status(), 200);
}
