//! What is found behind encodings, what is left alone, and what it costs.

use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use proptest::prelude::*;

use super::*;

const KEY: &str = "sk-proj-CanaryProviderKey0123456789";

fn key() -> Regex {
    regex::bytes::RegexBuilder::new(r"sk-proj-[A-Za-z0-9]{8,}|[a-z.]+@[a-z]+\.[a-z]{2,}")
        .unicode(false)
        .build()
        .unwrap()
}

fn percent(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

/// The text without what is found in it.
fn without(text: &str) -> String {
    let mut kept = text.as_bytes().to_vec();
    let mut spans: Vec<(usize, usize)> = find(text.as_bytes(), &[&key()])
        .into_iter()
        .map(|(start, end, _)| (start, end))
        .collect();
    spans.sort_unstable();
    for (start, end) in spans {
        kept[start..end].fill(b'_');
    }
    String::from_utf8(kept).unwrap()
}

#[test]
fn a_key_is_found_in_every_encoding_and_nothing_around_it() {
    let escaped: String = KEY.bytes().map(|byte| format!("\\u{byte:04x}")).collect();
    let html: String = KEY.bytes().map(|byte| format!("&#{byte};")).collect();
    let hex: String = KEY.bytes().map(|byte| format!("&#x{byte:x};")).collect();
    for form in [
        percent(KEY),
        percent(&percent(KEY)),
        escaped,
        html,
        hex,
        KEY.replace('-', "\\u002d"),
        STANDARD.encode(KEY),
        percent(&STANDARD.encode(format!("{KEY}??"))),
    ] {
        let text = format!("before \"{form}\" after %20 \\n &amp;");
        let kept = without(&text);
        assert!(
            kept.starts_with("before \"") && kept.ends_with("\" after %20 \\n &amp;"),
            "{kept}"
        );
        let gone = kept.bytes().filter(|byte| *byte == b'_').count();
        assert!(gone + 12 >= form.len(), "{text} -> {kept}");
    }
}

/// In base64, broken into lines of so many characters.
fn lines(text: &str, width: usize, between: &str) -> String {
    let coded = STANDARD.encode(text);
    let lines: Vec<&str> = (0..coded.len())
        .step_by(width)
        .map(|at| &coded[at..coded.len().min(at + width)])
        .collect();
    lines.join(between)
}

#[test]
fn a_key_is_found_in_base64_over_several_lines() {
    for (width, between) in [
        (76, "\r\n"),
        (64, "\n"),
        (64, "\n      "),
        (76, "\\r\\n"),
        (76, "\\n"),
    ] {
        for before in 30..60 {
            let text = format!("{}\n{KEY}\n{}", ".".repeat(before), "and so on ".repeat(9));
            let coded = format!("{{\"dump\":\"{}\"}}", lines(&text, width, between));
            let kept = without(&coded);
            let gone = kept.bytes().filter(|byte| *byte == b'_').count();
            assert!(
                (KEY.len()..KEY.len() * 4 / 3 + 16).contains(&gone),
                "{before}: {kept}"
            );
        }
    }
}

#[test]
fn lists_of_names_are_not_one_long_line() {
    let commits: Vec<String> = (0..40_u64)
        .map(|n| format!("{:040x}", n.wrapping_mul(0x9e37_79b9_7f4a_7c15)))
        .collect();
    assert_eq!(without(&commits.join("\n")), commits.join("\n"));
    let short = "authorization\nendpoint\nconfiguration";
    assert!(Plain::of(short.as_bytes()).joined().is_none());
}

#[test]
fn text_that_only_looks_encoded_is_left_alone() {
    for text in [
        "100% sure, \\path\\to\\file, AT&T &#9999999; %zz %e9 \\u00",
        "VGhlIHF1aWNrIGJyb3duIGZveCBqdW1wcw==",
        "internationalization/and/other/long/paths-with-words",
        "%",
        "\\",
        "&#",
        "&#;",
        "&#x;",
    ] {
        assert_eq!(without(text), text);
    }
}

/// Bytes that look like a picture: no two runs alike, and no secret in them.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let step = |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    };
    (0..length).map(step).collect()
}

#[test]
fn a_picture_holds_no_address_by_chance() {
    let picture = STANDARD.encode(noise(380 * 1024));
    assert_eq!(find(picture.as_bytes(), &[&key()]), []);
    let hashes: Vec<String> = noise(200_000)
        .chunks(32)
        .map(|hash| STANDARD.encode(hash))
        .collect();
    assert_eq!(find(hashes.join("\n").as_bytes(), &[&key()]), []);
}

#[test]
fn a_key_is_found_wherever_windows_meet() {
    let coded = STANDARD.encode(format!("{{\"key\":\"{KEY}\"}}"));
    for form in [percent(KEY), coded] {
        for before in (WINDOW - OVERLAP - 90..WINDOW + 90).step_by(31) {
            let text = format!("{}{form}{}", ".".repeat(before), " ".repeat(WINDOW));
            let kept = without(&text);
            let gone = kept.bytes().filter(|byte| *byte == b'_').count();
            assert!(gone >= KEY.len(), "{before}: {gone}");
        }
    }
    // Behind a picture that is longer than what is decoded of a text.
    let picture = STANDARD.encode(noise(3 * MOST_OF_A_TEXT));
    let kept = without(&format!("\"{picture}\",\"{}\"", STANDARD.encode(KEY)));
    assert!(kept.ends_with("__=\""), "{}", &kept[kept.len() - 80..]);
}

#[test]
fn two_mebibytes_cost_little() {
    let picture = STANDARD.encode(noise(1024 * 1024));
    let text = "a line of a log, 100% of it \\n".repeat(25_000);
    let body = format!("{{\"audio\":\"{picture}\",\"log\":\"{text}\"}}");
    assert!(body.len() > 2 * 1024 * 1024);
    let begun = Instant::now();
    assert_eq!(find(body.as_bytes(), &[&key()]), []);
    let took = begun.elapsed();
    // Without a bound it is several times that, and a debug build is twenty times slower than what is shipped.
    assert!(took < Duration::from_secs(10), "{took:?}");
}

proptest! {
    #[test]
    fn base64_is_looked_into_wherever_the_key_stands(before in "[ -~]{0,40}", after in " [ -~]{0,40}") {
        let text = format!("{before} {KEY}{after}");
        for coded in [STANDARD.encode(&text), URL_SAFE_NO_PAD.encode(&text)] {
            let kept = without(&format!("x={coded}"));
            let middle = &coded[(before.len() + 1) * 4 / 3 + 1..][..KEY.len()];
            prop_assert!(!kept.contains(middle), "{}", kept);
        }
    }

    #[test]
    fn whatever_comes_it_does_not_panic(text in prop::collection::vec(any::<u8>(), 0..200)) {
        for (start, end, _) in find(&text, &[&key()]) {
            prop_assert!(start < end && end <= text.len());
        }
    }
}
