//! What developer tools need of the archive.

use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::report::fixtures::{self, traffic};

fn read() -> Value {
    let recording = traffic::recording();
    serde_json::from_str(&render(Finished::new(
        &fixtures::broken::missing_await(),
        &recording,
    )))
    .unwrap()
}

#[test]
fn another_reader_of_har_1_2_reads_it() {
    let recording = traffic::recording();
    let text = render(Finished::new(&fixtures::healthy(), &recording));
    let read = har::from_str(&text).unwrap();
    let har::Spec::V1_2(log) = read.log else {
        panic!("another version")
    };
    assert_eq!(log.entries.len(), recording.exchanges.len());
    assert_eq!(log.creator.name, "greenlight");
}

/// The members that HAR 1.2 requires of an entry, by JSON Pointer.
const REQUIRED: &[&str] = &[
    "/startedDateTime",
    "/time",
    "/request/method",
    "/request/url",
    "/request/httpVersion",
    "/request/cookies",
    "/request/headers",
    "/request/queryString",
    "/request/headersSize",
    "/request/bodySize",
    "/response/status",
    "/response/statusText",
    "/response/httpVersion",
    "/response/cookies",
    "/response/headers",
    "/response/content/size",
    "/response/content/mimeType",
    "/response/redirectURL",
    "/response/headersSize",
    "/response/bodySize",
    "/cache",
    "/timings/send",
    "/timings/wait",
    "/timings/receive",
];

#[test]
fn every_entry_has_what_is_required_and_times_that_add_up() {
    for entry in read()["log"]["entries"].as_array().unwrap() {
        for member in REQUIRED {
            assert!(entry.pointer(member).is_some(), "{member} in {entry}");
        }
        let of = |name: &str| {
            entry["timings"][name]
                .as_f64()
                .filter(|ms| *ms > 0.0)
                .unwrap_or_default()
        };
        // TLS is a part of connecting.
        let sum: f64 = ["dns", "connect", "send", "wait", "receive"].map(of).iter().sum();
        assert!((sum - entry["time"].as_f64().unwrap()).abs() < 0.001, "{entry}");
    }
}

#[test]
fn an_attempt_without_an_answer_says_why() {
    let archive = read();
    let entries = archive["log"]["entries"].as_array().unwrap();
    let failed = entries
        .iter()
        .find(|entry| entry["response"]["status"] == 0)
        .unwrap();
    assert_eq!(failed["_greenlight"]["failure"], "closed");
}

#[test]
fn what_is_no_text_is_base64_and_our_own_members_say_so() {
    for entry in read()["log"]["entries"].as_array().unwrap() {
        for name in entry.as_object().unwrap().keys() {
            let known = [
                "startedDateTime",
                "time",
                "request",
                "response",
                "cache",
                "timings",
                "serverIPAddress",
                "connection",
            ];
            assert!(name.starts_with('_') || known.contains(&name.as_str()), "{name}");
        }
    }
    let of = |bytes: &'static [u8], most| content(&Captured::complete(bytes), None, most);
    assert_eq!(of(b"\xff\xfe", 9).encoding.as_deref(), Some("base64"));
    assert_eq!(
        of("Grüße".as_bytes(), 3).text.as_deref(),
        Some("Gr"),
        "cut within a character"
    );
    assert_eq!(of(b"", 9).text.as_deref(), Some(""));
}

#[test]
fn large_bodies_do_not_fill_a_disk() {
    let mut recording = traffic::recording();
    let large = |exchange: &mut Exchange| {
        if let crate::model::exchange::Outcome::Answered(reply) = &mut exchange.reply {
            reply.body = Captured::complete(vec![b'a'; 1 << 20]);
        }
    };
    recording.exchanges.iter_mut().for_each(large);
    recording.exchanges = std::iter::repeat_n(recording.exchanges, 100).flatten().collect();
    let text = render(Finished::new(&fixtures::healthy(), &recording));
    assert!(text.len() < 4 << 20, "{}", text.len());
    assert!(text.contains("\"body_shortened\": true"));
}

#[test]
fn the_archive_of_a_failing_run() {
    let recording = traffic::recording();
    insta::assert_snapshot!(render(Finished::new(
        &fixtures::broken::missing_await(),
        &recording
    )));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_bytes_are_written_and_read(bytes in proptest::collection::vec(any::<u8>(), 0..64), most in 0usize..64) {
        let content = content(&Captured::complete(bytes.clone()), None, most);
        let text = content.text.unwrap();
        if content.encoding.is_none() {
            prop_assert!(bytes.starts_with(text.as_bytes()));
        }
    }
}
