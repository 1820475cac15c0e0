//! The header fields of answers: each told of once, and named by every answer that has it.
//!
//! Left out are those of messages as such (RFC 9110 §6.6, §8), which OpenAPI has no place for, and those of the CORS protocol,
//! which the Fetch standard gives every answer and no operation.

use serde_json::{Map, Value, json};

use crate::http::document::{Operation, each_operation};
use crate::http::problem::MEDIA_TYPE;

/// Every answer has them.
const ALWAYS: &[&str] = &[
    "X-Request-Id",
    "X-App-Version",
    "X-Instance-Id",
    "X-Content-Type-Options",
    "Cache-Control",
    "Vary",
];

/// Every answer to a credential that was counted has them, and every refusal to count another request.
const RATE: &[&str] = &[
    "RateLimit-Limit",
    "RateLimit-Remaining",
    "RateLimit-Reset",
    "RateLimit-Policy",
];

/// The header that says that an answer is a repetition, and the one that asks for it.
const REPLAYED: &str = "Idempotency-Replayed";
const KEY: &str = "Idempotency-Key";

pub(super) fn apply(document: &mut Value) {
    each_operation(document, |operation| {
        let (secured, keyed) = (operation.is_secured(), has_key(operation));
        for (status, answer) in operation.answers() {
            let mut names: Vec<&str> = ALWAYS.to_vec();
            if (secured && status != 401) || status == 429 {
                names.extend(RATE);
            }
            match status {
                401 | 403 => names.push("WWW-Authenticate"),
                429 | 502..=504 => names.push("Retry-After"),
                // What is kept of a refusal is the operation's own.
                400 | 413 | 422 if keyed => names.push(REPLAYED),
                _ => {}
            }
            let kinds = answer.get("content").and_then(Value::as_object);
            let kinds: Vec<&String> = kinds.into_iter().flat_map(Map::keys).collect();
            let is_problem = kinds.iter().any(|kind| *kind == MEDIA_TYPE);
            let is_report = status >= 400 && kinds.iter().any(|kind| *kind != MEDIA_TYPE);
            let headers = &mut answer["headers"];
            for name in names {
                headers[name] = reference(name);
            }
            for known in ["Retry-After", REPLAYED] {
                if headers.get(known).is_some() {
                    headers[known] = reference(known);
                }
            }
            // A report of health names no time, since nobody knows when what it tells of is mended; a problem in its place does.
            if is_report && !is_problem {
                headers
                    .as_object_mut()
                    .map(|headers| headers.remove("Retry-After"));
            } else if is_report {
                headers["Retry-After"] = json!({
                    "description": "In how many seconds to come back, when this is a problem.",
                    "schema": {"type": "integer", "minimum": 1},
                });
            }
        }
    });
    document["components"]["headers"] = Value::Object(components());
}

fn has_key(operation: &Operation<'_>) -> bool {
    let parameters = operation.value.get("parameters").and_then(Value::as_array);
    parameters
        .into_iter()
        .flatten()
        .any(|parameter| parameter["name"] == KEY)
}

fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/components/headers/{name}")})
}

/// What is said of each, by name. Required are those without which an answer is not ours, or of no use.
const FIELDS: &[(&str, bool, &str)] = &[
    (
        "X-Request-Id",
        true,
        "Names the request; a plain one that was sent is kept.",
    ),
    ("X-App-Version", true, "Names the build."),
    ("X-Instance-Id", true, "Names the process."),
    (
        "X-Content-Type-Options",
        false,
        "The media type is right: nobody needs to guess another (Fetch standard §3.6).",
    ),
    (
        "Cache-Control",
        false,
        "What is said is about now, and often about one caller: no cache may keep it (RFC 9111 §5.2.2.5).",
    ),
    (
        "Vary",
        false,
        "Pages of another origin are answered with other header fields (RFC 9110 §12.5.5).",
    ),
    (
        "RateLimit-Limit",
        false,
        "How many requests may be sent in a window (draft-ietf-httpapi-ratelimit-headers-07).",
    ),
    ("RateLimit-Remaining", false, "How many more may be sent at once."),
    (
        "RateLimit-Reset",
        false,
        "In how many seconds all of them may be sent at once again.",
    ),
    ("RateLimit-Policy", false, "The limit, and its window in seconds."),
    (
        "Retry-After",
        true,
        "In how many seconds to come back (RFC 9110 §10.2.3).",
    ),
    (
        "WWW-Authenticate",
        true,
        "What credential is wanted, and what is wrong with the one that was shown (RFC 6750 §3).",
    ),
    (
        REPLAYED,
        false,
        "`true` when this was answered before, under the same `Idempotency-Key`; absent otherwise.",
    ),
];

fn schema(name: &str) -> Value {
    let text = |example: &str| json!({"type": "string", "example": example});
    let whole = |least: u8, example: u32| json!({"type": "integer", "minimum": least, "example": example});
    let one = |value: &str| json!({"type": "string", "enum": [value]});
    match name {
        "X-Request-Id" => text("0199c7a4-6f0e-7a52-9d0b-3c1d5e7f9a1b"),
        "X-App-Version" => text("0.1.0+85aaf8f6f4de"),
        "X-Instance-Id" => text("47a1f01e-6be8-41eb-96dd-6a2506cfb441"),
        "X-Content-Type-Options" => one("nosniff"),
        "Cache-Control" => one("no-store"),
        "Vary" => text("Origin"),
        "RateLimit-Limit" => whole(1, 1_200),
        "RateLimit-Remaining" => whole(0, 1_199),
        "RateLimit-Reset" => whole(0, 1),
        "RateLimit-Policy" => text("1200;w=60"),
        "Retry-After" => whole(1, 5),
        REPLAYED => json!({"type": "boolean", "example": true}),
        _ => text("Bearer realm=\"orchestrate\""),
    }
}

fn components() -> Map<String, Value> {
    let component = |(name, required, why): &(&str, bool, &str)| {
        let mut header = json!({"description": why, "schema": schema(name)});
        if *required {
            header["required"] = true.into();
        }
        ((*name).to_owned(), header)
    };
    FIELDS.iter().map(component).collect()
}
