//! A crash that everybody can see: the answer is readable, and it says 500.

use crate::cors::response::readable;
use crate::diagnosis::case::{Case, Cause, explained};
use crate::diagnosis::crashes::{self, is_good_call};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::words;
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};
use crate::model::exchange::Exchange;

/// The cause.
pub struct ServerError;

impl Cause for ServerError {
    fn id(&self) -> &'static str {
        "server-error"
    }

    fn about(&self) -> &'static str {
        "A call crashes inside the service, and the answer says so readably."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Crash,
            blames: &[Blame::Deploy],
            needs: "A 5xx that the application wrote and that is explained by neither credential, input, dependency nor configuration.",
            likely: &[
                "A bug of this build on the main path: a missing await, a renamed attribute, None where a value was",
                "A library changed with the build, because its version was not pinned",
                "Code that only runs with real data or real settings, which no test has",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let target = case.view.target;
        let all = crashes::all(case);
        let good = all.iter().find(|exchange| is_good_call(target, &exchange.probe));
        let plain = || all.iter().find(|exchange| exchange.probe.who.is_none());
        let first = *good.or_else(plain).or_else(|| all.first())?;
        let operation = first.probe.operation();
        let crashed: Vec<&Exchange> = all
            .into_iter()
            .filter(|exchange| exchange.probe.operation() == operation || good_or_plain(case, exchange))
            .collect();
        let here: Vec<&Exchange> = crashed
            .iter()
            .copied()
            .filter(|exchange| exchange.probe.operation() == operation)
            .collect();
        let is_good = is_good_call(target, &first.probe);
        let awaiting = crashed.iter().find_map(|exchange| crashes::await_in(exchange));
        let mut evidence = words::seen(&crashed);
        evidence.extend(awaiting.clone());
        let consequences = if is_good {
            words::consequences(case, &here)
        } else {
            Vec::new()
        };
        Some(Diagnosis {
            cause: self.id().to_owned(),
            statement: statement(first, is_good),
            blame: Blame::Deploy,
            confidence: Confidence::Certain,
            evidence,
            ruled_out: words::ruled_out(case),
            likely_causes: Vec::new(),
            help: None,
            next_steps: next_steps(first, awaiting.is_some()),
            explains: explained(crashes::about(case, &crashed).into_iter().chain(consequences)),
        })
    }
}

/// Whether a crash elsewhere is of the same kind: nothing about credential or input explains it.
fn good_or_plain(case: &Case<'_>, exchange: &Exchange) -> bool {
    is_good_call(case.view.target, &exchange.probe) || exchange.probe.who.is_none()
}

fn statement(first: &Exchange, is_good: bool) -> String {
    let operation = first.probe.operation();
    let status = first.status().unwrap_or_default();
    let call = if is_good { " on a good call" } else { "" };
    let page = first
        .probe
        .page
        .as_ref()
        .zip(first.answer())
        .map(|(page, reply)| readable(reply.status, &reply.headers, &page.origin, page.mode).is_ok());
    match page {
        Some(true) => {
            format!("{operation} itself crashes{call} (HTTP {status}); the page can read the error")
        }
        Some(false) | None => format!("{operation} itself crashes{call} (HTTP {status})"),
    }
}

fn next_steps(first: &Exchange, awaiting: bool) -> Vec<String> {
    let mut steps = vec![format!(
        "Read the service's log at {}{}: the exception is there",
        words::clock(first),
        words::request_id(first)
    )];
    if awaiting {
        steps.push(
            "Look for an `await` that is missing, or that stands before a call that is not async".to_owned(),
        );
    }
    steps.push("If the deploy before this one answered, go back to it while the crash is mended".to_owned());
    steps
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::asks;
    use crate::check::testing::target;
    use crate::diagnosis::tests::{diagnose, good, inert, judged, proof, readable as read};

    const AWAIT: &str =
        r#"{"detail":"Orchestration failed: object dict can't be used in 'await' expression"}"#;

    #[test]
    fn a_readable_crash_of_a_good_call_is_named_with_what_it_says() {
        let seen = [
            inert(1, None, 401, "{}"),
            good(2, 400, "{}"),
            proof(3, 500, AWAIT),
        ];
        let run = judged(&target(), &seen);
        let diagnosis = &run.diagnoses[0];
        assert_eq!(diagnosis.cause, "server-error");
        assert_eq!(
            diagnosis.statement,
            "POST /summaries itself crashes on a good call (HTTP 500); the page can read the error"
        );
        assert!(
            diagnosis
                .evidence
                .iter()
                .any(|line| line.contains("'await' expression"))
        );
        let open = run
            .findings
            .iter()
            .filter(|finding| finding.fails() && finding.explained_by.is_none());
        assert_eq!(open.count(), 0, "{:#?}", run.findings);
    }

    #[test]
    fn a_crash_of_another_route_is_named_without_a_good_call() {
        let seen = [read(1, &asks::read("/usage"), 500, "{}"), proof(2, 200, "{}")];
        let diagnosis = diagnose(&ServerError, &target(), &seen).unwrap();
        assert_eq!(diagnosis.statement, "GET /usage itself crashes (HTTP 500)");
    }

    #[test]
    fn what_stands_behind_a_gateway_is_another_cause() {
        for status in [502, 503, 504] {
            assert_eq!(diagnose(&ServerError, &target(), &[proof(1, status, "{}")]), None);
        }
    }
}
