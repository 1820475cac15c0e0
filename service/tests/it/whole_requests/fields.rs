//! Header fields: those that somebody here reads, and others, with what they may hold.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::requests::{Field, Known};
use crate::support::ALLOWED;

pub(crate) fn origins() -> impl Strategy<Value = Option<Vec<u8>>> {
    prop_oneof![
        6 => Just(Some(ALLOWED.as_bytes().to_vec())),
        1 => Just(None),
        1 => values().prop_filter("the allowed one is another case", |value| value.trim_ascii() != ALLOWED.as_bytes()).prop_map(Some),
    ]
}

/// Whatever a field may hold (RFC 9110 §5.5), bytes beyond ASCII too.
pub(crate) fn values() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![8 => 0x20..=0x7e_u8, 1 => 0x80..=0xff_u8, 1 => Just(b'\t')];
    vec(byte, 0..60)
}

pub(crate) fn media_types() -> impl Strategy<Value = &'static [u8]> {
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
pub(crate) fn headers(known: &Known) -> impl Strategy<Value = Vec<Field>> + use<> {
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
