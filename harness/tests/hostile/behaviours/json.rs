//! JSON that is deep, wide, heavy or almost JSON, in answers and in the served contract.

use std::sync::LazyLock;

use crate::behaviours::{Behaviour, answers};
use crate::server::json;

pub(crate) const ALL: &[Behaviour] = &[
    answers("json-that-never-closes", |_| json("200 OK", "[".repeat(500_000))),
    answers("json-as-deep-as-is-read", |_| json("200 OK", nested(120))),
    answers("json-that-is-too-deep", |_| json("500 Oops", nested(100_000))),
    answers("a-million-row-array", |_| {
        json("200 OK", format!("[{}0]", "0,".repeat(1_000_000)))
    }),
    answers("an-array-of-empty-objects", |_| {
        json("200 OK", format!("[{}0]", "{},".repeat(690_000)))
    }),
    answers("an-array-of-small-objects", |_| {
        json("200 OK", format!("[{}0]", "{\"\":0},".repeat(290_000)))
    }),
    answers("an-array-of-small-arrays", |_| {
        json("500 Oops", format!("[{}0]", "[[0]],".repeat(340_000)))
    }),
    answers("an-object-of-many-members", |_| {
        let members: Vec<String> = (0..150_000).map(|n| format!("\"{n:x}\":\"{n}\"")).collect();
        json("200 OK", format!("{{{}}}", members.join(",")))
    }),
    answers("eight-mebibytes-of-names", |_| json("200 OK", NAMES.clone())),
    answers("one-name-a-hundred-thousand-times", |_| {
        json(
            "200 OK",
            format!(
                "{{{}\"status\":\"healthy\"}}",
                "\"status\":\"x\",".repeat(100_000)
            ),
        )
    }),
    answers("a-number-of-a-million-digits", |_| {
        json("200 OK", format!("{{\"n\":{}}}", "9".repeat(1_000_000)))
    }),
    answers("numbers-beyond-measure", |_| {
        json(
            "200 OK",
            r#"{"status":"healthy","a":1e999999,"b":-0,"c":1E-400,"timestamp":1e308,"id":18446744073709551616}"#,
        )
    }),
    answers("a-string-of-two-mebibytes", |_| {
        json("200 OK", format!("{{\"detail\":\"{}\"}}", "s".repeat(2_000_000)))
    }),
    answers("a-string-of-escapes", |_| {
        json(
            "500 Oops",
            format!("{{\"detail\":\"{}\"}}", "\\u001b[2J\\u0000".repeat(100_000)),
        )
    }),
    answers("lone-surrogates", |_| {
        json("200 OK", r#"{"status":"\ud800","detail":"\udfff\ud83d"}"#)
    }),
    answers("json-in-invalid-utf8", |_| {
        json("500 Oops", b"{\"detail\":\"\xff\xfe\xc3\x28\x9b2J\"}")
    }),
    answers("json-with-nul-bytes", |_| {
        json(
            "500 Oops",
            b"{\"detail\":\"\0\0\",\0\"status\":\"\\u0000healthy\"}",
        )
    }),
    answers("json-with-a-byte-order-mark", |_| {
        json("200 OK", "\u{feff}{\"status\":\"healthy\"}")
    }),
    answers("json-of-wrong-types", |_| {
        json(
            "200 OK",
            r#"{"status":[],"version":{},"commit":7,"timestamp":null,"id":false,"detail":[[]],"errors":0}"#,
        )
    }),
    answers("a-contract-that-refers-to-itself", |request| {
        match request.path() {
            "/health" | "/me" => json("200 OK", r#"{"status":"healthy"}"#),
            _ => json("200 OK", CIRCULAR),
        }
    }),
    answers("a-contract-of-many-schemas", |request| match request.path() {
        "/health" | "/me" => json("200 OK", r#"{"status":"healthy"}"#),
        _ => json("200 OK", many_schemas()),
    }),
    answers("a-contract-that-backtracks", |request| match request.path() {
        "/health" | "/me" => json("200 OK", format!("{{\"status\":\"{}!\"}}", "a".repeat(50_000))),
        _ => json("200 OK", BACKTRACKS),
    }),
];

/// As much as is read of an answer, and hardly anything but names of members.
static NAMES: LazyLock<String> = LazyLock::new(|| {
    let members: Vec<String> = (0..700_000).map(|n| format!("\"{n:x}\":0")).collect();
    format!("{{{}}}", members.join(","))
});

/// A contract whose references go round in circles.
const CIRCULAR: &str = r##"{"openapi":"3.1.0","info":{"title":"x","version":"1"},"paths":{
"/health":{"$ref":"#/paths/~1health"},
"/me":{"get":{"responses":{"200":{"description":"","content":{"application/json":{"schema":{"$ref":"#/components/schemas/A"}}}}}}},
"/notes":{"post":{"parameters":[{"$ref":"#/components/parameters/P"}],"responses":{"200":{"$ref":"#/components/responses/R"}}}}},
"components":{"parameters":{"P":{"$ref":"#/components/parameters/P"}},"responses":{"R":{"$ref":"#/components/responses/R"}},
"schemas":{"A":{"allOf":[{"$ref":"#/components/schemas/A"},{"$ref":"#/components/schemas/B"}]},"B":{"$ref":"#/components/schemas/A"}}}}"##;

/// A contract whose patterns take for ever in an engine that backtracks.
const BACKTRACKS: &str = r##"{"openapi":"3.1.0","info":{"title":"x","version":"1"},"paths":{
"/health":{"get":{"responses":{"200":{"description":"","content":{"application/json":{"schema":{"type":"object",
"properties":{"status":{"type":"string","pattern":"^(a+)+$|^(?=(a|aa)+$)(a|a?)+b$"}}}}}}}}}}}"##;

fn many_schemas() -> String {
    let one = |n: usize| {
        let next = (n * 7 + 1) % 6_000;
        format!(
            r##""S{n}":{{"type":"object","properties":{{"a":{{"$ref":"#/components/schemas/S{next}"}}}}}}"##
        )
    };
    let schemas: Vec<String> = (0..6_000).map(one).collect();
    format!(
        r##"{{"openapi":"3.0.3","info":{{"title":"x","version":"1"}},"paths":{{"/health":{{"get":{{"responses":{{"200":
{{"description":"","content":{{"application/json":{{"schema":{{"$ref":"#/components/schemas/S0"}}}}}}}}}}}}}}}},
"components":{{"schemas":{{{}}}}}}}"##,
        schemas.join(",")
    )
}

/// Arrays and objects, one in the other.
fn nested(depth: usize) -> String {
    format!("{}0{}", "{\"a\":[".repeat(depth / 2), "]}".repeat(depth / 2))
}
