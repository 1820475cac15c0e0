//! A refusal is read by strangers. What it says of tables, hashes and hosts is said to them.

use std::sync::LazyLock;

use regex::Regex;

use crate::check::Rule;
use crate::check::spec::{Spec, Suite};
use crate::check::view::View;
use crate::model::exchange::Exchange;
use crate::model::finding::{Finding, Layer, Severity};

/// The rule.
pub struct RefusalSaysLittle;

static SPEC: Spec = Spec {
    id: "auth/refusal-says-little",
    layer: Layer::Auth,
    title: "A refusal shows nothing of what is behind it",
    severity: Severity::Minor,
    suites: Suite::ALL,
    needs: &[],
    must_run: false,
    explanation: "A 401 or 403 that names the table in which the key was looked up, the hash under which it is kept, a class, a \
                  file or a host tells an attacker where to go on (OWASP ASVS 5.0 §16.5.1). That a token has expired, or that \
                  its signature does not match, may be said: clients need it.",
    hint: "Answer with a fixed sentence and a code, and write the rest into the log under the request id.",
};

/// What gives internals away, and what it is. `None` when one is no regular expression, which a test excludes.
static SIGNS: LazyLock<Option<Vec<(&'static str, Regex)>>> = LazyLock::new(|| {
    let signs = [
        ("the hash of a key", r"\b[0-9a-f]{64}\b"),
        (
            "a table",
            r"\b\w+(?:Table|_tbl)\b|(?i)\btable [`\x22']?\w+_\w+|\brelation \x22",
        ),
        ("a query", r"(?i)\bselect\b.{1,80}\bfrom\b|\binsert into\b"),
        (
            "a source file",
            r"(?:/[\w.-]+){2,}\.(?:py|js|ts|rs|go|java|rb|php)\b",
        ),
        (
            "a class",
            r"\b[a-z]\w*(?:\.[a-z]\w*)+\.[A-Z]\w*(?:Error|Exception)\b",
        ),
        (
            "an internal host",
            r"(?i)\b(?:[a-z0-9-]+\.)+(?:internal|local|lan|svc)\b|\b10\.\d{1,3}\.\d{1,3}\.\d{1,3}\b",
        ),
    ];
    signs
        .into_iter()
        .map(|(what, sign)| Regex::new(sign).ok().map(|sign| (what, sign)))
        .collect()
});

impl Rule for RefusalSaysLittle {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn judge(&self, exchange: &Exchange, _view: &View<'_>) -> Option<Vec<Finding>> {
        let reply = exchange
            .answer()
            .filter(|reply| matches!(reply.status, 401 | 403))?;
        let text = reply.body.text();
        let signs = SIGNS.as_deref().unwrap_or_default();
        let shown: Vec<&str> = signs
            .iter()
            .filter(|(_, sign)| sign.is_match(&text))
            .map(|(what, _)| *what)
            .collect();
        if shown.is_empty() {
            return Some(vec![]);
        }
        let operation = exchange.probe.operation();
        let found = SPEC
            .finds(
                &operation,
                format!("The refusal of {operation} shows {}", shown.join(" and ")),
            )
            .expected("a sentence that says what the caller can do")
            .actual(format!("HTTP {} with {}", reply.status, shown.join(", ")));
        Some(vec![found.shown_by([exchange])])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::asks;
    use crate::check::testing::{answered, call, target};

    fn found(status: u16, body: &str) -> usize {
        let target = target();
        let exchange = answered(1, &asks::inert(&target, &call(), None), status, &[], body);
        let seen = [exchange.clone()];
        let view = View::new(&target, None, &seen, &[]);
        RefusalSaysLittle
            .judge(&exchange, &view)
            .map_or(0, |found| found.len())
    }

    #[test]
    fn every_sign_is_a_regular_expression() {
        assert!(SIGNS.is_some());
    }

    #[test]
    fn internals_are_found() {
        let hash = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
        for body in [
            format!("Received key hash {hash}"),
            "not found in LiteLLM_VerificationTokenTable".to_owned(),
            "SELECT id FROM keys WHERE token = ?".to_owned(),
            "/app/auth/verify.py, line 12".to_owned(),
            "jwt.exceptions.InvalidSignatureError".to_owned(),
            "asked auth.prod.internal".to_owned(),
        ] {
            assert_eq!(found(401, &body), 1, "{body}");
        }
    }

    #[test]
    fn what_clients_need_is_no_internal() {
        for body in [
            r#"{"detail":"Invalid token: the signature does not match","code":"token_invalid","request_id":"0198f2a4-7c1e-7f6f-9c50-1f2e3d4c5b6a"}"#,
            r#"{"error":"invalid_token","error_description":"The access token expired"}"#,
            "Please book a table first.",
        ] {
            assert_eq!(found(403, body), 0, "{body}");
        }
        assert_eq!(found(200, "/app/auth/verify.py"), 0);
    }
}
