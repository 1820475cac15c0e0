//! Places inside a document, and the references that lead from one to another.

use serde_json::Value;

/// How many references in a row are followed before they count as endless.
const MAX_HOPS: usize = 32;

/// A value together with where it stands.
#[derive(Debug, Clone)]
pub(crate) struct Place<'a> {
    /// JSON Pointer (RFC 6901) from the document's root.
    pub(crate) pointer: String,
    /// What stands there.
    pub(crate) value: &'a Value,
}

impl<'a> Place<'a> {
    /// The whole document.
    pub(crate) fn root(document: &'a Value) -> Self {
        Place {
            pointer: String::new(),
            value: document,
        }
    }

    /// The member of an object.
    pub(crate) fn member(&self, key: &str) -> Option<Place<'a>> {
        let value = self.value.as_object()?.get(key)?;
        Some(Place {
            pointer: push(&self.pointer, key),
            value,
        })
    }

    /// The members of an object, sorted by key, or nothing for any other value.
    pub(crate) fn members(&self) -> Vec<(&'a str, Place<'a>)> {
        let mut keys: Vec<&'a String> = self
            .value
            .as_object()
            .map(|map| map.keys().collect())
            .unwrap_or_default();
        keys.sort();
        keys.into_iter()
            .filter_map(|key| Some((key.as_str(), self.member(key)?)))
            .collect()
    }

    /// The items of an array, or nothing for any other value.
    pub(crate) fn items(&self) -> Vec<Place<'a>> {
        let items = self.value.as_array().map(Vec::as_slice).unwrap_or_default();
        items
            .iter()
            .enumerate()
            .map(|(index, value)| Place {
                pointer: format!("{}/{index}", self.pointer),
                value,
            })
            .collect()
    }

    /// The text of a string member.
    pub(crate) fn text(&self, key: &str) -> Option<&'a str> {
        self.value.get(key)?.as_str()
    }

    /// Whether a member is `true`.
    pub(crate) fn flag(&self, key: &str) -> bool {
        self.value.get(key) == Some(&Value::Bool(true))
    }

    /// This place, or where its chain of `$ref`s ends.
    pub(crate) fn follow(self, document: &'a Value) -> Result<Place<'a>, BadReference> {
        let mut place = self;
        for _ in 0..MAX_HOPS {
            match place.text("$ref") {
                Some(reference) => place = target(document, reference, &place.pointer)?,
                None => return Ok(place),
            }
        }
        Err(BadReference {
            at: place.pointer,
            reference: String::new(),
            kind: BadReferenceKind::Endless,
        })
    }
}

/// A reference that leads nowhere we may go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BadReference {
    /// Where the `$ref` stands.
    pub(crate) at: String,
    /// The reference as written.
    pub(crate) reference: String,
    /// What is wrong with it.
    pub(crate) kind: BadReferenceKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BadReferenceKind {
    /// It points outside the document, or names an anchor.
    External,
    /// Nothing stands there.
    Dangling,
    /// It leads back to itself, or through more than [`MAX_HOPS`] others.
    Endless,
}

impl BadReference {
    /// Why it cannot be followed, as the middle of a sentence.
    pub(crate) fn why(&self) -> String {
        match self.kind {
            BadReferenceKind::External => {
                format!(
                    "`{}` points outside this document; only `#/…` is followed",
                    self.reference
                )
            }
            BadReferenceKind::Dangling => format!("nothing stands at `{}`", self.reference),
            BadReferenceKind::Endless => "its references lead back to themselves".to_owned(),
        }
    }

    /// What to do about it.
    pub(crate) fn next(&self) -> &'static str {
        match self.kind {
            BadReferenceKind::External => "bundle the documents into one file first",
            BadReferenceKind::Dangling => "correct the `$ref` or add what it names under `components`",
            BadReferenceKind::Endless => "let one of the references end at a definition",
        }
    }
}

/// What a reference of the form `#/…` names. `at` is where the reference stands.
pub(crate) fn target<'a>(document: &'a Value, reference: &str, at: &str) -> Result<Place<'a>, BadReference> {
    let bad = |kind| BadReference {
        at: at.to_owned(),
        reference: reference.to_owned(),
        kind,
    };
    let pointer = fragment(reference).ok_or_else(|| bad(BadReferenceKind::External))?;
    let value = document
        .pointer(&pointer)
        .ok_or_else(|| bad(BadReferenceKind::Dangling))?;
    Ok(Place { pointer, value })
}

/// The JSON Pointer in a URI fragment (RFC 6901 §6).
fn fragment(reference: &str) -> Option<String> {
    let fragment = reference.strip_prefix('#')?;
    let decoded = percent_encoding::percent_decode_str(fragment)
        .decode_utf8()
        .ok()?
        .into_owned();
    (decoded.is_empty() || decoded.starts_with('/')).then_some(decoded)
}

/// A pointer one step further, the token escaped (RFC 6901 §3).
pub(crate) fn push(pointer: &str, token: &str) -> String {
    format!("{pointer}/{}", token.replace('~', "~0").replace('/', "~1"))
}

/// The unescaped tokens of a pointer.
pub(crate) fn tokens(pointer: &str) -> impl Iterator<Item = String> + '_ {
    pointer
        .split('/')
        .skip(1)
        .map(|token| token.replace("~1", "/").replace("~0", "~"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn follows_escaped_and_percent_encoded_references() {
        let document = json!({"a/b": {"c d": 1}, "x": {"$ref": "#/a~1b/c%20d"}});
        let place = Place::root(&document)
            .member("x")
            .unwrap()
            .follow(&document)
            .unwrap();
        assert_eq!((place.pointer.as_str(), place.value), ("/a~1b/c d", &json!(1)));
    }

    #[test]
    fn says_what_is_wrong_with_a_reference() {
        let document = json!({"a": {"$ref": "#/b"}, "b": {"$ref": "#/a"}, "c": {"$ref": "#/nowhere"},
            "d": {"$ref": "other.yaml#/x"}, "e": {"$ref": "#anchor"}});
        let kind = |key: &str| {
            let place = Place::root(&document).member(key).unwrap();
            place.follow(&document).unwrap_err().kind
        };
        assert_eq!(kind("a"), BadReferenceKind::Endless);
        assert_eq!(kind("c"), BadReferenceKind::Dangling);
        assert_eq!(kind("d"), BadReferenceKind::External);
        assert_eq!(kind("e"), BadReferenceKind::External);
    }
}
