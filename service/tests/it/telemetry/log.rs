//! The log of the real binary: found by the id of an answer, and holding nothing secret.

use std::process::Command;

use reqwest::Client;
use serde_json::{Value, json};

use super::{KEY, TRACE, WORDS, failed, log_of, of, orchestrate, refusing, token};
use crate::binary::{Binary, logged};

#[tokio::test]
async fn a_failed_answer_s_id_finds_its_code_and_cause_in_the_log_and_nothing_secret_is_there() {
    let provider = refusing().await;
    let base = format!("{}/v1", provider.uri());
    let binary = Binary::start(&[], &[("OPENAI_API_KEY", KEY), ("OPENAI_BASE_URL", &base)]);
    let token = token();
    let forged = format!("{}x", token);
    let (refused, unread, unavailable) = (
        failed(
            orchestrate(&binary, &forged, &json!({"text": WORDS})),
            401,
            "token_invalid",
        )
        .await,
        failed(
            orchestrate(&binary, &token, &json!({"text": WORDS, "language": WORDS})),
            422,
            "body_invalid",
        )
        .await,
        failed(
            orchestrate(&binary, &token, &json!({"text": WORDS})),
            502,
            "provider_credentials_refused",
        )
        .await,
    );
    let nowhere = Client::builder().no_proxy().build().unwrap();
    let nowhere = nowhere.get(format!("{}/no/such?q=1", binary.base_url()));
    let nowhere = failed(nowhere, 404, "not_found").await;
    let log = tokio::task::spawn_blocking(move || log_of(binary, &token))
        .await
        .unwrap();

    let line = log.iter().find(|line| line.contains(&nowhere)).unwrap();
    let line = logged(line);
    assert_eq!(
        (&line["code"], &line["path"]),
        (&json!("not_found"), &json!("/api/v3/no/such"))
    );
    assert_eq!((&line["route"], &line["subject"]), (&json!(""), &Value::Null));

    let (last, before) = of(&log, &refused);
    assert_eq!(
        (&last["status"], &last["code"], &last["level"]),
        (&json!(401), &json!("token_invalid"), &json!("INFO"))
    );
    assert!(before.iter().any(|line| line.contains("signature")), "{before:?}");

    let (last, _) = of(&log, &unread);
    assert_eq!(
        (&last["status"], &last["code"], &last["fields"]),
        (&json!(422), &json!("body_invalid"), &json!("/language"))
    );
    assert!(
        last["spans"][0]["subject"]
            .as_str()
            .is_some_and(|subject| subject.contains('@')),
        "{last}"
    );

    let (last, before) = of(&log, &unavailable);
    assert_eq!((&last["status"], &last["level"]), (&json!(502), &json!("WARN")));
    assert_eq!(last["code"], "provider_credentials_refused");
    assert!(
        before.iter().any(|line| line.contains("gave no result")),
        "{before:?}"
    );
    assert!(
        before.iter().any(|line| line.contains("the AI provider failed")),
        "{before:?}"
    );
}

#[tokio::test]
async fn a_log_for_people_is_searched_by_the_same_id() {
    let provider = refusing().await;
    let base = format!("{}/v1", provider.uri());
    let binary = Binary::logging(
        "pretty",
        &[],
        &[("OPENAI_API_KEY", KEY), ("OPENAI_BASE_URL", &base)],
    );
    let token = token();
    let request = orchestrate(&binary, &token, &json!({"text": WORDS}));
    let id = failed(request, 502, "provider_credentials_refused").await;
    binary.signal("TERM");
    let (_, log) = tokio::task::spawn_blocking(move || binary.end()).await.unwrap();
    let about: Vec<&String> = log.iter().filter(|line| line.contains(&id)).collect();
    let last = about
        .last()
        .unwrap_or_else(|| panic!("nothing about {id}: {log:?}"));
    for part in [
        "WARN",
        "answered",
        "status=502",
        "provider_credentials_refused",
        TRACE,
    ] {
        assert!(last.contains(part), "{part}: {last}");
    }
    assert!(
        about.iter().any(|line| line.contains("the AI provider failed")),
        "{about:?}"
    );
    for line in &log {
        assert!(
            ![&*token, KEY, WORDS].iter().any(|secret| line.contains(secret)),
            "{line}"
        );
        // A file or a pager is read by people too.
        assert!(!line.contains('\u{1b}'), "{line:?}");
        assert!(serde_json::from_str::<Value>(line).is_err(), "{line}");
    }
}

#[cfg(feature = "faults")]
#[tokio::test]
async fn a_panic_is_found_by_the_id_of_its_answer() {
    let binary = Binary::start(
        &["--fault", "server-error-with-cors"],
        &[("RUST_LOG", "orchestrate=warn")],
    );
    let token = token();
    let id = failed(
        orchestrate(&binary, &token, &json!({"text": WORDS})),
        500,
        "internal_error",
    )
    .await;
    let log = tokio::task::spawn_blocking(move || log_of(binary, &token))
        .await
        .unwrap();
    let (last, before) = of(&log, &id);
    assert_eq!(
        (&last["status"], &last["code"]),
        (&json!(500), &json!("internal_error"))
    );
    let panicked = before
        .iter()
        .map(|line| logged(line))
        .find(|line| line["message"] == "a handler panicked");
    assert!(
        panicked.unwrap()["why"].as_str().unwrap().contains("await"),
        "{before:?}"
    );
}

/// Set where the test below is the process that panics.
const PANICS: &str = "ORCHESTRATE_TEST_PANICS";

#[test]
fn a_panic_is_a_line_with_its_place_within_the_request_and_without_what_was_put_into_it() {
    const NAME: &str = "telemetry::log::a_panic_is_a_line_with_its_place_within_the_request_and_without_what_was_put_into_it";
    if std::env::var_os(PANICS).is_some() {
        // A process of its own, whose subscriber and panic hook these are.
        orchestrate::cli::log::subscribe(orchestrate::config::read::LogFormat::Json, None);
        for words in [None, Some(WORDS)] {
            let _ = std::panic::catch_unwind(|| {
                tracing::error_span!(target: "orchestrate", "request", request_id = "id-42").in_scope(|| {
                    match words {
                        None => panic!("a reason in the source"),
                        Some(words) => panic!("a reason with {words}"),
                    }
                });
            });
        }
        return;
    }
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", NAME, "--nocapture"])
        .env(PANICS, "1")
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    let lines: Vec<Value> = said
        .lines()
        .filter(|line| line.starts_with('{'))
        .map(logged)
        .collect();
    assert_eq!(lines.len(), 2, "{said}");
    for line in &lines {
        assert_eq!(
            (&line["message"], &line["spans"][0]["request_id"]),
            (&json!("panicked"), &json!("id-42")),
            "{line}"
        );
        assert!(
            line["place"]
                .as_str()
                .is_some_and(|place| place.contains("log.rs:")),
            "{line}"
        );
    }
    assert_eq!(lines[0]["why"], "a reason in the source");
    assert!(!said.contains(WORDS), "{said}");
}
