//! HAR 1.2 as browsers write it. Of its own here, since browsers leave out members that the format requires, and say what
//! matters most in members that it does not have: `_error`, `_resourceType`, `_initiator`.

use serde::de::{Deserializer, IgnoredAny, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};

/// Requests that are read of one export; the rest are counted.
pub const MOST: usize = 5_000;

/// The file.
#[derive(Debug, Deserialize)]
pub struct Har {
    /// Its only member.
    pub log: Log,
}

/// The log.
#[derive(Debug, Deserialize)]
pub struct Log {
    /// What wrote it.
    #[serde(default)]
    pub creator: Option<Named>,
    /// The browser, where the creator is another.
    #[serde(default)]
    pub browser: Option<Named>,
    /// The pages; their titles are addresses in Chromium.
    #[serde(default)]
    pub pages: Option<Vec<Page>>,
    /// The requests, as far as they are read.
    pub entries: Entries,
}

/// A name and a version.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Named {
    /// The name.
    pub name: String,
    /// The version.
    pub version: String,
}

/// A page.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Page {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
}

/// The first [`MOST`] requests, and how many more there are.
#[derive(Debug, Default)]
pub struct Entries {
    /// Those that were read.
    pub read: Vec<Entry>,
    /// How many were not.
    pub more: usize,
}

impl<'de> Deserialize<'de> for Entries {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bounded;
        impl<'de> Visitor<'de> for Bounded {
            type Value = Entries;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("the requests of a HAR, as an array")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Entries, A::Error> {
                let mut entries = Entries::default();
                while entries.read.len() < MOST {
                    match items.next_element()? {
                        Some(entry) => entries.read.push(entry),
                        None => return Ok(entries),
                    }
                }
                while items.next_element::<IgnoredAny>()?.is_some() {
                    entries.more += 1;
                }
                Ok(entries)
            }
        }
        deserializer.deserialize_seq(Bounded)
    }
}

/// One request and what came back.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// When it began.
    #[serde(default)]
    pub started_date_time: Option<String>,
    /// How long it took, in milliseconds.
    #[serde(default)]
    pub time: Option<f64>,
    /// The request.
    pub request: Request,
    /// The answer; a status of 0 is none.
    #[serde(default)]
    pub response: Option<Response>,
    /// The phases.
    #[serde(default)]
    pub timings: Option<Timings>,
    /// The page that it belongs to.
    #[serde(default)]
    pub pageref: Option<String>,
    /// The address at the other end.
    #[serde(default, rename = "serverIPAddress")]
    pub server_address: Option<String>,
    /// What kind of resource Chromium takes it for: `fetch`, `xhr`, `preflight`, `document` …
    #[serde(default, rename = "_resourceType")]
    pub resource_type: Option<String>,
    /// Where Chromium says that an answer came from, when not from the network: `memory`, `disk`.
    #[serde(default, rename = "_fromCache")]
    pub from_cache: Option<String>,
}

/// A request.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Request {
    /// The method.
    pub method: String,
    /// The whole address.
    pub url: String,
    /// The header fields; sanitized exports leave some or all out.
    #[serde(default)]
    pub headers: Vec<Pair>,
    /// The cookies that went along.
    #[serde(default)]
    pub cookies: Vec<Pair>,
    /// The body.
    #[serde(default)]
    pub post_data: Option<PostData>,
    /// The body's length, or -1.
    #[serde(default)]
    pub body_size: Option<f64>,
}

/// A header, a cookie.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Pair {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// A request's body. Its text is a user's: it is measured and let go.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct PostData {
    /// Its media type.
    pub mime_type: Option<String>,
    /// The text.
    pub text: Option<String>,
}

impl PostData {
    /// Whether it is a form in parts, whose files an export does not hold.
    pub fn is_in_parts(&self) -> bool {
        self.mime_type
            .as_ref()
            .is_some_and(|kind| kind.starts_with("multipart/"))
    }
}

/// An answer.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Response {
    /// The status, or 0.
    pub status: f64,
    /// `HTTP/1.1`, `h2`, `http/2.0` …
    pub http_version: Option<String>,
    /// The header fields.
    pub headers: Vec<Pair>,
    /// The body.
    pub content: Option<Content>,
    /// What Chromium says went wrong: `net::ERR_FAILED`.
    #[serde(rename = "_error")]
    pub error: Option<String>,
}

/// An answer's body, content coding undone.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Content {
    /// Its length.
    pub size: Option<f64>,
    /// Its media type.
    pub mime_type: Option<String>,
    /// The text; absent when the export was made without contents, or the browser had let it go.
    pub text: Option<String>,
    /// `base64`, when the text is that.
    pub encoding: Option<String>,
}

/// The phases in milliseconds; -1 is one that did not happen.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(default)]
pub struct Timings {
    /// Finding addresses.
    pub dns: Option<f64>,
    /// Connecting, TLS included.
    pub connect: Option<f64>,
    /// TLS.
    pub ssl: Option<f64>,
    /// Waiting for the first byte.
    pub wait: Option<f64>,
    /// Reading the answer.
    pub receive: Option<f64>,
}

impl Pair {
    /// Whether it has this name, in any case.
    pub fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }
}

impl Request {
    /// The first value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|header| header.is(name));
        found.map(|header| header.value.as_str())
    }

    /// Whether this is a CORS-preflight request (Fetch §3.2.2).
    pub fn is_preflight(&self) -> bool {
        self.method.eq_ignore_ascii_case("OPTIONS") && self.header("access-control-request-method").is_some()
    }
}

impl Entry {
    /// The status, when there is an answer.
    pub fn status(&self) -> Option<u16> {
        let status = self.response.as_ref()?.status;
        // A cast of anything else saturates, and a status that is none is no answer.
        (100.0..1000.0).contains(&status).then_some(status as u16)
    }

    /// What the browser says went wrong.
    pub fn error(&self) -> Option<&str> {
        let error = self.response.as_ref()?.error.as_deref()?;
        (!error.is_empty()).then_some(error)
    }
}
