use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::auth::mint::{TokenRequest, mint};
use crate::secret::Secret;

fn settings() -> AuthSettings {
    AuthSettings::development()
}

fn verify(token: &str) -> Result<Caller, TokenError> {
    Verifier::new(&settings()).verify(token)
}

/// Signs any claims at all with our key.
fn signed(claims: &Value) -> String {
    jsonwebtoken::encode(
        &jsonwebtoken::Header::new(Algorithm::HS256),
        claims,
        &jsonwebtoken::EncodingKey::from_secret(settings().secret.expose().as_bytes()),
    )
    .unwrap()
}

fn good_claims() -> Value {
    let settings = settings();
    json!({"iss": settings.issuer, "aud": settings.audience, "sub": "ana", "iat": 0,
           "exp": jiff::Timestamp::now().as_second() + 60, "jti": "1", "type": "access"})
}

#[test]
fn accepts_an_access_token_and_names_its_subject() {
    let token = mint(&settings(), &TokenRequest::access("ana@example.com")).unwrap();
    assert_eq!(verify(&token).unwrap().subject, "ana@example.com");
    assert_eq!(verify(&signed(&good_claims())).unwrap().subject, "ana");
}

#[test]
fn refuses_an_expired_token_beyond_the_leeway_only() {
    let aged = |age| TokenRequest {
        age: Duration::from_secs(age),
        ttl: Duration::from_secs(60),
        ..TokenRequest::access("ana")
    };
    let token = |age| mint(&settings(), &aged(age)).unwrap();
    assert_eq!(verify(&token(120)), Err(TokenError::Expired));
    assert!(
        verify(&token(70)).is_ok(),
        "ten seconds late is within the leeway of thirty"
    );
}

#[test]
fn refuses_a_refresh_token() {
    let token = mint(&settings(), &TokenRequest::access("ana").refresh()).unwrap();
    assert_eq!(verify(&token), Err(TokenError::Kind));
}

#[test]
fn refuses_another_issuer_audience_or_key() {
    let other = |change: fn(&mut AuthSettings)| {
        let mut settings = settings();
        change(&mut settings);
        verify(&mint(&settings, &TokenRequest::access("ana")).unwrap())
    };
    assert_eq!(other(|s| s.issuer = "mallory".into()), Err(TokenError::Issuer));
    assert_eq!(
        other(|s| s.audience = "another-api".into()),
        Err(TokenError::Audience)
    );
    assert_eq!(
        other(|s| s.secret = Secret::new("another secret of thirty-two bytes.")),
        Err(TokenError::Signature)
    );
}

#[test]
fn refuses_a_token_that_lacks_a_claim() {
    for claim in ["exp", "iss", "aud", "sub", "type"] {
        let mut claims = good_claims();
        claims.as_object_mut().unwrap().remove(claim);
        assert!(
            verify(&signed(&claims)).is_err(),
            "a token without {claim} was accepted"
        );
    }
}

#[test]
fn refuses_a_token_of_tomorrow() {
    let mut claims = good_claims();
    claims["nbf"] = json!(jiff::Timestamp::now().as_second() + 3600);
    claims["exp"] = json!(jiff::Timestamp::now().as_second() + 7200);
    assert_eq!(verify(&signed(&claims)), Err(TokenError::NotYet));
}

#[test]
fn refuses_an_unsigned_token_in_every_spelling() {
    for alg in ["none", "None", "NONE", "nOnE", "HS512", "RS256"] {
        let header = URL_SAFE_NO_PAD.encode(json!({"alg": alg, "typ": "JWT"}).to_string());
        let payload = URL_SAFE_NO_PAD.encode(good_claims().to_string());
        for signature in ["", "AAAA"] {
            assert!(
                verify(&format!("{header}.{payload}.{signature}")).is_err(),
                "{alg} was accepted"
            );
        }
    }
}

#[test]
fn refuses_a_token_whose_payload_was_changed() {
    let token = mint(&settings(), &TokenRequest::access("ana")).unwrap();
    let mut parts: Vec<&str> = token.split('.').collect();
    let mut claims = good_claims();
    claims["sub"] = json!("admin");
    let payload = URL_SAFE_NO_PAD.encode(claims.to_string());
    parts[1] = &payload;
    assert_eq!(verify(&parts.join(".")), Err(TokenError::Signature));
}

#[test]
fn refuses_a_token_too_long_to_look_at() {
    assert_eq!(verify(&"a".repeat(MAX_TOKEN_BYTES + 1)), Err(TokenError::TooLong));
}

proptest! {
    #[test]
    fn garbage_is_refused_without_a_panic(token in "[ -~]{0,200}|[A-Za-z0-9_-]{0,60}\\.[A-Za-z0-9_-]{0,60}\\.[A-Za-z0-9_-]{0,60}") {
        prop_assert!(verify(&token).is_err());
    }
}
