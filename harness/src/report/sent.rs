//! The body of a request as people see it: the recipe written out, samples by their names.

use crate::model::body::{BROKEN_JSON, Body};
use crate::model::probe::{Content, Part, Probe};

/// A body that can be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Its media type.
    pub media_type: String,
    /// Its text, or a part of it.
    pub text: String,
    /// Whether the text is the body itself, rather than a description of it.
    pub exact: bool,
}

/// The body of a probe; none when it has none.
pub fn body(probe: &Probe) -> Option<Shown> {
    let json = |text: String, exact: bool| Shown {
        media_type: "application/json".to_owned(),
        text,
        exact,
    };
    Some(match &probe.body {
        Body::Empty => return None,
        Body::BrokenJson => json(BROKEN_JSON.to_owned(), true),
        Body::BrokenLarge { kib } => json(format!("{BROKEN_JSON}… ({kib} KiB of it)"), false),
        Body::Repeat { unit, times } => json(format!("{{\"text\":\"{unit}…\"}} ({times} times)"), false),
        Body::Json { value, inserts } => {
            let mut shown = value.clone();
            for insert in inserts {
                if let Some(slot) = insert.slot(&mut shown) {
                    let changed = if insert.change.is_none() { "" } else { ", changed" };
                    *slot = format!("<base64 of {}{changed}>", insert.sample).into();
                }
            }
            json(shown.to_string(), inserts.is_empty())
        }
        Body::Text { media_type, text } => Shown {
            media_type: media_type.clone(),
            text: text.literal().unwrap_or("…").to_owned(),
            exact: text.literal().is_some(),
        },
        Body::File { media_type, sample } => Shown {
            media_type: media_type.clone(),
            text: format!("<{sample}>"),
            exact: false,
        },
        Body::Parts { parts } => Shown {
            media_type: "multipart/form-data".to_owned(),
            text: parts.iter().map(part).collect::<Vec<_>>().join("; "),
            exact: false,
        },
        Body::Pieces { media_type, pieces } => Shown {
            media_type: media_type.clone(),
            text: pieces
                .iter()
                .map(|piece| format!("{} ×{}", piece.octets.text(), piece.times))
                .collect(),
            exact: false,
        },
    })
}

/// A part of a form, as its name and what it holds.
fn part(part: &Part) -> String {
    let held = match &part.content {
        Content::Text(text) => text.literal().unwrap_or("…").to_owned(),
        Content::File(sample) => format!("<{sample}>"),
    };
    format!("{}={held}", part.name)
}
