//! Text that means to be obeyed: by a terminal, by a document, by whoever reads it.

use crate::behaviours::{Behaviour, answers};
use crate::server::{answer, json};

/// Clears a screen, names a window, moves the cursor, turns the text, ends lines, and rings.
const STEERING: &str = "\u{1b}[2J\u{1b}[1;1H\u{1b}]0;owned\u{7}\u{1b}]8;;http://evil.example\u{1b}\\PASS\u{1b}[0m\r\n\u{9b}31m\u{202e}ssap\u{2066}\u{8}\u{7f}";

/// What would end or open something in XML, HTML, Markdown, a CI log or a shell.
const BREAKING: &str = "]]></error></testcase></testsuite><![CDATA[ <script>alert(1)</script> &x; <!-- -->\n::error::owned\n\
                        ##[error]owned\n```\n' \" ` $(touch owned) ; rm -rf . #\n</failure><!DOCTYPE x [<!ENTITY y SYSTEM 'file:///etc/passwd'>]>";

pub(crate) const ALL: &[Behaviour] = &[
    answers("escapes-in-plain-text", |_| {
        answer("500 Oops", &["content-type: text/plain"], STEERING)
    }),
    answers("escapes-in-json", |_| {
        let text = serde_json::json!({
            "detail": STEERING, "status": STEERING, "version": STEERING, "commit": STEERING, STEERING: STEERING,
            "timestamp": STEERING, "errors": [STEERING], "id": STEERING, "title": STEERING, "type": STEERING,
        });
        json("500 Oops", text.to_string())
    }),
    answers("escapes-in-good-json", |_| {
        let text =
            serde_json::json!({"status": STEERING, "version": STEERING, "commit": STEERING, "id": STEERING});
        json("200 OK", text.to_string())
    }),
    answers("html-in-json-errors", |_| {
        let page =
            "<!doctype html><html><head><title>502</title></head><body><h1>Bad Gateway</h1></body></html>";
        json(
            "502 Bad Gateway",
            serde_json::json!({"detail": page, "error": {"message": page}}).to_string(),
        )
    }),
    answers("what-breaks-documents", |_| {
        json(
            "500 Oops",
            serde_json::json!({"detail": BREAKING, "status": BREAKING, BREAKING: 1}).to_string(),
        )
    }),
    answers("what-breaks-documents-in-headers", |_| {
        let one_line = BREAKING.replace('\n', " ");
        let headers = [
            "content-type",
            "access-control-allow-origin",
            "server",
            "location",
            "x-request-id",
            "allow",
        ];
        let lines: Vec<String> = headers.iter().map(|name| format!("{name}: {one_line}")).collect();
        answer(
            "500 Oops",
            &lines.iter().map(String::as_str).collect::<Vec<_>>(),
            "",
        )
    }),
    answers("a-contract-of-escapes", |request| {
        let path = request.path();
        if path == "/health" {
            return json("200 OK", r#"{"status":"healthy"}"#);
        }
        json("200 OK", serde_json::json!({
            "openapi": "3.1.0",
            "info": {"title": STEERING, "version": STEERING},
            "paths": {
                "/health": {"get": {"operationId": STEERING, "summary": BREAKING, "responses": {"200": {
                    "description": STEERING,
                    "content": {"application/json": {"schema": {"type": "object", "required": [STEERING, BREAKING]}}}
                }}}},
                format!("/{STEERING}"): {"get": {"responses": {"200": {"description": BREAKING}}}},
            },
        }).to_string())
    }),
    answers("a-stack-trace-with-escapes", |_| {
        let trace = format!(
            "Traceback (most recent call last):\n  File \"/srv/{STEERING}.py\", line 3, in f\nValueError: {STEERING}\n"
        );
        answer("500 Oops", &["content-type: text/plain"], trace.repeat(200))
    }),
    answers("nothing-but-secrets", |_| {
        let jwt =
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U ";
        answer("500 Oops", &["content-type: text/plain"], jwt.repeat(2_500))
    }),
    answers("a-secret-in-every-header", |_| {
        let headers: Vec<String> = (0..800)
            .map(|n| format!("x-{n}-token: sk-proj-{n:030} postgres://app:hunter2@db/{n}"))
            .collect();
        answer(
            "500 Oops",
            &headers.iter().map(String::as_str).collect::<Vec<_>>(),
            "",
        )
    }),
    answers("nul-bytes", |_| {
        answer("500 Oops", &["content-type: text/html"], [0; 100_000])
    }),
    answers("invalid-utf8", |_| {
        answer(
            "500 Oops",
            &["content-type: text/plain; charset=utf-8"],
            b"\xff\xfe\xc3\x28\x80\x9b2J".repeat(20_000),
        )
    }),
    answers("marks-upon-marks", |_| {
        json(
            "500 Oops",
            format!("{{\"detail\":\"a{}\"}}", "\u{301}".repeat(200_000)),
        )
    }),
];
