//! The language that a caller says its audio is in.
//!
//! Callers send BCP 47 tags (`pt-BR`, the wire contract's default); the OpenAI API takes ISO 639-1 codes
//! (`pt`) and answers 400 to anything else. The original system passed the tag through and so turned every
//! Brazilian recording into a 500; a type that can only be sent in its short form rules that out.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The longest tag that is looked at: RFC 5646 §4.4.1 asks implementations for at least 35 characters.
pub const MAX_TAG_CHARS: usize = 35;

/// A BCP 47 language tag whose primary subtag is a two-letter (ISO 639-1) code.
///
/// Whether the provider knows the language is the provider's to say: see
/// [`ProviderError::LanguageRefused`](crate::domain::provider::ProviderError::LanguageRefused).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Language(String);

/// Why a text is not a [`Language`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the language must be a two-letter ISO 639-1 code with an optional region, such as \"pt\" or \"pt-BR\""
)]
pub struct LanguageError;

impl Language {
    /// The tag in its canonical case, such as `pt-BR`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The ISO 639-1 code alone, lower case, such as `pt`: what the OpenAI API takes.
    #[must_use]
    pub fn iso_639_1(&self) -> &str {
        self.0.split('-').next().unwrap_or(&self.0)
    }
}

impl FromStr for Language {
    type Err = LanguageError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() > MAX_TAG_CHARS {
            return Err(LanguageError);
        }
        let mut subtags = text.split('-');
        let primary = subtags.next().unwrap_or_default();
        if primary.len() != 2 || !primary.bytes().all(|byte| byte.is_ascii_alphabetic()) {
            return Err(LanguageError);
        }
        let mut tag = primary.to_ascii_lowercase();
        for subtag in subtags {
            if !(1..=8).contains(&subtag.len()) || !subtag.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
                return Err(LanguageError);
            }
            tag.push('-');
            tag.push_str(&canonical_case(subtag));
        }
        Ok(Self(tag))
    }
}

/// RFC 5646 §2.1.1: two-letter subtags upper case, four-letter ones title case, the others lower case.
fn canonical_case(subtag: &str) -> String {
    let lower = subtag.to_ascii_lowercase();
    match lower.len() {
        2 => lower.to_ascii_uppercase(),
        4 => {
            let (head, tail) = lower.split_at(1);
            format!("{}{tail}", head.to_ascii_uppercase())
        }
        _ => lower,
    }
}

impl TryFrom<String> for Language {
    type Error = LanguageError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Language> for String {
    fn from(language: Language) -> Self {
        language.0
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn sends_the_short_form_of_a_regional_tag() {
        let language: Language = "PT-br".parse().unwrap();
        assert_eq!(language.as_str(), "pt-BR");
        assert_eq!(language.iso_639_1(), "pt");
        assert_eq!("zh-hans-cn".parse::<Language>().unwrap().as_str(), "zh-Hans-CN");
    }

    #[test]
    fn refuses_what_is_no_two_letter_code() {
        for text in [
            "",
            "p",
            "por",
            "portuguese",
            "p1",
            "pt_BR",
            "pt-",
            "-pt",
            "pt-Brazilian1",
            "ção",
            "pt BR",
        ] {
            assert_eq!(text.parse::<Language>(), Err(LanguageError), "{text:?}");
        }
        assert_eq!(
            format!("pt{}", "-abcdefgh".repeat(5)).parse::<Language>(),
            Err(LanguageError)
        );
    }

    proptest! {
        #[test]
        fn any_text_is_refused_or_survives_a_round_trip(text in ".{0,40}") {
            if let Ok(language) = text.parse::<Language>() {
                prop_assert_eq!(language.as_str().parse::<Language>(), Ok(language.clone()));
                prop_assert_eq!(language.iso_639_1().len(), 2);
            }
        }
    }
}
