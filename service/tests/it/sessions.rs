//! Sessions: renewing with a refresh token that is good once, and ending for all at once. Bug 5 of the original: every refresh
//! was a 500; bug 40: a refresh token passed for an access token.

use futures_util::future::join_all;
use orchestrate::auth::caller::{Scope, Scopes};
use orchestrate::auth::mint::{TokenRequest, mint};
use orchestrate::auth::session::SessionBook;
use orchestrate::storage;
use reqwest::RequestBuilder;
use serde_json::{Value, json};

use crate::keys::Kept;
use crate::support::{Service, expect_problem, header, json as read, start};

/// The tokens of a new session.
fn begin(kept: &Kept) -> Value {
    let output = kept.command(&["token", "--session", "--subject", "ana"]);
    serde_json::from_slice(&output.stdout).unwrap()
}

fn access(tokens: &Value) -> &str {
    tokens["access_token"].as_str().unwrap()
}

fn refresh(service: &Service, tokens: &Value) -> RequestBuilder {
    let body = json!({"refresh_token": tokens["refresh_token"]});
    service.request("POST", "/auth/refresh").json(&body)
}

fn verify(service: &Service, tokens: &Value) -> RequestBuilder {
    service.request("GET", "/auth/verify").bearer_auth(access(tokens))
}

fn logout(service: &Service, token: &str) -> RequestBuilder {
    service.request("POST", "/auth/logout").bearer_auth(token)
}

async fn status(request: RequestBuilder) -> u16 {
    request.send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn bug_5_a_good_refresh_token_gives_the_next_pair() {
    let kept = Kept::start().await;
    let first = begin(&kept);
    assert_eq!(status(verify(&kept.service, &first)).await, 200);
    let response = refresh(&kept.service, &first).send().await.unwrap();
    assert_eq!(header(&response, "cache-control"), "no-store");
    let (status_, next) = read(response).await;
    assert_eq!(status_, 200, "{next}");
    assert_eq!(next["token_type"], "Bearer");
    assert_eq!(next["expires_in"], 900);
    assert_eq!(
        next["scope"],
        "orchestrate curations:read curations:write usage:read"
    );
    assert_ne!(next["refresh_token"], first["refresh_token"]);
    let (_, caller) = read(verify(&kept.service, &next).send().await.unwrap()).await;
    assert_eq!(caller["subject"], "ana");
    // The access token of before is good until it expires: its session goes on.
    assert_eq!(status(verify(&kept.service, &first)).await, 200);
    // Any instance takes the next one.
    assert_eq!(status(refresh(&kept.second().await, &next)).await, 200);
}

#[tokio::test]
async fn a_refresh_token_that_is_shown_twice_ends_the_session_and_its_access_tokens() {
    let kept = Kept::start().await;
    let first = begin(&kept);
    let (_, next) = read(refresh(&kept.service, &first).send().await.unwrap()).await;
    let stolen = expect_problem(refresh(&kept.service, &first), 401, "refresh_token_reused").await;
    assert!(
        !stolen
            .to_string()
            .contains(first["refresh_token"].as_str().unwrap())
    );
    for tokens in [&first, &next] {
        expect_problem(verify(&kept.service, tokens), 401, "session_ended").await;
    }
    expect_problem(refresh(&kept.service, &next), 401, "session_ended").await;
}

#[tokio::test]
async fn of_many_refreshes_at_once_exactly_one_wins() {
    let kept = Kept::start().await;
    let first = begin(&kept);
    let answers = join_all((0..16).map(|_| status(refresh(&kept.service, &first)))).await;
    let won = answers.iter().filter(|status| **status == 200).count();
    assert_eq!(won, 1, "{answers:?}");
    assert!(
        answers.iter().all(|status| [200, 401].contains(status)),
        "{answers:?}"
    );
}

#[tokio::test]
async fn bug_40_access_and_refresh_tokens_are_never_mistaken_for_each_other() {
    let kept = Kept::start().await;
    let tokens = begin(&kept);
    let swapped = json!({"access_token": tokens["refresh_token"], "refresh_token": tokens["access_token"]});
    let problem = expect_problem(refresh(&kept.service, &swapped), 401, "token_invalid").await;
    assert_eq!(
        problem["detail"],
        "Invalid token: the token is not a refresh token"
    );
    expect_problem(verify(&kept.service, &swapped), 401, "token_invalid").await;
    expect_problem(logout(&kept.service, access(&swapped)), 401, "token_invalid").await;
    let body = json!({"text": "Good fish."});
    let paid = kept
        .service
        .request("POST", "/ai/orchestrate")
        .bearer_auth(access(&swapped));
    expect_problem(paid.json(&body), 401, "token_invalid").await;
    // None of that ended anything.
    assert_eq!(status(refresh(&kept.service, &tokens)).await, 200);
}

#[tokio::test]
async fn bug_5_a_bad_refresh_token_is_401_with_its_reason() {
    let service = start().await;
    let auth = &service.settings.auth;
    let of = |request: TokenRequest| mint(auth, &request.refresh()).unwrap();
    let plain = TokenRequest::access("ana");
    let unknown = TokenRequest {
        session: Some("0197-no-such-session".to_owned()),
        ..plain.clone()
    };
    for (token, code) in [
        ("garbage".to_owned(), "token_invalid"),
        ("a".repeat(8000), "token_invalid"),
        (of(plain.clone()), "token_invalid"),
        (of(unknown.clone().expired()), "token_expired"),
        (of(unknown), "session_ended"),
    ] {
        let tokens = json!({"refresh_token": token});
        expect_problem(refresh(&service, &tokens), 401, code).await;
        let response = refresh(&service, &tokens).send().await.unwrap();
        assert!(header(&response, "www-authenticate").contains("error=\"invalid_token\""));
        assert_eq!(header(&response, "cache-control"), "no-store");
    }
}

#[tokio::test]
async fn a_body_without_a_refresh_token_is_the_clients_mistake() {
    let service = start().await;
    let request = || service.request("POST", "/auth/refresh");
    for body in [
        json!({}),
        json!({"refresh_token": null}),
        json!({"refresh_token": ""}),
        json!({"refresh_token": 7}),
        json!([]),
    ] {
        expect_problem(request().json(&body), 422, "body_invalid").await;
    }
    let long = json!({"refresh_token": "a".repeat(9000)});
    expect_problem(request().json(&long), 422, "body_invalid").await;
    let json_type = || request().header("content-type", "application/json");
    expect_problem(json_type().body("{"), 400, "body_not_json").await;
    expect_problem(json_type().body("x".repeat(70_000)), 413, "body_too_large").await;
    expect_problem(request().body("refresh_token=x"), 415, "media_type_not_supported").await;
}

#[tokio::test]
async fn logout_ends_the_session_for_every_token_and_instance() {
    let kept = Kept::start().await;
    let second = kept.second().await;
    let (first, other) = (begin(&kept), begin(&kept));
    let (_, next) = read(refresh(&second, &first).send().await.unwrap()).await;
    let response = logout(&kept.service, access(&next)).send().await.unwrap();
    assert_eq!(
        (response.status().as_u16(), response.bytes().await.unwrap().len()),
        (204, 0)
    );
    for service in [&kept.service, &second] {
        for tokens in [&first, &next] {
            expect_problem(verify(service, tokens), 401, "session_ended").await;
        }
        expect_problem(refresh(service, &next), 401, "session_ended").await;
        expect_problem(logout(service, access(&next)), 401, "session_ended").await;
        assert_eq!(status(verify(service, &other)).await, 200);
    }
}

#[tokio::test]
async fn what_belongs_to_no_session_cannot_be_ended_and_is_told_so() {
    let kept = Kept::start().await;
    let token = kept.service.token();
    expect_problem(logout(&kept.service, &token), 409, "session_missing").await;
    let key = kept.key(&[]);
    let with_key = kept
        .service
        .request("POST", "/auth/logout")
        .header("x-api-key", key);
    expect_problem(with_key, 409, "session_missing").await;
    let still = kept.service.request("GET", "/auth/verify").bearer_auth(&token);
    assert_eq!(status(still).await, 200);
}

#[tokio::test]
async fn a_session_ends_by_itself_and_keeps_its_scopes() {
    let kept = Kept::start().await;
    let settings = &kept.service.settings;
    let data = storage::open(&settings.database, settings.limits.database_deadline)
        .await
        .unwrap();
    let begin = async |auth| {
        let book = SessionBook::new(&auth, data.clone());
        book.begin("ana", Scopes::of([Scope::UsageRead])).await.unwrap()
    };
    let going_on = begin(settings.auth.clone()).await;
    let body = json!({"refresh_token": going_on.refresh.expose()});
    let (_, next) = read(refresh(&kept.service, &body).send().await.unwrap()).await;
    assert_eq!(next["scope"], "usage:read");
    let paid = kept
        .service
        .request("POST", "/ai/orchestrate")
        .bearer_auth(access(&next));
    expect_problem(paid.json(&json!({"text": "x"})), 403, "scope_missing").await;
    let mut short = settings.auth.clone();
    short.session_ttl = std::time::Duration::ZERO;
    let over = begin(short).await;
    // Within the leeway of clocks the token itself is good; the session is not.
    let body = json!({"refresh_token": over.refresh.expose(), "access_token": over.access.expose()});
    expect_problem(refresh(&kept.service, &body), 401, "session_ended").await;
    expect_problem(verify(&kept.service, &body), 401, "session_ended").await;
}

#[tokio::test]
async fn the_command_s_tokens_have_the_scopes_that_were_asked_for() {
    let kept = Kept::start().await;
    let scope = ["--scope", "usage:read", "--scope", "curations:read"];
    let plain = kept.command(&[&["token"][..], &scope].concat());
    let token = crate::keys::text(&plain.stdout);
    let tokens = kept.command(&[&["token", "--session"][..], &scope].concat());
    let tokens: Value = serde_json::from_slice(&tokens.stdout).unwrap();
    for token in [token.trim(), access(&tokens)] {
        let tokens = json!({"access_token": token});
        let (_, caller) = read(verify(&kept.service, &tokens).send().await.unwrap()).await;
        assert_eq!(caller["scopes"], json!(["curations:read", "usage:read"]));
    }
    let odd = kept.command(&["token", "--session", "--expired"]);
    assert_eq!(odd.status.code(), Some(2));
}
