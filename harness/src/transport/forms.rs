//! The forms in which servers echo a secret. Pure.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::model::probe::Mutation;
use crate::transport::spoil::spoil;

/// Values shorter than this are not searched for: they would match by chance. Credentials are longer.
pub(crate) const SHORTEST: usize = 6;

/// A part of a credential is searched for from this length on: the first half of a short password is an ordinary word.
const SHORTEST_PART: usize = 8;

/// What RFC 3986 §2.3 leaves as it is.
pub(crate) const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// What JavaScript's `encodeURIComponent` leaves as it is.
const COMPONENT: &AsciiSet = &UNRESERVED
    .remove(b'!')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');

/// Everything to search for, given one value: the value, what we send in its stead when it is spoilt, and its parts, each
/// in every form.
pub(crate) fn all(value: &str) -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> = Vec::new();
    if value.len() >= SHORTEST {
        all.extend(forms(value));
    }
    for spoilt in [
        Mutation::Truncated,
        Mutation::Tampered,
        Mutation::AlgNone,
        Mutation::SwappedCase,
    ] {
        let spoilt = spoil(value, spoilt);
        if spoilt.len() >= SHORTEST_PART && spoilt != spoil("", Mutation::Garbage) {
            all.extend(forms(&spoilt));
        }
    }
    let parts: Vec<&str> = value.split('.').collect();
    if let [_, payload, signature] = parts[..] {
        let long = [payload, signature]
            .into_iter()
            .filter(|part| part.len() >= SHORTEST_PART);
        all.extend(long.map(|part| part.as_bytes().to_vec()));
    }
    all.sort();
    all.dedup();
    all
}

/// A value in every form in which servers echo it.
pub(crate) fn forms(value: &str) -> Vec<Vec<u8>> {
    let json = escaped(value);
    let percent = |set| utf8_percent_encode(value, set).to_string();
    let mut forms = vec![
        value.to_owned(),
        percent(NON_ALPHANUMERIC),
        percent(UNRESERVED),
        percent(COMPONENT),
        percent(UNRESERVED).replace("%20", "+"),
        json.replace('/', "\\/"),
        escaped(&json),
        escaped(&json.replace('/', "\\/")),
        html(value, "&#x27;", "&quot;"),
        html(value, "&#39;", "&#34;"),
        value.bytes().map(|byte| format!("{byte:02x}")).collect(),
        json,
    ];
    forms.extend(base64s(value));
    forms.sort();
    forms.dedup();
    forms.into_iter().map(String::into_bytes).collect()
}

/// Inside a JSON string (RFC 8259 §7).
fn escaped(value: &str) -> String {
    let quoted = serde_json::to_string(value).unwrap_or_default();
    let inner = quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    inner.unwrap_or_default().to_owned()
}

fn html(value: &str, apostrophe: &str, quote: &str) -> String {
    value
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('\'', apostrophe)
        .replace('"', quote)
}

/// What of the value's base64 stays the same wherever it stands in a longer text that is encoded as a whole, such as
/// `user:password`: one form for each of the three alignments, in both alphabets.
fn base64s(value: &str) -> Vec<String> {
    let mut found = vec![
        STANDARD.encode(value),
        URL_SAFE.encode(value),
        URL_SAFE.encode(value).trim_end_matches('=').to_owned(),
    ];
    for before in 0..3_usize {
        let padded = [&vec![0; before], value.as_bytes()].concat();
        let from = (before * 8).div_ceil(6);
        let to = padded.len() * 8 / 6;
        for encoded in [STANDARD.encode(&padded), URL_SAFE.encode(&padded)] {
            let inner = encoded.get(from..to).unwrap_or_default();
            if inner.len() >= SHORTEST + 2 {
                found.push(inner.to_owned());
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn has(value: &str, text: &str) -> bool {
        all(value)
            .iter()
            .any(|form| text.as_bytes().windows(form.len()).any(|window| window == form))
    }

    #[test]
    fn a_token_is_known_as_browsers_php_and_templates_write_it() {
        let token = "a.b+c/d=e\"f'g&h";
        for written in [
            "a.b%2Bc%2Fd%3De%22f'g%26h",
            "a.b+c\\/d=e\\\"f'g&h",
            "a.b+c/d=e&quot;f&#x27;g&amp;h",
            "612e622b632f643d65226627672668",
        ] {
            assert!(has(token, written), "{written}");
        }
    }

    #[test]
    fn what_we_send_in_its_stead_is_known_too() {
        let token = "aaaaaaaaaaaaaaaaaaaa.bbbbbbbbbbbbbbbb.cccccccccccccccccc";
        for mutation in [Mutation::Truncated, Mutation::Tampered, Mutation::AlgNone] {
            assert!(has(token, &spoil(token, mutation)), "{mutation:?}");
        }
        assert!(has(token, "invalid signature cccccccccccccccccc"));
        assert!(
            !has("opaque-token-of-ours", &spoil("", Mutation::Garbage)),
            "garbage is no secret"
        );
    }

    proptest! {
        #[test]
        fn base64_is_known_wherever_the_value_stands(value in "[ -~]{8,40}", before in "[ -~]{0,5}", after in "[ -~]{0,5}") {
            let text = format!("{before}{value}{after}");
            for encoded in [STANDARD.encode(&text), URL_SAFE.encode(&text)] {
                prop_assert!(has(&value, &encoded), "{encoded}");
            }
        }
    }
}
