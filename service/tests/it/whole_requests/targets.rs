//! Methods, and the paths and queries that they are sent to.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::Value;

use super::requests::Known;

pub(crate) fn methods() -> impl Strategy<Value = Vec<u8>> {
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
pub(crate) fn targets(known: &Known) -> impl Strategy<Value = Vec<u8>> + use<> {
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

pub(crate) fn with_query(path: &str, query: Option<String>) -> Vec<u8> {
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    format!("{path}{query}").into_bytes()
}

/// The operations of the API's document, with something in each hole of their paths.
pub(crate) fn operations(known: &Known) -> impl Strategy<Value = (String, String)> + use<> {
    let document: Value = serde_json::from_str(&orchestrate::http::document::json()).unwrap();
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

pub(crate) fn queries() -> impl Strategy<Value = String> {
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
