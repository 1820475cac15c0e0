//! The commands by which the original system was declared fixed, and what a reader would expect of a good
//! service. They are necessary and prove little: none of them makes the call that was broken.

use crate::support::{ALLOWED, header, json, start};

#[tokio::test]
async fn health_says_healthy_and_connected() {
    let service = start().await;
    let (status, body) = json(service.request("GET", "/health").send().await.unwrap()).await;
    assert_eq!((status, body["status"].as_str()), (200, Some("healthy")));
    assert_eq!(body["database"], "connected");
}

#[tokio::test]
async fn ai_health_says_healthy_and_that_it_is_a_simulator() {
    let service = start().await;
    let (status, body) = json(service.request("GET", "/ai/health").send().await.unwrap()).await;
    assert_eq!(
        (status, body["status"].as_str()),
        (200, Some("healthy")),
        "{body}"
    );
    assert_eq!(body["provider"]["kind"], "simulator");
    assert!(!body.to_string().contains("sk-"), "{body}");
}

#[tokio::test]
async fn options_allows_the_web_origin_with_and_without_the_request_method() {
    let service = start().await;
    for method in [None, Some("POST")] {
        let mut request = service
            .request("OPTIONS", "/ai/orchestrate")
            .header("origin", ALLOWED);
        if let Some(method) = method {
            request = request.header("access-control-request-method", method);
        }
        let response = request.send().await.unwrap();
        assert!(
            response.status().is_success(),
            "{method:?}: {}",
            response.status()
        );
        assert_eq!(header(&response, "access-control-allow-origin"), ALLOWED);
        assert_eq!(header(&response, "access-control-allow-credentials"), "true");
    }
}

#[tokio::test]
async fn post_without_a_token_is_challenged() {
    let service = start().await;
    let request = service
        .request("POST", "/ai/orchestrate")
        .header("origin", ALLOWED);
    let response = request
        .json(&serde_json::json!({"text": "hello"}))
        .send()
        .await
        .unwrap();
    assert_eq!(
        header(&response, "www-authenticate"),
        "Bearer realm=\"orchestrate\""
    );
    assert_eq!(header(&response, "access-control-allow-origin"), ALLOWED);
    let (status, body) = json(response).await;
    assert_eq!(
        (status, body["detail"].as_str()),
        (401, Some("Missing authorization token"))
    );
}
