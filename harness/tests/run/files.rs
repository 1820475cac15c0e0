//! Files in bodies: as base64 in JSON, as parts of a form, and as the whole body.

use std::process::Command;

use serde_json::Value;
use wiremock::matchers::{method, path};
use wiremock::{Mock, Request, ResponseTemplate};

use crate::support::Place;

/// Bytes that are no text.
const SOUND: &[u8] = b"RIFF\x00\xff\r\n--";

const UPLOADS: &str = r"
workflows:
  - workflowId: upload
    x-greenlight-effect: read
    inputs:
      type: object
      properties: {token: {type: string, format: password, default: hush}}
    steps:
      - stepId: json
        operationId: createItem
        requestBody:
          payload: {lang: pt, audio: null}
          x-greenlight-file:
            - {path: sounds/a.wav, target: /audio}
        successCriteria: [{condition: $statusCode == 201}]
      - stepId: hidden
        operationId: createItem
        requestBody:
          payload: {token: $inputs.token, parts: [{}, {}]}
          x-greenlight-file: {path: sounds/a.wav, target: /parts/1/audio}
        successCriteria: [{condition: $statusCode == 201}]
      - stepId: form
        operationId: createItem
        requestBody:
          contentType: multipart/form-data
          payload: {lang: '@pt;x', token: $inputs.token, meta: {a: 1}}
          x-greenlight-file:
            - {path: sounds/a.wav, target: /file, contentType: audio/wav}
            - {path: sounds/a.wav, target: /again}
        successCriteria: [{condition: $statusCode == 201}]
      - stepId: whole
        operationId: createItem
        requestBody:
          contentType: audio/wav
          x-greenlight-file: sounds/a.wav
        successCriteria: [{condition: $statusCode == 201}]
";

async fn uploads(status: u16) -> Place {
    let place = Place::with(UPLOADS).await;
    std::fs::create_dir(place.directory.path().join("sounds")).unwrap();
    std::fs::write(place.directory.path().join("sounds/a.wav"), SOUND).unwrap();
    Mock::given(method("POST"))
        .and(path("/items"))
        .respond_with(ResponseTemplate::new(status).set_body_json(serde_json::json!({})))
        .mount(&place.server)
        .await;
    place
}

/// What a form in parts holds: the head of each part without what names it, and its bytes.
fn parts(request: &Request) -> Vec<(String, Vec<u8>)> {
    let media_type = request.headers["content-type"].to_str().unwrap();
    let boundary = media_type.strip_prefix("multipart/form-data; boundary=").unwrap();
    let between = format!("--{boundary}");
    let text: String = request.body.iter().map(|byte| char::from(*byte)).collect();
    let parts = text
        .split(&between)
        .skip(1)
        .filter(|part| !part.starts_with("--\r\n"));
    let parts = parts.map(|part| {
        let (head, held) = part.trim_start_matches("\r\n").split_once("\r\n\r\n").unwrap();
        let head = head
            .replace("Content-Disposition: form-data; ", "")
            .replace("\r\n", " ");
        let held = held.strip_suffix("\r\n").unwrap();
        (
            head,
            held.chars()
                .map(|c| u8::try_from(u32::from(c)).unwrap())
                .collect(),
        )
    });
    parts.collect()
}

fn holds(request: &Request) -> Value {
    serde_json::from_slice(&request.body).unwrap()
}

#[tokio::test]
async fn files_go_out_as_base64_as_parts_and_whole() {
    let place = uploads(201).await;
    let ran = place.reported(&["--record", "r.json"]).await;
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    let sent = place.server.received_requests().await.unwrap();
    let audio = "UklGRgD/DQotLQ==";
    assert_eq!(holds(&sent[0]), serde_json::json!({"lang": "pt", "audio": audio}));
    assert_eq!(
        holds(&sent[1]),
        serde_json::json!({"token": "hush", "parts": [{}, {"audio": audio}]})
    );
    let part = |head: &str, held: &[u8]| (head.to_owned(), held.to_vec());
    assert_eq!(
        parts(&sent[2]),
        [
            part("name=\"lang\"", b"@pt;x"),
            part("name=\"meta\" Content-Type: application/json", b"{\"a\":1}"),
            part("name=\"token\"", b"hush"),
            part("name=\"file\"; filename=\"a.wav\" Content-Type: audio/wav", SOUND),
            part(
                "name=\"again\"; filename=\"a.wav\" Content-Type: application/octet-stream",
                SOUND
            ),
        ]
    );
    assert_eq!(sent[3].headers["content-type"], "audio/wav");
    assert_eq!(sent[3].body, SOUND);
    for kept in [&ran.out, &place.read("r.json")] {
        assert!(
            !kept.contains(audio),
            "a recording names a file and does not hold it"
        );
        assert!(!kept.contains("RIFF"));
        assert!(!kept.contains("hush"));
    }
}

/// The command of a report asks the same: it is run by a shell, and what it sends is compared.
#[tokio::test]
async fn the_command_in_a_report_sends_the_same_file() {
    let place = uploads(400).await;
    for step in ["json", "hidden", "form", "whole"] {
        let text = place.read("s.yaml");
        let (head, steps) = text.split_once("      - stepId: json").unwrap();
        let own = format!("      - stepId: json{steps}");
        let own = own
            .split("      - stepId: ")
            .find(|part| part.starts_with(&format!("{step}\n")))
            .unwrap();
        place.write("one.yaml", &format!("{head}      - stepId: {own}"));
        let ran = place.run(&["one.yaml"]).await;
        assert_eq!(ran.code, 1, "{}{}", ran.out, ran.err);
        let command = ran
            .out
            .lines()
            .find(|line| line.trim_start().starts_with("curl "))
            .unwrap();
        assert!(!command.contains("hush"), "{command}");
        let directory = place.directory.path().to_owned();
        let command = command.trim().to_owned();
        let shell = tokio::task::spawn_blocking(move || {
            Command::new("sh")
                .args(["-c", &command])
                .current_dir(directory)
                .env("GREENLIGHT_INPUT_TOKEN", "hush")
                .output()
                .unwrap()
        });
        let told = shell.await.unwrap();
        assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
        let sent = place.server.received_requests().await.unwrap();
        let [.., ours, its] = &*sent else {
            panic!("{step}: {}", ran.out)
        };
        match step {
            "form" => {
                // What curl calls a text's kind nobody reads: JSON that is told by its type is told so by both.
                assert_eq!(parts(ours), parts(its), "{}", ran.out);
            }
            "whole" => assert_eq!(
                (&ours.body, &ours.headers["content-type"]),
                (&its.body, &its.headers["content-type"])
            ),
            _ => assert_eq!(holds(ours), holds(its), "{}", ran.out),
        }
    }
}

#[tokio::test]
async fn a_file_that_is_not_there_is_said_before_a_packet() {
    let place = uploads(201).await;
    std::fs::remove_file(place.directory.path().join("sounds/a.wav")).unwrap();
    let ran = place.run(&["s.yaml"]).await;
    assert_eq!(ran.code, 2, "{}{}", ran.out, ran.err);
    assert!(
        ran.err.contains("error[unread-file]") && ran.err.contains("sounds/a.wav"),
        "{}",
        ran.err
    );
    std::fs::create_dir(place.directory.path().join("sounds/a.wav")).unwrap();
    let ran = place.run(&["s.yaml"]).await;
    assert!(ran.code == 2 && ran.err.contains("is no file"), "{}", ran.err);
    assert!(place.asked().await.is_empty());
}

#[tokio::test]
async fn a_file_without_a_place_in_the_body_is_not_sent() {
    let place = uploads(201).await;
    for (part, other, reason) in [
        (
            "target: /audio",
            "target: /none/audio",
            "its payload has no place at `/none/audio`",
        ),
        (
            "target: /audio}",
            "target: /audio}\n            - {path: sounds/a.wav, target: /audio}",
            "no places of their own",
        ),
        (
            "payload: {lang: pt, audio: null}",
            "contentType: text/plain\n          payload: hello",
            "goes into JSON or a form in parts",
        ),
    ] {
        let text = place.read("s.yaml").replacen(part, other, 1);
        assert!(text.contains(other));
        place.write("other.yaml", &text);
        let ran = place.run(&["other.yaml", "--format", "json"]).await;
        assert_eq!(
            ran.steps()[0],
            "upload.json inconclusive",
            "{}{}",
            ran.out,
            ran.err
        );
        assert!(ran.out.contains(reason), "{}", ran.out);
        assert!(place.asked().await.is_empty());
    }
}
