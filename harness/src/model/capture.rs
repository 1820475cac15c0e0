//! Bytes as they were seen on the wire, in a form that JSON can carry without loss.

use bytes::Bytes;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::model::weight::Weight;

/// Header octets. In JSON they are isomorphically decoded (WHATWG Infra §4.6): one code point per byte, so that any
/// byte survives and ASCII reads as itself.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Octets(pub Bytes);

impl Octets {
    /// The octets as text, one code point per byte.
    pub fn text(&self) -> String {
        self.0.iter().map(|byte| char::from(*byte)).collect()
    }

    /// The octets as ASCII text, or `None` when any is outside ASCII.
    pub fn ascii(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok().filter(|text| text.is_ascii())
    }
}

impl AsRef<[u8]> for Octets {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl From<&str> for Octets {
    fn from(text: &str) -> Self {
        Octets(Bytes::copy_from_slice(text.as_bytes()))
    }
}

impl std::fmt::Debug for Octets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", self.text())
    }
}

impl Serialize for Octets {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text())
    }
}

impl<'de> Deserialize<'de> for Octets {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = text.chars().map(u8::try_from).collect::<Result<Vec<u8>, _>>();
        bytes.map(|bytes| Octets(bytes.into())).map_err(|_| {
            serde::de::Error::custom("a header value may hold only code points up to U+00FF, one per byte")
        })
    }
}

#[cfg(test)]
impl schemars::JsonSchema for Octets {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Octets".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "string", "description": "Octets, one code point (U+0000 to U+00FF) per byte"})
    }
}

/// How a body ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum End {
    /// As its framing promised.
    Complete,
    /// We stopped reading at our own bound.
    Cut,
    /// The connection was reset inside it.
    Reset,
    /// Our deadline came first.
    Deadline,
    /// The connection closed before the promised length.
    Short,
}

/// A body as far as it was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Captured {
    /// The kept bytes, content coding undone, secrets replaced.
    pub bytes: Bytes,
    /// How many bytes came over the wire, coded as they were.
    pub wire_length: u64,
    /// How it ended.
    pub end: End,
    /// Content codings that were undone, outermost last as in `Content-Encoding`.
    pub undone: Vec<String>,
    /// Why a content coding could not be undone, when it could not: then `bytes` are as sent.
    pub undecodable: Option<String>,
}

impl Captured {
    /// A complete body that needed no decoding.
    pub fn complete(bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        Captured {
            wire_length: bytes.len() as u64,
            bytes,
            end: End::Complete,
            undone: Vec::new(),
            undecodable: None,
        }
    }

    /// The kept bytes as text, what is not UTF-8 replaced.
    pub fn text(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.bytes)
    }

    /// The body as JSON, when it is complete, parses, and would not burst as a tree.
    pub fn json(&self) -> Option<serde_json::Value> {
        (self.end == End::Complete && !Weight::of(&self.bytes).is_too_heavy())
            .then(|| serde_json::from_slice(&self.bytes).ok())
            .flatten()
    }

    /// The body without what follows its first `most` bytes. Where that takes something away, it is a cut body.
    pub fn shortened(&self, most: usize) -> Captured {
        if self.bytes.len() <= most {
            return self.clone();
        }
        let end = if self.end == End::Complete {
            End::Cut
        } else {
            self.end
        };
        Captured {
            // Copied, so that the rest is let go.
            bytes: Bytes::copy_from_slice(&self.bytes[..most]),
            end,
            ..self.clone()
        }
    }
}

/// Whether JSON carries this text in less space than base64 would: a body of control characters grows sixfold.
fn reads_as_text(text: &str) -> bool {
    let escaped: usize = text
        .bytes()
        .map(|byte| match byte {
            b'"' | b'\\' | b'\n' | b'\r' | b'\t' | 8 | 12 => 2,
            0..0x20 => 6,
            _ => 1,
        })
        .sum();
    // Text that people may want to read is worth a little.
    escaped <= text.len() * 2
}

/// [`Captured`] as it stands in a file: text where the bytes are UTF-8 that JSON need not escape beyond recognition, else
/// base64.
#[derive(Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "Captured"))]
struct CapturedFile {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    base64: Option<String>,
    wire_length: u64,
    end: End,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    undone: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    undecodable: Option<String>,
}

impl Serialize for Captured {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use base64::Engine as _;
        let text = std::str::from_utf8(&self.bytes)
            .ok()
            .filter(|text| reads_as_text(text))
            .map(str::to_owned);
        let base64 = text
            .is_none()
            .then(|| base64::engine::general_purpose::STANDARD.encode(&self.bytes));
        CapturedFile {
            text,
            base64,
            wire_length: self.wire_length,
            end: self.end,
            undone: self.undone.clone(),
            undecodable: self.undecodable.clone(),
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Captured {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use base64::Engine as _;
        let file = CapturedFile::deserialize(deserializer)?;
        let bytes = match (file.text, file.base64) {
            (Some(text), _) => text.into_bytes(),
            (None, Some(base64)) => base64::engine::general_purpose::STANDARD
                .decode(base64)
                .map_err(|error| serde::de::Error::custom(format!("body is not base64: {error}")))?,
            (None, None) => Vec::new(),
        };
        Ok(Captured {
            bytes: bytes.into(),
            wire_length: file.wire_length,
            end: file.end,
            undone: file.undone,
            undecodable: file.undecodable,
        })
    }
}

#[cfg(test)]
impl schemars::JsonSchema for Captured {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Captured".into()
    }
    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        CapturedFile::json_schema(generator)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_header_value_survives_a_file(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let octets = Octets(bytes.into());
            let text = serde_json::to_string(&octets).unwrap();
            prop_assert_eq!(serde_json::from_str::<Octets>(&text).unwrap(), octets);
        }

        #[test]
        fn any_body_survives_a_file(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let body = Captured::complete(bytes);
            let text = serde_json::to_string(&body).unwrap();
            prop_assert_eq!(serde_json::from_str::<Captured>(&text).unwrap(), body);
        }
    }
}
