//! Spoiling credentials, one defect at a time. Pure.

use crate::model::mutation::Mutation;
use crate::transport::forge;

/// A text that was never a credential and says so to whoever finds it in a log.
const GARBAGE: &str = "greenlight-is-checking-that-this-is-refused";

/// A scheme that nobody registered.
const OTHER_SCHEME: &str = "Greenlight";

/// The credential with one defect, made from nothing but itself. What would take a key or a secret is garbage here.
pub(crate) fn spoil(value: &str, mutation: Mutation) -> String {
    match mutation {
        Mutation::AsIs | Mutation::LowerCaseScheme | Mutation::OtherScheme => value.to_owned(),
        in_query if in_query.query_member().is_some() => value.to_owned(),
        Mutation::Empty => String::new(),
        Mutation::Truncated => value.chars().take(value.chars().count() / 2).collect(),
        Mutation::SwappedCase => value.chars().map(swapped).collect(),
        Mutation::Extended => format!("{value}x"),
        Mutation::Tampered => tamper(value),
        _ => forge::from_good(value, mutation).unwrap_or_else(|| GARBAGE.to_owned()),
    }
}

/// The scheme's name in the spelling that the mutation asks for.
pub(crate) fn scheme(name: &str, mutation: Mutation) -> String {
    match mutation {
        Mutation::LowerCaseScheme => name.to_ascii_lowercase(),
        Mutation::OtherScheme => OTHER_SCHEME.to_owned(),
        _ => name.to_owned(),
    }
}

fn swapped(letter: char) -> char {
    if letter.is_ascii_lowercase() {
        letter.to_ascii_uppercase()
    } else {
        letter.to_ascii_lowercase()
    }
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
            for mutation in [Mutation::Empty, Mutation::Garbage, Mutation::Truncated, Mutation::AlgNone, Mutation::Tampered, Mutation::SwappedCase, Mutation::Extended] {
                prop_assert_ne!(spoil(&token, mutation), token.clone());
            }
        }

        #[test]
        fn nothing_panics_on_any_text(token in ".{0,40}") {
            for mutation in [Mutation::Truncated, Mutation::AlgNone, Mutation::Tampered, Mutation::TamperedPayload, Mutation::KidPath] {
                spoil(&token, mutation);
            }
        }
    }
}
