//! `greenlight new`: what it writes lints clean and, run against the service that was called, does what the call did.

use serde_json::json;
use wiremock::matchers::{header, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::support::greenlight;

fn read(directory: &std::path::Path, name: &str) -> String {
    std::fs::read_to_string(directory.join(name)).unwrap()
}

#[tokio::test]
async fn a_copied_upload_becomes_a_scenario_that_uploads_again() {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path("/notes"))
        .and(header("authorization", "Bearer s3cret-of-ana"))
        .respond_with(ResponseTemplate::new(201).set_body_json(json!({"id": 1})))
        .mount(&server)
        .await;
    let directory = tempfile::tempdir().unwrap();
    let here = directory.path();
    std::fs::create_dir(here.join("scenarios")).unwrap();
    std::fs::write(here.join("a.wav"), b"RIFF\xff").unwrap();
    let command = format!(
        "curl '{}/notes' -H 'Authorization: Bearer s3cret-of-ana' -F file=@a.wav -F lang=pt",
        server.uri()
    );
    let new = [
        "new",
        "--from-curl",
        &command,
        "-o",
        "scenarios/upload.arazzo.yaml",
    ];
    let ran = greenlight(here, &new, &[]).await;
    assert_eq!(ran.code, 0, "{}", ran.err);
    let told = ran.out.lines().next().unwrap();
    assert_eq!(told, "wrote     scenarios/upload.arazzo.yaml, 1 step");
    assert!(
        ran.out
            .contains("next      GREENLIGHT_INPUT_TOKEN=… greenlight run scenarios/upload.arazzo.yaml"),
        "{}",
        ran.out
    );
    let written = read(here, "scenarios/upload.arazzo.yaml") + &read(here, "scenarios/upload.openapi.yaml");
    assert!(!written.contains("s3cret"), "{written}");
    let linted = greenlight(here, &["lint", "--strict", "scenarios/upload.arazzo.yaml"], &[]).await;
    assert_eq!(linted.code, 0, "{}{written}", linted.out);
    let run = ["run", "scenarios/upload.arazzo.yaml", "--allow", "writes"];
    let ran = greenlight(here, &run, &[("GREENLIGHT_INPUT_TOKEN", "s3cret-of-ana")]).await;
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    let sent = server.received_requests().await.unwrap();
    let body = String::from_utf8_lossy(&sent.last().unwrap().body).into_owned();
    assert!(
        body.contains("filename=\"a.wav\"") && body.contains("name=\"lang\"\r\n\r\npt"),
        "{body}"
    );
    // Nothing that is there is overwritten.
    std::fs::write(here.join("scenarios/upload.openapi.yaml"), "mine").unwrap();
    let again = greenlight(here, &new, &[]).await;
    assert!(
        again.code == 2 && again.err.contains("is there already"),
        "{}",
        again.err
    );
    assert_eq!(read(here, "scenarios/upload.openapi.yaml"), "mine");
    std::fs::remove_file(here.join("scenarios/upload.arazzo.yaml")).unwrap();
    assert_eq!(greenlight(here, &new, &[]).await.code, 2);
    assert!(!here.join("scenarios/upload.arazzo.yaml").exists());
}

#[tokio::test]
async fn what_a_browser_recorded_becomes_a_journey_that_works_with_other_ids() {
    let server = MockServer::start().await;
    let uri = server.uri();
    let entry = |verb: &str,
                 route: &str,
                 token: bool,
                 sent: serde_json::Value,
                 status: u16,
                 came: serde_json::Value| {
        let headers = match token {
            true => json!([{"name": "Authorization", "value": "Bearer token-of-monday"}]),
            false => json!([]),
        };
        let data =
            (!sent.is_null()).then(|| json!({"mimeType": "application/json", "text": sent.to_string()}));
        json!({
            "_resourceType": "fetch",
            "request": {"method": verb, "url": format!("{uri}{route}"), "headers": headers, "postData": data},
            "response": {"status": status, "content": {"mimeType": "application/json", "text": came.to_string()}},
        })
    };
    let har = json!({"log": {"entries": [
        entry("POST", "/login", false, json!({"password": "hunter2"}), 200, json!({"token": "token-of-monday"})),
        entry("POST", "/notes", true, json!({"text": "a"}), 201, json!({"id": "note-of-monday"})),
        entry("GET", "/notes/note-of-monday", true, json!(null), 200, json!({"id": "note-of-monday"})),
    ]}});
    let answers = |verb: &str, route: &str, status: u16, body: serde_json::Value| {
        let mock = Mock::given(method(verb)).and(path(route));
        mock.respond_with(ResponseTemplate::new(status).set_body_json(body))
    };
    answers("POST", "/login", 200, json!({"token": "token-of-friday"}))
        .mount(&server)
        .await;
    answers("POST", "/notes", 201, json!({"id": "note-of-friday"}))
        .mount(&server)
        .await;
    answers(
        "GET",
        "/notes/note-of-friday",
        200,
        json!({"id": "note-of-friday"}),
    )
    .mount(&server)
    .await;
    let directory = tempfile::tempdir().unwrap();
    let here = directory.path();
    std::fs::write(here.join("calls.har"), har.to_string()).unwrap();
    let ran = greenlight(here, &["new", "--from-har", "calls.har"], &[]).await;
    assert_eq!(ran.code, 0, "{}", ran.err);
    let written = read(here, "first.arazzo.yaml") + &read(here, "first.openapi.yaml");
    assert!(
        !written.contains("monday") && !written.contains("hunter2"),
        "{written}"
    );
    let linted = greenlight(here, &["lint", "--strict", "first.arazzo.yaml"], &[]).await;
    assert_eq!(linted.code, 0, "{}{written}", linted.out);
    let run = ["run", "first.arazzo.yaml", "--environment", "local"];
    let ran = greenlight(here, &run, &[("GREENLIGHT_INPUT_PASSWORD", "hunter2")]).await;
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    let sent = server.received_requests().await.unwrap();
    let login: serde_json::Value = serde_json::from_slice(&sent[0].body).unwrap();
    assert_eq!(login, json!({"password": "hunter2"}));
    assert_eq!(sent[2].url.path(), "/notes/note-of-friday");
    assert_eq!(sent[2].headers["authorization"], "Bearer token-of-friday");
}

#[tokio::test]
async fn what_cannot_become_a_scenario_is_said_and_nothing_is_written() {
    let directory = tempfile::tempdir().unwrap();
    let here = directory.path();
    std::fs::write(here.join("no.har"), "{\n \"log\": 1}").unwrap();
    std::fs::write(here.join("api.yaml"), include_str!("testdata/shop.openapi.yaml")).unwrap();
    for (arguments, said) in [
        (
            vec!["--from-curl", "wget http://a.example"],
            "begins with \"wget\"",
        ),
        (
            vec!["--from-curl", "curl http://a.example -d 'a"],
            "line 1, column",
        ),
        (vec!["--from-har", "no.har"], "line 2, column"),
        (vec!["--from-har", "none.har"], "none.har"),
        (vec!["--from-openapi", "api.yaml"], "OPERATION"),
        (
            vec!["--from-openapi", "api.yaml", "logi"],
            "did you mean `login`?",
        ),
        (
            vec![
                "--from-curl",
                "curl http://a.example/other",
                "--source",
                "api.yaml",
            ],
            "no operation of api.yaml",
        ),
        (
            vec!["--from-curl", "curl http://a.example", "-o", "none/a.yaml"],
            "none/a.yaml",
        ),
        (vec![], "--from-curl"),
    ] {
        let all: Vec<&str> = std::iter::once("new").chain(arguments).collect();
        let ran = greenlight(here, &all, &[]).await;
        assert!(
            ran.code == 2 && ran.err.contains(said),
            "{all:?}: {}{}",
            ran.out,
            ran.err
        );
    }
    assert_eq!(std::fs::read_dir(here).unwrap().count(), 2);
}

#[tokio::test]
async fn operations_of_a_contract_become_steps() {
    let directory = tempfile::tempdir().unwrap();
    let here = directory.path();
    std::fs::write(here.join("api.yaml"), include_str!("testdata/shop.openapi.yaml")).unwrap();
    let new = [
        "new",
        "--from-openapi",
        "api.yaml",
        "createItem",
        "GET /items/{id}",
    ];
    let ran = greenlight(here, &new, &[]).await;
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(
        ran.out.contains("first.arazzo.yaml, 2 steps") && ran.out.contains("GREENLIGHT_INPUT_ID=… "),
        "{}",
        ran.out
    );
    let linted = greenlight(here, &["lint", "--strict", "first.arazzo.yaml"], &[]).await;
    assert_eq!(
        linted.code,
        0,
        "{}{}",
        linted.out,
        read(here, "first.arazzo.yaml")
    );
}
