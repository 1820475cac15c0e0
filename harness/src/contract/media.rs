//! Media types and ranges of them (RFC 9110 §8.3.1, RFC 6838 §4.2.8).

use crate::contract::operation::MediaSpec;

/// A media type or range, in the spelling in which two of them compare.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediaType {
    kind: String,
    subtype: String,
    parameters: Vec<(String, String)>,
}

impl MediaType {
    /// Reads a `Content-Type` value or a key under `content`. `None` when it is no media type.
    pub fn parse(text: &str) -> Option<MediaType> {
        let mut parts = text.split(';').map(str::trim);
        let (kind, subtype) = parts.next()?.split_once('/')?;
        if !is_token(kind) || !is_token(subtype) {
            return None;
        }
        let parameter = |part: &str| {
            let (name, value) = part.split_once('=')?;
            Some((
                name.trim().to_ascii_lowercase(),
                value.trim().trim_matches('"').to_ascii_lowercase(),
            ))
        };
        // The charset decides nothing here: JSON is UTF-8 whatever it says (RFC 8259 §8.1).
        let parameters = parts
            .filter_map(parameter)
            .filter(|(name, _)| name != "charset")
            .collect();
        Some(MediaType {
            kind: kind.to_ascii_lowercase(),
            subtype: subtype.to_ascii_lowercase(),
            parameters,
        })
    }

    /// Whether its essence is this one, in lower case (RFC 9110 §8.3.1).
    pub fn is(&self, essence: &str) -> bool {
        essence.split_once('/') == Some((&self.kind, &self.subtype))
    }

    /// Whether a body of this type is one JSON document: `application/json`, `text/json` or a `+json` suffix.
    pub fn is_json(&self) -> bool {
        (matches!(self.kind.as_str(), "application" | "text") && self.subtype == "json")
            || self.subtype.ends_with("+json")
    }

    /// How exactly this documented type or range takes in `seen`: higher is more exact, `None` when it does not. The
    /// parameters that are documented must be there; further ones may be.
    fn takes_in(&self, seen: &MediaType) -> Option<usize> {
        let exactness = match (self.kind.as_str(), self.subtype.as_str()) {
            ("*", "*") => 0,
            (kind, "*") if kind == seen.kind => 1,
            (kind, range) if kind == seen.kind && range.starts_with("*+") => seen
                .subtype
                .ends_with(range.trim_start_matches('*'))
                .then_some(2)?,
            (kind, subtype) if kind == seen.kind && subtype == seen.subtype => 3,
            _ => return None,
        };
        let there = self
            .parameters
            .iter()
            .all(|parameter| seen.parameters.contains(parameter));
        there.then_some(4 * exactness + self.parameters.len().min(3))
    }
}

impl std::fmt::Display for MediaType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.kind, self.subtype)
    }
}

/// The documented media type that takes in `seen`, the most exact one first.
pub fn choose<'a>(documented: &'a [MediaSpec], seen: &MediaType) -> Option<&'a MediaSpec> {
    let exactness = |spec: &'a MediaSpec| Some((MediaType::parse(&spec.media_type)?.takes_in(seen)?, spec));
    // `max_by_key` keeps the last of equals; the list is sorted, so the choice is the same every time.
    documented
        .iter()
        .filter_map(exactness)
        .max_by_key(|(exactness, _)| *exactness)
        .map(|(_, spec)| spec)
}

/// RFC 9110 §5.6.2.
fn is_token(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(documented: &[&str], seen: &str) -> Option<String> {
        let specs: Vec<MediaSpec> = documented
            .iter()
            .map(|name| MediaSpec {
                media_type: (*name).to_owned(),
                schema: None,
                pointer: String::new(),
            })
            .collect();
        choose(&specs, &MediaType::parse(seen)?).map(|spec| spec.media_type.clone())
    }

    #[test]
    fn the_most_exact_documented_type_is_chosen() {
        let all = [
            "*/*",
            "application/*",
            "application/*+json",
            "application/json",
            "application/problem+json",
        ];
        for (seen, expected) in [
            ("application/json", "application/json"),
            ("Application/JSON; charset=UTF-8", "application/json"),
            ("application/problem+json", "application/problem+json"),
            ("application/ld+json", "application/*+json"),
            ("application/pdf", "application/*"),
            ("text/html", "*/*"),
        ] {
            assert_eq!(chosen(&all, seen).as_deref(), Some(expected), "{seen}");
        }
    }

    #[test]
    fn a_documented_parameter_must_be_there_and_a_charset_never() {
        assert_eq!(
            chosen(&["application/json; version=2"], "application/json; version=1"),
            None
        );
        assert!(
            chosen(
                &["application/json; version=2"],
                "application/json; charset=utf-8; version=\"2\""
            )
            .is_some()
        );
        assert!(chosen(&["application/json; charset=utf-8"], "application/json").is_some());
    }

    #[test]
    fn another_type_is_not_taken_in() {
        assert_eq!(chosen(&["application/json"], "text/html"), None);
        assert_eq!(chosen(&["application/json"], "application/problem+json"), None);
        assert_eq!(chosen(&["application/*"], "text/json"), None);
        assert!(MediaType::parse("json").is_none());
        assert!(MediaType::parse("application/json/x").is_none());
    }

    #[test]
    fn knows_json_by_its_suffix() {
        for (text, is_json) in [
            ("application/json", true),
            ("application/problem+json", true),
            ("text/html", false),
            ("application/json-seq", false),
            ("application/jsonl", false),
        ] {
            assert_eq!(MediaType::parse(text).unwrap().is_json(), is_json, "{text}");
        }
    }
}
