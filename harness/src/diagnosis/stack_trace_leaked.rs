//! Errors are printed for developers where strangers read them.

use crate::diagnosis::case::{Case, Cause, explained};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::{doors, words};
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};

/// The cause.
pub struct StackTraceLeaked;

impl Cause for StackTraceLeaked {
    fn id(&self) -> &'static str {
        "stack-trace-leaked"
    }

    fn about(&self) -> &'static str {
        "An error shows its stack trace to whoever makes the service fail."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Given,
            blames: &[Blame::Deploy],
            needs: "An error whose body holds frames, files or lines of the program.",
            likely: &[
                "traceback.format_exc() or err.stack is put into the answer",
                "The framework's developer page is on: UseDeveloperExceptionPage, Whoops, Werkzeug",
                "GraphQL or RPC servers attach the exception to errors by default",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let mut traces = case.of("errors/no-stack-trace");
        traces.retain(|finding| finding.fails());
        let first = traces.first()?;
        let shown = doors::shown(case, &traces);
        let operations = doors::operations(case, &traces);
        let mut evidence = words::seen(&shown);
        evidence.push(first.actual.clone());
        Some(Diagnosis {
            cause: self.id().to_owned(),
            statement: format!("{} shows a stack trace to whoever makes it fail", operations.join(", ")),
            blame: Blame::Deploy,
            confidence: Confidence::Certain,
            evidence,
            ruled_out: Vec::new(),
            likely_causes: Vec::new(),
            help: None,
            next_steps: vec![
                "Turn the debug mode of this deploy off".to_owned(),
                "Answer unexpected errors with a fixed sentence and the request id; write the trace to the log under that id"
                    .to_owned(),
            ],
            explains: explained(traces),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::check::testing::target;
    use crate::diagnosis::tests::{good, inert, judged, proof};

    #[test]
    fn a_trace_is_named_beside_the_crash_that_it_shows() {
        let trace = "Traceback (most recent call last):\n  File \"/app/ai.py\", line 118, in orchestrate\n\
                     TypeError: object dict can't be used in 'await' expression";
        let body = json!({"detail": trace}).to_string();
        let seen = [
            inert(1, None, 401, "{}"),
            good(2, 400, "{}"),
            proof(3, 500, &body),
        ];
        let run = judged(&target(), &seen);
        let causes: Vec<&str> = run
            .diagnoses
            .iter()
            .map(|diagnosis| diagnosis.cause.as_str())
            .collect();
        assert_eq!(causes, ["server-error", "stack-trace-leaked"]);
        assert!(
            run.findings
                .iter()
                .all(|finding| finding.explained_by.is_some() || !finding.fails())
        );
    }
}
