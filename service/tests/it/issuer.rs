//! Tokens of another issuer, whose keys are fetched over a real socket.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use orchestrate::auth::ForeignIssuer;
use orchestrate::auth::foreign::Foreign;
use orchestrate::auth::gate::Refusal;
use orchestrate::auth::keyring::{KeyPolicy, KeyRing};
use orchestrate::auth::mint::{TokenRequest, mint};
use orchestrate::auth::verify::TokenError;
use orchestrate::providers::jwks::HttpKeys;
use reqwest::RequestBuilder;
use serde_json::{Value, json};
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use crate::support::{Service, expect_problem, header, json as read, settings, start_with};

const ISSUER: &str = "https://issuer.example";
const AUDIENCE: &str = "the-api";

/// A key pair of an issuer.
pub(crate) struct Pair {
    id: &'static str,
    algorithm: Algorithm,
    private: EncodingKey,
}

impl Pair {
    pub(crate) fn ec(id: &'static str) -> Self {
        let random = SystemRandom::new();
        let pair = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
        Self {
            id,
            algorithm: Algorithm::ES256,
            private: EncodingKey::from_ec_der(pair.as_ref()),
        }
    }

    fn rsa(id: &'static str) -> Self {
        let pair = aws_lc_rs::rsa::KeyPair::generate(aws_lc_rs::rsa::KeySize::Rsa2048).unwrap();
        let der: aws_lc_rs::encoding::Pkcs8V1Der<'_> = pair.as_der().unwrap();
        // The RSAPrivateKey within the PKCS#8 of 2048 bits: behind a header that always has 26 bytes.
        let inner = &der.as_ref()[26..];
        Self {
            id,
            algorithm: Algorithm::RS256,
            private: EncodingKey::from_rsa_der(inner),
        }
    }

    /// As the issuer publishes it.
    pub(crate) fn published(&self) -> Value {
        let jwk = Jwk::from_encoding_key(&self.private, self.algorithm).unwrap();
        let mut jwk = serde_json::to_value(jwk).unwrap();
        jwk["kid"] = json!(self.id);
        jwk["use"] = json!("sig");
        jwk
    }

    fn header(&self) -> Header {
        Header {
            kid: Some(self.id.to_owned()),
            ..Header::new(self.algorithm)
        }
    }

    pub(crate) fn sign(&self, claims: &Value) -> String {
        encode(&self.header(), claims, &self.private).unwrap()
    }
}

fn claims() -> Value {
    let now = jiff::Timestamp::now().as_second();
    json!({"iss": ISSUER, "aud": [AUDIENCE, "https://issuer.example/userinfo"], "sub": "ana",
           "iat": now, "exp": now + 300, "sid": "a session of the issuer's", "scope": "openid orchestrate"})
}

/// An issuer that publishes keys.
struct Issuer {
    server: MockServer,
    fetches: Arc<AtomicUsize>,
}

impl Issuer {
    async fn start() -> Self {
        let (server, fetches) = (MockServer::start().await, Arc::new(AtomicUsize::new(0)));
        Self { server, fetches }
    }

    async fn publish(&self, keys: &[&Pair]) {
        let keys: Vec<Value> = keys.iter().map(|pair| pair.published()).collect();
        self.answer(ResponseTemplate::new(200).set_body_json(json!({"keys": keys})))
            .await;
    }

    async fn answer(&self, answer: ResponseTemplate) {
        self.server.reset().await;
        let fetches = self.fetches.clone();
        let count = move |_: &Request| {
            fetches.fetch_add(1, Ordering::SeqCst);
            answer.clone()
        };
        let keys = Mock::given(method("GET")).and(path("/keys"));
        keys.respond_with(count).mount(&self.server).await;
    }

    fn fetches(&self) -> usize {
        self.fetches.load(Ordering::SeqCst)
    }

    async fn service(&self) -> Service {
        let mut settings = settings();
        settings.auth.foreign = Some(ForeignIssuer {
            jwks_url: format!("{}/keys", self.server.uri()).parse().unwrap(),
            issuer: ISSUER.to_owned(),
            audience: AUDIENCE.to_owned(),
        });
        start_with(settings).await
    }
}

fn verify(service: &Service, token: &str) -> RequestBuilder {
    service.request("GET", "/auth/verify").bearer_auth(token)
}

async fn refused(service: &Service, token: &str, why: &str) {
    let problem = expect_problem(verify(service, token), 401, "token_invalid").await;
    assert_eq!(problem["detail"], format!("Invalid token: {why}"));
}

#[tokio::test]
async fn tokens_of_every_algorithm_are_good_beside_our_own_and_fetch_keys_once() {
    let issuer = Issuer::start().await;
    let (rsa, ec) = (Pair::rsa("r"), Pair::ec("e"));
    issuer.publish(&[&rsa, &ec]).await;
    let service = issuer.service().await;
    for token in [rsa.sign(&claims()), ec.sign(&claims()), rsa.sign(&claims())] {
        let (status, body) = read(verify(&service, &token).send().await.unwrap()).await;
        assert_eq!(status, 200, "{body}");
        assert_eq!(
            (body["subject"].as_str(), &body["scopes"]),
            (Some(&*format!("{ISSUER}#ana")), &json!(["orchestrate"]))
        );
    }
    assert_eq!(issuer.fetches(), 1);
    let own = verify(&service, &service.token()).send().await.unwrap();
    assert_eq!(own.status(), 200);
    // The issuer's session is none of ours, so it cannot be ended here.
    let logout = service
        .request("POST", "/auth/logout")
        .bearer_auth(ec.sign(&claims()));
    expect_problem(logout, 409, "session_missing").await;
}

#[tokio::test]
async fn one_name_of_two_issuers_is_two_people() {
    let issuer = Issuer::start().await;
    let pair = Pair::ec("e");
    issuer.publish(&[&pair]).await;
    let service = issuer.service().await;
    let ours = mint(&service.settings.auth, &TokenRequest::access("ana")).unwrap();
    let mut all = claims();
    all["scope"] = json!("orchestrate curations:read usage:read");
    let theirs = pair.sign(&all);
    let ask = |method: &str, path: &str, token: &str| service.request(method, path).bearer_auth(token);
    let kept = json!({"text": "A quiet terrace.", "output": {"save_to_db": true}});
    let kept = ask("POST", "/ai/orchestrate", &ours)
        .header("idempotency-key", "k")
        .json(&kept);
    let kept = kept.send().await.unwrap();
    assert_eq!(kept.status(), 200);
    let path = header(&kept, "location")
        .strip_prefix("/api/v3")
        .unwrap()
        .to_owned();

    expect_problem(ask("GET", &path, &theirs), 404, "curation_not_found").await;
    let (_, list) = read(ask("GET", "/curations", &theirs).send().await.unwrap()).await;
    assert_eq!(list["items"], json!([]), "{list}");
    let (_, used) = read(ask("GET", "/ai/usage-stats", &theirs).send().await.unwrap()).await;
    assert_eq!(used["total"]["requests"], 0, "{used}");
    // The other's key is not theirs either: with it they send what they like.
    let other = ask("POST", "/ai/orchestrate", &theirs)
        .header("idempotency-key", "k")
        .json(&json!({"text": "Good fish."}));
    assert_eq!(other.send().await.unwrap().status(), 200);
    assert_eq!(ask("GET", &path, &ours).send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn claims_of_another_issuer_are_judged_like_our_own() {
    let issuer = Issuer::start().await;
    let pair = Pair::ec("e");
    issuer.publish(&[&pair]).await;
    let service = issuer.service().await;
    let changed = |change: fn(&mut Value)| {
        let mut claims = claims();
        change(&mut claims);
        pair.sign(&claims)
    };
    for (token, why) in [
        (
            changed(|c| c["iss"] = json!("https://another.example")),
            "the token was issued by somebody else",
        ),
        (
            changed(|c| c["iss"] = json!("orchestrate")),
            "the token was issued by somebody else",
        ),
        (
            changed(|c| c["aud"] = json!("another-api")),
            "the token was issued for somebody else",
        ),
        (
            changed(|c| c["aud"] = json!("orchestrate-api")),
            "the token was issued for somebody else",
        ),
        (
            changed(|c| c["type"] = json!("refresh")),
            "the token is not an access token",
        ),
        (
            changed(|c| c["nbf"] = json!(9_999_999_999_u64)),
            "the token is not valid yet",
        ),
        (
            changed(|c| c["scope"] = json!(7)),
            "the token lacks a claim that is needed",
        ),
        (
            changed(|c| drop(c.as_object_mut().unwrap().remove("exp"))),
            "the token lacks a claim that is needed",
        ),
    ] {
        refused(&service, &token, why).await;
    }
    let late = changed(|c| c["exp"] = json!(1));
    expect_problem(verify(&service, &late), 401, "token_expired").await;
}

#[tokio::test]
async fn a_token_must_be_signed_as_its_key_is_meant() {
    let issuer = Issuer::start().await;
    let (rsa, ec, stranger) = (Pair::rsa("r"), Pair::ec("e"), Pair::ec("e"));
    issuer.publish(&[&rsa, &ec]).await;
    let service = issuer.service().await;
    refused(
        &service,
        &stranger.sign(&claims()),
        "the signature does not match",
    )
    .await;
    let mut confused = rsa.header();
    confused.alg = Algorithm::ES256;
    let token = encode(&confused, &claims(), &ec.private).unwrap();
    refused(
        &service,
        &token,
        "the token is signed with another algorithm than its key is for",
    )
    .await;
    // What is public is no secret: neither as JSON nor as its parts.
    let jwk = rsa.published();
    for text in [jwk.to_string(), jwk["n"].as_str().unwrap().to_owned()] {
        for algorithm in [Algorithm::HS256, Algorithm::HS384] {
            let header = Header {
                kid: Some("r".to_owned()),
                ..Header::new(algorithm)
            };
            let token = encode(&header, &claims(), &EncodingKey::from_secret(text.as_bytes())).unwrap();
            expect_problem(verify(&service, &token), 401, "token_invalid").await;
        }
    }
    let unsigned = ec.sign(&claims());
    let payload = unsigned.split('.').nth(1).unwrap();
    // {"alg":"none","kid":"e"}
    for token in [
        format!("eyJhbGciOiJub25lIiwia2lkIjoiZSJ9.{payload}."),
        format!("{}.", &unsigned[..unsigned.rfind('.').unwrap()]),
    ] {
        expect_problem(verify(&service, &token), 401, "token_invalid").await;
    }
}

#[tokio::test]
async fn keys_that_a_token_brings_along_are_never_looked_at() {
    let issuer = Issuer::start().await;
    let (pair, own) = (Pair::ec("e"), Pair::ec("mine"));
    issuer.publish(&[&pair]).await;
    let service = issuer.service().await;
    let elsewhere = Issuer::start().await;
    elsewhere.publish(&[&own]).await;
    let address = format!("{}/keys", elsewhere.server.uri());
    let header = |kid: &str| Header {
        kid: Some(kid.to_owned()),
        jku: Some(address.clone()),
        x5u: Some(address.clone()),
        jwk: serde_json::from_value(own.published()).ok(),
        ..Header::new(Algorithm::ES256)
    };
    let token = |kid: &str| encode(&header(kid), &claims(), &own.private).unwrap();
    refused(
        &service,
        &token("mine"),
        "the token is signed with a key that its issuer does not publish",
    )
    .await;
    refused(&service, &token("e"), "the signature does not match").await;
    assert_eq!(elsewhere.fetches(), 0);
    let critical = Header {
        crit: Some(vec!["b64".to_owned()]),
        ..pair.header()
    };
    let critical = encode(&critical, &claims(), &pair.private).unwrap();
    refused(&service, &critical, "the token is malformed").await;
}

/// A gate that fetches whenever it may, so that a test need not wait.
fn eager(issuer: &Issuer, fresh: Duration) -> Foreign {
    let address = format!("{}/keys", issuer.server.uri()).parse().unwrap();
    let policy = KeyPolicy {
        fresh,
        pause: Duration::ZERO,
        ..KeyPolicy::default()
    };
    let ring = KeyRing::new(Arc::new(HttpKeys::new(address)), policy);
    Foreign::new(ring, ISSUER, AUDIENCE, Duration::ZERO)
}

#[tokio::test]
async fn keys_are_rotated_without_a_restart() {
    let issuer = Issuer::start().await;
    let (old, new) = (Pair::ec("old"), Pair::rsa("new"));
    issuer.publish(&[&old]).await;
    let foreign = eager(&issuer, Duration::from_secs(300));
    assert!(foreign.caller(&old.sign(&claims())).await.is_ok());
    issuer.publish(&[&old, &new]).await;
    assert!(foreign.caller(&new.sign(&claims())).await.is_ok());
    issuer.publish(&[&new]).await;
    let unknown = foreign.caller(&Pair::ec("x").sign(&claims())).await;
    assert_eq!(unknown, Err(Refusal::Invalid(TokenError::UnknownKey)));
    let gone = foreign.caller(&old.sign(&claims())).await;
    assert_eq!(gone, Err(Refusal::Invalid(TokenError::UnknownKey)));
}

#[tokio::test]
async fn known_keys_are_used_while_the_issuer_is_away() {
    let issuer = Issuer::start().await;
    let (pair, new) = (Pair::ec("e"), Pair::ec("new"));
    issuer.publish(&[&pair]).await;
    let foreign = eager(&issuer, Duration::ZERO);
    assert!(foreign.caller(&pair.sign(&claims())).await.is_ok());
    issuer.answer(ResponseTemplate::new(503)).await;
    assert!(foreign.caller(&pair.sign(&claims())).await.is_ok());
    assert_eq!(issuer.fetches(), 2);
    assert_eq!(foreign.caller(&new.sign(&claims())).await, Err(Refusal::KeysAway));
}

#[tokio::test]
async fn an_unknown_key_does_not_flood_the_issuer() {
    let issuer = Issuer::start().await;
    let (pair, stranger) = (Pair::ec("e"), Pair::ec("s"));
    issuer.publish(&[&pair]).await;
    let service = issuer.service().await;
    assert_eq!(
        verify(&service, &pair.sign(&claims()))
            .send()
            .await
            .unwrap()
            .status(),
        200
    );
    let before = issuer.fetches();
    for _ in 0..20 {
        refused(
            &service,
            &stranger.sign(&claims()),
            "the token is signed with a key that its issuer does not publish",
        )
        .await;
    }
    // The pause may have ended once on a slow machine.
    assert!(issuer.fetches() <= before + 1, "{} fetches", issuer.fetches());
}

#[tokio::test]
async fn an_issuer_that_is_away_is_503_until_it_is_back_and_stops_nobody_else() {
    let issuer = Issuer::start().await;
    let pair = Pair::ec("e");
    for odd in [
        ResponseTemplate::new(500),
        ResponseTemplate::new(302).insert_header("location", "http://127.0.0.1:1/keys"),
        ResponseTemplate::new(200).set_body_string("<html>"),
        ResponseTemplate::new(200)
            .set_body_string(format!("{{\"keys\":[],\"x\":\"{}\"}}", "x".repeat(400_000))),
    ] {
        issuer.answer(odd).await;
        let service = issuer.service().await;
        expect_problem(verify(&service, &pair.sign(&claims())), 503, "issuer_unavailable").await;
        let response = verify(&service, &pair.sign(&claims())).send().await.unwrap();
        assert_eq!(header(&response, "retry-after"), "5");
        let own = verify(&service, &service.token()).send().await.unwrap();
        assert_eq!(own.status(), 200);
    }
}
