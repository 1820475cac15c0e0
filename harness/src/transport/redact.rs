//! Removal of secrets at capture: what is not kept cannot leak later.
//!
//! One redactor knows every value the run holds, in the forms in which servers echo them, and the shapes of secrets that
//! the run does not hold. Placeholders keep kind and length; that something was removed stays as a fact.

use aho_corasick::AhoCorasick;
use base64::Engine as _;
use regex::bytes::Regex;

use crate::model::exchange::{Place, Redacted, SecretKind};

/// Values shorter than this are not searched for: they would match by chance. Credentials are longer.
const SHORTEST: usize = 6;

/// Headers that carry credentials by definition, in requests and answers.
const CREDENTIAL_HEADERS: &[&str] = &[
    "authorization",
    "proxy-authorization",
    "cookie",
    "set-cookie",
    "x-api-key",
    "x-auth-token",
    "api-key",
];

/// Finds and replaces secrets.
#[derive(Debug)]
pub struct Redactor {
    own: Option<AhoCorasick>,
    shapes: Vec<(SecretKind, Regex)>,
    credential_headers: Vec<String>,
}

impl Redactor {
    /// A redactor that knows these values, and this header as one that carries credentials.
    pub fn new<'a>(values: impl Iterator<Item = &'a str>, header: Option<&str>) -> Redactor {
        let forms: Vec<Vec<u8>> = values
            .filter(|value| value.len() >= SHORTEST)
            .flat_map(forms)
            .collect();
        let own = if forms.is_empty() {
            None
        } else {
            AhoCorasick::new(forms).ok()
        };
        let mut credential_headers: Vec<String> =
            CREDENTIAL_HEADERS.iter().map(ToString::to_string).collect();
        credential_headers.extend(header.map(str::to_ascii_lowercase));
        Redactor {
            own,
            shapes: shapes(),
            credential_headers,
        }
    }

    /// The value of a header as it may be kept.
    pub fn header(&self, name: &str, value: &[u8], sent: bool, facts: &mut Vec<Redacted>) -> Vec<u8> {
        let name = name.to_ascii_lowercase();
        let place = if sent {
            Place::SentHeader(name.clone())
        } else {
            Place::ReplyHeader(name.clone())
        };
        if self.credential_headers.contains(&name) {
            let fact = Redacted {
                place,
                kind: SecretKind::CredentialHeader,
                length: length(value),
            };
            let (kept, secret) = keep_around(&name, value);
            facts.push(fact);
            return [kept.0, placeholder(SecretKind::CredentialHeader, secret), kept.1].concat();
        }
        self.bytes(value, &place, facts)
    }

    /// Bytes as they may be kept.
    pub fn bytes(&self, value: &[u8], place: &Place, facts: &mut Vec<Redacted>) -> Vec<u8> {
        let mut kept = value.to_vec();
        if let Some(own) = &self.own {
            let found: Vec<_> = own
                .find_iter(&kept)
                .map(|found| (found.start(), found.end()))
                .collect();
            kept = replace(&kept, &found, SecretKind::Own, place, facts);
        }
        for (kind, shape) in &self.shapes {
            if shape.is_match(&kept) {
                let found: Vec<_> = shape
                    .find_iter(&kept)
                    .map(|found| (found.start(), found.end()))
                    .collect();
                kept = replace(&kept, &found, *kind, place, facts);
            }
        }
        kept
    }

    /// Text as it may be kept, for error messages of libraries.
    pub fn text(&self, value: &str) -> String {
        String::from_utf8_lossy(&self.bytes(value.as_bytes(), &Place::ReplyBody, &mut Vec::new()))
            .into_owned()
    }
}

/// A value in every form in which servers echo it.
fn forms(value: &str) -> Vec<Vec<u8>> {
    let escaped = serde_json::to_string(value).unwrap_or_default();
    let mut forms = vec![
        value.as_bytes().to_vec(),
        percent_encoding::utf8_percent_encode(value, percent_encoding::NON_ALPHANUMERIC)
            .to_string()
            .into_bytes(),
        base64::engine::general_purpose::STANDARD
            .encode(value)
            .into_bytes(),
        base64::engine::general_purpose::URL_SAFE_NO_PAD
            .encode(value)
            .into_bytes(),
        escaped.trim_matches('"').as_bytes().to_vec(),
    ];
    forms.sort_by_key(|form| std::cmp::Reverse(form.len()));
    forms.dedup();
    forms
}

/// The shapes of secrets that nobody told us about.
fn shapes() -> Vec<(SecretKind, Regex)> {
    [
        (SecretKind::PrivateKey, r"-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]{0,8192}?(-----END [A-Z ]*PRIVATE KEY-----|$)"),
        (SecretKind::Jwt, r"eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]*"),
        (
            SecretKind::ApiKey,
            r"(?-u:\b)(sk-((proj|ant|svcacct|admin|live|test)-[A-Za-z0-9_-]{2,}|[A-Za-z0-9]{7,})|sk_(live|test)_[A-Za-z0-9]{8,}|AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{20,}|xox[abprs]-[A-Za-z0-9-]{10,}|AIza[0-9A-Za-z_-]{30,})",
        ),
        (SecretKind::UrlPassword, r#"[a-z][a-z0-9+.-]{1,20}://[^\s/:@"'<>]{1,128}:[^\s/@"'<>]{1,128}@"#),
    ]
    .into_iter()
    .filter_map(|(kind, pattern)| Regex::new(pattern).ok().map(|regex| (kind, regex)))
    .collect()
}

/// Replaces the spans that were found, and notes each.
fn replace(
    value: &[u8],
    found: &[(usize, usize)],
    kind: SecretKind,
    place: &Place,
    facts: &mut Vec<Redacted>,
) -> Vec<u8> {
    let mut kept = Vec::with_capacity(value.len());
    let mut from = 0;
    for &(start, end) in found {
        kept.extend_from_slice(&value[from..start]);
        kept.extend_from_slice(&placeholder(kind, &value[start..end]));
        facts.push(Redacted {
            place: place.clone(),
            kind,
            length: length(&value[start..end]),
        });
        from = end;
    }
    kept.extend_from_slice(&value[from..]);
    kept
}

/// What of a credential header may stay: the scheme, or a cookie's name and attributes.
fn keep_around<'v>(name: &str, value: &'v [u8]) -> ((Vec<u8>, Vec<u8>), &'v [u8]) {
    let split = |separator: u8| value.iter().position(|byte| *byte == separator);
    match name {
        "authorization" | "proxy-authorization" => match split(b' ') {
            Some(at) if at <= 10 => ((value[..=at].to_vec(), vec![]), &value[at + 1..]),
            _ => ((vec![], vec![]), value),
        },
        "set-cookie" => {
            let start = split(b'=').map_or(0, |at| at + 1);
            let end = split(b';').filter(|end| *end >= start).unwrap_or(value.len());
            (
                (value[..start].to_vec(), value[end..].to_vec()),
                &value[start..end],
            )
        }
        _ => ((vec![], vec![]), value),
    }
}

/// What stands in a secret's place: its kind and its length.
fn placeholder(kind: SecretKind, value: &[u8]) -> Vec<u8> {
    let word = match kind {
        SecretKind::Own | SecretKind::CredentialHeader => "credential",
        SecretKind::Jwt => "jwt",
        SecretKind::ApiKey => "api-key",
        SecretKind::UrlPassword => "url-password",
        SecretKind::PrivateKey => "private-key",
        SecretKind::Content => "text",
    };
    format!("[{word}:{}]", value.len()).into_bytes()
}

fn length(value: &[u8]) -> u32 {
    u32::try_from(value.len()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn redact(secret: &str, text: &str) -> (String, Vec<Redacted>) {
        let mut facts = vec![];
        let redactor = Redactor::new([secret].into_iter(), None);
        let kept = redactor.bytes(text.as_bytes(), &Place::ReplyBody, &mut facts);
        (String::from_utf8(kept).unwrap(), facts)
    }

    #[test]
    fn our_own_secret_is_found_in_every_form() {
        let secret = "p@ss \"word\"/1";
        for form in forms(secret) {
            let text = format!("<<{}>>", String::from_utf8(form).unwrap());
            let (kept, facts) = redact(secret, &text);
            assert!(
                kept.starts_with("<<[credential:") && kept.ends_with("]>>"),
                "{text} -> {kept}"
            );
            assert_eq!(facts[0].kind, SecretKind::Own);
        }
    }

    #[test]
    fn shapes_of_strangers_secrets_are_found() {
        let cases = [
            ("key_prefix: sk-proj-ab12...", SecretKind::ApiKey),
            (
                "token eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJtZSJ9.c2ln",
                SecretKind::Jwt,
            ),
            ("postgres://app:hunter2@db.internal/x", SecretKind::UrlPassword),
            ("-----BEGIN RSA PRIVATE KEY-----\nMIIE", SecretKind::PrivateKey),
        ];
        for (text, kind) in cases {
            let (kept, facts) = redact("unrelated", text);
            assert_eq!(
                facts.first().map(|fact| fact.kind),
                Some(kind),
                "{text} -> {kept}"
            );
        }
    }

    #[test]
    fn ordinary_text_is_left_alone() {
        for text in [
            "task-list risk-free",
            "see https://example.com/a:b@c",
            "mask-sk-",
            "eyJ is how a JWT begins",
        ] {
            assert_eq!(redact("unrelated", text), (text.to_owned(), vec![]));
        }
    }

    #[test]
    fn a_credential_header_keeps_its_scheme_and_a_cookie_its_attributes() {
        let redactor = Redactor::new(std::iter::empty(), Some("X-Team-Key"));
        let header = |name: &str, value: &str| {
            String::from_utf8(redactor.header(name, value.as_bytes(), true, &mut vec![])).unwrap()
        };
        assert_eq!(header("Authorization", "Bearer abc"), "Bearer [credential:3]");
        assert_eq!(
            header("set-cookie", "sid=abc; Secure"),
            "sid=[credential:3]; Secure"
        );
        assert_eq!(header("x-team-key", "abc"), "[credential:3]");
        assert_eq!(header("accept", "text/html"), "text/html");
    }

    proptest! {
        #[test]
        fn no_form_of_a_secret_survives(secret in "[ -~]{6,40}", before in ".{0,20}", after in ".{0,20}") {
            for form in forms(&secret) {
                let form = String::from_utf8(form).unwrap();
                let (kept, _) = redact(&secret, &format!("{before}{form}{after}"));
                prop_assert!(!kept.contains(&secret) || before.contains(&secret) || "[credential:jwtapi-key]".contains(&secret));
            }
        }
    }
}
