//! A 200 with an error inside tells every client that all went well.

use serde_json::Value;

use crate::check::Rule;
use crate::check::spec::{Spec, Suite};
use crate::check::text::clean;
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
    let holds = match value {
        Value::String(text) => !text.trim().is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(members) => !members.is_empty(),
        Value::Bool(yes) => *yes,
        Value::Null | Value::Number(_) => false,
    };
    match name {
        "error" | "errors" | "error_message" | "exception" | "failure" | "failed" => holds,
        "status" | "state" => value
            .as_str()
            .is_some_and(|word| matches!(word.to_ascii_lowercase().as_str(), "failed" | "error" | "failure")),
        _ => false,
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
    }

    #[test]
    fn members_that_only_could_hold_one_are_spared() {
        assert_eq!(
            found(r#"{"error":null,"errors":[],"error_rate":0.1,"status":"done","failed":0}"#),
            0
        );
    }
}
