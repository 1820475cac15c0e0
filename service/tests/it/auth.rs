//! Who is let in, as a client sees it.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use orchestrate::auth::AuthSettings;
use orchestrate::auth::caller::{Scope, Scopes};
use orchestrate::auth::mint::{TokenRequest, mint};
use serde_json::{Value, json};

use crate::keys::Kept;
use crate::support::{Service, expect_problem, header, json as read, start};

/// The operations that anybody may call.
const OPEN: [&str; 9] = [
    "GET /health",
    "GET /livez",
    "GET /ready",
    "GET /info",
    "GET /ai/health",
    "POST /auth/refresh",
    "GET /auth/login",
    "GET /auth/callback",
    "POST /auth/token",
];

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
async fn another_scheme_is_no_token_and_an_api_key_that_is_none_is_refused_as_a_key() {
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
    expect_problem(key, 401, "api_key_invalid").await;
}

/// A token that may do one thing and no other.
fn that_reads_usage(service: &Service) -> String {
    let request = TokenRequest {
        scopes: Some(Scopes::of([Scope::UsageRead])),
        ..TokenRequest::access("ana")
    };
    mint(&service.settings.auth, &request).unwrap()
}

#[tokio::test]
async fn verify_says_whose_the_token_is_and_what_it_may_be_used_for() {
    let service = start().await;
    let token = that_reads_usage(&service);
    let response = service.request("GET", "/auth/verify").bearer_auth(token).send();
    let (status, body) = read(response.await.unwrap()).await;
    assert_eq!(status, 200);
    assert_eq!(
        body,
        json!({"valid": true, "subject": "ana", "credential": "token", "scopes": ["usage:read"]})
    );
}

#[tokio::test]
async fn bug_42_a_token_may_do_no_more_than_its_scopes() {
    let service = start().await;
    let token = that_reads_usage(&service);
    let paid = service.request("POST", "/ai/orchestrate").bearer_auth(token);
    expect_problem(paid.json(&body()), 403, "scope_missing").await;
}

#[tokio::test]
async fn what_a_token_may_do_is_judged_before_the_body_is_looked_at() {
    let service = start().await;
    let token = that_reads_usage(&service);
    for (method, path) in [
        ("POST", "/ai/orchestrate"),
        ("PUT", "/concept-categories/restaurant"),
    ] {
        for (kind, body) in [
            ("application/json", "{"),
            ("text/plain", "x"),
            ("application/json", "1"),
        ] {
            let request = service.request(method, path).bearer_auth(&token);
            let request = request.header("content-type", kind).body(body);
            expect_problem(request, 403, "scope_missing").await;
        }
    }
}

/// What a request may show, and what becomes of it before the operation is reached: a code, or nothing when it is let in.
struct Shown {
    name: &'static str,
    headers: Vec<(&'static str, String)>,
    refused: Option<&'static str>,
}

fn shown(kept: &Kept) -> Vec<Shown> {
    let auth = &kept.service.settings.auth;
    let bearer = |token: String| vec![("authorization", format!("Bearer {token}"))];
    let access = TokenRequest::access("ana");
    let other_issuer = AuthSettings {
        issuer: "mallory".to_owned(),
        ..auth.clone()
    };
    let other_audience = AuthSettings {
        audience: "another-api".to_owned(),
        ..auth.clone()
    };
    let may_all = TokenRequest {
        scopes: Some(Scopes::of(Scope::ALL)),
        ..access.clone()
    };
    let all: Vec<&str> = Scope::ALL
        .iter()
        .flat_map(|scope| ["--scope", scope.name()])
        .collect();
    let revoked = kept.key(&[]);
    assert!(kept.command(&["keys", "revoke", &revoked]).status.success());
    let key = |key: String| vec![("x-api-key", key)];
    let case = |name, headers, refused| Shown {
        name,
        headers,
        refused,
    };
    vec![
        case("nothing", vec![], Some("token_missing")),
        case("garbage", bearer("garbage".to_owned()), Some("token_invalid")),
        case(
            "expired",
            bearer(mint(auth, &access.clone().expired()).unwrap()),
            Some("token_expired"),
        ),
        case(
            "refresh token",
            bearer(mint(auth, &access.clone().refresh()).unwrap()),
            Some("token_invalid"),
        ),
        case(
            "other issuer",
            bearer(mint(&other_issuer, &access).unwrap()),
            Some("token_invalid"),
        ),
        case(
            "other audience",
            bearer(mint(&other_audience, &access).unwrap()),
            Some("token_invalid"),
        ),
        case(
            "unknown key",
            key(format!("ok_{}", "a".repeat(43))),
            Some("api_key_invalid"),
        ),
        case("revoked key", key(revoked), Some("api_key_revoked")),
        case(
            "test user",
            vec![("x-test-user", "ana".to_owned()), ("x-user-id", "1".to_owned())],
            Some("token_missing"),
        ),
        case(
            "trusted proxy",
            vec![
                ("x-forwarded-for", "127.0.0.1".to_owned()),
                ("x-forwarded-user", "ana".to_owned()),
            ],
            Some("token_missing"),
        ),
        case(
            "cookie",
            vec![("cookie", format!("access_token={}", mint(auth, &access).unwrap()))],
            Some("token_missing"),
        ),
        case("good token", bearer(mint(auth, &may_all).unwrap()), None),
        case("good key", key(kept.key(&all)), None),
    ]
}

/// Every operation of the document as method, path with something in each hole, and whether it has `security`.
pub(crate) fn operations() -> Vec<(String, String, bool)> {
    let document: Value = serde_json::from_str(&orchestrate::http::document::json()).unwrap();
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        let path: Vec<&str> = path
            .split('/')
            .map(|part| if part.starts_with('{') { "0" } else { part })
            .collect();
        for (method, operation) in item.as_object().unwrap() {
            let guarded = operation["security"]
                .as_array()
                .is_some_and(|any| !any.is_empty());
            found.push((method.to_uppercase(), path.join("/"), guarded));
        }
    }
    found
}

/// Bugs 28 and 31 of the original: an operation could be called by anybody, by a variable of the environment or for want of a
/// guard. Bugs 11 and 12: a documented credential was refused.
#[tokio::test]
async fn bug_28_and_31_every_guarded_operation_takes_every_good_credential_and_no_other() {
    let kept = Kept::start().await;
    let guarded: Vec<_> = operations()
        .into_iter()
        .filter(|(_, _, guarded)| *guarded)
        .collect();
    assert!(guarded.len() >= 3, "{guarded:?}");
    let shown = shown(&kept);
    for (method, path, _) in &guarded {
        for case in &shown {
            // A body that no operation could accept: nothing is done for anybody.
            let mut request = kept.service.request(method, path).json(&json!([]));
            for (name, value) in &case.headers {
                request = request.header(*name, value);
            }
            let response = request.send().await.unwrap();
            let status = response.status().as_u16();
            let body: Value = response.json().await.unwrap_or_default();
            let seen = (status == 401).then(|| body["code"].as_str().unwrap().to_owned());
            assert_eq!(
                seen.as_deref(),
                case.refused,
                "{method} {path} with {}: {status} {body}",
                case.name
            );
            assert!(
                status < 500 && status != 403,
                "{method} {path} with {}: {status} {body}",
                case.name
            );
        }
    }
}

#[tokio::test]
async fn what_is_not_guarded_is_what_is_meant_to_be_open() {
    let open: Vec<_> = operations()
        .into_iter()
        .filter(|(_, _, guarded)| !guarded)
        .map(|(method, path, _)| format!("{method} {path}"))
        .filter(|operation| !OPEN.contains(&&**operation))
        .collect();
    assert!(open.is_empty(), "open, and not on the list: {open:?}");
}

/// Bug 28: a variable of the environment opened everything, in production. Here the environment is read by the command line
/// only, and the settings that it makes have no such door.
#[test]
fn bug_28_no_variable_of_the_environment_changes_who_is_let_in() {
    use orchestrate::config::read::{Configuration, Typed};
    let secret = ("ORCHESTRATE_AUTH_SECRET", "0123456789abcdef0123456789abcdef");
    let read = |more: Option<(&str, &str)>| {
        let variable = move |name: &str| {
            let all = [Some(secret), more];
            let found = all.into_iter().flatten().find(|(known, _)| *known == name);
            found.map(|(_, value)| value.to_owned())
        };
        format!(
            "{:?}",
            Configuration::read(&variable, None, Typed::default())
                .settings
                .auth
        )
    };
    let usual = read(None);
    for name in [
        "TESTING",
        "TEST",
        "DEBUG",
        "DISABLE_AUTH",
        "AUTH_DISABLED",
        "CI",
        "ORCHESTRATE_TESTING",
    ] {
        assert_eq!(read(Some((name, "true"))), usual, "{name}");
    }
}
