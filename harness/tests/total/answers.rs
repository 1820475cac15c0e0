//! What may have been seen of a probe: answers, failures and facts, likely and impossible ones alike.

use bytes::Bytes;
use greenlight::model::capture::{Captured, End, Octets};
use greenlight::model::exchange::{
    Claims, Outcome, Phase, Phases, Place, Redacted, Reply, SecretKind, WireError, WireFault,
};
use greenlight::model::heard::Heard;
use greenlight::model::names::{Lookup, Said, Whose};
use greenlight::model::probe::{Body, Mutation, Probe};
use greenlight::model::recording::{Certificate, Connection};
use greenlight::model::spawned::{LogLine, Output};
use jiff::Timestamp;
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;

/// What was seen of one attempt, and how many attempts there were.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    /// Whether it is what was seen, whatever was asked; else a sound service's answer is.
    pub(crate) wild: bool,
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

/// How many connections a recording has, at most; their numbers begin at 0.
const CONNECTIONS: u32 = 4;

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
    "x-ratelimit-limit",
    "x-ratelimit-remaining",
    "ratelimit-reset",
    "",
];

/// Headers as they are usually seen.
const PAIRS: &[(&str, &str)] = &[
    ("content-type", "application/json"),
    ("content-type", "text/html; charset=utf-8"),
    ("content-encoding", "gzip"),
    ("access-control-allow-origin", "https://app.example"),
    ("access-control-allow-credentials", "true"),
    ("access-control-allow-headers", "authorization, content-type"),
    ("access-control-allow-methods", "GET, POST"),
    ("vary", "Origin"),
    ("date", "Wed, 24 Nov 2026 18:00:00 GMT"),
    ("cache-control", "public, max-age=60"),
    ("cache-control", "no-store"),
    ("location", "https://x/login"),
    ("www-authenticate", "Bearer realm=\"x\""),
    ("server", "nginx"),
    ("server", "Werkzeug/3.1.9 Python/3.11.7"),
    ("cf-ray", "8a1b2c3d4e5f6071-GRU"),
    ("x-ratelimit-limit", "100"),
    ("x-ratelimit-remaining", "99"),
    ("x-commit", "0123456789"),
    ("set-cookie", "session=x"),
    ("x-instance", "a"),
    ("etag", "\"x\""),
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
    "{\"text\":\"The kitchen closes at ten.\",\"concepts\":[\"kitchen\"],\"processing_time_ms\":12,\"model\":\"mock\"}",
    "{\"access_token\":\"x\",\"token_type\":\"bearer\"}",
    "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\",\"y\":\"x\"}]}",
    "<title>Just a moment...</title>",
    "KEY=1\n# TYPE up gauge\n<greenlight-probe>",
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
    let pair = select(PAIRS).prop_map(|(name, value)| (Octets::from(name), Octets::from(value)));
    let header = prop_oneof![1 => pair, 1 => (octets(NAMES), octets(VALUES))];
    let headers = proptest::collection::vec(header, 0..12);
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
    let one = || of(prop_oneof![6 => 0_u64..20_000_000, 1 => any::<u64>(), 1 => Just(u64::MAX)]);
    (one(), one(), one(), one(), one()).prop_map(|(dns, connect, tls, wait, transfer)| Phases {
        dns,
        connect,
        tls,
        wait,
        transfer,
    })
}

/// What came back to bytes written by hand, as chance had it.
pub(crate) fn heard(seen: &Seen) -> Outcome {
    let status = u16::try_from(seen.length % 700).unwrap_or_default();
    Outcome::Heard(match seen.length % 8 {
        0 => Heard::Answers(vec![status]),
        1 | 2 => Heard::Answers(vec![status, 200]),
        3 => Heard::Hello(0x0300 + status % 6),
        4 => Heard::Alert(70),
        5 => Heard::Closed,
        6 => Heard::Silence,
        _ => Heard::Else,
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
        (outcome, time, 0_u16..4, 1_u8..4, proptest::bool::weighted(0.2)),
        (
            proptest::bool::weighted(0.1),
            proptest::bool::weighted(0.9),
            any::<u64>(),
            of(claims()),
        ),
        (
            of(prop_oneof![6 => 0_u32..CONNECTIONS, 1 => any::<u32>()]),
            phases(),
            proptest::collection::vec(redacted(), 0..4),
        ),
    )
        .prop_map(
            |(
                (reply, at, copy, attempts, wild),
                (refused, sent, length, claims),
                (conn, phases, redacted),
            )| Seen {
                wild,
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

fn certificate() -> impl Strategy<Value = Certificate> {
    let time = || {
        prop_oneof![
            4 => 1_780_000_000_i64..1_810_000_000,
            1 => any::<i64>(),
            1 => select(&[i64::MIN, i64::MAX, 0][..]),
        ]
    };
    let names = prop_oneof![3 => Just(vec!["x".to_owned()]), 1 => proptest::collection::vec(".{0,12}", 0..3)];
    (names, time(), time(), "(?s).{0,12}").prop_map(|(names, not_before, not_after, whom)| Certificate {
        subject: whom.clone(),
        issuer: whom,
        names,
        not_before,
        not_after,
    })
}

fn connection() -> impl Strategy<Value = Connection> {
    let protocol =
        || of(select(&["TLSv1_3", "TLSv1.0", "h2", "http/1.1", "", "\u{1b}[2J"][..]).prop_map(str::to_owned));
    let address = prop_oneof![
        3 => select(&["127.0.0.1:9", "[::1]:9", "192.0.2.1:443"][..]).prop_map(str::to_owned),
        1 => "(?s).{0,12}",
    ];
    let dead = proptest::collection::vec(".{0,20}", 0..3);
    let certificates = proptest::collection::vec(certificate(), 0..4);
    (address, dead, protocol(), protocol(), certificates).prop_map(
        |(address, dead, tls, alpn, certificates)| Connection {
            id: 0,
            address,
            dead,
            tls,
            alpn,
            certificates,
        },
    )
}

/// Connections, numbered from 0; sometimes all of one number, as no recording of ours has.
pub(crate) fn connections() -> impl Strategy<Value = Vec<Connection>> {
    let all = proptest::collection::vec(connection(), 0..=CONNECTIONS as usize);
    (all, proptest::bool::weighted(0.1)).prop_map(|(mut all, alike)| {
        for (id, connection) in (0..).zip(&mut all) {
            connection.id = if alike { 0 } else { id };
        }
        all
    })
}

/// Lines that a service wrote, at any time.
pub(crate) fn lines() -> impl Strategy<Value = Vec<LogLine>> {
    let text = prop_oneof![
        3 => select(&[
            "",
            "\u{1b}[2J\u{0}",
            "thread '' panicked at ",
            "RuntimeWarning: coroutine '' was never awaited",
            "Unhandled promise rejection",
            "Traceback (most recent call last):",
        ][..]).prop_map(|text| text.repeat(200)),
        1 => "(?s).{0,80}",
    ];
    let time = prop_oneof![
        4 => 1_790_000_000_i64..1_800_000_000,
        1 => -377_705_023_201_i64..253_402_207_200,
    ];
    let output = select(&[Output::Stdout, Output::Stderr][..]);
    let line = (time, output, text).prop_map(|(at, output, text)| LogLine {
        at: Timestamp::from_second(at).unwrap(),
        output,
        text,
    });
    proptest::collection::vec(line, 0..6)
}

/// What a sound service answers to a probe: the answers of one recording fit each other, so that what goes wrong beside them
/// is a cause and not one among many.
pub(crate) fn sound(probe: &Probe) -> Outcome {
    let mut headers: Vec<(Octets, Octets)> = Vec::new();
    let mut say = |name: &'static str, value: &str| headers.push((name.into(), Octets::from(value)));
    if let Some(page) = &probe.page {
        say("access-control-allow-origin", &page.origin.0);
        say("access-control-allow-credentials", "true");
    }
    say("vary", "Origin");
    say("content-type", "application/json");
    let good = probe.who.as_ref().map(|who| who.mutation) == Some(Mutation::AsIs);
    let path = probe.path_text();
    let (status, body) = match (probe.method.as_str(), &probe.body) {
        ("OPTIONS", _) => {
            say("access-control-allow-headers", "authorization, content-type, x-a");
            say("access-control-allow-methods", "GET, POST, DELETE");
            (204, String::new())
        }
        ("GET", _) if path.ends_with("/health") => {
            (200, r#"{"status":"ok","commit":"0123456789"}"#.to_owned())
        }
        (_, Body::BrokenJson) if good => (400, r#"{"detail":"no JSON"}"#.to_owned()),
        _ if good => {
            let asked = format!("{:?}", probe.body);
            let text = ["a.wav", "b.wav"].iter().position(|name| asked.contains(name));
            let said = ["The kitchen closes at ten.", "Fish on the terrace.", "Nothing."][text.unwrap_or(2)];
            (
                200,
                format!(r#"{{"id":"1","text":"{said}","concepts":["{said}"],"processing_time_ms":1}}"#),
            )
        }
        ("POST" | "DELETE", _) => {
            say("www-authenticate", "Bearer realm=\"x\", error=\"invalid_token\"");
            (401, r#"{"detail":"who?"}"#.to_owned())
        }
        _ => (404, r#"{"detail":"not here"}"#.to_owned()),
    };
    Outcome::Answered(Reply {
        status,
        headers,
        body: Captured::complete(Bytes::from(body)),
        version: "HTTP/1.1".into(),
    })
}

/// What resolvers say, which follows from a number that was drawn: another draw would change all that come after it.
pub(crate) fn names(drawn: i64) -> Vec<Lookup> {
    let drawn = usize::try_from(drawn.unsigned_abs()).unwrap_or_default();
    let sayings = [
        Said::Addresses {
            addresses: vec![[192, 0, 2, 7].into(), [0; 16].into()],
            ttl: Some(u32::MAX),
        },
        Said::NoSuchName,
        Said::Failure { able: true },
        Said::NoAddress,
        Said::Failure { able: false },
        Said::Refused,
        Said::Garbled,
        Said::Silence,
        Said::Unreachable,
        Said::Addresses {
            addresses: vec![],
            ttl: None,
        },
    ];
    let whose = [Whose::Machine, Whose::Configured, Whose::Given];
    let resolvers = (0..drawn % 5).map(|at| Lookup {
        resolver: format!("\u{1b}[2J{at}"),
        whose: whose[(drawn / 5 + at) % whose.len()],
        said: sayings[(drawn / 15).rotate_right(u32::try_from(at).unwrap_or(0)) % sayings.len()].clone(),
        took_ms: u64::MAX,
    });
    resolvers.collect()
}
