//! How far a transcript is from what was said: the word error rate, as recognisers are measured.

use crate::check::transcript::words;

/// Numbers that recognisers write now in words, now in digits, in English and Portuguese.
const NUMBERS: &[(&str, &[&str])] = &[
    ("0", &["zero"]),
    ("1", &["one", "um", "uma"]),
    ("2", &["two", "dois", "duas"]),
    ("3", &["three", "três"]),
    ("4", &["four", "quatro"]),
    ("5", &["five", "cinco"]),
    ("6", &["six", "seis"]),
    ("7", &["seven", "sete"]),
    ("8", &["eight", "oito"]),
    ("9", &["nine", "nove"]),
    ("10", &["ten", "dez"]),
    ("11", &["eleven", "onze"]),
    ("12", &["twelve", "doze"]),
    ("20", &["twenty", "vinte"]),
    ("30", &["thirty", "trinta"]),
];

/// The words of a text without case and punctuation, numbers as digits.
pub fn normal(text: &str) -> Vec<String> {
    let digits = |word: String| {
        let known = NUMBERS.iter().find(|(_, names)| names.contains(&word.as_str()));
        known.map_or(word, |(digits, _)| (*digits).to_owned())
    };
    words(text).into_iter().map(digits).collect()
}

/// How a transcript differs from what was said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WordErrors {
    /// Words that were replaced, left out or made up: the least that explain the difference (Levenshtein 1966).
    pub errors: usize,
    /// Words that were said.
    pub said: usize,
}

impl WordErrors {
    /// Compares.
    pub fn between(said: &str, heard: &str) -> WordErrors {
        let (said, heard) = (normal(said), normal(heard));
        WordErrors {
            errors: distance(&said, &heard),
            said: said.len(),
        }
    }

    /// Whether more than a third of the words are wrong. Good recognisers stay far below on clear speech.
    pub fn is_bad(self) -> bool {
        self.errors * 3 > self.said
    }
}

fn distance(said: &[String], heard: &[String]) -> usize {
    let mut row: Vec<usize> = (0..=heard.len()).collect();
    for (at, word) in said.iter().enumerate() {
        let mut before = at;
        if let Some(first) = row.first_mut() {
            *first = at + 1;
        }
        for (column, other) in heard.iter().enumerate() {
            let replaced = before + usize::from(word != other);
            before = row[column + 1];
            row[column + 1] = replaced.min(before + 1).min(row[column] + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn errors(said: &str, heard: &str) -> usize {
        WordErrors::between(said, heard).errors
    }

    #[test]
    fn case_punctuation_and_digits_are_no_errors() {
        assert_eq!(
            errors("The kitchen closes at ten.", "the KITCHEN closes, at 10"),
            0
        );
        assert_eq!(errors("A cozinha fecha às dez.", "a cozinha fecha às 10!"), 0);
    }

    #[test]
    fn words_replaced_left_out_and_made_up_count_once_each() {
        assert_eq!(errors("a b c d", "a x c d"), 1);
        assert_eq!(errors("a b c d", "a c d"), 1);
        assert_eq!(errors("a b c d", "a b z c d"), 1);
        assert_eq!(errors("a b c", ""), 3);
        assert_eq!(errors("", "a b"), 2);
    }

    #[test]
    fn more_than_a_third_is_bad() {
        assert!(!WordErrors { errors: 1, said: 3 }.is_bad());
        assert!(WordErrors { errors: 2, said: 5 }.is_bad());
    }

    proptest! {
        #[test]
        fn it_is_a_distance(a in "[ab ]{0,12}", b in "[ab ]{0,12}") {
            prop_assert_eq!(errors(&a, &b), errors(&b, &a));
            prop_assert_eq!(errors(&a, &a), 0);
            prop_assert!(errors(&a, &b) <= normal(&a).len().max(normal(&b).len()));
        }
    }
}
