//! Input that the handler trusts.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use orchestrate::faults::id::FaultId;
use orchestrate::faults::input::SCALED_LIMIT;
use reqwest::RequestBuilder;
use serde_json::{Value, json};

use super::{KITCHEN, accepted, body, clip, has, readable_by, send, start, with};
use crate::support::{ALLOWED, Service, header, start_with};

/// An authenticated request with this body, whatever it is.
fn raw(service: &Service, media_type: &str, body: impl Into<Vec<u8>>) -> RequestBuilder {
    service
        .request("POST", "/ai/orchestrate")
        .bearer_auth(service.token())
        .header("origin", ALLOWED)
        .header("content-type", media_type)
        .body(body.into())
}

fn json_of(value: Value) -> (&'static str, Vec<u8>) {
    ("application/json", value.to_string().into_bytes())
}

/// A mistake of a client, and the fault that makes a crash of it.
fn crashes() -> Vec<(FaultId, (&'static str, Vec<u8>))> {
    let json_type = "application/json";
    let kitchen = STANDARD.encode(KITCHEN);
    vec![
        (FaultId::NulCrash, json_of(json!({"text": "a\u{0}b"}))),
        (
            FaultId::SurrogateCrash,
            (json_type, br#"{"text":"a\ud83db"}"#.to_vec()),
        ),
        (FaultId::BrokenJsonCrash, (json_type, b"{\"text\": ".to_vec())),
        (FaultId::EmptyBodyCrash, (json_type, Vec::new())),
        (FaultId::WrongTypeCrash, json_of(json!({"text": 7}))),
        (
            FaultId::NullCrash,
            json_of(json!({"text": "Good fish.", "language": null})),
        ),
        (FaultId::NoInputCrash, json_of(json!({}))),
        (FaultId::DeepNestingCrash, (json_type, vec![b'['; 10_000])),
        (
            FaultId::OversizeCrash,
            json_of(json!({"audio_file": "A".repeat(SCALED_LIMIT * 2)})),
        ),
        (
            FaultId::DataUrlCrash,
            json_of(json!({"audio_file": format!("data:audio/wav;base64,{kitchen}")})),
        ),
        (FaultId::EmptyAudioCrash, json_of(json!({"audio_file": ""}))),
        (
            FaultId::CodecCrash,
            json_of(json!({"audio_file": STANDARD.encode([7_u8; 600])})),
        ),
        (FaultId::EmptyTextCrash, json_of(json!({"text": ""}))),
        (FaultId::EmojiCrash, json_of(json!({"text": "Fish 🐟"}))),
    ]
}

#[tokio::test]
async fn a_mistake_of_the_client_crashes_the_handler_and_nothing_else_does() {
    for (fault, (media_type, sent)) in crashes() {
        let service = start(fault).await;
        let crashed = send(raw(&service, media_type, sent.clone())).await;
        assert_eq!(
            (crashed.status().as_u16(), readable_by(&crashed)),
            (500, Some(ALLOWED)),
            "{fault}"
        );
        let stranger = raw(&service, media_type, sent).header("authorization", "Bearer nobody");
        assert_eq!(send(stranger).await.status(), 401, "{fault}");
        assert_eq!(send(accepted(&service)).await.status(), 200, "{fault}");
    }
}

#[tokio::test]
async fn a_healthy_service_refuses_or_takes_each_of_these() {
    let service = start_with(crate::support::settings()).await;
    for (fault, (media_type, sent)) in crashes() {
        let status = send(raw(&service, media_type, sent)).await.status();
        assert!(!status.is_server_error(), "{fault}: {status}");
    }
}

#[tokio::test]
async fn validation_crash_is_a_bare_500_at_bytes_that_are_no_text() {
    let service = start(FaultId::ValidationCrash).await;
    let response = send(raw(&service, "application/octet-stream", [0, 0xff, 0xfe])).await;
    assert_eq!(response.status(), 500);
    assert_eq!(header(&response, "content-type"), "text/plain; charset=utf-8");
    assert!(!has(&response, "access-control-allow-origin"));
    assert_eq!(send(raw(&service, "text/plain", "words")).await.status(), 415);
}

#[tokio::test]
async fn a_loose_media_type_is_taken() {
    let service = start(FaultId::MediaTypeLoose).await;
    let sent = raw(&service, "text/plain", json!({"text": "Good fish."}).to_string());
    assert_eq!(send(sent).await.status(), 200);
}

#[tokio::test]
async fn no_limit_on_audio_is_kept() {
    let service = start(FaultId::AudioUnlimited).await;
    let mut wav = KITCHEN.to_vec();
    wav.resize(SCALED_LIMIT + 2, 0);
    // The header still says how much of it is sound; a recording that goes on is no worse.
    let status = send(clip(&service, &wav)).await.status();
    assert_eq!(status, 200);
}

#[tokio::test]
async fn a_recording_of_exactly_the_limit_is_too_large() {
    let service = start(FaultId::LimitOffByOne).await;
    let mut wav = KITCHEN.to_vec();
    wav.resize(SCALED_LIMIT, 0);
    let answer = body(clip(&service, &wav)).await;
    assert_eq!(
        (&answer["status"], &answer["code"]),
        (&json!(422), &json!("audio_too_long"))
    );
    wav.truncate(SCALED_LIMIT - 1);
    assert_eq!(send(clip(&service, &wav)).await.status(), 200);
}

#[tokio::test]
async fn empty_audio_is_waited_for() {
    let mut settings = with(FaultId::EmptyAudioHang);
    settings.faults.delay = std::time::Duration::from_millis(300);
    let service = start_with(settings).await;
    let started = std::time::Instant::now();
    send(service.orchestrate(&json!({"audio_file": ""}))).await;
    assert!(started.elapsed().as_millis() >= 300);
}

#[tokio::test]
async fn a_recording_that_was_cut_off_is_taken() {
    let half = &KITCHEN[..KITCHEN.len() / 2];
    let healthy = start_with(crate::support::settings()).await;
    assert_eq!(body(clip(&healthy, half)).await["code"], "audio_truncated");
    let service = start(FaultId::TruncatedAccepted).await;
    assert_eq!(send(clip(&service, half)).await.status(), 200);
}

#[tokio::test]
async fn markup_in_an_address_becomes_part_of_a_page() {
    let service = start(FaultId::MarkupEchoed).await;
    let response = send(service.request("GET", "/nowhere/%3Cb%3E")).await;
    assert_eq!(response.status(), 404);
    assert!(response.text().await.unwrap().contains("/nowhere/<b>"));
}

#[tokio::test]
async fn markup_in_a_query_becomes_part_of_a_page() {
    let service = start(FaultId::QueryEchoed).await;
    let response = send(service.request("GET", "/nowhere/%3Cb%3E?q=%3Ci%3E")).await;
    let page = response.text().await.unwrap();
    assert!(page.contains("q=<i>") && !page.contains("<b>"), "{page}");
}

#[tokio::test]
async fn a_long_address_crashes_the_router() {
    let service = start(FaultId::LongAddressCrash).await;
    let long = format!("/health?q={}", "a".repeat(9_000));
    assert_eq!(send(service.request("GET", &long)).await.status(), 500);
    assert_eq!(send(service.request("GET", "/health?q=a")).await.status(), 200);
}

#[tokio::test]
async fn an_address_is_fetched_and_the_answer_tells_what_listens_there() {
    let service = start(FaultId::AddressFetched).await;
    let own = format!("http://{}/", service.running.address());
    let there = body(service.orchestrate(&json!({"audio_url": own}))).await;
    assert_eq!(there["code"], "audio_format_unknown");
    let nobody = body(service.orchestrate(&json!({"audio_url": "http://127.0.0.1:1/"}))).await;
    assert_eq!(nobody["code"], "audio_not_fetched");
}
