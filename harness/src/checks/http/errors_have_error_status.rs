//! An error that is answered with 200 is a success to every client, cache and monitor.

use serde_json::{Map, Value};

use crate::check::Rule;
use crate::check::spec::{Spec, Suite};
use crate::check::text::clean;
use crate::check::view::View;
use crate::model::exchange::Exchange;
use crate::model::finding::{Finding, Layer, Severity};

/// The rule.
pub struct ErrorsHaveErrorStatus;

static SPEC: Spec = Spec {
    id: "http/errors-have-error-status",
    layer: Layer::Errors,
    title: "Failures are not reported as success",
    severity: Severity::Major,
    suites: Suite::ALL,
    needs: &[],
    must_run: false,
    explanation: "Clients, caches, retries, monitors and error budgets go by the status (CWE-393). A 200 whose body says \
                  that it failed is counted as a success everywhere, and the first to notice are users. GraphQL, JSON-RPC, \
                  bulk answers and health routes have rules of their own and are left alone.",
    hint: "Answer 4xx for what the caller got wrong and 5xx for what the service did, with the same body.",
};

/// Members beside which `error` is the whole answer.
const WRAPPING: &[&str] = &[
    "success",
    "ok",
    "status",
    "code",
    "message",
    "detail",
    "error",
    "errors",
    "request_id",
    "requestId",
    "trace_id",
    "traceId",
    "timestamp",
    "path",
];

/// Members that say what went wrong.
const SAYING: &[&str] = &["error", "errors", "message", "detail"];

/// Members of protocols in which an error is rightly a success of the transport.
const OTHER_PROTOCOLS: &[&str] = &["jsonrpc", "data", "results"];

impl Rule for ErrorsHaveErrorStatus {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn judge(&self, exchange: &Exchange, view: &View<'_>) -> Option<Vec<Finding>> {
        let reply = exchange.answer()?;
        if !(200..300).contains(&reply.status) || tells_health(exchange, view) {
            return None;
        }
        let Some(Value::Object(body)) = reply.body.json() else {
            return None;
        };
        let Some(said) = failure(&body) else {
            return Some(vec![]);
        };
        let operation = exchange.probe.operation();
        let title = format!(
            "{operation} answers HTTP {} and says that it failed",
            reply.status
        );
        let found = SPEC
            .finds(&operation, title)
            .expected("a status of 400 or above")
            .actual(format!("HTTP {}, {}", reply.status, clean(&said, 120)));
        Some(vec![found.shown_by([exchange])])
    }
}

fn tells_health(exchange: &Exchange, view: &View<'_>) -> bool {
    let routes = &view.target.routes;
    let path = exchange.probe.path_text();
    let known = [&routes.health, &routes.ready, &routes.ai_health];
    let words = ["health", "ready", "live", "status", "graphql"];
    known.iter().any(|route| route.as_deref() == Some(path)) || words.iter().any(|word| path.contains(word))
}

/// What a body says of its failure, when it says so.
fn failure(body: &Map<String, Value>) -> Option<String> {
    if OTHER_PROTOCOLS
        .iter()
        .any(|name| body.get(*name).is_some_and(|value| !value.is_null()))
    {
        return None;
    }
    let said = SAYING.iter().find_map(|name| {
        let value = body.get(*name)?;
        let empty = match value {
            Value::Null | Value::Bool(false) => true,
            Value::String(text) => text.is_empty(),
            Value::Array(items) => items.is_empty(),
            Value::Object(members) => members.is_empty(),
            Value::Bool(true) | Value::Number(_) => false,
        };
        (!empty).then(|| format!("{name}: {value}"))
    })?;
    let denies = ["success", "ok"]
        .iter()
        .any(|name| body.get(*name) == Some(&Value::Bool(false)));
    let only_error = said.starts_with("error") && body.keys().all(|name| WRAPPING.contains(&name.as_str()));
    (denies || only_error).then_some(said)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::asks;
    use crate::check::testing::{answered, target};

    fn judged(path: &str, status: u16, body: &str) -> Option<usize> {
        let target = target();
        let exchange = answered(
            1,
            &asks::read(path),
            status,
            &[("content-type", "application/json")],
            body,
        );
        let found = ErrorsHaveErrorStatus.judge(&exchange, &View::new(&target, None, &[], &[]));
        found.map(|found| found.len())
    }

    #[test]
    fn a_success_that_says_that_it_failed_is_found() {
        for body in [
            r#"{"success":false,"error":"text is required"}"#,
            r#"{"ok":false,"message":"no"}"#,
            r#"{"error":{"code":7,"message":"no"}}"#,
            r#"{"status":"error","errors":["no"]}"#,
        ] {
            assert_eq!(judged("/notes", 200, body), Some(1), "{body}");
        }
    }

    #[test]
    fn spares_results_that_speak_of_errors() {
        for body in [
            r#"{"success":true,"error":null}"#,
            r#"{"errors":[],"items":[]}"#,
            r#"{"id":7,"status":"failed","error":"the job failed"}"#,
            r#"{"data":{"a":1},"errors":[{"message":"b is missing"}]}"#,
            r#"{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"no"}}"#,
            r#"{"ok":false}"#,
            r#"{"message":"hello"}"#,
        ] {
            assert_eq!(judged("/notes", 200, body), Some(0), "{body}");
        }
        assert_eq!(judged("/notes", 422, r#"{"error":"no"}"#), None);
        assert_eq!(judged("/health", 200, r#"{"error":"no"}"#), None);
    }
}
