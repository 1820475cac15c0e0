//! `greenlight replay` of files that mean harm, or are none: a message and exit 2, never a fault of our own.

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use crate::behaviours::ALL;
use crate::binary::{Ran, greenlight, ran};
use crate::held;
use crate::server::Server;

const WITHIN: Duration = Duration::from_secs(45);

async fn replay(directory: &Path, text: &[u8]) -> Ran {
    std::fs::write(directory.join("run.json"), text).unwrap();
    ran(greenlight(directory, ["replay", "run.json"])).await
}

/// A recording as this build writes it.
async fn good(directory: &Path) -> Value {
    let server = Server::start(
        ALL.iter()
            .find(|one| one.id == "closes-after-every-answer")
            .unwrap(),
    )
    .await;
    let url = server.url();
    let live = ran(greenlight(directory, ["verify", &url, "--record", "good.json"])).await;
    assert_eq!(live.code, 3, "nothing is proven of it: {}", live.err);
    let text = std::fs::read_to_string(directory.join("good.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// The recording with something else at this place.
fn with(recording: &Value, at: &str, value: Value) -> Vec<u8> {
    let mut changed = recording.clone();
    *changed.pointer_mut(at).unwrap() = value;
    changed.to_string().into_bytes()
}

/// Files that are no JSON, or end or nest where no recording does.
fn misshapen(recording: &Value) -> Vec<(&'static str, Vec<u8>)> {
    let whole = recording.to_string().into_bytes();
    let nested = |depth: usize| format!("{}0{}", "[".repeat(depth), "]".repeat(depth));
    let deep = format!(
        "{{\"schema\":\"greenlight.recording/1\",\"target\":{}}}",
        nested(100_000)
    );
    let deep_body = with(
        recording,
        "/exchanges/0/probe/body",
        json!({"json": {"value": serde_json::from_str::<Value>(&nested(100)).unwrap(), "inserts": []}}),
    );
    let deep_body = String::from_utf8(deep_body)
        .unwrap()
        .replace(&nested(100), &nested(50_000));
    vec![
        ("empty", vec![]),
        ("white space", b" \n\t ".to_vec()),
        ("null", b"null".to_vec()),
        ("a number", b"17".to_vec()),
        ("an array", b"[]".to_vec()),
        ("an empty object", b"{}".to_vec()),
        ("no JSON", b"\x1b[2J not a recording \xff\xfe\x9b2J".to_vec()),
        (
            "escapes for a schema",
            br#"{"schema":"\u001b[2J\u009b2J\u202e"}"#.to_vec(),
        ),
        (
            "another schema",
            with(recording, "/schema", json!("greenlight.recording/9")),
        ),
        (
            "a schema of a wrong type",
            with(recording, "/schema", json!({"a": 1})),
        ),
        (
            "a schema a megabyte long",
            with(recording, "/schema", json!("\u{1b}[2J".repeat(200_000))),
        ),
        ("cut in the middle", whole[..whole.len() / 2].to_vec()),
        ("cut at the end", whole[..whole.len() - 1].to_vec()),
        ("something after it", [&whole[..], b"{}"].concat()),
        (
            "twice the same member",
            [br#"{"schema":"greenlight.recording/1","#, &whole[1..]].concat(),
        ),
        ("deep JSON", deep.into_bytes()),
        ("a deep body", deep_body.into_bytes()),
        ("deep JSON that never closes", b"[".repeat(4 << 20)),
    ]
}

/// JSON that says in some place what no recording says.
fn mistaken(recording: &Value) -> Vec<(&'static str, Vec<u8>)> {
    vec![
        (
            "a million rows for exchanges",
            with(recording, "/exchanges", json!(vec![0; 1_000_000])),
        ),
        (
            "text for exchanges",
            with(recording, "/exchanges", json!("\u{1b}[2J")),
        ),
        (
            "a status beyond 16 bits",
            with(recording, "/exchanges/0/reply/answered/status", json!(70_000)),
        ),
        (
            "a negative status",
            with(recording, "/exchanges/0/reply/answered/status", json!(-1)),
        ),
        (
            "a time that is none",
            with(recording, "/exchanges/0/at", json!("\u{1b}[2Jyesterday")),
        ),
        (
            "a time beyond time",
            with(recording, "/started_at", json!("99999-01-01T00:00:00Z")),
        ),
        (
            "an effect of nobody",
            with(recording, "/exchanges/0/probe/effect", json!("\u{202e}read")),
        ),
        (
            "a header above U+00FF",
            with(
                recording,
                "/exchanges/0/reply/answered/headers",
                json!([["a", "\u{100}"]]),
            ),
        ),
        (
            "a body that is no base64",
            with(
                recording,
                "/exchanges/0/reply/answered/body",
                json!({"base64": "\u{1b}", "wire_length": 1, "end": "complete"}),
            ),
        ),
        ("more bytes than are read", vec![b' '; (32 << 20) + 1]),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_recording_is_refused_with_a_message() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    let recording = good(path).await;
    let cases = misshapen(&recording).into_iter().chain(mistaken(&recording));
    for (what, text) in cases {
        let ran = replay(path, &text).await;
        let mut wrong = held::ended(&ran, &[2], WITHIN);
        if !(ran.err.starts_with("error: ") && ran.err.contains("next:")) {
            wrong.push("it does not say what is wrong and what to do".to_owned());
        }
        if ran.err.len() > 2_000 {
            wrong.push(format!("it says {} bytes", ran.err.len()));
        }
        let told: String = ran.err.chars().take(500).collect();
        assert!(wrong.is_empty(), "{what}: {wrong:#?}\n{told}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_file_is_refused_with_a_message() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::create_dir(directory.path().join("folder")).unwrap();
    for name in ["missing.json", "folder", "/dev/null", "/dev/zero"] {
        let ran = ran(greenlight(directory.path(), ["replay", name])).await;
        let wrong = held::ended(&ran, &[2], WITHIN);
        assert!(
            wrong.is_empty() && ran.err.contains("next:"),
            "{name}: {wrong:?} {}",
            ran.err
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_with_strange_contents_is_judged_without_harm() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    let recording = good(path).await;
    let steering = "\u{1b}[2J\u{9b}2J\u{202e}\r\n]]>\u{0}";
    let cases = [
        ("/exchanges", json!([])),
        ("/connections", json!([])),
        ("/target/base", json!(steering)),
        ("/target/name", json!(steering)),
        ("/target/bounds/run_ms", json!(u64::MAX)),
        ("/target/assumed", json!([steering])),
        ("/exchanges/0/reply/answered/status", json!(0)),
        ("/exchanges/0/reply/answered/version", json!(steering)),
        ("/exchanges/0/probe/method", json!(steering)),
        ("/exchanges/0/probe/path/lit", json!(steering)),
        ("/exchanges/0/id", json!(u32::MAX)),
        ("/exchanges/0/at", json!("-009999-01-02T01:59:59Z")),
        ("/ended_at", json!("-009999-01-02T01:59:59Z")),
        (
            "/contract",
            json!({"source": steering, "text": "{\"openapi\":\"3.1.0\",\"paths\":[]}"}),
        ),
        ("/suites", json!([steering])),
        ("/accept_unproven", json!([steering])),
        (
            "/exchanges/0/phases",
            json!({"dns": u64::MAX, "connect": u64::MAX, "tls": 1, "wait": 1, "transfer": 1}),
        ),
        ("/exchanges/0/sent/body_length", json!(u64::MAX)),
        ("/exchanges/1/sent/body_length", json!(u64::MAX)),
    ];
    for (at, value) in cases {
        let ran = replay(path, &with(&recording, at, value)).await;
        let wrong = held::ended(&ran, &[1, 3], WITHIN);
        assert!(wrong.is_empty(), "{at}: {wrong:#?}\n{}", ran.err);
    }
    let mut all = recording;
    for exchange in all["exchanges"].as_array_mut().unwrap() {
        if exchange["sent"].is_object() {
            exchange["sent"]["body_length"] = json!(u64::MAX);
        }
        exchange["phases"]["wait"] = json!(u64::MAX);
        exchange["phases"]["dns"] = json!(u64::MAX);
    }
    let ran = replay(path, all.to_string().as_bytes()).await;
    assert_eq!(
        held::ended(&ran, &[1, 3], WITHIN),
        Vec::<String>::new(),
        "{}",
        ran.err
    );
}
