//! What may have been seen of a probe: answers, failures and facts, likely and impossible ones alike.

use bytes::Bytes;
use greenlight::model::capture::{Captured, End, Octets};
use greenlight::model::exchange::{
    Claims, Outcome, Phase, Phases, Place, Redacted, Reply, SecretKind, WireError, WireFault,
};
use jiff::Timestamp;
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;

/// What was seen of one attempt, and how many attempts there were.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) reply: Outcome,
    pub(crate) at: Timestamp,
    pub(crate) copy: u16,
    pub(crate) attempts: u8,
    pub(crate) refused: bool,
    pub(crate) sent: bool,
    pub(crate) length: u64,
    pub(crate) claims: Option<Claims>,
    pub(crate) conn: Option<u32>,
    pub(crate) phases: Phases,
    pub(crate) redacted: Vec<Redacted>,
}

const NAMES: &[&str] = &[
    "access-control-allow-origin",
    "access-control-allow-credentials",
    "access-control-allow-headers",
    "access-control-allow-methods",
    "access-control-expose-headers",
    "access-control-max-age",
    "vary",
    "content-type",
    "content-encoding",
    "date",
    "age",
    "cache-control",
    "location",
    "www-authenticate",
    "allow",
    "retry-after",
    "server",
    "via",
    "x-request-id",
    "x-commit",
    "set-cookie",
    "cf-ray",
    "etag",
    "",
];

const VALUES: &[&str] = &[
    "*",
    "null",
    "https://app.example",
    "https://app.example, https://app.example",
    "true",
    "origin",
    "Origin, *",
    "application/json",
    "application/problem+json; charset=utf-8",
    "text/html",
    "text/plain",
    "GET, POST",
    "authorization",
    "Bearer realm=\"x\", error=\"invalid_token\"",
    "Wed, 24 Nov 2026 18:00:00 GMT",
    "Wed, 99 Foo 9999 99:99:99 GMT",
    "99999999999999999999",
    "-1",
    "no-store, max-age=99999999999",
    "gzip",
    "/health",
    "//evil.example",
    "https://",
    "",
    "nginx",
    "uvicorn",
    ",,,;;;===\"\"\"",
];

const BODIES: &[&str] = &[
    "",
    "{}",
    "[]",
    "null",
    "0",
    "\"ok\"",
    "{\"status\":\"healthy\"}",
    "{\"status\":\"unhealthy\",\"checks\":{\"db\":{\"status\":\"down\"}}}",
    "{\"detail\":\"object dict can't be used in 'await' expression\"}",
    "{\"detail\":[{\"loc\":[\"body\"],\"msg\":\"x\",\"type\":\"y\"}]}",
    "{\"id\":\"1\",\"text\":\"hello\",\"commit\":\"0123456789\",\"timestamp\":\"2026-11-24T18:00:00Z\"}",
    "{\"timestamp\":1e308,\"time\":-9223372036854775808,\"now\":\"+999999-12-31T23:59:59Z\"}",
    "{\"results\":{\"transcription\":{\"text\":\"\u{1b}[2J\u{202e}\"},\"concepts\":{\"concepts\":[{}]}}}",
    "<!doctype html><title>502 Bad Gateway</title><h1>nginx</h1>",
    "Internal Server Error",
    "Traceback (most recent call last):\n  File \"/srv/a.py\", line 3, in f\nTypeError: x",
    "{\"openapi\":\"3.1.0\",\"info\":{\"title\":\"x\",\"version\":\"1\"},\"paths\":{}}",
    "{\"openapi\":\"3.1.0\",\"paths\":[]}",
    "Invalid CORS request",
    "rate limit exceeded",
    "{\"error\":{\"message\":\"invalid api key\",\"type\":\"invalid_request_error\"}}",
    "\u{feff}{}",
];

fn octets(known: &'static [&'static str]) -> impl Strategy<Value = Octets> {
    prop_oneof![
        8 => select(known).prop_map(Octets::from),
        1 => proptest::collection::vec(any::<u8>(), 0..24).prop_map(|bytes| Octets(bytes.into())),
    ]
}

fn body() -> impl Strategy<Value = Captured> {
    let bytes = prop_oneof![
        8 => select(BODIES).prop_map(|text| Bytes::from_static(text.as_bytes())),
        1 => proptest::collection::vec(any::<u8>(), 0..200).prop_map(Bytes::from),
        1 => "(?s).{0,200}".prop_map(Bytes::from),
    ];
    let end = prop_oneof![
        4 => Just(End::Complete),
        1 => select(&[End::Cut, End::Reset, End::Deadline, End::Short][..]),
    ];
    (bytes, end, of(".{0,20}")).prop_map(|(bytes, end, undecodable)| Captured {
        end,
        undecodable,
        undone: vec!["gzip".into()],
        ..Captured::complete(bytes)
    })
}

fn reply() -> impl Strategy<Value = Reply> {
    let status = prop_oneof![
        4 => Just(200_u16),
        6 => select(&[201, 204, 301, 307, 400, 401, 403, 404, 405, 413, 415, 422, 429, 500, 502, 503, 504][..]),
        1 => any::<u16>(),
    ];
    let headers = proptest::collection::vec((octets(NAMES), octets(VALUES)), 0..12);
    let version = select(&["HTTP/1.0", "HTTP/1.1", "HTTP/2", "\u{1b}[2J"][..]);
    (status, headers, body(), version).prop_map(|(status, headers, body, version)| Reply {
        status,
        headers,
        body,
        version: version.into(),
    })
}

fn failure() -> impl Strategy<Value = WireError> {
    use WireFault as F;
    let fault = select(
        &[
            F::NoAddress,
            F::Refused,
            F::Unreachable,
            F::TimedOut,
            F::Tls,
            F::ClosedWithoutAnswer,
            F::Reset,
            F::ReusedClosed,
            F::NotHttp,
            F::HeadTooLarge,
            F::Stopped,
            F::Ours,
        ][..],
    );
    let phase = select(
        &[
            Phase::Resolve,
            Phase::Connect,
            Phase::Tls,
            Phase::Send,
            Phase::Wait,
            Phase::Head,
        ][..],
    );
    (fault, phase, "(?s).{0,40}").prop_map(|(fault, phase, detail)| WireError { phase, fault, detail })
}

fn redacted() -> impl Strategy<Value = Redacted> {
    use SecretKind as K;
    let kind = select(
        &[
            K::Own,
            K::CredentialHeader,
            K::Jwt,
            K::ApiKey,
            K::UrlPassword,
            K::PrivateKey,
            K::Content,
        ][..],
    );
    let name = select(&["", "/", "/status", "/id", "authorization", "set-cookie"][..]);
    let place = (0_u8..5, name).prop_map(|(which, name)| match which {
        0 => Place::SentHeader(name.into()),
        1 => Place::ReplyHeader(name.into()),
        2 => Place::ReplyBody,
        3 => Place::ReplyValue(name.into()),
        _ => Place::Url,
    });
    (place, kind, any::<u32>()).prop_map(|(place, kind, length)| Redacted { place, kind, length })
}

fn claims() -> impl Strategy<Value = Claims> {
    (of("(?s).{0,12}"), any::<Option<i64>>(), any::<Option<i64>>()).prop_map(|(text, expires, issued)| {
        Claims {
            alg: text.clone(),
            issuer: text.clone(),
            audience: text.clone(),
            kind: text,
            expires,
            issued,
        }
    })
}

fn phases() -> impl Strategy<Value = Phases> {
    let one = || of(prop_oneof![3 => 0_u64..20_000_000, 1 => any::<u64>()]);
    (one(), one(), one(), one(), one()).prop_map(|(dns, connect, tls, wait, transfer)| Phases {
        dns,
        connect,
        tls,
        wait,
        transfer,
    })
}

/// Anything that may have been seen.
pub(crate) fn seen() -> impl Strategy<Value = Seen> {
    let outcome = prop_oneof![
        5 => reply().prop_map(Outcome::Answered),
        1 => failure().prop_map(Outcome::Failed),
    ];
    let time = prop_oneof![
        4 => 1_790_000_000_i64..1_800_000_000,
        1 => -377_705_023_201_i64..253_402_207_200,
    ];
    (
        (outcome, time, 0_u16..4, 1_u8..4),
        (
            proptest::bool::weighted(0.1),
            proptest::bool::weighted(0.9),
            any::<u64>(),
            of(claims()),
        ),
        (
            any::<Option<u32>>(),
            phases(),
            proptest::collection::vec(redacted(), 0..4),
        ),
    )
        .prop_map(
            |((reply, at, copy, attempts), (refused, sent, length, claims), (conn, phases, redacted))| Seen {
                reply,
                at: Timestamp::from_second(at).unwrap(),
                copy,
                attempts,
                refused,
                sent,
                length,
                claims,
                conn,
                phases,
                redacted,
            },
        )
}
