//! What is wrong with one value: what, why, and the next step. Where it is, only the reader of the text knows.

use std::fmt;

/// Begins and separates the parts of a fault on its way through serde, whose errors are plain text. A text that a
/// person wrote is escaped before it enters a fault, so it cannot hold this character.
pub(crate) const SEPARATOR: char = '\u{1f}';

/// The longest piece of somebody's text that is repeated in a fault, in characters.
const QUOTE_CHARS: usize = 60;

/// What is wrong with one value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What is wrong, in one sentence without a full stop.
    pub what: String,
    /// Why that cannot be accepted; shown under the caret. May be empty.
    pub why: String,
    /// What to do next. May be empty.
    pub next: String,
    /// Whether the value may be a secret, and must not be shown.
    pub secret: bool,
}

impl Fault {
    /// A fault with its reason and its next step.
    pub fn new(what: impl Into<String>, why: impl Into<String>, next: impl Into<String>) -> Self {
        Fault {
            what: what.into(),
            why: why.into(),
            next: next.into(),
            secret: false,
        }
    }

    /// The same fault, of a value that must not be shown.
    pub fn hiding_the_value(self) -> Self {
        Fault { secret: true, ..self }
    }

    /// The fault in one line, for places without a text to point into, such as a flag.
    pub fn sentence(&self) -> String {
        let parts = [&self.what, &self.why, &self.next];
        parts
            .into_iter()
            .filter(|part| !part.is_empty())
            .cloned()
            .collect::<Vec<_>>()
            .join("; ")
    }

    /// The fault that [`Fault`]'s `Display` wrote, or `None` when this text is another's.
    pub fn decode(text: &str) -> Option<Fault> {
        let mut parts = text.strip_prefix(SEPARATOR)?.split(SEPARATOR);
        let (what, why, next, secret) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        Some(Fault {
            secret: secret == "secret",
            ..Fault::new(what, why, next)
        })
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let secret = if self.secret { "secret" } else { "" };
        let Fault { what, why, next, .. } = self;
        write!(
            f,
            "{SEPARATOR}{what}{SEPARATOR}{why}{SEPARATOR}{next}{SEPARATOR}{secret}"
        )
    }
}

/// Somebody's text between backticks: control characters escaped, and cut at 60 characters.
pub fn quote(text: &str) -> String {
    let mut shown: String = text.chars().take(QUOTE_CHARS).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    format!("`{}`", shown.escape_debug())
}

/// The one of `known` that `typed` was probably meant to be.
pub fn nearest<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let typed = typed.to_lowercase();
    let scored = known
        .into_iter()
        .map(|name| (strsim::jaro_winkler(&typed, &name.to_lowercase()), name));
    let best = scored.max_by(|one, other| one.0.total_cmp(&other.0))?;
    (best.0 >= 0.8).then_some(best.1)
}

/// "did you mean …?" when something is near, else the list of what is known.
pub fn suggest(typed: &str, known: &[&str]) -> String {
    match nearest(typed, known.iter().copied()) {
        Some(name) => format!("did you mean `{name}`?"),
        None => match known.len().checked_sub(MOST_KNOWN) {
            Some(more @ 1..) => format!("known here: {}, and {more} more", list(&known[..MOST_KNOWN])),
            _ => format!("known here: {}", list(known)),
        },
    }
}

/// Names that are listed when none is near: more are read by nobody.
const MOST_KNOWN: usize = 24;

/// `a`, `b` and `c`, each between backticks.
pub fn list(names: &[&str]) -> String {
    names
        .iter()
        .map(|name| format!("`{name}`"))
        .collect::<Vec<_>>()
        .join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_survives_its_way_through_serde() {
        let fault = Fault::new("what", "why", "next").hiding_the_value();
        assert_eq!(Fault::decode(&fault.to_string()), Some(fault));
        assert_eq!(Fault::decode("unknown field `a`"), None);
    }

    #[test]
    fn a_quoted_text_cannot_forge_the_parts_of_a_fault() {
        let fault = Fault::new(quote("a\u{1f}b"), "why", "next");
        assert_eq!(Fault::decode(&fault.to_string()), Some(fault));
    }

    #[test]
    fn suggests_the_nearest_name_only_when_it_is_near() {
        assert_eq!(
            suggest("credentails", &["origin", "credentials"]),
            "did you mean `credentials`?"
        );
        assert_eq!(
            suggest("zzz", &["origin", "calls"]),
            "known here: `origin`, `calls`"
        );
    }
}
