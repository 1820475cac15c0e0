//! Whoever reads the log of the service, of a page's host, of the token server or of what is notified knows us and each request of
//! ours: one that says who asks on every request, and an id that no other request has.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::json;
use wiremock::matchers::{any, path};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use crate::binary::{Ran, greenlight_in, ran};

const AGENT: &str = concat!("greenlight/", env!("CARGO_PKG_VERSION"));
const BUILD: &str = "fedcba9876543210fedcba9876543210fedcba98";

/// A service whose contract, tokens, page and notices all go over the same host, which writes down what it is asked.
async fn host() -> MockServer {
    let server = MockServer::start().await;
    let document = json!({
        "openapi": "3.1.0",
        "info": {"title": "notes", "version": "1"},
        "paths": {
            "/health": {"get": {"security": [], "responses": {"200": {"description": "well"}}}},
            "/me": {"get": {"responses": {"200": {"description": "you"}, "401": {"description": "who?"}}}},
        },
        "components": {"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}}},
        "security": [{"bearer": []}],
    });
    let token = json!({"access_token": "ey.granted.token", "token_type": "Bearer", "expires_in": 60});
    let page = "<!doctype html><title>notes</title><script src=/app.js></script>";
    let answers = [
        (
            "/openapi.json",
            ResponseTemplate::new(200).set_body_json(document),
        ),
        ("/oauth/token", ResponseTemplate::new(200).set_body_json(token)),
        ("/notices", ResponseTemplate::new(204)),
        (
            "/health",
            ResponseTemplate::new(200).set_body_json(json!({"status": "healthy"})),
        ),
        (
            "/version",
            ResponseTemplate::new(200).set_body_json(json!({"commit": BUILD})),
        ),
        ("/app", ResponseTemplate::new(200).set_body_raw(page, "text/html")),
        (
            "/app.js",
            ResponseTemplate::new(200).set_body_raw("fetch('/me')", "text/javascript"),
        ),
    ];
    for (at, answer) in answers {
        Mock::given(path(at)).respond_with(answer).mount(&server).await;
    }
    let refused = ResponseTemplate::new(401).set_body_json(json!({"detail": "who are you?"}));
    Mock::given(any()).respond_with(refused).mount(&server).await;
    server
}

/// What each request said of itself: its path, who asked, and its id.
fn said(requests: &[Request]) -> Vec<(String, Vec<String>, Vec<String>)> {
    let values = |request: &Request, name: &str| {
        let values = request.headers.get_all(name).iter();
        values.map(|value| value.to_str().unwrap().to_owned()).collect()
    };
    let one = |request: &Request| {
        let call = format!("{} {}", request.method, request.url.path());
        (
            call,
            values(request, "user-agent"),
            values(request, "x-request-id"),
        )
    };
    requests.iter().map(one).collect()
}

async fn greenlight(directory: &Path, arguments: &[&str]) -> Ran {
    let mut command = greenlight_in(directory, arguments.iter().copied());
    command
        .env("THEIR_ID", "reader")
        .env("THEIR_SECRET", "a-secret-of-theirs");
    ran(command).await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_request_of_every_command_says_who_asks_and_has_an_id_of_its_own() {
    let server = host().await;
    let url = server.uri();
    let directory = tempfile::tempdir().unwrap();
    let profile = format!(
        r#"
[service]
version = {{ route = "/version", pointer = "/commit" }}
[[client]]
origin = "{url}"
page = "/app"
credentials = "omit"
calls = [{{ call = "GET /me", headers = ["authorization"] }}]
[auth]
kind = "oauth2-client-credentials"
token_url = "{url}/oauth/token"
client = {{ id_env = "THEIR_ID", secret_env = "THEIR_SECRET" }}
[[prove]]
call = "GET /me"
"#
    );
    std::fs::write(directory.path().join("p.toml"), profile).unwrap();
    let (contract, notices) = (format!("{url}/openapi.json"), format!("json={url}/notices"));
    let known = ["--profile", "p.toml", "--contract", &contract];
    let mut seen = 0;
    for (command, more, asked) in [
        (
            vec![
                "verify",
                &url,
                "--notify",
                &notices,
                "--expect-version",
                BUILD,
                "--wait",
                "20s",
            ],
            known.as_slice(),
            [
                "GET /openapi.json",
                "POST /oauth/token",
                "POST /notices",
                "GET /app",
                "GET /version",
            ]
            .as_slice(),
        ),
        (
            vec!["diagnose", &url],
            &known,
            &[
                "GET /openapi.json",
                "POST /oauth/token",
                "GET /app",
                "GET /app.js",
                "GET /health",
            ],
        ),
        (
            vec!["wait", &url, "--expect-version", BUILD, "--for", "20s"],
            &known[..2],
            &["GET /version"],
        ),
        (vec!["doctor", &url], &[], &[]),
    ] {
        let arguments = [command.as_slice(), more].concat();
        let run = greenlight(directory.path(), &arguments).await;
        let all = said(&server.received_requests().await.unwrap());
        let fresh = &all[seen..];
        assert!(!fresh.is_empty(), "{command:?} asked nothing: {run:#?}");
        for wanted in asked {
            assert!(
                fresh.iter().any(|(call, ..)| call == wanted),
                "{command:?} did not {wanted}: {run:#?}"
            );
        }
        seen = all.len();
    }
    all_are_known(&said(&server.received_requests().await.unwrap()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_diagnosis_that_goes_on_from_a_page_to_its_api_begins_no_id_anew() {
    let (api, page) = (host().await, MockServer::start().await);
    let document = "<!doctype html><title>notes</title><script src=/app.js></script>";
    let script = format!("fetch('{}/me', {{headers: {{authorization: token}}}})", api.uri());
    for (at, text, media_type) in [
        ("/app", document, "text/html"),
        ("/app.js", &script, "text/javascript"),
    ] {
        let answer = ResponseTemplate::new(200).set_body_raw(text, media_type);
        Mock::given(path(at)).respond_with(answer).mount(&page).await;
    }
    let none = ResponseTemplate::new(404).set_body_raw("<!doctype html><h1>404</h1>", "text/html");
    Mock::given(any()).respond_with(none).mount(&page).await;
    let directory = tempfile::tempdir().unwrap();
    let run = greenlight(directory.path(), &["diagnose", &format!("{}/app", page.uri())]).await;
    let mut all = said(&page.received_requests().await.unwrap());
    assert!(all.iter().any(|(call, ..)| call == "GET /app.js"), "{run:#?}");
    let led = said(&api.received_requests().await.unwrap());
    assert!(led.len() > 3, "it did not come to the API: {run:#?}");
    all.extend(led);
    all_are_known(&all);
}

/// Each says who asks, and has an id that no other has.
fn all_are_known(all: &[(String, Vec<String>, Vec<String>)]) {
    let mut ids: BTreeMap<&str, &str> = BTreeMap::new();
    for (call, agents, sent) in all {
        assert_eq!(agents, &[AGENT], "{call}");
        let [id] = sent.as_slice() else {
            panic!("{call} has the ids {sent:?}")
        };
        // A check sends one of its own making, to see what becomes of it.
        if id.starts_with("gl-")
            && let Some(before) = ids.insert(id, call)
        {
            panic!("{call} and {before} have one id, {id}");
        }
    }
    assert!(
        ids.len() + 8 > all.len(),
        "{} ids in {} requests",
        ids.len(),
        all.len()
    );
}
