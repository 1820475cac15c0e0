//! What is taken for a secret in a draft: more than elsewhere, since what is none may stand in an input too, and what is one would
//! stand in a repository.

use crate::drive::scenario::secrets::is_credential;
use crate::target::mask::{holds_a_secret, names_a_credential};
use crate::transport::redact::Redactor;

/// Words in a name that say of what it names that it is a secret.
const WORDS: &[&str] = &[
    "assertion",
    "auth",
    "bearer",
    "csrf",
    "jwt",
    "key",
    "otp",
    "pass",
    "passphrase",
    "phpsessid",
    "pin",
    "pwd",
    "sess",
    "sessid",
    "session",
    "sid",
    "sig",
    "signature",
    "verifier",
    "xsrf",
];
/// Endings of names of what is said about a secret, which everybody may know.
const ABOUT: &[&str] = &[
    "type",
    "expiresin",
    "expires",
    "count",
    "limit",
    "url",
    "uri",
    "method",
];

/// Whether something of this name is taken for a secret.
pub(super) fn names_a_secret(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let plain: String = lower.chars().filter(char::is_ascii_alphanumeric).collect();
    if plain.contains("idempotency") || ABOUT.iter().any(|ending| plain.ends_with(ending)) {
        return false;
    }
    let listed = || Redactor::new(std::iter::empty(), None).carries_credentials(&lower);
    is_credential(name)
        || names_a_credential(name)
        || words(name).iter().any(|word| WORDS.contains(&word.as_str()))
        || listed()
}

/// The words of a name, divided by what is no letter and by capitals.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    for c in name.chars() {
        let begins = !c.is_ascii_alphabetic() || (c.is_ascii_uppercase() && before.is_ascii_lowercase());
        if begins {
            words.push(String::new());
        }
        if c.is_ascii_alphabetic()
            && let Some(word) = words.last_mut()
        {
            word.push(c.to_ascii_lowercase());
        }
        before = c;
    }
    words
}

/// Whether a text looks like a secret: by its shape, or since nobody would choose such a word.
pub(super) fn looks_secret(text: &str) -> bool {
    let chosen_by_nobody = |word: &str| {
        let digits = word.bytes().filter(u8::is_ascii_digit).count();
        word.len() >= 16 && digits >= 2 && word.len() - digits >= 3
    };
    holds_a_secret(text)
        || text
            .split(|c: char| !c.is_ascii_alphanumeric())
            .any(chosen_by_nobody)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_secrets_are_told_from_what_is_said_of_them() {
        for name in [
            "password",
            "pwd",
            "X-Auth",
            "x-session",
            "X-Amz-Signature",
            "PHPSESSID",
            "private_key",
            "accessKey",
            "sig",
            "client_assertion",
            "code_verifier",
            "otp",
            "Cookie",
            "x-csrf-token",
            "key",
            "Proxy-Authorization",
        ] {
            assert!(names_a_secret(name), "{name}");
        }
        for name in [
            "Idempotency-Key",
            "token_type",
            "auth_url",
            "author",
            "lang",
            "keyboard",
            "passenger",
            "id",
        ] {
            assert!(!names_a_secret(name), "{name}");
        }
    }

    #[test]
    fn what_nobody_would_choose_looks_secret() {
        for text in [
            "eyJhbGciOiJIUzI1NiJ9.e30.abc",
            "bot123456:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw",
            "9f86d081884c7d659a2feaa0c55ad015",
        ] {
            assert!(looks_secret(text), "{text}");
        }
        for text in [
            "pt-BR",
            "2026-11-28T12:00:00Z",
            "0191e7f4-8c1a-7f6e-b1a5-3f2d1c0b9a88",
            "the kitchen closes at ten",
            "42",
            "orchestrate",
        ] {
            assert!(!looks_secret(text), "{text}");
        }
    }
}
