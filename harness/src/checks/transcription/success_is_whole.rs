//! A 200 with an error inside tells every client that all went well.

use serde_json::Value;

use crate::check::Rule;
use crate::check::spec::{Spec, Suite};
use crate::check::text::clean;
use crate::check::tone::{self, Tone};
use crate::check::view::View;
use crate::checks::transcription::work::{done, members};
use crate::model::exchange::Exchange;
use crate::model::finding::{Finding, Layer, Severity};

/// The rule.
pub struct SuccessIsWhole;

static SPEC: Spec = Spec {
    id: "transcription/success-is-whole",
    layer: Layer::Journey,
    title: "A success holds no failure",
    severity: Severity::Major,
    suites: Suite::ALL,
    needs: &[],
    must_run: false,
    explanation: "Work of several steps that catches the failure of one and answers 200 with what is left, an error text among \
                  the results, hides the failure from every client, retry and monitor that looks at the status (CWE-393). \
                  Members that say error or failed and hold something are looked for; empty ones and null are no failure.",
    hint: "Answer with the failure's status, or say in the contract that results can be partial, and mark what is missing.",
};

impl Rule for SuccessIsWhole {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn judge(&self, exchange: &Exchange, view: &View<'_>) -> Option<Vec<Finding>> {
        let (reply, body) = done(exchange, view)?;
        let failed = members(&body)
            .into_iter()
            .find(|(_, name, value)| says_failed(name, value));
        let finding = failed.map(|(at, _, value)| {
            let operation = exchange.probe.operation();
            let found = SPEC.finds(
                format!("{operation} {at}"),
                format!(
                    "{operation} answers {}, and a part of the work failed: {at}",
                    reply.status
                ),
            );
            let found = found
                .expected("a success without a failure in it, or the failure's own status")
                .actual(clean(&value.to_string(), 120));
            found.shown_by([exchange])
        });
        Some(finding.into_iter().collect())
    }
}

fn says_failed(name: &str, value: &Value) -> bool {
    match name {
        "error" | "errors" | "error_message" | "exception" | "failure" | "failed" => holds(value, 0),
        "status" | "state" => value
            .as_str()
            .is_some_and(|word| matches!(word.to_ascii_lowercase().as_str(), "failed" | "error" | "failure")),
        _ => false,
    }
}

/// Texts that say that there was no failure.
const NOTHING: &str =
    "no|none|null|nil|n/a|na|nothing|undefined|false|0|no error|no errors|none.|no failure|-";

/// How deep what is said of a failure is read.
const DEEPEST: u8 = 4;

/// Whether a member that is named after failures holds one. A number by itself is a count or a rate; inside of an error it is
/// a code, and zero is the code of success.
fn holds(value: &Value, depth: u8) -> bool {
    match value {
        Value::String(text) => {
            let text = text.trim().to_lowercase();
            let is_fine = !text.contains(char::is_whitespace) && tone::of(&text) == Some(Tone::Good);
            !text.is_empty() && !is_fine && !NOTHING.split('|').any(|nothing| nothing == text)
        }
        Value::Array(items) => !items.is_empty(),
        Value::Object(members) => depth >= DEEPEST || members.values().any(|member| holds(member, depth + 1)),
        Value::Bool(yes) => *yes,
        Value::Number(number) => depth > 0 && number.as_f64() != Some(0.0),
        Value::Null => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::asks;
    use crate::check::testing::{answered, target};

    fn found(body: &str) -> usize {
        let target = target();
        let exchange = answered(1, &asks::proof(&target, &target.proofs[0]), 200, &[], body);
        let findings = SuccessIsWhole.judge(&exchange, &View::new(&target, None, &[], &[]));
        findings.unwrap().len()
    }

    #[test]
    fn a_failure_among_the_results_is_found() {
        assert_eq!(found(r#"{"results":{"concepts":{"error":"no answer"}}}"#), 1);
        assert_eq!(found(r#"{"steps":[{"status":"failed"}]}"#), 1);
        assert_eq!(found(r#"{"error":{"code":5,"message":null}}"#), 1);
        assert_eq!(found(r#"{"failure":"no model is loaded"}"#), 1);
    }

    #[test]
    fn members_that_only_could_hold_one_are_spared() {
        assert_eq!(
            found(r#"{"error":null,"errors":[],"error_rate":0.1,"status":"done","failed":0}"#),
            0
        );
        for nothing in [
            r#""none""#,
            r#""no""#,
            r#""OK""#,
            r#""false""#,
            r#""0""#,
            r#"" ""#,
            r#"{"code":0,"message":"Success"}"#,
        ] {
            for name in ["error", "failure", "exception"] {
                assert_eq!(found(&format!(r#"{{"{name}":{nothing}}}"#)), 0, "{nothing}");
            }
        }
    }
}
