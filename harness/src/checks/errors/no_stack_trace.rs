//! A stack trace is a map of the house for whoever asks: files, versions, queries, and the place that breaks.

use crate::check::Rule;
use crate::check::spec::{Spec, Suite};
use crate::check::text::clean;
use crate::check::traces::{self, Found, Leak};
use crate::check::view::View;
use crate::model::exchange::{Exchange, Reply};
use crate::model::finding::{Finding, Layer, Severity};
use crate::model::probe::{Body, Probe, Text};

/// The rule.
pub struct NoStackTrace;

static SPEC: Spec = Spec {
    id: "errors/no-stack-trace",
    layer: Layer::Errors,
    title: "No error shows a stack trace or the text of an exception",
    severity: Severity::Major,
    suites: Suite::ALL,
    needs: &[],
    must_run: false,
    explanation: "Errors that print frames, files or exceptions tell strangers how the service is built and where it breaks \
                  (CWE-209, ASVS 16.5.1), and tell clients nothing that they can use. The log is the place for them, \
                  under the request id that the answer carries.",
    hint: "Turn debug mode off, log the exception under the request id, and answer a fixed sentence with that id.",
};

impl Rule for NoStackTrace {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn judge(&self, exchange: &Exchange, _view: &View<'_>) -> Option<Vec<Finding>> {
        let reply = exchange.answer().filter(|reply| reply.status >= 400)?;
        let Some((place, found)) = printed(reply).filter(|(_, found)| !is_ours(&exchange.probe, found))
        else {
            return Some(vec![]);
        };
        let operation = exchange.probe.operation();
        let (what, severity) = match found.leak {
            Leak::Trace => ("a stack trace", Severity::Major),
            Leak::Exception => ("the text of an exception", Severity::Minor),
        };
        let title = format!(
            "The HTTP {} of {operation} shows {what} of {}",
            reply.status, found.from
        );
        let finding = SPEC
            .finds(&operation, title)
            .expected("a sentence for the client, and a request id")
            .actual(format!("{place}: {}", clean(found.text.trim(), 120)))
            .severity(severity);
        Some(vec![finding.shown_by([exchange])])
    }
}

/// Where a crash is printed, and what: in the body, else in a header.
fn printed(reply: &Reply) -> Option<(String, Found)> {
    let body = traces::find(&reply.body.text()).map(|found| ("body".to_owned(), found));
    let header = || {
        reply.headers.iter().find_map(|(name, value)| {
            let found = traces::find(&value.text())?;
            Some((format!("header {}", clean(&name.text(), 40)), found))
        })
    };
    body.or_else(header)
}

/// Whether we sent it ourselves: an error that echoes what was sent gives nothing away.
fn is_ours(probe: &Probe, found: &Found) -> bool {
    let plain = |text: &str| text.replace("\\\"", "\"").replace("\\n", "\n");
    let sent = match &probe.body {
        Body::Json { value, .. } => value.to_string(),
        Body::Text {
            text: Text::Lit(text),
            ..
        } => text.clone(),
        _ => return false,
    };
    plain(&sent).contains(plain(&found.text).trim())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::check::asks;
    use crate::check::testing::{answered, call, target};

    const TRACE: &str = "Traceback (most recent call last):\n  File \"/app/ai.py\", line 118, in orchestrate";

    fn judged(status: u16, headers: &[(&str, &str)], body: &str) -> Option<Vec<Severity>> {
        let target = target();
        let probe = asks::proof(&target, &target.proofs[0]);
        let exchange = answered(1, &probe, status, headers, body);
        let findings = NoStackTrace.judge(&exchange, &View::new(&target, None, &[], &[]))?;
        Some(findings.iter().map(|finding| finding.severity).collect())
    }

    #[test]
    fn a_trace_in_an_error_is_found_in_body_and_headers() {
        let body = json!({"detail": TRACE}).to_string();
        assert_eq!(judged(500, &[], &body), Some(vec![Severity::Major]));
        assert_eq!(judged(400, &[], TRACE), Some(vec![Severity::Major]));
        let header = [("x-debug-exception", "File \"/app/ai.py\", line 118")];
        assert_eq!(judged(500, &header, ""), Some(vec![Severity::Major]));
    }

    #[test]
    fn the_text_of_an_exception_is_minor() {
        let body = r#"{"detail":"Orchestration failed: object dict can't be used in 'await' expression"}"#;
        assert_eq!(judged(500, &[], body), Some(vec![Severity::Minor]));
    }

    #[test]
    fn a_success_that_speaks_of_traces_is_not_its_business() {
        assert_eq!(judged(200, &[], TRACE), None);
        assert_eq!(
            judged(404, &[], "<html>See the docs on Traceback</html>"),
            Some(vec![])
        );
    }

    #[test]
    fn an_error_that_echoes_what_was_sent_is_spared() {
        let target = target();
        let probe = asks::with_body(
            &target,
            &call(),
            Body::Json {
                value: json!({"text": TRACE}),
                inserts: vec![],
            },
        );
        let body = json!({"detail": [{"input": TRACE}]}).to_string();
        let exchange = answered(1, &probe, 422, &[], &body);
        let findings = NoStackTrace.judge(&exchange, &View::new(&target, None, &[], &[]));
        assert_eq!(findings, Some(vec![]));
    }
}
