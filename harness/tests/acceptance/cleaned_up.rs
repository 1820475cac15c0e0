//! A run that may write leaves the service as it was: when it is over, and when somebody stops it.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::process::Command;
use tokio::sync::Notify;
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

use crate::binary::{greenlight_in, ran, with_hangup};

const PROFILE: &str = r#"
[service]
health = "/health"

[[prove]]
call = "POST /notes"
effect = "write"
body = { text = "The kitchen closes at ten." }
expect = { "/id" = "nonempty" }
"#;

/// The same service, of which nothing must work but its health: what is kept is read back, and deleted to see it gone.
const KEEPING: &str = r#"
[service]
health = "/health"

[[prove]]
call = "GET /health"
protected = false

[[keep]]
call = "POST /notes"
effect = "write"
body = { text = "The kitchen closes at ten." }
id = "/id"
read = "GET /notes/{id}"
delete = "DELETE /notes/{id}"
"#;

/// A read that rings a bell, and answers after so long.
struct Ringing(Arc<Notify>, Duration);

impl Respond for Ringing {
    fn respond(&self, _: &Request) -> ResponseTemplate {
        self.0.notify_one();
        ResponseTemplate::new(200)
            .set_body_json(json!({"id": "7"}))
            .set_delay(self.1)
    }
}

/// A service of notes that answers a DELETE so, and whose reads take so long.
async fn service(deleted: u16, slow: Duration) -> (MockServer, Arc<Notify>) {
    let server = MockServer::start().await;
    let done = json!({"200": {"description": "done"}});
    let id = json!([{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}]);
    let one = json!({"parameters": id, "responses": done});
    let contract = json!({
        "openapi": "3.1.0",
        "info": {"title": "notes", "version": "1"},
        "paths": {
            "/health": {"get": {"responses": done}},
            "/notes": {"post": {"responses": done}},
            "/notes/{id}": {"get": one, "delete": one},
        },
    });
    let reads = [
        ("/health", json!({"status": "healthy"})),
        ("/openapi.json", contract),
    ];
    for (route, body) in reads {
        let read = Mock::given(method("GET")).and(path(route));
        let answer = ResponseTemplate::new(200).set_body_json(body);
        read.respond_with(answer).mount(&server).await;
    }
    let created = ResponseTemplate::new(201).set_body_json(json!({"id": "7"}));
    let create = Mock::given(method("POST")).and(path("/notes"));
    create.respond_with(created).mount(&server).await;
    let bell = Arc::new(Notify::new());
    let read = Mock::given(method("GET")).and(path("/notes/7"));
    read.respond_with(Ringing(bell.clone(), slow))
        .mount(&server)
        .await;
    let delete = Mock::given(method("DELETE")).and(path("/notes/7"));
    delete
        .respond_with(ResponseTemplate::new(deleted))
        .mount(&server)
        .await;
    (server, bell)
}

fn directory() -> TempDir {
    with_profile(PROFILE)
}

fn with_profile(profile: &str) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("greenlight.toml"), profile).unwrap();
    directory
}

/// A run that may write to this service.
fn verify(directory: &Path, url: &str) -> Command {
    let fixed = ["verify", url, "--environment", "staging", "--allow", "writes"];
    greenlight_in(directory, fixed.into_iter().chain(["--format", "json"]))
}

/// How often the note was deleted, and whether that was the last that was asked of it.
async fn deletions(server: &MockServer) -> (usize, bool) {
    let requests = server.received_requests().await.unwrap();
    let about = |request: &&Request| request.url.path().starts_with("/notes");
    let of_notes: Vec<String> = requests
        .iter()
        .filter(about)
        .map(|request| request.method.to_string())
        .collect();
    let deleted = of_notes.iter().filter(|method| *method == "DELETE").count();
    (deleted, of_notes.last().is_some_and(|last| last == "DELETE"))
}

/// What is told of what was left behind.
fn left(report: &Value) -> Vec<&str> {
    let findings = report["findings"].as_array().unwrap().iter();
    let about = findings.filter(|found| found["check"] == "journey/writes-cleaned-up");
    about.map(|found| found["title"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn what_a_run_created_is_deleted_last_and_once() {
    let (server, _) = service(204, Duration::ZERO).await;
    let directory = directory();
    let done = ran(verify(directory.path(), &server.uri())).await;
    assert_eq!(deletions(&server).await, (1, true), "{}", done.err);
    assert_eq!(left(&done.json()), Vec::<&str>::new(), "{}", done.err);
}

#[tokio::test]
async fn what_cannot_be_deleted_is_told() {
    let (server, _) = service(403, Duration::ZERO).await;
    let directory = directory();
    let done = ran(verify(directory.path(), &server.uri())).await;
    assert_eq!(
        left(&done.json()),
        ["POST /notes left /notes/7 behind: DELETE answers HTTP 403"],
        "{}",
        done.err
    );
}

#[tokio::test]
async fn what_was_deleted_to_see_it_gone_is_not_deleted_again() {
    let (server, _) = service(204, Duration::ZERO).await;
    let directory = with_profile(KEEPING);
    let done = ran(verify(directory.path(), &server.uri())).await;
    assert_eq!(deletions(&server).await.0, 1, "{}", done.err);
    let report = done.json();
    assert_eq!(left(&report), Vec::<&str>::new(), "{}", done.err);
    // This service deletes nothing.
    let found = report["findings"].to_string();
    assert!(found.contains("journey/deleted-is-gone"), "{found}");
}

#[tokio::test]
async fn nothing_is_kept_where_nobody_gave_leave_to_write() {
    let (server, _) = service(204, Duration::ZERO).await;
    let directory = with_profile(KEEPING);
    for environment in ["production", "staging"] {
        let fixed = [
            "verify",
            &server.uri(),
            "--environment",
            environment,
            "--allow",
            "paid",
        ];
        ran(greenlight_in(directory.path(), fixed)).await;
    }
    let requests = server.received_requests().await.unwrap();
    let kept = requests.iter().filter(|request| {
        request.url.path().starts_with("/notes")
            && request.body == br#"{"text":"The kitchen closes at ten."}"#
    });
    assert_eq!(kept.count(), 0);
    assert_eq!(deletions(&server).await.0, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_stopped_cleans_up_first() {
    stopped_cleans_up(PROFILE).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_stopped_while_it_reads_back_what_it_kept_cleans_up_first() {
    stopped_cleans_up(KEEPING).await;
}

async fn stopped_cleans_up(profile: &str) {
    // The last is what a terminal sends that is gone.
    for signal in with_hangup(&["-INT"]) {
        let (server, bell) = service(204, Duration::from_secs(60)).await;
        let directory = with_profile(profile);
        let child = verify(directory.path(), &server.uri()).spawn().unwrap();
        let id = child.id().unwrap().to_string();
        // The note is there, and its read hangs: the run is in the middle.
        bell.notified().await;
        let killed = Command::new("kill").args([signal, &id]).status().await.unwrap();
        assert!(killed.success());
        let done = child.wait_with_output().await.unwrap();
        let err = String::from_utf8(done.stderr).unwrap();
        assert_eq!(done.status.code(), Some(130), "{signal}: {err}");
        assert_eq!(deletions(&server).await, (1, true), "{signal}: {err}");
        let report: Value = serde_json::from_slice(&done.stdout).unwrap();
        assert_eq!(left(&report), Vec::<&str>::new(), "{signal}: {err}");
    }
}
