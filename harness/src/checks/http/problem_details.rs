//! Problem details that contradict their answer mislead whoever reads only one of the two.

use serde_json::Value;

use crate::check::Rule;
use crate::check::spec::{Spec, Suite};
use crate::check::text::clean;
use crate::check::view::View;
use crate::model::capture::End;
use crate::model::exchange::Exchange;
use crate::model::finding::{Finding, Layer, Severity};

/// The rule.
pub struct ProblemDetails;

static SPEC: Spec = Spec {
    id: "http/problem-details",
    layer: Layer::Errors,
    title: "Problem details are well-formed and agree with their answer",
    severity: Severity::Minor,
    suites: Suite::ALL,
    needs: &[],
    must_run: false,
    explanation: "application/problem+json is an object whose member status, when it is there, is the status of the answer \
                  (RFC 9457 §3.1.2). Clients and logs that keep only the body go by that member: a 422 that calls itself \
                  500 is retried, alerted on, and looked for in the wrong place.",
    hint: "Fill the member status from the answer in the one place that writes errors out.",
};

/// Members that are text (RFC 9457 §3.1).
const TEXTS: [&str; 4] = ["type", "title", "detail", "instance"];

impl Rule for ProblemDetails {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn judge(&self, exchange: &Exchange, _view: &View<'_>) -> Option<Vec<Finding>> {
        let reply = exchange.answer()?;
        let labelled = reply.media_type().as_deref() == Some("application/problem+json");
        if !labelled || reply.body.end != End::Complete || exchange.probe.method == "HEAD" {
            return None;
        }
        let actual = match reply.body.json() {
            Some(Value::Object(members)) => {
                let said = members.get("status");
                let other = said.filter(|said| said.as_u64() != Some(u64::from(reply.status)));
                let odd = TEXTS
                    .iter()
                    .find(|name| members.get(**name).is_some_and(|value| !value.is_string()));
                other
                    .map(|said| {
                        format!(
                            "status {} in the body, HTTP {}",
                            clean(&said.to_string(), 20),
                            reply.status
                        )
                    })
                    .or_else(|| odd.map(|name| format!("{name} is no text")))
            }
            Some(_) => Some("JSON that is no object".to_owned()),
            None => Some("a body that is not JSON".to_owned()),
        };
        let Some(actual) = actual else {
            return Some(vec![]);
        };
        let operation = exchange.probe.operation();
        let title = format!("The problem details of {operation} do not fit their answer ({actual})");
        let found = SPEC
            .finds(&operation, title)
            .expected(format!("an object with status {}, or without", reply.status))
            .actual(actual);
        Some(vec![found.shown_by([exchange])])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::asks;
    use crate::check::testing::{answered, target};

    fn judged(media_type: &str, body: &str) -> Option<usize> {
        let target = target();
        let exchange = answered(1, &asks::read("/x"), 422, &[("content-type", media_type)], body);
        let found = ProblemDetails.judge(&exchange, &View::new(&target, None, &[], &[]));
        found.map(|found| found.len())
    }

    #[test]
    fn contradictions_are_found() {
        for body in [
            r#"{"status":500}"#,
            r#"{"status":"422"}"#,
            "[]",
            "no",
            r#"{"title":7}"#,
        ] {
            assert_eq!(judged("application/problem+json", body), Some(1), "{body}");
        }
    }

    #[test]
    fn spares_extensions_absent_members_and_other_errors() {
        for body in [
            r#"{"status":422,"trace":[1]}"#,
            "{}",
            r#"{"type":"about:blank","errors":[]}"#,
        ] {
            assert_eq!(
                judged("application/problem+json; charset=utf-8", body),
                Some(0),
                "{body}"
            );
        }
        assert_eq!(judged("application/json", r#"{"status":500}"#), None);
    }
}
