//! Tests of [`crate::providers::openai::refusal`]: a table of refusals, and arbitrary ones.

use proptest::prelude::*;
use reqwest::header::HeaderValue;

use super::*;

const NOW: &str = "2025-11-21T12:00:00Z";

fn judged(call: Call, status: u16, headers: &[(&'static str, &str)], body: &str) -> ProviderError {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.insert(*name, HeaderValue::from_str(value).unwrap());
    }
    refusal(
        call,
        StatusCode::from_u16(status).unwrap(),
        &map,
        body.as_bytes(),
        NOW.parse().unwrap(),
    )
}

fn reason(code: &str, param: &str) -> String {
    serde_json::json!({"error": {"message": "no", "type": "invalid_request_error", "code": code, "param": param}})
        .to_string()
}

#[test]
fn tells_a_limit_from_an_empty_account() {
    let quota =
        r#"{"error":{"message":"You exceeded…","type":"insufficient_quota","code":"insufficient_quota"}}"#;
    assert_eq!(
        judged(Call::Completion, 429, &[], quota),
        ProviderError::QuotaExhausted
    );
    assert_eq!(
        judged(Call::Completion, 402, &[], ""),
        ProviderError::QuotaExhausted
    );
    let limited = judged(
        Call::Completion,
        429,
        &[("retry-after", "7")],
        &reason("rate_limit_exceeded", ""),
    );
    assert_eq!(
        limited,
        ProviderError::RateLimited {
            retry_after: Some(Duration::from_secs(7))
        }
    );
}

#[test]
fn passes_on_a_sane_wait_only() {
    for (said, wanted) in [
        ("20", Some(20)),
        ("0", Some(1)),
        ("3600", Some(3_600)),
        ("3601", None),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("99999999999999999999", None),
        ("Fri, 21 Nov 2025 12:00:30 GMT", Some(30)),
        ("Fri, 21 Nov 2025 11:00:00 GMT", None),
        ("Fri, 21 Nov 2036 12:00:30 GMT", None),
    ] {
        let seen = judged(Call::Models, 503, &[("retry-after", said)], "");
        let retry_after = wanted.map(Duration::from_secs);
        assert_eq!(
            seen,
            ProviderError::Unavailable {
                upstream_status: Some(503),
                retry_after
            },
            "{said}"
        );
    }
}

#[test]
fn tells_what_the_caller_sent_from_what_we_made_of_it() {
    let undecodable = r#"{"error":{"message":"x","type":"invalid_request_error","param":null,"code":null}}"#;
    for (call, status, body, wanted) in [
        (
            Call::Transcription,
            400,
            undecodable.to_owned(),
            ProviderError::AudioRefused,
        ),
        (
            Call::Transcription,
            400,
            reason("unsupported_format", "file"),
            ProviderError::AudioRefused,
        ),
        (
            Call::Transcription,
            413,
            String::new(),
            ProviderError::AudioRefused,
        ),
        (
            Call::Transcription,
            400,
            reason("invalid_language_format", "language"),
            ProviderError::LanguageRefused,
        ),
        (
            Call::Transcription,
            400,
            reason("unsupported_value", "response_format"),
            ProviderError::RequestRefused { upstream_status: 400 },
        ),
        (
            Call::Transcription,
            404,
            reason("model_not_found", "model"),
            ProviderError::RequestRefused { upstream_status: 404 },
        ),
        (
            Call::Completion,
            400,
            reason("context_length_exceeded", "messages"),
            ProviderError::TextRefused,
        ),
        (
            Call::Completion,
            400,
            reason("unsupported_parameter", "response_format"),
            ProviderError::RequestRefused { upstream_status: 400 },
        ),
        (
            Call::Completion,
            400,
            "<html>".to_owned(),
            ProviderError::RequestRefused { upstream_status: 400 },
        ),
    ] {
        assert_eq!(
            judged(call, status, &[], &body),
            wanted,
            "{call:?} {status} {body}"
        );
    }
}

#[test]
fn knows_json_by_its_media_type() {
    for (said, wanted) in [
        ("application/json", true),
        ("Application/JSON; charset=utf-8", true),
        ("application/problem+json", true),
        ("text/html", false),
        ("text/plain; application/json", false),
        ("", false),
    ] {
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(said))]);
        assert_eq!(is_json(&headers), wanted, "{said:?}");
    }
    assert!(!is_json(&HeaderMap::new()));
}

proptest! {
    #[test]
    fn every_refusal_has_a_code_and_a_status_that_is_never_500(
        status in 100_u16..600,
        body in prop::collection::vec(any::<u8>(), 0..200),
        wait in "[ -~]{0,30}",
    ) {
        let headers = HeaderMap::from_iter([(RETRY_AFTER, HeaderValue::from_str(&wait).unwrap())]);
        let code = StatusCode::from_u16(status).unwrap();
        for call in [Call::Transcription, Call::Completion, Call::Models] {
            let error = refusal(call, code, &headers, &body, NOW.parse().unwrap());
            prop_assert!([400, 502, 503, 504].contains(&error.status().as_u16()));
            prop_assert!(!error.code().is_empty());
            prop_assert!(error.retry_after().is_none_or(|wait| wait <= MAX_RETRY_AFTER && !wait.is_zero()));
        }
    }
}
