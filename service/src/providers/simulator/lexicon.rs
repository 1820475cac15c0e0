//! Concepts without understanding: words that betray a category, and whatever else is long enough to matter.
//!
//! Deterministic, and made of the text's own words, so that different texts give different concepts.

use std::collections::HashSet;

use crate::domain::concepts::{MAX_CONCEPTS, MAX_VALUE_CHARS};

/// A category, the words (English and Portuguese) that betray it, and how many words after them belong to it.
struct Entry {
    category: &'static str,
    after: usize,
    words: &'static [&'static str],
}

const LEXICON: &[Entry] = &[
    Entry {
        category: "opening_hours",
        after: 2,
        words: &[
            "open", "opens", "opened", "close", "closes", "closed", "until", "abre", "fecha", "aberto",
            "fechado",
        ],
    },
    Entry {
        category: "menu",
        after: 1,
        words: &[
            "grilled", "roasted", "fried", "fresh", "homemade", "grelhado", "assado", "fresco",
        ],
    },
    Entry {
        category: "menu",
        after: 0,
        words: &[
            "fish",
            "pasta",
            "bread",
            "oysters",
            "dessert",
            "steak",
            "soup",
            "salad",
            "seafood",
            "cheese",
            "peixe",
            "massa",
            "carne",
            "sopa",
            "queijo",
            "sobremesa",
        ],
    },
    Entry {
        category: "cuisine",
        after: 0,
        words: &[
            "italian",
            "french",
            "japanese",
            "brazilian",
            "portuguese",
            "thai",
            "indian",
            "mexican",
            "vegan",
            "vegetarian",
            "italiana",
            "japonesa",
            "brasileira",
            "francesa",
            "vegetariana",
        ],
    },
    Entry {
        category: "drinks",
        after: 0,
        words: &[
            "wine",
            "beer",
            "coffee",
            "cocktails",
            "cocktail",
            "tea",
            "vinho",
            "cerveja",
            "café",
        ],
    },
    Entry {
        category: "price_range",
        after: 0,
        words: &[
            "cheap",
            "expensive",
            "affordable",
            "prices",
            "fair",
            "barato",
            "caro",
            "preço",
            "preços",
        ],
    },
    Entry {
        category: "mood",
        after: 0,
        words: &[
            "quiet",
            "romantic",
            "lively",
            "cosy",
            "cozy",
            "warm",
            "calm",
            "noisy",
            "elegant",
            "music",
            "calmo",
            "romântico",
            "animado",
            "aconchegante",
        ],
    },
    Entry {
        category: "setting",
        after: 0,
        words: &[
            "terrace", "garden", "rooftop", "kitchen", "harbour", "beach", "view", "sunset", "terraço",
            "jardim", "cozinha", "praia", "vista",
        ],
    },
    Entry {
        category: "crowd",
        after: 0,
        words: &[
            "families",
            "family",
            "couples",
            "friends",
            "tourists",
            "locals",
            "família",
            "famílias",
            "casais",
            "amigos",
        ],
    },
    Entry {
        category: "service",
        after: 0,
        words: &[
            "staff",
            "waiter",
            "waiters",
            "service",
            "friendly",
            "slow",
            "garçom",
            "atendimento",
            "serviço",
        ],
    },
    Entry {
        category: "rooms",
        after: 0,
        words: &["room", "rooms", "suite", "quarto", "quartos"],
    },
    Entry {
        category: "amenities",
        after: 0,
        words: &["pool", "gym", "spa", "wifi", "parking", "piscina"],
    },
];

/// Long words that say nothing about a place.
const STOP_WORDS: &[&str] = &[
    "about", "after", "again", "also", "always", "because", "been", "before", "being", "come", "could",
    "each", "every", "from", "have", "here", "into", "just", "like", "more", "most", "much", "near", "only",
    "other", "over", "really", "serves", "some", "stay", "such", "than", "that", "their", "them", "then",
    "there", "they", "this", "under", "very", "well", "were", "what", "when", "where", "which", "while",
    "will", "with", "would", "your", "como", "esta", "este", "isso", "mais", "muito", "onde", "para", "pela",
    "pelo", "quando", "também", "tudo",
];

/// The most words without a category that become concepts.
const MAX_SALIENT: usize = 4;

/// What a text says, as category and value, among the categories that were asked for.
#[must_use]
pub fn concepts<'c>(text: &str, categories: &[&'c str]) -> Vec<(&'c str, String)> {
    let words: Vec<String> = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty() && word.chars().count() <= MAX_VALUE_CHARS / 3)
        .map(str::to_lowercase)
        .collect();
    let mut found = Vec::new();
    let mut spent = HashSet::new();
    for (place, word) in words.iter().enumerate() {
        let Some((category, after)) = betrayed(word, categories) else {
            continue;
        };
        let end = (place + 1 + after).min(words.len());
        if spent.contains(&place) {
            continue;
        }
        spent.extend(place..end);
        found.push((category, words[place..end].join(" ")));
    }
    found.extend(salient(&words, &spent, categories));
    let mut said = HashSet::new();
    found.retain(|concept| said.insert(concept.clone()));
    found.truncate(MAX_CONCEPTS);
    found
}

fn betrayed<'c>(word: &str, categories: &[&'c str]) -> Option<(&'c str, usize)> {
    LEXICON
        .iter()
        .filter(|entry| entry.words.contains(&word))
        .find_map(|entry| {
            let asked = categories.iter().find(|asked| **asked == entry.category)?;
            Some((*asked, entry.after))
        })
}

/// What is left and long enough, under the most general category that was asked for.
fn salient<'c>(words: &[String], spent: &HashSet<usize>, categories: &[&'c str]) -> Vec<(&'c str, String)> {
    let general = categories
        .iter()
        .find(|asked| matches!(**asked, "topic" | "menu"))
        .or(categories.first());
    let Some(general) = general else { return Vec::new() };
    words
        .iter()
        .enumerate()
        .filter(|(place, word)| !spent.contains(place) && is_telling(word))
        .map(|(_, word)| (*general, word.clone()))
        .take(MAX_SALIENT)
        .collect()
}

fn is_telling(word: &str) -> bool {
    // Scripts without spaces between words come in few, dense pieces.
    let enough = if word.is_ascii() { 4 } else { 2 };
    word.chars().count() >= enough && word.chars().any(char::is_alphabetic) && !STOP_WORDS.contains(&word)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::concepts::default_categories;

    fn restaurant(text: &str) -> Vec<(&'static str, String)> {
        concepts(text, default_categories("restaurant"))
    }

    #[test]
    fn finds_what_the_two_samples_say() {
        let kitchen = restaurant("The kitchen closes at ten.");
        assert_eq!(
            kitchen,
            [
                ("setting", "kitchen".to_owned()),
                ("opening_hours", "closes at ten".to_owned())
            ]
        );
        let terrace = restaurant("The terrace serves grilled fish at sunset.");
        let wanted = [
            ("setting", "terrace"),
            ("menu", "grilled fish"),
            ("setting", "sunset"),
        ];
        assert_eq!(
            terrace,
            wanted.map(|(category, value)| (category, value.to_owned()))
        );
    }

    #[test]
    fn finds_something_in_a_text_without_known_words_and_nothing_in_none() {
        assert_eq!(
            restaurant("Zwetschgenknödel mit Schlagobers"),
            [
                ("menu", "zwetschgenknödel".to_owned()),
                ("menu", "schlagobers".to_owned()),
            ]
        );
        assert_eq!(restaurant("素晴らしい料理").len(), 1);
        assert_eq!(restaurant(""), []);
        assert_eq!(restaurant("... 12 34 !"), []);
    }

    #[test]
    fn answers_only_under_the_categories_that_were_asked_for() {
        let seen = concepts("Quiet terrace with grilled fish", &["mood"]);
        assert!(seen.iter().all(|(category, _)| *category == "mood"), "{seen:?}");
        assert!(concepts("Quiet terrace", &[]).is_empty());
    }

    proptest! {
        #[test]
        fn any_text_gives_bounded_concepts(text in ".{0,400}") {
            let seen = restaurant(&text);
            prop_assert!(seen.len() <= MAX_CONCEPTS);
            for (_, value) in seen {
                prop_assert!((1..=MAX_VALUE_CHARS).contains(&value.chars().count()), "{}", value);
            }
        }
    }
}
