//! Who is let in, as a client sees it.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use orchestrate::auth::mint::{TokenRequest, mint};
use serde_json::json;

use crate::support::{expect_problem, header, start};

/// A body that would be worked on if its sender were let in.
fn body() -> serde_json::Value {
    json!({"text": "Good fish."})
}

#[tokio::test]
async fn every_spelling_of_the_scheme_is_accepted() {
    let service = start().await;
    for scheme in ["Bearer", "bearer", "BEARER"] {
        let request = service.request("POST", "/ai/orchestrate").json(&body());
        let response = request
            .header("authorization", format!("{scheme} {}", service.token()))
            .send()
            .await;
        assert_eq!(response.unwrap().status(), 200, "{scheme}");
    }
}

#[tokio::test]
async fn a_bad_token_is_challenged_with_its_reason() {
    let service = start().await;
    let auth = &service.settings.auth;
    let access = TokenRequest::access("ana");
    let good = service.token();
    let header_none = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#);
    let payload = good.split('.').nth(1).unwrap();
    let mut tampered = good.clone().into_bytes();
    let middle = good.rfind('.').unwrap() + 20;
    tampered[middle] = if tampered[middle] == b'A' { b'B' } else { b'A' };
    let cases = [
        (mint(auth, &access.clone().expired()).unwrap(), "token_expired"),
        (mint(auth, &access.refresh()).unwrap(), "token_invalid"),
        ("garbage".to_owned(), "token_invalid"),
        (String::from_utf8(tampered).unwrap(), "token_invalid"),
        (format!("{header_none}.{payload}."), "token_invalid"),
        ("a".repeat(7000), "token_invalid"),
    ];
    for (token, code) in cases {
        let request = || {
            service
                .request("POST", "/ai/orchestrate")
                .bearer_auth(&token)
                .json(&body())
        };
        expect_problem(request(), 401, code).await;
        let response = request().send().await.unwrap();
        let challenge = header(&response, "www-authenticate");
        assert!(
            challenge.starts_with("Bearer realm=\"orchestrate\", error=\"invalid_token\""),
            "{challenge}"
        );
        assert!(
            !challenge.contains(token.get(..20).unwrap_or(&token)),
            "the token is echoed"
        );
    }
}

#[tokio::test]
async fn the_token_is_judged_before_the_body_is_looked_at() {
    let service = start().await;
    for (kind, body) in [
        ("application/json", "{"),
        ("text/plain", "x"),
        ("application/json", r#"{"text":1}"#),
    ] {
        let request = service
            .request("POST", "/ai/orchestrate")
            .header("content-type", kind)
            .body(body);
        expect_problem(request, 401, "token_missing").await;
    }
}

#[tokio::test]
async fn another_scheme_or_an_api_key_is_no_token() {
    let service = start().await;
    let basic = service
        .request("POST", "/ai/orchestrate")
        .basic_auth("ana", Some("x"))
        .json(&body());
    expect_problem(basic, 401, "token_missing").await;
    let key = service
        .request("POST", "/ai/orchestrate")
        .header("x-api-key", "x")
        .json(&body());
    expect_problem(key, 401, "token_missing").await;
}
