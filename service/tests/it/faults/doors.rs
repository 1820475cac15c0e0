//! Ways around the gate, keys that the token chooses, and refusals that are worded wrongly.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::crypto::sign;
use jsonwebtoken::{Algorithm, EncodingKey};
use orchestrate::faults::id::FaultId;
use orchestrate::faults::keys::FIXED_KEY;
use reqwest::RequestBuilder;
use serde_json::{Value, json};

use super::{has, send, start};
use crate::support::{Service, header};

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

/// The claims of a good token, changed, under this header, signed with this key.
fn signed(service: &Service, head: &Value, key: &[u8], change: impl FnOnce(&mut Value)) -> String {
    let payload = service.token();
    let payload = URL_SAFE_NO_PAD
        .decode(payload.split('.').nth(1).unwrap())
        .unwrap();
    let mut claims: Value = serde_json::from_slice(&payload).unwrap();
    change(&mut claims);
    let message = format!("{}.{}", part(head), part(&claims));
    let signature = sign(
        message.as_bytes(),
        &EncodingKey::from_secret(key),
        Algorithm::HS256,
    );
    format!("{message}.{}", signature.unwrap())
}

/// A token that the service signed, wrong in one claim.
fn minted(service: &Service, change: impl FnOnce(&mut Value)) -> String {
    let key = service.settings.auth.secret.expose().to_owned();
    signed(
        service,
        &json!({"alg": "HS256", "typ": "JWT"}),
        key.as_bytes(),
        change,
    )
}

fn verify(service: &Service) -> RequestBuilder {
    service.request("GET", "/auth/verify")
}

async fn with_token(service: &Service, token: &str) -> u16 {
    send(verify(service).bearer_auth(token)).await.status().as_u16()
}

/// The status of a healthy service and of one with the fault, for the same token.
async fn both(fault: FaultId, token: impl Fn(&Service) -> String) -> (u16, u16) {
    let (healthy, faulty) = (crate::support::start().await, start(fault).await);
    assert_eq!(
        send(verify(&faulty)).await.status(),
        401,
        "{fault}: nobody is let in"
    );
    (
        with_token(&healthy, &token(&healthy)).await,
        with_token(&faulty, &token(&faulty)).await,
    )
}

#[tokio::test]
async fn a_good_token_is_verified_and_named() {
    let service = crate::support::start().await;
    let token = service.token();
    let response = send(verify(&service).bearer_auth(token)).await;
    assert_eq!(response.status(), 200);
    let body: Value = response.json().await.unwrap();
    assert_eq!(
        (&body["valid"], &body["subject"]),
        (&json!(true), &json!("ana@example.com"))
    );
}

#[tokio::test]
async fn claims_that_are_not_checked() {
    let tomorrow = jiff::Timestamp::now().as_second() + 80_000;
    let remove = |name: &'static str| {
        move |service: &Service| {
            minted(service, |claims| {
                claims.as_object_mut().unwrap().remove(name);
            })
        }
    };
    let set = |name: &'static str, value: Value| {
        move |service: &Service| minted(service, |claims| claims[name] = value.clone())
    };
    assert_eq!(both(FaultId::ExpiryNotRequired, remove("exp")).await, (401, 200));
    assert_eq!(both(FaultId::AudienceIgnored, remove("aud")).await, (401, 200));
    assert_eq!(
        both(FaultId::AudienceIgnored, set("aud", json!("other"))).await,
        (401, 200)
    );
    assert_eq!(
        both(FaultId::IssuerIgnored, set("iss", json!("other"))).await,
        (401, 200)
    );
    let early = |service: &Service| {
        minted(service, |claims| {
            claims["nbf"] = json!(tomorrow);
            claims["exp"] = json!(tomorrow + 60);
        })
    };
    assert_eq!(both(FaultId::NotBeforeIgnored, early).await, (401, 200));
}

#[tokio::test]
async fn keys_that_the_token_chooses() {
    let forged =
        |head: Value, key: &'static [u8]| move |service: &Service| signed(service, &head, key, |_| ());
    let plain = json!({"alg": "HS256"});
    let own = json!({"alg": "HS256", "jwk": {"kty": "oct", "k": URL_SAFE_NO_PAD.encode("own key")}});
    assert_eq!(
        both(FaultId::EmbeddedKeyTrusted, forged(own, b"own key")).await,
        (401, 200)
    );
    let path = json!({"alg": "HS256", "kid": "../../../dev/null"});
    assert_eq!(both(FaultId::KidIsAPath, forged(path, b"")).await, (401, 200));
    let quote = json!({"alg": "HS256", "kid": "a'b"});
    assert_eq!(both(FaultId::KidCrashes, forged(quote, b"x")).await, (401, 500));
    assert_eq!(
        both(FaultId::SignatureUnchecked, forged(plain, b"any key")).await,
        (401, 200)
    );
    let unsigned = |service: &Service| {
        let token = service.token();
        let payload = token.split('.').nth(1).unwrap();
        format!("{}.{payload}.", part(&json!({"alg": "NONE"})))
    };
    assert_eq!(both(FaultId::AlgNoneInAnotherCase, unsigned).await, (401, 200));
}

#[tokio::test]
async fn the_published_key_works_as_a_secret() {
    let service = start(FaultId::PublicKeyAsSecret).await;
    let published = send(service.request("GET", "/.well-known/jwks.json")).await;
    let set: Value = published.json().await.unwrap();
    assert_eq!(set["keys"][0]["kty"], "RSA");
    assert_eq!(with_token(&service, "garbage").await, 401);
}

#[tokio::test]
async fn a_fixed_key_is_compared_loosely() {
    let service = start(FaultId::KeyComparedLoosely).await;
    for like in [
        FIXED_KEY.to_owned(),
        FIXED_KEY[..9].to_owned(),
        format!("{FIXED_KEY}x"),
        FIXED_KEY.to_uppercase(),
    ] {
        assert_eq!(with_token(&service, &like).await, 200, "{like}");
    }
    assert_eq!(with_token(&service, "another").await, 401);
}

#[tokio::test]
async fn every_other_good_token_is_refused() {
    let service = start(FaultId::KeysDiffer).await;
    let token = service.token();
    let seen = [
        with_token(&service, &token).await,
        with_token(&service, &token).await,
        with_token(&service, &token).await,
    ];
    assert_eq!(seen, [200, 401, 200]);
}

#[tokio::test]
async fn headers_that_stand_for_a_token() {
    let path = "/api/v3/auth/verify";
    for (fault, route, name, value) in [
        (FaultId::TestUserHeader, "/auth/verify", "x-test-user", "anybody"),
        (
            FaultId::InternalHeaderTrusted,
            "/auth/verify",
            "x-middleware-subrequest",
            "middleware",
        ),
        (
            FaultId::ForwardedHeaderTrusted,
            "/auth/verify",
            "x-forwarded-for",
            "127.0.0.1",
        ),
        (FaultId::OriginalUrlTrusted, "/health", "x-original-url", path),
    ] {
        let service = start(fault).await;
        let response = send(service.request("GET", route).header(name, value)).await;
        assert_eq!(response.status(), 200, "{fault}");
        let body: Value = response.json().await.unwrap();
        assert_eq!(body["subject"], "somebody", "{fault}");
        assert_eq!(send(verify(&service)).await.status(), 401, "{fault}");
    }
}

#[tokio::test]
async fn ways_around_the_guard() {
    let service = start(FaultId::PathVariantOpen).await;
    for path in ["/auth/verify/", "/auth//verify", "/auth/VERIFY"] {
        assert_eq!(send(service.request("GET", path)).await.status(), 200, "{path}");
    }
    let service = start(FaultId::TokenInQuery).await;
    let token = service.token();
    let in_url = service.request("GET", &format!("/auth/verify?access_token={token}"));
    assert_eq!(send(in_url).await.status(), 200);
    let made = start(FaultId::DevTokenLive).await;
    assert_eq!(send(made.request("GET", "/dev/token")).await.status(), 200);
    let service = start(FaultId::DevLoginLive).await;
    let login = send(service.request("GET", "/auth/dev-login")).await;
    let login: Value = login.json().await.unwrap();
    assert_eq!(
        with_token(&service, login["access_token"].as_str().unwrap()).await,
        200
    );
}

#[tokio::test]
async fn credentials_that_do_not_arrive() {
    let service = start(FaultId::AuthorizationStripped).await;
    assert_eq!(with_token(&service, &service.token()).await, 401);
    let service = start(FaultId::SchemeCase).await;
    let token = service.token();
    let lower = verify(&service).header("authorization", format!("bearer {token}"));
    assert_eq!(send(lower).await.status(), 401);
    assert_eq!(with_token(&service, &token).await, 200);
}

#[tokio::test]
async fn refusals_that_are_worded_wrongly() {
    let service = start(FaultId::LoginRedirect).await;
    let response = send(verify(&service)).await;
    assert_eq!(response.status(), 302);
    assert!(header(&response, "location").starts_with("/login"));
    let service = start(FaultId::Missing403).await;
    assert_eq!(send(verify(&service)).await.status(), 403);
    assert_eq!(with_token(&service, "garbage").await, 401);
    let service = start(FaultId::NoChallenge).await;
    assert!(!has(&send(verify(&service)).await, "www-authenticate"));
    let service = start(FaultId::BareChallenge).await;
    let response = send(verify(&service).bearer_auth("garbage")).await;
    assert!(!header(&response, "www-authenticate").contains("error"));
    let service = start(FaultId::VerboseRefusal).await;
    let body: Value = send(verify(&service)).await.json().await.unwrap();
    assert!(body["detail"].as_str().unwrap().contains("Table"));
}

#[tokio::test]
async fn strangers_are_told_what_is_wrong_with_their_input() {
    let service = start(FaultId::InputBeforeAuth).await;
    let wrong = service
        .request("POST", "/ai/orchestrate")
        .json(&json!({"text": 7}));
    assert_eq!(send(wrong).await.status(), 422);
    let right = service
        .request("POST", "/ai/orchestrate")
        .json(&json!({"text": "hello"}));
    assert_eq!(send(right).await.status(), 401);
}
