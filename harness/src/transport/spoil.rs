//! Spoiling credentials, one defect at a time. Pure.

use base64::Engine as _;

use crate::model::probe::Mutation;

/// A text that was never a credential and says so to whoever finds it in a log.
const GARBAGE: &str = "greenlight-is-checking-that-this-is-refused";

/// The credential with one defect.
pub(crate) fn spoil(value: &str, mutation: Mutation) -> String {
    match mutation {
        Mutation::AsIs | Mutation::LowerCaseScheme => value.to_owned(),
        Mutation::Empty => String::new(),
        Mutation::Garbage => GARBAGE.to_owned(),
        Mutation::Truncated => value.chars().take(value.chars().count() / 2).collect(),
        Mutation::AlgNone => alg_none(value),
        Mutation::Tampered => tamper(value),
    }
}

/// The scheme's name in the spelling that the mutation asks for.
pub(crate) fn scheme(name: &str, mutation: Mutation) -> String {
    if mutation == Mutation::LowerCaseScheme {
        name.to_ascii_lowercase()
    } else {
        name.to_owned()
    }
}

/// The same payload under a header that says there is no signature. Garbage when the value is no JWT.
fn alg_none(value: &str) -> String {
    let header = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(br#"{"alg":"none","typ":"JWT"}"#);
    value
        .split('.')
        .nth(1)
        .map_or_else(|| GARBAGE.to_owned(), |payload| format!("{header}.{payload}."))
}

/// One character in the middle of the signature changed; in the middle of the whole when there is no signature.
fn tamper(value: &str) -> String {
    let start = value.rfind('.').map_or(0, |dot| dot + 1);
    let middle = start + (value.len() - start) / 2;
    let changed = |c: char| if c == 'A' { 'B' } else { 'A' };
    value
        .char_indices()
        .map(|(at, c)| if at == middle { changed(c) } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn tampering_changes_one_character_in_the_middle_of_the_signature() {
        assert_eq!(spoil("aa.bb.cccccc", Mutation::Tampered), "aa.bb.cccAcc");
        assert_eq!(spoil("aa.bb.cccAcc", Mutation::Tampered), "aa.bb.cccBcc");
    }

    #[test]
    fn alg_none_keeps_the_payload_and_drops_the_signature() {
        let spoilt = spoil("aa.bb.cc", Mutation::AlgNone);
        assert!(spoilt.ends_with(".bb."), "{spoilt}");
    }

    proptest! {
        #[test]
        fn every_defect_changes_an_ascii_token(token in "[a-z]{4,9}\\.[a-z]{4,9}\\.[a-z]{4,9}") {
            for mutation in [Mutation::Empty, Mutation::Garbage, Mutation::Truncated, Mutation::AlgNone, Mutation::Tampered] {
                prop_assert_ne!(spoil(&token, mutation), token.clone());
            }
        }

        #[test]
        fn nothing_panics_on_any_text(token in ".{0,40}") {
            for mutation in [Mutation::Truncated, Mutation::AlgNone, Mutation::Tampered] {
                spoil(&token, mutation);
            }
        }
    }
}
