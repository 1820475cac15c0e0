//! Bodies and texts of probes, as recipes: small, comparable, and without a secret in them. Only the runner makes bytes of
//! them.

use serde::{Deserialize, Serialize};

use crate::model::capture::Octets;
use crate::model::probe::Who;

/// Where a probe's text comes from. Only the runner turns it into bytes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Text {
    /// This text, as it stands.
    Lit(String),
    /// A value of this run's own under this label: the same within a run, and another in every other run, whatever its seed. A
    /// service that remembers what it was sent must not take a run for the one before it.
    #[serde(alias = "seed")]
    Own(String),
    /// A value taken from an earlier answer of the same sequence.
    Captured {
        /// The step of the sequence whose answer holds the value, counted from 0.
        step: u8,
        /// A JSON Pointer (RFC 6901) into that answer's body.
        at: String,
        /// Whether the value is a credential, to be removed from everything kept.
        secret: bool,
    },
    /// A credential of the run, spoilt so. Its value is known to the transport's vault alone.
    Held(Who),
    /// The base64 (RFC 4648 §4) of a sample of this name.
    Base64(String),
    /// These, one after the other.
    Joined(Vec<Text>),
}

impl Text {
    /// A value of an earlier answer that is a credential.
    pub fn secret_of(step: u8, at: &str) -> Text {
        Text::Captured {
            step,
            at: at.to_owned(),
            secret: true,
        }
    }

    /// The texts that it is put together from: itself, unless it is joined.
    pub fn parts(&self) -> &[Text] {
        match self {
            Text::Joined(parts) => parts,
            single => std::slice::from_ref(single),
        }
    }

    /// The text, when it is literal.
    pub fn literal(&self) -> Option<&str> {
        match self {
            Text::Lit(text) => Some(text),
            Text::Own(_) | Text::Captured { .. } | Text::Held(_) | Text::Base64(_) | Text::Joined(_) => None,
        }
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Text::Lit(text.to_owned())
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Text::Lit(text)
    }
}

/// A recipe for a request body. Recipes stay small however large the body is.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Body {
    /// No body and no `Content-Length`.
    Empty,
    /// A JSON document. At each insert's pointer the base64 of a sample takes the place of the value there.
    Json {
        /// The document before the inserts.
        value: serde_json::Value,
        /// Samples to put into it.
        inserts: Vec<Insert>,
    },
    /// A JSON document cut off in the middle. No server that parses JSON can accept it, so a probe that carries it has
    /// no effect whatever else is broken (law 4).
    BrokenJson,
    /// [`Body::BrokenJson`] made this large, in KiB: a JSON document cut off in the middle of a long string, as inert as that.
    BrokenLarge {
        /// Its size, in KiB.
        kib: u32,
    },
    /// Any text under any media type.
    Text {
        /// The `Content-Type`.
        media_type: String,
        /// The body.
        text: Text,
    },
    /// `unit` repeated `times` times inside a JSON string member called `text`.
    Repeat {
        /// What is repeated.
        unit: String,
        /// How often.
        times: u32,
    },
    /// Any octets under any media type, each piece as often as it says.
    Pieces {
        /// The `Content-Type`.
        media_type: String,
        /// The pieces, in order.
        pieces: Vec<Piece>,
    },
    /// A sample as it is.
    File {
        /// The `Content-Type`.
        media_type: String,
        /// The sample's name.
        sample: String,
    },
    /// A form in parts (`multipart/form-data`, RFC 7578).
    Parts {
        /// The parts, in order.
        parts: Vec<Part>,
    },
}

/// A part of a form.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Part {
    /// The field's name.
    pub name: String,
    /// Its own `Content-Type`, when it says one.
    pub media_type: Option<String>,
    /// What it holds.
    pub content: Content,
}

/// What a part of a form holds.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Content {
    /// A text.
    Text(Text),
    /// The sample of this name, sent under the last member of it as its file name.
    File(String),
}

impl Content {
    /// The text, when it is one.
    pub fn text(&self) -> Option<&Text> {
        match self {
            Content::Text(text) => Some(text),
            Content::File(_) => None,
        }
    }

    /// The name that a sample is sent under: a service need not know where it lay.
    pub fn file_name(sample: &str) -> &str {
        sample.rsplit(['/', '\\']).next().unwrap_or(sample)
    }
}

/// Octets of a body, and how often they are repeated.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Piece {
    /// The octets.
    pub octets: Octets,
    /// How often.
    pub times: u32,
}

/// A sample that takes the place of one value of a JSON body.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Insert {
    /// JSON Pointer (RFC 6901) of the value to replace.
    pub at: String,
    /// The sample's name in the target.
    pub sample: String,
    /// What is done to it first.
    #[serde(default, skip_serializing_if = "Change::is_none")]
    pub change: Change,
}

impl Insert {
    /// The value that the sample takes the place of. The last member of the pointer is made when it is absent; none when
    /// there is nothing that could hold it.
    pub fn slot<'v>(&self, body: &'v mut serde_json::Value) -> Option<&'v mut serde_json::Value> {
        let (parent, member) = self.at.rsplit_once('/').unwrap_or(("", &self.at));
        let member = member.replace("~1", "/").replace("~0", "~");
        match body.pointer_mut(parent)? {
            serde_json::Value::Object(members) => {
                Some(members.entry(member).or_insert(serde_json::Value::Null))
            }
            serde_json::Value::Array(items) => items.get_mut(member.parse::<usize>().ok()?),
            _ => None,
        }
    }
}

/// What is done to a sample before it is put into a body. Recipes: the bytes are made when they are sent.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Change {
    /// Nothing.
    #[default]
    None,
    /// It is sent as a `data:` URL (RFC 2397), as browsers' `FileReader` makes it.
    DataUrl,
    /// It is sent as a `data:` URL that calls it something else: content and label contradict each other.
    Mislabelled,
    /// Its base64 is in the alphabet for URLs (RFC 4648 §5), where the standard one is expected.
    Base64Url,
    /// Its base64 is in lines of 76 characters (RFC 2045 §6.8).
    Base64Lines,
    /// Its base64 ends in more padding than there can be.
    Base64Padding,
    /// Its second half is missing, while its header still announces it.
    Cut,
    /// In its place, a WAV of one second in which nothing is heard.
    Silence,
    /// In its place, bytes with which no recording begins.
    Noise,
    /// Another sample, then a second of silence, then this one, as one WAV. Both must be uncompressed WAVs of one format.
    After {
        /// The sample that is heard first.
        first: String,
    },
    /// Silence is added at its end until the file has this many bytes. It must be an uncompressed WAV.
    Grown {
        /// How many bytes the file has.
        bytes: u64,
    },
}

impl Change {
    /// Whether the sample is sent as it is.
    pub fn is_none(&self) -> bool {
        *self == Change::None
    }
}

/// The bytes that [`Body::BrokenJson`] stands for: valid UTF-8 that no JSON parser accepts (RFC 8259 §2).
pub const BROKEN_JSON: &str = "{\"greenlight\": [tru";

/// The bytes that [`Body::BrokenLarge`] begins with; what follows is filling.
pub const BROKEN_LARGE: &str = "{\"greenlight\": tru \"";
