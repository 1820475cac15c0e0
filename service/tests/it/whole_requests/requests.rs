//! Requests, made up from what a caller may know and from nothing.

use std::fmt;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::bodies::{self, Form};
use super::fields::{headers, media_types, origins, values};
use super::targets::{methods, operations, queries, targets, with_query};
use crate::support::ALLOWED;

/// What a caller may know of the service.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    pub(crate) token: String,
    pub(crate) expired: String,
    pub(crate) refresh: String,
    /// The path of something that was kept.
    pub(crate) curation: String,
}

/// A header field.
pub(crate) type Field = (Vec<u8>, Vec<u8>);

/// How the end of a body is told (RFC 9112 §6).
#[derive(Debug, Clone, Copy)]
pub(crate) enum Framing {
    /// By its length.
    Length,
    /// In chunks of at most so many bytes.
    Chunks(usize),
}

/// A request as it is sent.
#[derive(Clone)]
pub(crate) struct Sent {
    method: Vec<u8>,
    target: Vec<u8>,
    version: &'static str,
    /// Where it says that it comes from, if it says so.
    origin: Option<Vec<u8>>,
    headers: Vec<Field>,
    framing: Framing,
    body: Vec<u8>,
    /// After which of its bytes nothing more comes.
    cut: Option<Index>,
}

impl Sent {
    pub(crate) fn is_head(&self) -> bool {
        self.method == b"HEAD"
    }

    pub(crate) fn is_from_allowed(&self) -> bool {
        self.origin.as_deref() == Some(ALLOWED.as_bytes())
    }

    /// As bytes. It says that the connection ends with it, so that the end of its answer is known.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut bytes = self.method.clone();
        bytes.push(b' ');
        bytes.extend(&self.target);
        bytes.extend(format!(" {}\r\nhost: x\r\nconnection: close\r\n", self.version).bytes());
        let origin = self
            .origin
            .iter()
            .map(|origin| (b"origin".to_vec(), origin.clone()));
        for (name, value) in origin.chain(self.headers.iter().cloned()) {
            bytes.extend([&*name, b": ", &*value, b"\r\n"].concat());
        }
        match self.framing {
            Framing::Length if self.body.is_empty() => bytes.extend(b"\r\n"),
            Framing::Length => {
                bytes.extend(format!("content-length: {}\r\n\r\n", self.body.len()).bytes());
                bytes.extend(&self.body);
            }
            Framing::Chunks(most) => {
                bytes.extend(b"transfer-encoding: chunked\r\n\r\n");
                for chunk in self.body.chunks(most) {
                    bytes.extend(format!("{:x}\r\n", chunk.len()).bytes());
                    bytes.extend([chunk, b"\r\n"].concat());
                }
                bytes.extend(b"0\r\n\r\n");
            }
        }
        bytes.truncate(self.cut.map_or(bytes.len(), |at| at.index(bytes.len())));
        bytes
    }
}

impl fmt::Debug for Sent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = self.bytes();
        let shown = &bytes[..bytes.len().min(3_000)];
        write!(
            f,
            "{} bytes, {:?}: {}",
            bytes.len(),
            self.framing,
            shown.escape_ascii()
        )
    }
}

/// A whole request that is HTTP.
pub(crate) fn well_formed(known: &Known) -> impl Strategy<Value = Sent> + use<> {
    // Most ask for what there is: whatever else they are, they get past the routes.
    let asked = prop_oneof![
        3 => (operations(known), proptest::option::of(queries()))
            .prop_map(|((method, path), query)| (method.into_bytes(), with_query(&path, query))),
        2 => (methods(), targets(known)),
    ];
    (asked, origins(), headers(known), framings(), bodies::any()).prop_map(
        |((method, target), origin, headers, framing, body)| Sent {
            method,
            target,
            version: "HTTP/1.1",
            origin,
            headers,
            framing,
            body,
            cut: None,
        },
    )
}

/// A body for each operation that takes one, from a caller who may do everything.
pub(crate) fn uploads(known: &Known) -> impl Strategy<Value = Sent> + use<> {
    let operations = select(vec![
        ("POST", "/api/v3/ai/orchestrate", Form::Orchestrate),
        ("POST", "/api/v3/ai/orchestrate", Form::Orchestrate),
        ("POST", "/api/v3/ai/orchestrate", Form::Recording),
        ("POST", "/api/v3/ai/orchestrate", Form::Recording),
        ("POST", "/api/v3/auth/refresh", Form::Refresh),
        ("POST", "/api/v3/auth/token", Form::Code),
        ("PUT", "/api/v3/concept-categories/bar", Form::Categories),
    ]);
    let authorization = format!("Bearer {}", known.token).into_bytes();
    let keys = prop_oneof![3 => Just(None), 1 => values().prop_map(Some)];
    let body = operations.prop_flat_map(|(method, path, form)| (Just((method, path)), bodies::of(form)));
    (body, framings(), media_types(), keys).prop_map(move |(((method, path), body), framing, media, key)| {
        let mut headers = vec![(b"authorization".to_vec(), authorization.clone())];
        headers.push((b"content-type".to_vec(), media.to_vec()));
        headers.extend(key.map(|key| (b"idempotency-key".to_vec(), key)));
        Sent {
            method: method.into(),
            target: path.into(),
            version: "HTTP/1.1",
            origin: Some(ALLOWED.into()),
            headers,
            framing,
            body,
            cut: None,
        }
    })
}

/// What of a request is no HTTP.
#[derive(Debug, Clone)]
enum Spoilt {
    Version(&'static str),
    Method(Vec<u8>),
    Target(Vec<u8>),
    Field(Field),
    Framing(&'static str, &'static str),
    /// It ends before it is over.
    Cut(Index),
}

/// A request of which some part is no HTTP, or perhaps none.
pub(crate) fn malformed(known: &Known) -> impl Strategy<Value = Sent> + use<> {
    let bytes = |longest| vec(any::<u8>(), 0..longest);
    let versions = vec![
        "HTTP/1.0", "HTTP/0.9", "HTTP/2.0", "HTTP/3", "HTTP/1.7", "http/1.1", "X", "",
    ];
    let framings = vec![
        ("content-length", "-1"),
        ("content-length", "18446744073709551616"),
        ("content-length", "7, 8"),
        ("content-length", "9"),
        ("transfer-encoding", "gzip"),
        ("transfer-encoding", "chunked, chunked"),
        ("transfer-encoding", "chunked"),
    ];
    let spoilt = prop_oneof![
        select(versions).prop_map(Spoilt::Version),
        bytes(20).prop_map(Spoilt::Method),
        bytes(40).prop_map(Spoilt::Target),
        (bytes(12), bytes(40)).prop_map(Spoilt::Field),
        select(framings).prop_map(|(name, value)| Spoilt::Framing(name, value)),
        any::<Index>().prop_map(Spoilt::Cut),
    ];
    (well_formed(known), spoilt).prop_map(|(mut sent, spoilt)| {
        match spoilt {
            Spoilt::Version(version) => sent.version = version,
            Spoilt::Method(method) => sent.method = method,
            Spoilt::Target(target) => sent.target = target,
            Spoilt::Field(field) => sent.headers.push(field),
            Spoilt::Framing(name, value) => sent.headers.push((name.into(), value.into())),
            Spoilt::Cut(at) => sent.cut = Some(at),
        }
        sent
    })
}

fn framings() -> impl Strategy<Value = Framing> {
    prop_oneof![
        2 => Just(Framing::Length),
        1 => (1..5_000_usize).prop_map(Framing::Chunks),
    ]
}
