//! What an edge is asked, and what it does about it.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};

/// A request, read whole.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) method: Method,
    /// Path and query.
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Asked {
    /// Whether it is a call of the operation that the service is for.
    pub(crate) fn is_work(&self) -> bool {
        self.method == Method::POST && self.path.ends_with("/ai/orchestrate")
    }

    /// Whether it accepts this content coding by name.
    pub(crate) fn accepts(&self, coding: &str) -> bool {
        let values = self.headers.get_all(http::header::ACCEPT_ENCODING).iter();
        values
            .filter_map(|value| value.to_str().ok())
            .any(|value| value.split(',').any(|one| one.trim() == coding))
    }

    /// Its `Host`.
    pub(crate) fn host(&self) -> &str {
        let host = self.headers.get(http::header::HOST);
        host.and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

/// What is done about a request.
#[derive(Debug)]
pub(crate) enum Deed {
    /// It is answered.
    Answer(Answer),
    /// The connection ends without a byte.
    Close,
}

/// An answer.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) framing: Framing,
    /// Whether it is HTTP/1.0.
    pub(crate) old: bool,
    /// Whether an interim answer comes first (RFC 8297).
    pub(crate) hints: bool,
}

/// How the length of a body is told (RFC 9112 §6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Framing {
    /// `Content-Length`.
    Length,
    /// A `Content-Length` of more than comes.
    TooLong,
    /// Chunks without the last one.
    UnendedChunks,
    /// As the headers have it: the answer to HEAD.
    AsSaid,
}

impl Answer {
    /// An answer with this body.
    pub(crate) fn new(status: u16, media_type: &'static str, body: impl Into<Bytes>) -> Answer {
        let mut headers = HeaderMap::new();
        if !media_type.is_empty() {
            headers.insert(http::header::CONTENT_TYPE, HeaderValue::from_static(media_type));
        }
        Answer {
            status,
            headers,
            body: body.into(),
            framing: Framing::Length,
            old: false,
            hints: false,
        }
    }

    /// A page as nginx writes it.
    pub(crate) fn page(status: u16, reason: &str) -> Answer {
        let page = format!(
            "<html>\r\n<head><title>{status} {reason}</title></head>\r\n<body>\r\n<center><h1>{status} {reason}</h1>\
             </center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
        );
        Answer::new(status, "text/html", page).header("server", "nginx")
    }

    /// A redirect.
    pub(crate) fn redirect(status: u16, location: &str) -> Answer {
        Answer::new(status, "", "").header("location", location)
    }

    /// The same with this header, in place of what stood there.
    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Answer {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(HeaderName::from_static(name), value);
        }
        self
    }

    /// Whether the service accepted the call.
    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}
