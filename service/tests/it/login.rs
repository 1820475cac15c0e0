//! Logging in, with a client that follows redirects by hand. Bugs of the original: 21 (a restart lost the login), 22 (the start
//! crashed), 29 (a login ended anywhere), 45 (tokens in cookies that a browser dropped on the way).

use orchestrate::config::Settings;
use orchestrate::login::flow::challenge_of;
use orchestrate::login::{Admitted, ProviderAt};
use orchestrate::providers::dev_oidc::{CLIENT_ID, DevProvider};
use reqwest::{Client, Response, Url};
use serde_json::{Value, json};

use crate::support::{Service, Shelf, expect_problem, header, json as read, settings, start, start_with};

/// Where logins of the tests end.
pub(crate) const PAGE: &str = "http://localhost:3000/";

pub(crate) fn browser() -> Client {
    Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap()
}

pub(crate) async fn get(address: &Url) -> Response {
    browser().get(address.clone()).send().await.unwrap()
}

/// Where an answer sends the browser.
pub(crate) fn sent_to(response: &Response) -> Url {
    assert_eq!(response.status(), 302);
    header(response, "location").parse().unwrap()
}

pub(crate) fn query(address: &Url, name: &str) -> Option<String> {
    let mut pairs = address.query_pairs();
    pairs
        .find(|(known, _)| known == name)
        .map(|(_, value)| value.into_owned())
}

/// A request with these parameters.
fn ask(service: &Service, path: &str, pairs: &[(&str, &str)]) -> reqwest::RequestBuilder {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish();
    service.request("GET", &format!("{path}?{query}"))
}

/// Begins a login: the provider's address.
pub(crate) async fn begin(service: &Service, more: &[(&str, &str)]) -> Url {
    let pairs = [&[("redirect_uri", PAGE)], more].concat();
    let request = ask(service, "/auth/login", &pairs);
    sent_to(&request.send().await.unwrap())
}

/// Goes through the provider without its page: our callback.
pub(crate) async fn through(mut provider: Url) -> Url {
    provider.query_pairs_mut().append_pair("prompt", "none");
    sent_to(&get(&provider).await)
}

/// Comes back to a service, which may be another instance: where the login ends.
pub(crate) async fn back(service: &Service, callback: &Url) -> Url {
    let path = format!("/auth/callback?{}", callback.query().unwrap());
    let response = service.request("GET", &path).send().await.unwrap();
    assert_eq!(header(&response, "cache-control"), "no-store");
    assert_eq!(header(&response, "referrer-policy"), "no-referrer");
    assert_eq!(header(&response, "set-cookie"), "");
    sent_to(&response)
}

pub(crate) fn redeem(service: &Service, body: &Value) -> reqwest::RequestBuilder {
    service.request("POST", "/auth/token").json(body)
}

#[tokio::test]
async fn bug_22_a_login_begins_with_a_redirect_to_the_provider() {
    let service = start().await;
    let provider = begin(&service, &[]).await;
    assert_eq!(provider.host_str(), Some("127.0.0.1"));
    for (name, value) in [
        ("response_type", "code"),
        ("client_id", CLIENT_ID),
        ("scope", "openid email"),
        ("code_challenge_method", "S256"),
    ] {
        assert_eq!(query(&provider, name).as_deref(), Some(value));
    }
    for name in ["state", "nonce", "code_challenge"] {
        assert_eq!(query(&provider, name).unwrap().len(), 43, "{name}");
    }
    let callback = query(&provider, "redirect_uri").unwrap();
    assert_eq!(callback, format!("{}/auth/callback", service.running.base_url()));
    // Nothing is the same twice.
    let again = begin(&service, &[]).await;
    assert_ne!(query(&provider, "state"), query(&again, "state"));
}

#[tokio::test]
async fn bug_45_a_person_logs_in_and_out_and_no_token_is_ever_in_an_address_or_a_cookie() {
    let service = start().await;
    let provider = begin(&service, &[]).await;
    let page = get(&provider).await.text().await.unwrap();
    assert!(
        page.contains("It believes everybody") && page.contains("<form method=post>"),
        "{page}"
    );
    let mut form: Vec<(String, String)> = provider.query_pairs().into_owned().collect();
    form.push(("login_hint".to_owned(), "ana@example.com".to_owned()));
    let mut action = provider.clone();
    action.set_query(None);
    let approved = browser().post(action).form(&form).send().await.unwrap();
    let end = back(&service, &sent_to(&approved)).await;
    assert!(end.as_str().starts_with(PAGE), "{end}");
    let named: Vec<_> = end.query_pairs().map(|(name, _)| name.into_owned()).collect();
    assert_eq!(named, ["code"]);
    let code = query(&end, "code").unwrap();
    let response = redeem(&service, &json!({"code": code})).send().await.unwrap();
    assert_eq!(header(&response, "cache-control"), "no-store");
    let (status, tokens) = read(response).await;
    assert_eq!(
        (status, &tokens["token_type"]),
        (200, &json!("Bearer")),
        "{tokens}"
    );
    let token = tokens["access_token"].as_str().unwrap();
    let verify = || service.request("GET", "/auth/verify").bearer_auth(token);
    let (_, caller) = read(verify().send().await.unwrap()).await;
    assert_eq!(caller["subject"], "ana@example.com");
    let refresh = json!({"refresh_token": tokens["refresh_token"]});
    let refreshed = service
        .request("POST", "/auth/refresh")
        .json(&refresh)
        .send()
        .await;
    assert_eq!(refreshed.unwrap().status(), 200);
    let logout = service
        .request("POST", "/auth/logout")
        .bearer_auth(token)
        .send()
        .await;
    assert_eq!(logout.unwrap().status(), 204);
    expect_problem(verify(), 401, "session_ended").await;
}

/// Settings of an instance on this database, with this provider.
fn shared(shelf: &Shelf, issuer: &str) -> Settings {
    with(shelf.with(settings()), issuer)
}

pub(crate) fn with(mut settings: Settings, issuer: &str) -> Settings {
    let mut login = settings.login.take().unwrap();
    login.provider = ProviderAt::Issuer(issuer.to_owned());
    settings.login = Some(login);
    settings
}

#[tokio::test]
async fn bug_21_a_login_outlives_a_restart_and_goes_on_at_another_instance() {
    let provider = DevProvider::start().unwrap();
    let shelf = Shelf::new().await;
    let first = start_with(shared(&shelf, provider.issuer())).await;
    let callback = through(begin(&first, &[]).await).await;
    first.running.shutdown().await.unwrap();
    let second = start_with(shared(&shelf, provider.issuer())).await;
    let code = query(&back(&second, &callback).await, "code").unwrap();
    second.running.shutdown().await.unwrap();
    let third = start_with(shared(&shelf, provider.issuer())).await;
    let (status, body) = read(redeem(&third, &json!({"code": code})).send().await.unwrap()).await;
    assert_eq!(status, 200, "{body}");
}

#[tokio::test]
async fn bug_29_a_login_ends_where_it_is_configured_and_nowhere_else() {
    let service = start().await;
    for hostile in [
        "https://evil.example/",
        "http://localhost:3000",
        "http://localhost:3000/?x=1",
        "http://localhost:3000/#x",
        "http://localhost:3000//evil.example",
        "http://localhost:3000.evil.example/",
        "http://localhost:3000@evil.example/",
        "http://LOCALHOST:3000/",
        "//evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "",
        "\r\nlocation: https://evil.example/",
    ] {
        let request = ask(&service, "/auth/login", &[("redirect_uri", hostile)]);
        let problem = expect_problem(request, 400, "login_redirect_refused").await;
        assert!(!problem.to_string().contains("evil"), "{problem}");
    }
    let request = service.request("GET", "/auth/login");
    assert_eq!(
        request.send().await.unwrap().status(),
        302,
        "the first that is configured"
    );
}

#[tokio::test]
async fn a_state_that_nobody_gave_or_that_came_back_before_ends_nowhere() {
    let service = start().await;
    let callback = through(begin(&service, &[]).await).await;
    let state = query(&callback, "state").unwrap();
    let call = |query: &str| service.request("GET", &format!("/auth/callback?{query}"));
    for odd in [
        "",
        "code=x",
        "code=x&state=",
        "error=access_denied&state=x",
        &format!("state={}", "a".repeat(5000)),
    ] {
        expect_problem(call(odd), 400, "login_state_unknown").await;
    }
    let swapped: String = state.chars().rev().collect();
    expect_problem(
        call(&format!("code=x&state={swapped}")),
        400,
        "login_state_unknown",
    )
    .await;
    back(&service, &callback).await;
    expect_problem(call(callback.query().unwrap()), 400, "login_state_unknown").await;
}

#[tokio::test]
async fn a_code_for_tokens_is_good_once() {
    let service = start().await;
    let end = back(&service, &through(begin(&service, &[]).await).await).await;
    let body = json!({"code": query(&end, "code")});
    assert_eq!(redeem(&service, &body).send().await.unwrap().status(), 200);
    expect_problem(redeem(&service, &body), 400, "login_code_invalid").await;
    expect_problem(redeem(&service, &json!({"code": "x"})), 400, "login_code_invalid").await;
    for body in [
        json!({}),
        json!({"code": ""}),
        json!({"code": 7}),
        json!({"code": "x".repeat(300)}),
        json!(7),
    ] {
        expect_problem(redeem(&service, &body), 422, "body_invalid").await;
    }
}

#[tokio::test]
async fn a_page_that_gave_a_challenge_is_the_only_one_that_gets_the_tokens() {
    let service = start().await;
    let verifier = "a secret of the page's that nobody can guess";
    let challenge = challenge_of(verifier);
    let code = async |more: &[(&str, &str)]| {
        let end = back(&service, &through(begin(&service, more).await).await).await;
        query(&end, "code").unwrap()
    };
    let challenged = [("code_challenge", &*challenge)];
    let good = json!({"code": code(&challenged).await, "code_verifier": verifier});
    assert_eq!(redeem(&service, &good).send().await.unwrap().status(), 200);
    let stolen = json!({"code": code(&challenged).await});
    expect_problem(redeem(&service, &stolen), 400, "login_code_invalid").await;
    let guessed = json!({"code": code(&challenged).await, "code_verifier": "x"});
    expect_problem(redeem(&service, &guessed), 400, "login_code_invalid").await;
    // A login that somebody else began, for this page to fall for.
    let foisted = json!({"code": code(&[]).await, "code_verifier": verifier});
    expect_problem(redeem(&service, &foisted), 400, "login_code_invalid").await;
    let odd = ask(&service, "/auth/login", &[("code_challenge", "x")]);
    expect_problem(odd, 400, "login_challenge_invalid").await;
}

#[tokio::test]
async fn what_the_provider_says_went_wrong_is_told_to_the_page_in_known_words() {
    let service = start().await;
    for (error, told) in [
        ("access_denied", "access_denied"),
        ("temporarily_unavailable", "temporarily_unavailable"),
        ("<script>alert(1)</script>", "server_error"),
    ] {
        let state = query(&begin(&service, &[]).await, "state").unwrap();
        let pairs = [("error", error), ("state", &*state)];
        let response = ask(&service, "/auth/callback", &pairs).send().await.unwrap();
        assert_eq!(sent_to(&response).as_str(), format!("{PAGE}?error={told}"));
    }
    // Another provider's answer (RFC 9207), and a code that is none.
    let callback = through(begin(&service, &[]).await).await;
    for (from, to) in [("iss=http", "iss=https"), ("code=", "code=x")] {
        let fresh = through(begin(&service, &[]).await).await;
        let changed = Url::parse(&fresh.as_str().replace(from, to)).unwrap();
        assert_eq!(
            back(&service, &changed).await.as_str(),
            format!("{PAGE}?error=server_error")
        );
    }
    assert!(query(&back(&service, &callback).await, "code").is_some());
}

#[tokio::test]
async fn who_is_not_admitted_gets_no_session() {
    let mut settings = settings();
    let mut login = settings.login.take().unwrap();
    login.admitted = Admitted::of(&["@acme.example".to_owned()]);
    settings.login = Some(login);
    let service = start_with(settings).await;
    let mut provider = begin(&service, &[]).await;
    let end = back(&service, &through(provider.clone()).await).await;
    assert_eq!(end.as_str(), format!("{PAGE}?error=access_denied"));
    provider = begin(&service, &[]).await;
    provider
        .query_pairs_mut()
        .append_pair("login_hint", "ana@acme.example");
    let end = back(&service, &through(provider).await).await;
    assert!(query(&end, "code").is_some(), "{end}");
}

#[tokio::test]
async fn without_a_provider_nobody_can_log_in_and_is_told_so() {
    let mut settings = settings();
    settings.login = None;
    let service = start_with(settings).await;
    for path in ["/auth/login", "/auth/callback?state=x&code=y"] {
        expect_problem(service.request("GET", path), 404, "login_not_configured").await;
    }
    expect_problem(
        redeem(&service, &json!({"code": "x"})),
        404,
        "login_not_configured",
    )
    .await;
}
