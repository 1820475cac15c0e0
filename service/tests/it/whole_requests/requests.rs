//! Requests, made up from what a caller may know and from nothing.

use std::fmt;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use serde_json::Value;

use super::bodies::{self, Form};
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
type Field = (Vec<u8>, Vec<u8>);

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

fn methods() -> impl Strategy<Value = Vec<u8>> {
    let known = select(vec![
        "GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW", "get", "M-SEARCH",
        "QUERY",
    ]);
    prop_oneof![
        6 => known.prop_map(|method| method.as_bytes().to_vec()),
        1 => "[A-Za-z0-9!#$%&'*+.^_`|~-]{1,24}"
            .prop_filter("CONNECT has another kind of target", |method| method != "CONNECT")
            .prop_map(String::into_bytes),
    ]
}

/// Targets in origin form (RFC 9112 §3.2.1) and, now and then, absolute form.
fn targets(known: &Known) -> impl Strategy<Value = Vec<u8>> + use<> {
    let paths = vec![
        "/health".to_owned(),
        "/livez".to_owned(),
        "/ready".to_owned(),
        "/info".to_owned(),
        "/docs".to_owned(),
        "/openapi.json".to_owned(),
        "/stand-in".to_owned(),
        "/auth/verify".to_owned(),
        "/auth/login".to_owned(),
        "/auth/callback".to_owned(),
        "/auth/refresh".to_owned(),
        "/auth/logout".to_owned(),
        "/auth/token".to_owned(),
        "/ai/health".to_owned(),
        "/ai/orchestrate".to_owned(),
        "/ai/usage-stats".to_owned(),
        "/curations".to_owned(),
        "/concept-categories".to_owned(),
        known.curation.trim_start_matches("/api/v3").to_owned(),
    ];
    let known = prop_oneof![
        4 => select(paths),
        1 => segment().prop_map(|name| format!("/curations/{name}")),
        1 => segment().prop_map(|name| format!("/concept-categories/{name}")),
        1 => (segment(), segment()).prop_map(|(one, other)| format!("/{one}/{other}")),
    ];
    let path = prop_oneof![
        8 => known.prop_map(|path| format!("/api/v3{path}")),
        1 => vec(segment(), 0..6).prop_map(|parts| format!("/{}", parts.join("/"))),
        1 => Just(format!("/{}", "a".repeat(9_000))),
        1 => Just("http://x/api/v3/health".to_owned()),
    ];
    (path, proptest::option::of(queries())).prop_map(|(path, query)| with_query(&path, query))
}

fn with_query(path: &str, query: Option<String>) -> Vec<u8> {
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    format!("{path}{query}").into_bytes()
}

/// The operations of the API's document, with something in each hole of their paths.
fn operations(known: &Known) -> impl Strategy<Value = (String, String)> + use<> {
    let document: Value = serde_json::from_str(&orchestrate::http::api::document()).unwrap();
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            let path = format!("/api/v3{path}").replace("{entity_type}", "bar");
            let path = path.replace("/api/v3/curations/{id}", &known.curation);
            operations.push((method.to_uppercase(), path));
        }
    }
    select(operations)
}

/// What stands between two slashes.
fn segment() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => words(),
        1 => select(vec!["..", ".", "", "%2e%2e", "%2F", "%5c", "*", "bar", "0"]).prop_map(str::to_owned),
        1 => "[A-Za-z0-9._~!$&'()*+,;=:@-]{0,300}",
    ]
}

/// Escapes, right and wrong, and characters that mean something to somebody.
fn words() -> impl Strategy<Value = String> {
    let word = select(vec![
        "%00",
        "%ff",
        "%FE%80",
        "%",
        "%2",
        "%zz",
        "%c3%28",
        "%ed%a0%80",
        "%0d%0a",
        "%27",
        "%22",
        "(",
        ")",
        "[",
        "]",
        "*",
        "%25",
        "_",
        "'--",
        "a",
        "%5C",
        "%3Cscript%3E",
        "+",
        "1e9",
        "-1",
        "18446744073709551616",
        ".",
        "~",
        "%F0%9F%90%9F",
    ]);
    vec(word, 0..8).prop_map(|words| words.concat())
}

fn queries() -> impl Strategy<Value = String> {
    let name = prop_oneof![
        6 => select(vec![
            "limit", "cursor", "entity_id", "entity_type", "days", "redirect_uri", "code_challenge", "state", "code",
            "error", "iss",
        ])
        .prop_map(str::to_owned),
        1 => words(),
    ];
    let value = prop_oneof![
        4 => words(),
        2 => select(vec!["1", "0", "100", "http://localhost:3000/", "x' OR '1'='1"]).prop_map(|value| value.replace(' ', "%20")),
        1 => Just("e".repeat(4_000)),
    ];
    let pair = (name, value, any::<bool>()).prop_map(
        |(name, value, whole)| {
            if whole { format!("{name}={value}") } else { name }
        },
    );
    vec(pair, 0..5).prop_map(|pairs| pairs.join("&"))
}

fn origins() -> impl Strategy<Value = Option<Vec<u8>>> {
    prop_oneof![
        6 => Just(Some(ALLOWED.as_bytes().to_vec())),
        1 => Just(None),
        1 => values().prop_filter("the allowed one is another case", |value| value.trim_ascii() != ALLOWED.as_bytes()).prop_map(Some),
    ]
}

/// Whatever a field may hold (RFC 9110 §5.5), bytes beyond ASCII too.
fn values() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![8 => 0x20..=0x7e_u8, 1 => 0x80..=0xff_u8, 1 => Just(b'\t')];
    vec(byte, 0..60)
}

fn media_types() -> impl Strategy<Value = &'static [u8]> {
    prop_oneof![
        20 => Just(&b"application/json"[..]),
        1 => select(vec![
            &b"application/json; charset=utf-8"[..],
            b"application/json; charset=utf-16",
            b"application/json;charset=\"",
            b"APPLICATION/JSON",
            b"application/problem+json",
            b"text/json",
            b"text/plain",
            b"multipart/form-data",
            b"multipart/form-data; boundary=x",
            b"application/x-www-form-urlencoded",
            b"application/",
            b"/",
            b"",
            b"\xff\xfe",
        ]),
    ]
}

fn authorizations(known: &Known) -> impl Strategy<Value = Vec<u8>> + use<> {
    let mut cut = known.token.clone();
    cut.truncate(cut.len() / 2);
    let good = format!("Bearer {}", known.token).into_bytes();
    prop_oneof![
        6 => Just(good),
        3 => select(vec![
            format!("bearer {}", known.token),
            format!("Bearer {}", known.expired),
            format!("Bearer {}", known.refresh),
            format!("Bearer {cut}"),
            format!("Bearer {}..", known.token),
            "Bearer".to_owned(),
            "Bearer eyJhbGciOiJub25lIn0.e30.".to_owned(),
            "Basic YTpi".to_owned(),
            format!("Bearer {}", "a.".repeat(4_000)),
        ])
        .prop_map(String::into_bytes),
        1 => values(),
    ]
}

/// Fields that somebody here reads or might read, with what they may hold and what they may not; and others.
fn headers(known: &Known) -> impl Strategy<Value = Vec<Field>> + use<> {
    let read = select(vec![
        "accept",
        "accept-encoding",
        "accept-language",
        "cookie",
        "forwarded",
        "idempotency-key",
        "if-match",
        "if-modified-since",
        "if-none-match",
        "range",
        "referer",
        "traceparent",
        "tracestate",
        "user-agent",
        "x-api-key",
        "x-forwarded-for",
        "x-forwarded-proto",
        "x-http-method-override",
        "x-request-id",
        "expect",
        "access-control-request-method",
        "access-control-request-headers",
        "content-encoding",
        "baggage",
        "te",
    ]);
    let said = select(vec![
        "*/*",
        "text/html;q=",
        "gzip, br;q=2",
        "identity;q=0, *;q=0",
        "100-continue",
        "bytes=0-0,-1,5-",
        "\"x\"",
        "W/\"",
        "POST",
        "websocket",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-00000000000000000000000000000000-0000000000000000-ff",
        "127.0.0.1, unknown, [::1]:99999",
        "deflate",
        "a=b;;=",
    ]);
    let value = prop_oneof![
        2 => said.prop_map(|value| value.as_bytes().to_vec()),
        2 => values(),
    ];
    let odd = "[a-z0-9!#$%&'*+.^_`|~-]{1,20}"
        .prop_filter("not a field that says how it is framed", |name| {
            ![
                "origin",
                "content-length",
                "transfer-encoding",
                "connection",
                "host",
                "upgrade",
            ]
            .contains(&&**name)
        })
        .prop_map(String::into_bytes);
    let name = prop_oneof![5 => read.prop_map(|name| name.as_bytes().to_vec()), 1 => odd];
    let authorization = proptest::option::weighted(0.8, authorizations(known));
    (
        authorization,
        proptest::option::weighted(0.8, media_types()),
        vec((name, value), 0..6),
    )
        .prop_map(|(authorization, media, mut more)| {
            more.extend(authorization.map(|value| (b"authorization".to_vec(), value)));
            more.extend(media.map(|value| (b"content-type".to_vec(), value.to_vec())));
            more
        })
}

fn framings() -> impl Strategy<Value = Framing> {
    prop_oneof![
        2 => Just(Framing::Length),
        1 => (1..5_000_usize).prop_map(Framing::Chunks),
    ]
}
