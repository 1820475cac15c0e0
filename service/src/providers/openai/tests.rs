//! Tests of [`crate::providers::openai`] against an upstream that misbehaves on purpose.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use wiremock::matchers::{body_partial_json, header, method, path};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use super::*;
use crate::domain::audio::Container;
use crate::domain::provider::ProviderKind;
use crate::providers::openai::retry::RetryPolicy;

/// What must never come out again: the key, and what the upstream says.
const KEY: &str = "sk-test-4f9a2c";
const UPSTREAM_WORDS: &str = "org-4711 exploded";

/// A budget that no test uses up.
fn ample() -> Budget {
    Budget::of(Duration::from_secs(300))
}

fn settings(base: &str) -> OpenAiSettings {
    OpenAiSettings::new(ProviderKind::OpenAi, base, Secret::new(KEY))
}

fn client(server: &MockServer) -> OpenAi {
    OpenAi::new(settings(&format!("{}/v1", server.uri()))).unwrap()
}

fn clip() -> Clip {
    Clip {
        bytes: Bytes::from_static(b"RIFF"),
        container: Container::Webm,
        duration: Duration::from_secs(2),
    }
}

fn question() -> ConceptRequest {
    ConceptRequest {
        text: "The kitchen closes at ten.".to_owned(),
        entity_type: "restaurant".to_owned(),
        categories: vec!["menu".to_owned()],
    }
}

async fn answering(template: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .respond_with(template.clone())
        .mount(&server)
        .await;
    Mock::given(method("GET"))
        .respond_with(template)
        .mount(&server)
        .await;
    server
}

fn refusing(status: u16, code: &str, param: &str) -> ResponseTemplate {
    let message = format!("{UPSTREAM_WORDS}: key {KEY}");
    ResponseTemplate::new(status)
        .set_body_json(json!({"error": {"message": message, "type": "t", "code": code, "param": param}}))
}

fn assert_tells_nothing(error: &ProviderError) {
    for shown in [
        error.to_string(),
        format!("{error:?}"),
        error.code().to_owned(),
        error.category().to_owned(),
    ] {
        for secret in [KEY, UPSTREAM_WORDS, "127.0.0.1", "http"] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }
}

fn invalid(what: InvalidAnswer) -> ProviderError {
    ProviderError::InvalidAnswer(what)
}

#[tokio::test]
async fn maps_each_refusal_of_a_transcription_and_repeats_none_of_its_words() {
    let wait = Some(Duration::from_secs(9));
    for (template, wanted, status) in [
        (
            refusing(401, "invalid_api_key", ""),
            ProviderError::CredentialsRefused,
            502,
        ),
        (refusing(403, "", ""), ProviderError::CredentialsRefused, 502),
        (
            refusing(429, "insufficient_quota", ""),
            ProviderError::QuotaExhausted,
            503,
        ),
        (
            refusing(429, "rate_limit_exceeded", "").insert_header("retry-after", "9"),
            ProviderError::RateLimited { retry_after: wait },
            503,
        ),
        (
            refusing(500, "", ""),
            ProviderError::Unavailable {
                upstream_status: Some(500),
                retry_after: None,
            },
            503,
        ),
        (
            refusing(503, "", "").insert_header("retry-after", "9"),
            ProviderError::Unavailable {
                upstream_status: Some(503),
                retry_after: wait,
            },
            503,
        ),
        (refusing(400, "", "file"), ProviderError::AudioRefused, 400),
        (refusing(400, "", "language"), ProviderError::LanguageRefused, 400),
        (
            refusing(404, "model_not_found", "model"),
            ProviderError::RequestRefused { upstream_status: 404 },
            502,
        ),
        (
            ResponseTemplate::new(302).insert_header("location", "/elsewhere"),
            invalid(InvalidAnswer::UnexpectedStatus),
            502,
        ),
    ] {
        let server = answering(template).await;
        let error = client(&server)
            .transcribe(clip(), None, ample())
            .await
            .unwrap_err();
        assert_eq!((error, error.status().as_u16()), (wanted, status));
        assert_tells_nothing(&error);
        assert_eq!(
            server.received_requests().await.unwrap().len(),
            1,
            "one attempt, no redirect followed"
        );
    }
}

#[tokio::test]
async fn maps_each_unusable_answer_to_an_invalid_answer() {
    for (template, wanted) in [
        (
            ResponseTemplate::new(200).set_body_raw(UPSTREAM_WORDS, "text/html"),
            InvalidAnswer::WrongContentType,
        ),
        (
            ResponseTemplate::new(200).set_body_raw(r#"{"text": "The k"#, "application/json"),
            InvalidAnswer::NotJson,
        ),
        (
            ResponseTemplate::new(200).set_body_json(json!({"words": UPSTREAM_WORDS})),
            InvalidAnswer::WrongShape,
        ),
        (
            ResponseTemplate::new(200).set_body_json("x".repeat(MAX_ANSWER_BYTES)),
            InvalidAnswer::TooLarge,
        ),
    ] {
        let server = answering(template).await;
        let error = client(&server)
            .transcribe(clip(), None, ample())
            .await
            .unwrap_err();
        assert_eq!((error, error.status().as_u16()), (invalid(wanted), 502));
        let error = client(&server)
            .find_concepts(question(), ample())
            .await
            .unwrap_err();
        assert_eq!(error, invalid(wanted));
        assert_tells_nothing(&error);
    }
}

#[tokio::test]
async fn a_late_answer_is_a_timeout_and_none_is_unavailable() {
    let late = ResponseTemplate::new(200)
        .set_body_json(json!({"text": ""}))
        .set_delay(Duration::from_secs(600));
    let server = answering(late).await;
    let mut impatient = settings(&format!("{}/v1", server.uri()));
    impatient.total_deadline = Duration::from_millis(50);
    impatient.check_deadline = Duration::from_millis(50);
    let impatient = OpenAi::new(impatient).unwrap();
    for error in [
        impatient.transcribe(clip(), None, ample()).await.unwrap_err(),
        impatient.find_concepts(question(), ample()).await.unwrap_err(),
        impatient.look().await.unwrap_err(),
    ] {
        assert_eq!((error, error.status().as_u16()), (ProviderError::Timeout, 504));
    }
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let nobody = OpenAi::new(settings(&format!("http://{}/v1", closed.local_addr().unwrap()))).unwrap();
    drop(closed);
    let error = nobody.look().await.unwrap_err();
    assert_eq!(
        error,
        ProviderError::Unavailable {
            upstream_status: None,
            retry_after: None
        }
    );
    assert_tells_nothing(&error);
}

#[tokio::test]
async fn who_refuses_for_a_second_is_asked_again_then() {
    tokio::join!(
        asked_again(refusing(429, "rate_limit_exceeded", "")),
        asked_again(refusing(503, "", ""))
    );
}

async fn asked_again(refused: ResponseTemplate) {
    let server = MockServer::start().await;
    let refused = refused.insert_header("retry-after", "1");
    Mock::given(method("POST"))
        .respond_with(refused)
        .up_to_n_times(1)
        .mount(&server)
        .await;
    let heard = ResponseTemplate::new(200).set_body_json(json!({"text": "Oi."}));
    Mock::given(method("POST"))
        .respond_with(heard)
        .mount(&server)
        .await;
    let client = client(&server);
    assert_eq!(
        client.transcribe(clip(), None, ample()).await.unwrap().text,
        "Oi."
    );
    let asked = server.received_requests().await.unwrap();
    assert_eq!(asked.len(), 2);
    assert!(
        form(&asked[1]).contains("filename"),
        "the recording is sent again, whole"
    );
    assert_eq!(asked[0].body.len(), asked[1].body.len());
}

#[tokio::test]
async fn a_connection_that_is_refused_is_tried_again_and_a_request_that_was_cut_is_not() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap();
    drop(free);
    let mut patient = settings(&format!("http://{address}/v1"));
    // Pauses that double: somebody listens before the last of them, however slow this machine is.
    patient.retry = RetryPolicy {
        attempts: 10,
        first_pause: Duration::from_millis(100),
        longest_pause: Duration::from_secs(60),
    };
    let client = OpenAi::new(patient).unwrap();
    let asked = tokio::spawn(async move { client.find_concepts(question(), ample()).await });
    let listener = tokio::net::TcpListener::bind(address).await.unwrap();
    // Read, and hung up on: somebody may have worked on it.
    let (mut socket, _) = listener.accept().await.unwrap();
    let _ = tokio::io::AsyncReadExt::read(&mut socket, &mut [0; 1024])
        .await
        .unwrap();
    drop(socket);
    let again = listener.accept();
    let outcome = tokio::select! {
        outcome = asked => outcome.unwrap(),
        _ = again => panic!("asked again, though somebody may have worked on it"),
    };
    assert_eq!(outcome.unwrap_err().category(), "unreachable");
}

#[tokio::test]
async fn a_budget_that_is_spent_pays_for_nothing() {
    let server = answering(ResponseTemplate::new(200)).await;
    let spent = Budget::of(Duration::ZERO);
    let error = client(&server).find_concepts(question(), spent).await;
    assert_eq!(error, Err(ProviderError::Timeout));
    assert_eq!(server.received_requests().await.unwrap().len(), 0);
}

#[tokio::test]
async fn connections_are_used_again() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}/v1", listener.local_addr().unwrap());
    let accepted = Arc::new(AtomicUsize::new(0));
    let counted = accepted.clone();
    tokio::spawn(async move {
        loop {
            let (mut socket, _) = listener.accept().await.unwrap();
            counted.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(async move {
                let (mut seen, mut buffer) = (Vec::new(), [0; 4096]);
                while let Ok(read @ 1..) = tokio::io::AsyncReadExt::read(&mut socket, &mut buffer).await {
                    seen.extend_from_slice(&buffer[..read]);
                    if seen.ends_with(b"\r\n\r\n") {
                        seen.clear();
                        let answer = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 11\r\n\r\n{\"data\":[]}";
                        tokio::io::AsyncWriteExt::write_all(&mut socket, answer)
                            .await
                            .unwrap();
                    }
                }
            });
        }
    });
    let client = OpenAi::new(settings(&base)).unwrap();
    for _ in 0..5 {
        assert_eq!(client.look().await, Ok(()));
    }
    assert_eq!(accepted.load(Ordering::SeqCst), 1);
}

fn form(request: &Request) -> String {
    String::from_utf8_lossy(&request.body).into_owned()
}

#[tokio::test]
async fn sends_the_file_under_a_name_and_type_of_its_container_and_the_short_language() {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path("/v1/audio/transcriptions"))
        .and(header("authorization", format!("Bearer {KEY}").as_str()))
        .respond_with(ResponseTemplate::new(200).set_body_json(json!({"text": "Oi."})))
        .mount(&server)
        .await;
    let heard = client(&server)
        .transcribe(clip(), Some("pt-BR".parse().unwrap()), ample())
        .await
        .unwrap();
    assert_eq!(
        (heard.text.as_str(), heard.language.as_deref()),
        ("Oi.", Some("pt-BR"))
    );
    let request = &server.received_requests().await.unwrap()[0];
    assert!(
        request.headers.contains_key("content-length"),
        "some servers refuse chunked uploads"
    );
    let sent = form(request);
    for wanted in [
        r#"name="file"; filename="audio.webm""#,
        "Content-Type: audio/webm",
        "name=\"language\"\r\n\r\npt\r\n",
        "name=\"model\"\r\n\r\nwhisper-1\r\n",
        "name=\"response_format\"\r\n\r\nverbose_json\r\n",
    ] {
        assert!(sent.contains(wanted), "{wanted}\n{sent}");
    }
    client(&server).transcribe(clip(), None, ample()).await.unwrap();
    assert!(!form(&server.received_requests().await.unwrap()[1]).contains("language"));
}

#[tokio::test]
async fn asks_for_concepts_under_a_strict_schema() {
    let server = MockServer::start().await;
    let found = json!({"concepts": [{"category": "menu", "value": "fish"}]}).to_string();
    let answer: Value = json!({"model": "gpt-4o-mini", "choices": [{"message": {"content": found}, "finish_reason": "stop"}]});
    Mock::given(path("/v1/chat/completions"))
        .and(body_partial_json(
            json!({"response_format": {"type": "json_schema", "json_schema": {"strict": true}}}),
        ))
        .respond_with(ResponseTemplate::new(200).set_body_json(answer))
        .mount(&server)
        .await;
    let seen = client(&server).find_concepts(question(), ample()).await.unwrap();
    assert_eq!(seen.concepts[0].value, "fish");
}

#[tokio::test]
async fn a_check_asks_for_the_models_and_takes_no_other_page_for_them() {
    let server = answering(ResponseTemplate::new(200).set_body_json(json!({"data": []}))).await;
    assert_eq!(client(&server).look().await, Ok(()));
    assert_eq!(
        server.received_requests().await.unwrap()[0].url.path(),
        "/v1/models"
    );
    let server = answering(ResponseTemplate::new(200).set_body_json(json!({"status": "ok"}))).await;
    assert_eq!(
        client(&server).look().await,
        Err(invalid(InvalidAnswer::WrongShape))
    );
}

#[tokio::test]
async fn shows_neither_key_nor_path_of_itself() {
    let client = OpenAi::new(settings("https://models.example/tenant-7/v1/")).unwrap();
    assert!(!format!("{client:?}").contains(KEY));
    assert_eq!(client.describe().host, "models.example");
    assert_eq!(
        client.url("models").as_str(),
        "https://models.example/tenant-7/v1/models"
    );
}
