//! Right after a deploy the paid proof is made once for a build, however often the pipeline is run: under a key of build and
//! suite, where the contract says that the service takes one.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

use crate::binary::{greenlight_in, ran};

/// The deployed build.
const BUILD: &str = "fedcba9876543210fedcba9876543210fedcba98";
const TOKEN: &str = "token-of-a-tester";

const PROFILE: &str = r#"
[service]
name = "summaries"
health = "/health"
version = { route = "/health", pointer = "/commit" }

[auth]
kind = "bearer"
token_env = "TOKEN"

[[prove]]
call = "POST /summaries"
protected = true
effect = "paid"
body = { text = "The kitchen closes at ten." }
expect = { "/summary" = "nonempty" }
"#;

/// An operation that is paid for each time, unless its key is known.
#[derive(Debug, Clone, Default)]
struct Summaries(Arc<Mutex<Vec<Option<String>>>>);

impl Respond for Summaries {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let header = |name: &str| request.headers.get(name).and_then(|value| value.to_str().ok());
        if header("authorization") != Some(&format!("Bearer {TOKEN}")) {
            return ResponseTemplate::new(401).insert_header("www-authenticate", "Bearer");
        }
        if serde_json::from_slice::<Value>(&request.body).is_err() {
            return ResponseTemplate::new(400).set_body_json(json!({"detail": "not JSON"}));
        }
        let key = header("idempotency-key").map(str::to_owned);
        let mut keys = self.0.lock().unwrap();
        let answer = ResponseTemplate::new(200).set_body_json(json!({"summary": "It closes at ten."}));
        if key.is_some() && keys.contains(&key) {
            return answer.insert_header("idempotent-replayed", "true");
        }
        keys.push(key);
        answer
    }
}

impl Summaries {
    /// Calls that were paid for, by key.
    fn paid(&self) -> HashMap<Option<String>, usize> {
        let mut counted = HashMap::new();
        for key in self.0.lock().unwrap().iter() {
            *counted.entry(key.clone()).or_default() += 1;
        }
        counted
    }
}

/// A service of the build, which serves a contract with this header parameter.
async fn service(parameter: &str) -> (MockServer, Summaries) {
    let server = MockServer::start().await;
    let summaries = Summaries::default();
    let parameters = json!([{"name": parameter, "in": "header", "schema": {"type": "string"}}]);
    let accepted = json!({"200": {"description": "done"}, "401": {"description": "who?"}});
    let contract = json!({
        "openapi": "3.1.0",
        "info": {"title": "summaries", "version": "1"},
        "paths": {
            "/health": {"get": {"responses": accepted}},
            "/summaries": {"post": {"parameters": parameters, "responses": accepted}},
        },
    });
    let health = json!({"status": "healthy", "commit": BUILD});
    let served = [("/health", health), ("/openapi.json", contract)];
    for (route, body) in served {
        let read = Mock::given(method("GET")).and(path(route));
        read.respond_with(ResponseTemplate::new(200).set_body_json(body))
            .mount(&server)
            .await;
    }
    Mock::given(method("POST"))
        .and(path("/summaries"))
        .respond_with(summaries.clone())
        .mount(&server)
        .await;
    (server, summaries)
}

/// The report of a run right after the deploy.
async fn verified(server: &MockServer, more: &[&str]) -> (Value, String) {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("greenlight.toml"), PROFILE).unwrap();
    let url = server.uri();
    let fixed = ["verify", &url, "--wait", "1m", "--expect-version", &BUILD[..9]];
    let fixed = fixed.into_iter().chain(["--allow", "paid", "--format", "json"]);
    let mut command = greenlight_in(directory.path(), fixed.chain(more.iter().copied()));
    command.env("TOKEN", TOKEN);
    let done = ran(command).await;
    (done.json(), done.err)
}

/// What is said of the proofs.
fn remarks(report: &Value) -> Vec<&str> {
    let findings = report["findings"].as_array().unwrap();
    let proofs = findings.iter().filter(|found| found["check"] == "journey/proofs");
    proofs.map(|found| found["title"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_pipeline_that_is_run_again_for_the_same_build_pays_nothing_and_says_so() {
    let (server, summaries) = service("Idempotency-Key").await;
    let (first, err) = verified(&server, &["--suite", "smoke"]).await;
    assert_eq!(remarks(&first), Vec::<&str>::new(), "{err}");
    assert!(err.contains("1 of 1 paid"), "{err}");
    let (second, err) = verified(&server, &["--suite", "smoke"]).await;
    assert_eq!(
        remarks(&second),
        ["POST /summaries was answered from its store: a run before this one paid for this build"],
        "{err}"
    );
    let proven = |report: &Value| {
        report["proofs"]
            .as_array()
            .unwrap()
            .iter()
            .all(|proof| proof["proven"] == true)
    };
    assert!(proven(&first) && proven(&second), "{err}");
    assert_eq!(summaries.paid().values().collect::<Vec<_>>(), [&1]);
    // Another suite asks another question.
    verified(&server, &["--suite", "contract"]).await;
    assert_eq!(summaries.paid().len(), 2);
    assert!(summaries.paid().keys().all(Option::is_some));
}

#[tokio::test]
async fn a_service_that_documents_no_key_is_sent_none() {
    let (server, summaries) = service("X-Trace").await;
    for _ in 0..2 {
        verified(&server, &["--suite", "smoke"]).await;
    }
    assert_eq!(summaries.paid(), HashMap::from([(None, 2)]));
}

/// A repeat of an answer shows nothing, so where more may be paid each call is one of its own.
#[tokio::test]
async fn a_run_that_may_pay_more_often_compares_answers_and_sends_none() {
    let (server, summaries) = service("Idempotency-Key").await;
    verified(&server, &["--suite", "smoke", "--budget", "paid=2"]).await;
    assert!(
        summaries.paid().keys().all(Option::is_none),
        "{:?}",
        summaries.paid()
    );
}
