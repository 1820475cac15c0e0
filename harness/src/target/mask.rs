//! Secrets that somebody wrote into a profile: finding them, and showing the text around them without them.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

/// What stands for each byte of a hidden value, so that line and column stay true.
const STAR: &str = "*";

/// A value that is a credential by its shape: a JWT (RFC 7519 §3), the key of an AI provider, a forge or a cloud, a
/// private key, or an `Authorization` value.
static SHAPE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?:^|[^A-Za-z0-9_\-])(eyJ[A-Za-z0-9_\-]{6,}[A-Za-z0-9_\-.=]*",
        r"|sk-[A-Za-z0-9_\-]{4,}",
        r"|gh[pousr]_[A-Za-z0-9]{16,}",
        r"|github_pat_[A-Za-z0-9_]{16,}",
        r"|AKIA[0-9A-Z]{12,}",
        r"|xox[abprs]-[A-Za-z0-9\-]{8,}",
        r"|-----BEGIN [A-Z ]*PRIVATE KEY-----[^\x22']*)",
    ))
    .ok()
});

/// An assignment to a key that names a credential, up to the end of its text. Keys that end in `_env` or `_command`
/// hold names and stay.
static ASSIGNMENT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r#"(?i)(?:token|secret|password|passwd|pwd|api_?key|apikey|private_?key|credential|authorization|bearer)"#,
        r#"["']?\s*[=:]\s*(?:"{1,3}((?:[^"\\\n]|\\.)+)"?|'{1,3}([^'\n]+)'?|([^\s,"'}\]#\[{]+))"#,
    ))
    .ok()
});

/// The user information of a URL (RFC 3986 §3.2.1).
static USERINFO: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"[A-Za-z][A-Za-z0-9+.\-]*://([^/?#\s"'@]+)@"#).ok());

/// Keys under which people put a credential itself.
const CREDENTIAL_KEYS: [&str; 13] = [
    "token",
    "access_token",
    "bearer",
    "secret",
    "client_secret",
    "password",
    "passwd",
    "pwd",
    "key",
    "api_key",
    "apikey",
    "authorization",
    "credential",
];

/// Whether a key of this name holds a credential's value rather than the name of a variable.
pub fn names_a_credential(key: &str) -> bool {
    let key = key.to_ascii_lowercase().replace('-', "_");
    CREDENTIAL_KEYS.contains(&key.as_str())
}

/// Whether this text holds something shaped like a credential.
pub fn holds_a_secret(text: &str) -> bool {
    SHAPE.as_ref().is_some_and(|shape| shape.is_match(text))
}

/// Where in `text` credentials seem to stand: by shape, by the key they are assigned to, or inside a URL.
fn suspicious(text: &str) -> Vec<Range<usize>> {
    let all = [&*SHAPE, &*ASSIGNMENT, &*USERINFO];
    let captures = all
        .into_iter()
        .flatten()
        .flat_map(|regex| regex.captures_iter(text));
    captures
        .filter_map(|found| found.iter().skip(1).flatten().next().map(|group| group.range()))
        .collect()
}

/// The text with every byte of what seems to be a credential, and of `also`, replaced by a star. Line breaks stay,
/// so every other byte keeps its place.
pub fn mask(text: &str, also: &[Range<usize>]) -> String {
    let mut hidden = suspicious(text);
    hidden.extend_from_slice(also);
    let mut masked = String::with_capacity(text.len());
    for (at, character) in text.char_indices() {
        let inside = hidden.iter().any(|range| range.contains(&at));
        match inside && character != '\n' && character != '\r' {
            true => masked.push_str(&STAR.repeat(character.len_utf8())),
            false => masked.push(character),
        }
    }
    masked
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn hides_a_credential_by_its_shape_its_key_or_its_url() {
        for (text, secret) in [
            (r#"kind = "eyJhbGciOi.abc.def""#, "eyJhbGciOi"),
            (r#"x = ["sk-abcdef"]"#, "sk-abcdef"),
            (r#"password = "hunter2""#, "hunter2"),
            (r#"token = 'hunter2'"#, "hunter2"),
            (r#"client_secret=hunter2"#, "hunter2"),
            (r#"url = "https://joe:hunter2@x.example/""#, "hunter2"),
            (r#"url = "https://joe:hunter2@x.example"#, "hunter2"),
            (r#"body = { api_key = "hunter2" }"#, "hunter2"),
        ] {
            let masked = mask(text, &[]);
            assert!(!masked.contains(secret), "{masked}");
            assert_eq!(masked.len(), text.len());
        }
    }

    #[test]
    fn leaves_the_names_of_variables_and_ordinary_words() {
        let text = "token_env = \"GREENLIGHT_TOKEN\"\nexpired_command = \"orchestrate token --expired\"\nname = \"desk-a\"";
        assert_eq!(mask(text, &[]), text);
    }

    proptest! {
        #[test]
        fn masking_keeps_every_length_and_line(text in "\\PC{0,20}(token|url|sk-|eyJ)[ =\"':/@a-z\n]{0,30}") {
            let masked = mask(&text, &[]);
            prop_assert_eq!(masked.len(), text.len());
            prop_assert_eq!(masked.lines().count(), text.lines().count());
        }
    }
}
