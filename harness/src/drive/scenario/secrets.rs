//! Values that must not be seen: which they are, what they are called, and how they stand in a probe.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use crate::model::mutation::Mutation;
use crate::model::probe::{SecretName, Text, Who};
use crate::model::sealed::Sealed;
use crate::scenario::template::embedded;

/// Words in a name that say of what it names that it is a credential.
const WORDS: &[&str] = &[
    "authorization",
    "cookie",
    "token",
    "secret",
    "password",
    "passwd",
    "apikey",
    "credential",
    "jwt",
    "sessionid",
];
/// The same, where the whole name is that word.
const WHOLE: &[&str] = &["session", "auth", "otp", "pin"];

/// Whether something of this name is a credential.
pub fn is_credential(name: &str) -> bool {
    let plain: String = name
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect();
    // How long a token lives, and of which kind it is, everybody may know.
    let about = ["type", "expiresin", "expires", "count", "limit", "url", "uri"];
    let is_about = about.iter().any(|ending| plain.ends_with(ending));
    !is_about && (WHOLE.contains(&plain.as_str()) || WORDS.iter().any(|word| plain.contains(word)))
}

/// A piece of a text that goes out.
#[derive(Debug, Clone)]
pub enum Strand {
    /// It may be seen.
    Open(String),
    /// It may not.
    Held {
        /// The value, as it was got.
        value: Sealed<String>,
        /// The same as it is spelt here.
        spelt: Sealed<String>,
        /// What it is called when nobody knows where it came from.
        otherwise: String,
    },
    /// The base64 of a file.
    File(String),
}

impl Strand {
    /// A value that may not be seen.
    pub fn held(value: &Value, spelt: String, otherwise: &str) -> Strand {
        Strand::Held {
            value: Sealed::new(embedded(value)),
            spelt: Sealed::new(spelt),
            otherwise: otherwise.to_owned(),
        }
    }
}

/// The values that must not be seen, by name.
#[derive(Debug, Default)]
pub struct Secrets {
    origins: Sealed<HashMap<String, String>>,
    known: BTreeMap<String, Sealed<String>>,
    fresh: Vec<(SecretName, Sealed<String>)>,
}

impl Secrets {
    /// Notes where a value came from, so that it is called so.
    pub fn origin(&mut self, value: &Value, name: String) {
        let text = embedded(value);
        if !text.is_empty() {
            self.origins.open_mut().entry(text).or_insert(name);
        }
    }

    /// Has a value hidden from here on, whether it is sent or not.
    pub fn hide(&mut self, value: &Value, otherwise: &str) {
        let text = embedded(value);
        let name = self.name(&text, otherwise);
        self.keep(name, &text);
    }

    fn name(&self, value: &str, otherwise: &str) -> String {
        let origin = self.origins.open().get(value);
        origin.cloned().unwrap_or_else(|| otherwise.to_owned())
    }

    /// A text of these pieces, as a probe has it.
    pub fn woven(&mut self, strands: Vec<Strand>) -> Text {
        let mut parts: Vec<Text> = Vec::new();
        for strand in strands {
            match strand {
                Strand::Open(text) => match parts.last_mut() {
                    Some(Text::Lit(before)) => before.push_str(&text),
                    _ => parts.push(Text::Lit(text)),
                },
                Strand::File(sample) => parts.push(Text::Base64(sample)),
                Strand::Held {
                    value,
                    spelt,
                    otherwise,
                } => {
                    let name = self.name(value.open(), &otherwise);
                    if spelt != value {
                        self.keep(name.clone(), value.open());
                    }
                    let secret = self.keep(name, spelt.open());
                    parts.push(Text::Held(Who {
                        secret,
                        mutation: Mutation::AsIs,
                    }));
                }
            }
        }
        match parts.len() {
            0 => Text::Lit(String::new()),
            1 => parts.remove(0),
            _ => Text::Joined(parts),
        }
    }

    /// Keeps a text under this name, or under one like it when that is taken by another.
    fn keep(&mut self, name: String, text: &str) -> SecretName {
        let mut candidate = name.clone();
        for number in 2_u32.. {
            match self.known.get(&candidate) {
                Some(known) if known.open() == text => return SecretName(candidate),
                Some(_) => candidate = format!("{name}-{number}"),
                None => break,
            }
        }
        let secret = SecretName(candidate.clone());
        self.known.insert(candidate, Sealed::new(text.to_owned()));
        self.fresh.push((secret.clone(), Sealed::new(text.to_owned())));
        secret
    }

    /// Those that nobody was told of yet.
    pub fn fresh(&mut self) -> Vec<(SecretName, Sealed<String>)> {
        std::mem::take(&mut self.fresh)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_tell_credentials_from_what_is_said_of_them() {
        for name in [
            "Authorization",
            "access_token",
            "x-api-key",
            "API Key",
            "Set-Cookie",
            "clientSecret",
            "session",
            "refreshToken",
        ] {
            assert!(is_credential(name), "{name}");
        }
        for name in [
            "token_type",
            "expires_in",
            "id",
            "sessionCount",
            "tokenExpires",
            "author",
        ] {
            assert!(!is_credential(name), "{name}");
        }
    }

    #[test]
    fn a_held_value_is_called_after_where_it_came_from_and_stands_in_no_probe() {
        let mut secrets = Secrets::default();
        secrets.origin(&json!("abc/def"), "steps.login.outputs.token".into());
        let text = secrets.woven(vec![
            Strand::Open("Bear".into()),
            Strand::Open("er ".into()),
            Strand::held(&json!("abc/def"), "abc/def".into(), "x"),
        ]);
        let held = |name: &str| {
            Text::Held(Who {
                secret: SecretName(name.into()),
                mutation: Mutation::AsIs,
            })
        };
        let token = "steps.login.outputs.token";
        assert_eq!(text, Text::Joined(vec![Text::Lit("Bearer ".into()), held(token)]));
        // Spelt otherwise it is another text, under a name of its own.
        let again = secrets.woven(vec![Strand::held(&json!("abc/def"), "abc%2Fdef".into(), "x")]);
        assert_eq!(again, held(&format!("{token}-2")));
        assert_eq!(secrets.fresh().len(), 2);
        assert!(secrets.fresh().is_empty());
        assert!(!format!("{secrets:?} {text:?}").contains("abc"));
    }
}
