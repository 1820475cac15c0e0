//! What uploads cost in memory, measured on a real process, and what becomes of those that have to wait.
#![cfg(target_os = "linux")]

use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use orchestrate::auth::AuthSettings;
use orchestrate::auth::mint::{TokenRequest, mint};
use serde_json::{Value, json};
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::binary::Binary;
use crate::support::ALLOWED;
use crate::wire::{Reply, send_then_read};

/// How many upload at once.
const UPLOADS: usize = 64;

/// How large each upload is, in bytes.
const UPLOAD: usize = 30 << 20;

/// What the process may hold at most, in MiB. 256 MiB of bodies may be there at once (`Limits::bytes_in_flight`), each of them
/// as JSON while its text is taken out of it, or as text while the recording is: twice, then, and the process itself beside.
const MOST: u64 = 2 * 256 + 100;

/// A request as bytes, from the allowed origin.
fn upload(body: &str) -> Vec<u8> {
    let token = mint(&AuthSettings::development(), &TokenRequest::access("ana")).unwrap();
    format!(
        "POST /api/v3/ai/orchestrate HTTP/1.1\r\nhost: x\r\nconnection: close\r\norigin: {ALLOWED}\r\n\
         authorization: Bearer {token}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// A WAV of noise, 16 kHz and 16 bits, whose base64 is an upload's size.
fn recording() -> String {
    let samples = UPLOAD / 4 * 3 - 44;
    let length = |bytes: usize| u32::try_from(bytes).unwrap().to_le_bytes();
    let mut wav = [
        &b"RIFF"[..],
        &length(samples + 36),
        b"WAVEfmt ",
        &length(16),
        &[1, 0, 1, 0],
    ]
    .concat();
    wav.extend([length(16_000), length(32_000)].concat());
    wav.extend([&[2, 0, 16, 0][..], b"data", &length(samples)].concat());
    let mut noise = 1_u32;
    wav.extend((0..samples).map(|_| {
        noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        noise.to_be_bytes()[0]
    }));
    STANDARD.encode(wav)
}

/// A provider that hears nothing, and takes longer for it than anybody waits for a turn.
async fn slow() -> MockServer {
    let provider = MockServer::builder().disable_request_recording().start().await;
    let silence = json!({"task": "transcribe", "text": "", "language": "english", "duration": 737.0});
    let answer = ResponseTemplate::new(200).set_body_json(silence);
    Mock::given(method("POST"))
        .and(path("/v1/audio/transcriptions"))
        .respond_with(answer.set_delay(Duration::from_secs(8)))
        .mount(&provider)
        .await;
    provider
}

async fn start(provider: &MockServer) -> Binary {
    let base = format!("{}/v1", provider.uri());
    let start = move || {
        let variables = [
            ("OPENAI_API_KEY", "sk-x"),
            ("OPENAI_BASE_URL", &*base),
            ("RUST_LOG", "off"),
        ];
        Binary::start(&[], &variables)
    };
    tokio::task::spawn_blocking(start).await.unwrap()
}

/// So many times the same upload at once.
async fn at_once(binary: &Binary, request: Vec<u8>, times: usize) -> Vec<Reply> {
    let (request, address) = (Arc::new(request), binary.address);
    let uploads = (0..times).map(|_| {
        let request = request.clone();
        tokio::spawn(async move { send_then_read(address, &request).await })
    });
    let uploads: Vec<_> = uploads.collect();
    let mut replies = Vec::new();
    for upload in uploads {
        replies.push(upload.await.unwrap().unwrap());
    }
    replies
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_large_uploads_at_once_stay_within_the_memory_that_there_is_for_them() {
    let provider = slow().await;
    let binary = start(&provider).await;
    let body = json!({"audio_file": recording(), "language": "en"}).to_string();
    let replies = at_once(&binary, upload(&body), UPLOADS).await;
    let mut done = 0;
    for reply in &replies {
        assert_eq!(reply.all("access-control-allow-origin"), [ALLOWED], "{reply}");
        if reply.status == 200 {
            done += 1;
            continue;
        }
        assert_eq!(
            (reply.status, reply.all("retry-after")),
            (503, vec!["5"]),
            "{reply}"
        );
        assert!(
            reply.all("access-control-expose-headers")[0].contains("retry-after"),
            "{reply}"
        );
        let body: Value = serde_json::from_slice(&reply.body).unwrap();
        assert_eq!(body["code"], "too_busy", "{body}");
    }
    assert!((1..UPLOADS).contains(&done), "{done} of {UPLOADS} were done");
    let peak = binary.peak_mib();
    assert!(peak <= MOST, "{peak} MiB");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bodies_that_are_larger_than_they_look_stay_within_it_too() {
    let provider = slow().await;
    let binary = start(&provider).await;
    let body = format!("[{}0]", "[],".repeat(UPLOAD / 3));
    for reply in at_once(&binary, upload(&body), 16).await {
        let code = serde_json::from_slice::<Value>(&reply.body).unwrap()["code"].clone();
        assert_eq!((reply.status, code), (413, json!("body_too_complex")));
        assert_eq!(reply.all("access-control-allow-origin"), [ALLOWED]);
    }
    let peak = binary.peak_mib();
    assert!(peak <= MOST, "{peak} MiB");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_is_too_large_is_read_to_its_end_so_that_its_page_reads_why() {
    let provider = slow().await;
    let binary = start(&provider).await;
    let body = json!({"audio_file": "A".repeat(40 << 20)}).to_string();
    for reply in at_once(&binary, upload(&body), 8).await {
        assert_eq!(reply.status, 413, "{reply}");
        assert_eq!(reply.all("access-control-allow-origin"), [ALLOWED], "{reply}");
        let body: Value = serde_json::from_slice(&reply.body).unwrap();
        assert_eq!(body["code"], "body_too_large", "{body}");
    }
    // None of it was kept.
    let peak = binary.peak_mib();
    assert!(peak <= 100, "{peak} MiB");
}
