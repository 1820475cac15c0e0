//! Concepts: what a text says about a place, as short values under known categories.

use serde::{Deserialize, Serialize};

/// The longest concept value that is kept, in characters.
pub const MAX_VALUE_CHARS: usize = 80;

/// The most concepts that one text yields.
pub const MAX_CONCEPTS: usize = 16;

/// What a provider is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConceptRequest {
    /// The text to read, as transcribed or as sent.
    pub text: String,
    /// What the text is about, such as `restaurant` (the wire contract's `entity_type`).
    pub entity_type: String,
    /// The categories that a concept may belong to; never empty. See [`default_categories`].
    pub categories: Vec<String>,
}

/// One thing said about an entity.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Concept {
    /// One of the categories that were asked for.
    pub category: String,
    /// A short phrase, 1 to [`MAX_VALUE_CHARS`] characters.
    pub value: String,
}

/// What a provider found in a text. No concepts is a valid answer: a text may say nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Concepts {
    /// At most [`MAX_CONCEPTS`], without duplicates, in the provider's order.
    pub concepts: Vec<Concept>,
    /// The model that answered, as the provider names it.
    pub model: String,
}

/// The categories that are asked for when nobody configured others.
///
/// Restaurants have the categories of the system that this service stands for; any other entity gets a
/// general set.
#[must_use]
pub fn default_categories(entity_type: &str) -> &'static [&'static str] {
    match entity_type {
        "restaurant" | "bar" | "cafe" => &[
            "cuisine",
            "menu",
            "drinks",
            "price_range",
            "mood",
            "setting",
            "crowd",
            "service",
            "opening_hours",
        ],
        "hotel" => &[
            "rooms",
            "amenities",
            "price_range",
            "mood",
            "setting",
            "crowd",
            "service",
            "opening_hours",
        ],
        _ => &["topic", "mood", "setting", "service", "opening_hours"],
    }
}
