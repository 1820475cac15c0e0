//! How a crash looks when it is printed, by language. Frames, not words: a page that speaks of a "Traceback" has none.

use std::sync::LazyLock;

use regex::Regex;

/// What was printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Leak {
    /// The words of an exception, without the place.
    Exception,
    /// Frames, files and lines.
    Trace,
}

/// What a piece of printed crash is, and from what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// How much it gives away.
    pub leak: Leak,
    /// The language or framework.
    pub from: &'static str,
    /// The piece.
    pub text: String,
}

/// Frames and the sentences that head them. Without counted repetitions, which make large programs of small patterns. A new line may stand as `\n` inside JSON, a quote as `\"`.
const TRACES: &[(&str, &str)] = &[
    ("Python", r#"File \\?"[^"\\\n]+\.py\\?", line \d+"#),
    ("Python", r"Traceback \(most recent call last\):(\s|\\n)+File "),
    (
        "Node.js",
        r"(\n|\\n|^)\s*at (async )?([\w$.<>\[\] ]+ \()?(file://|node:|/|[A-Z]:\\)[^()\s]+:\d+:\d+\)?",
    ),
    (
        "Java",
        r"(\n|\\n|\\t|\t|^)\s*at [\w$.]+\.[\w$<>]+\((\w+\.(java|kt|scala|groovy):\d+|Native Method|Unknown Source)\)",
    ),
    ("Rust", r"thread '[^'\n]*' (\(\d+\) )?panicked at "),
    ("Rust", r"stack backtrace:(\n|\\n)\s+0: "),
    ("Go", r"goroutine \d+ \[[a-z ]+\]:"),
    ("Go", r"panic: runtime error: "),
    (
        ".NET",
        r"\bat [\w.`<>\[\],+ ]+\([^)\n]*\) in ([A-Z]:)?[^:\n]+:line \d+",
    ),
    (
        "PHP",
        r"(Fatal error|Warning|Notice)(</b>)?: [^\n]+? in (<b>)?/[^\s<]+\.php(</b>)? on line (<b>)?\d+",
    ),
    ("PHP", r"(\n|\\n)#\d+ \\?/[^\s(]+\.php\(\d+\): "),
    ("Ruby", r"[\w./-]+\.rb:\d+:in ['`]"),
];

/// What exceptions say of themselves, as no sentence for a client does.
const EXCEPTIONS: &[(&str, &str)] = &[
    ("Python", r"object \w+ can't be used in 'await' expression"),
    (
        "Python",
        r"coroutine '?[\w.]*'? was never awaited|'coroutine' object (is not|has no)",
    ),
    (
        "Python",
        r"'\w+' object (has no attribute '|is not (iterable|callable|subscriptable))",
    ),
    ("Python", r"name '\w+' is not defined|unhashable type: '"),
    (
        "Python",
        r"takes \d+ positional arguments? but \d+ (was|were) given|missing \d+ required positional argument",
    ),
    (
        "Node.js",
        r"Cannot read propert(y|ies) (of (undefined|null)|'?\w*'? of (undefined|null))",
    ),
    (
        "Java",
        r"java\.lang\.\w+(Exception|Error)\b|org\.springframework\.[\w.]+Exception\b",
    ),
    (
        ".NET",
        r"System\.\w*Exception: |Object reference not set to an instance of an object",
    ),
    ("Go", r"invalid memory address or nil pointer dereference"),
    ("Rust", r"called `(Option|Result)::\w+\(\)` on a `"),
    (
        "SQL",
        r"(psycopg2?|sqlalchemy|asyncpg|pymongo)\.[\w.]*(Error\b|errors\.)|SQLSTATE\[|ORA-\d{5}:",
    ),
];

static PATTERNS: LazyLock<Vec<(Leak, &'static str, Regex)>> = LazyLock::new(|| {
    let compile = |leak: Leak| {
        move |(from, pattern): &(&'static str, &str)| {
            Regex::new(pattern).ok().map(|regex| (leak, *from, regex))
        }
    };
    let traces = TRACES.iter().filter_map(compile(Leak::Trace));
    traces
        .chain(EXCEPTIONS.iter().filter_map(compile(Leak::Exception)))
        .collect()
});

/// Bytes of a text that are searched. A crash is printed at the beginning of an answer, or is the whole of it.
const SEARCHED: usize = 64 * 1024;

/// The first printed crash in this text, the most telling kind first.
pub fn find(text: &str) -> Option<Found> {
    let text = &text[..text.floor_char_boundary(SEARCHED)];
    PATTERNS.iter().find_map(|(leak, from, regex)| {
        let found = regex.find(text)?;
        Some(Found {
            leak: *leak,
            from,
            text: found.as_str().to_owned(),
        })
    })
}

/// Whether the text says that something was awaited that cannot be, or was not awaited: the fault that began all this.
pub fn is_about_await(text: &str) -> bool {
    let told = ["'await' expression", "never awaited", "'coroutine' object"];
    told.iter().any(|words| text.contains(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_compiles() {
        assert_eq!(PATTERNS.len(), TRACES.len() + EXCEPTIONS.len());
    }

    #[test]
    fn frames_of_every_language_are_found() {
        let python = r#"{"detail":"Traceback (most recent call last):\n  File \"/app/app/api/ai.py\", line 118, in orchestrate\n"}"#;
        let cases = [
            ("Python", python),
            ("Python", "  File \"/app/main.py\", line 3, in f\n    x()"),
            (
                "Node.js",
                "TypeError: x\n    at Object.run (/app/server.js:10:5)\n    at node:internal/x:1:2",
            ),
            (
                "Node.js",
                r#"{"stack":"Error: x\n    at async handler (/srv/app/index.mjs:4:11)"}"#,
            ),
            (
                "Java",
                "java.lang.IllegalStateException: x\n\tat com.acme.Notes.save(Notes.java:42)",
            ),
            ("Rust", "thread 'main' panicked at src/main.rs:3:5:"),
            ("Go", "panic: boom\n\ngoroutine 1 [running]:\nmain.main()"),
            (
                ".NET",
                "   at Acme.Notes.Save(Note n) in C:\\src\\Notes.cs:line 12",
            ),
            (
                "PHP",
                "<b>Fatal error</b>: Uncaught Error in <b>/var/www/x.php</b> on line <b>12</b>",
            ),
            ("Ruby", "app/controllers/notes_controller.rb:12:in `show'"),
        ];
        for (from, text) in cases {
            let found = find(text).unwrap_or_else(|| panic!("nothing found in {text}"));
            assert_eq!((found.leak, found.from), (Leak::Trace, from), "{text}");
        }
    }

    #[test]
    fn exceptions_are_told_from_sentences_for_clients() {
        let awaiting = "Orchestration failed: object dict can't be used in 'await' expression";
        assert_eq!(find(awaiting).unwrap().leak, Leak::Exception);
        assert!(is_about_await(awaiting));
        for text in [
            "'NoneType' object has no attribute 'get'",
            "name 'token_data' is not defined",
            "Cannot read properties of undefined (reading 'id')",
            "psycopg2.errors.UniqueViolation: duplicate key",
        ] {
            assert_eq!(
                find(text).map(|found| found.leak),
                Some(Leak::Exception),
                "{text}"
            );
        }
    }

    #[test]
    fn pages_and_sentences_that_only_speak_of_crashes_are_spared() {
        for text in [
            "Turn on debug mode to see the Traceback (most recent call last) of an error.",
            "The stack trace was written to the log. Quote request id 7f3a.",
            "Meet me at the office (Hauptstrasse 12:30)",
            "Not found: /files/notes.py has no line 12",
            "The field 'name' is not defined by the schema",
            "Missing authorization token",
            "Expected an object at line 1 column 20",
            r#"{"detail":[{"type":"string_type","loc":["body","text"],"msg":"Input should be a valid string","input":7}]}"#,
            "<html><body>at 10:15:30 the server was busy</body></html>",
        ] {
            assert_eq!(find(text), None, "{text}");
        }
    }
}
