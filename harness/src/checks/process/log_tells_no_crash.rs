//! A service can answer 200 and have failed: the coroutine that nobody awaited, the task that panicked, the promise that
//! nobody caught. Its own log says so, and when this run started it, its log is there to be read.

use std::sync::LazyLock;

use regex::Regex;

use crate::check::Check;
use crate::check::judgement::{Judgement, Tally};
use crate::check::spec::{Spec, Suite};
use crate::check::text::clean;
use crate::check::view::View;
use crate::checks::process::NOT_OURS;
use crate::model::finding::{Layer, Severity};
use crate::model::probe::Ask;

/// The check.
pub struct LogTellsNoCrash;

static SPEC: Spec = Spec {
    id: "process/log-tells-no-crash",
    layer: Layer::Errors,
    title: "The log of the service tells of no crash",
    severity: Severity::Major,
    suites: Suite::ALL,
    needs: &[],
    must_run: false,
    explanation: "`RuntimeWarning: coroutine 'x' was never awaited` was the incident's one honest witness, in a log that \
                  nobody read. A coroutine that was never awaited, a panic or an unhandled rejection is work that was not \
                  done, even behind a 200.",
    hint: "Go to the place that the line names; await the call, or handle its failure.",
};

/// Words that no healthy log holds, each as its runtime writes them.
static CRASHES: LazyLock<Vec<(&'static str, Regex)>> = LazyLock::new(|| {
    let patterns = [
        // CPython's RuntimeWarning.
        (
            "a coroutine was never awaited",
            r"\bcoroutine '[^']*' was never awaited",
        ),
        // The panic handlers of Rust and Go.
        ("a thread panicked", r"\bthread '[^']*' (\(\d+\) )?panicked at "),
        (
            "a goroutine panicked",
            r"(^|\d\d:\d\d:\d\d )(panic: |fatal error: |http: panic serving )",
        ),
        // Node's warning and its error, and Deno's.
        (
            "a promise was rejected and nobody caught it",
            r"\bUnhandledPromiseRejection|ERR_UNHANDLED_REJECTION|\bunhandled promise rejection\b|\(in promise\)",
        ),
        // asyncio's default handler.
        (
            "a task failed and nobody looked",
            r"\bTask exception was never retrieved\b",
        ),
    ];
    let compiled = patterns
        .iter()
        .filter_map(|(what, pattern)| Some((*what, Regex::new(pattern).ok()?)));
    compiled.collect()
});

/// What a line tells of, if it tells of a crash.
pub fn crash(line: &str) -> Option<&'static str> {
    let told = CRASHES.iter().find(|(_, pattern)| pattern.is_match(line));
    told.map(|(what, _)| *what)
}

impl Check for LogTellsNoCrash {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, _view: &View<'_>) -> Vec<Ask> {
        Vec::new()
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        let Some(spawned) = view.spawned else {
            return Judgement::NotApplicable(NOT_OURS.to_owned());
        };
        let mut tally = Tally::new(view);
        view.exchanges.iter().for_each(|exchange| tally.judged(exchange));
        for line in &spawned.lines {
            let Some(what) = crash(&line.text) else { continue };
            let said = clean(line.text.trim(), 300);
            let finding = SPEC
                .finds(said.clone(), format!("the log of the service says that {what}"))
                .expected("a log without crashes")
                .actual(said);
            // No exchange: which one it was would depend on the pace of a pipe (law 8).
            tally.find(finding.shown_by([]));
        }
        tally.done()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{answered, spawned, target};
    use crate::model::probe::Probe;

    fn found(lines: &[&str]) -> Vec<String> {
        let (target, seen) = (
            target(),
            [answered(1, &Probe::get("/health").build(), 200, &[], "")],
        );
        let spawned = spawned(lines);
        let view = View::new(&target, None, &seen, &[]).of_service(Some(&spawned));
        match LogTellsNoCrash.judge(&view) {
            Judgement::Judged { findings, .. } => findings.into_iter().map(|finding| finding.title).collect(),
            other => panic!("not judged: {other:?}"),
        }
    }

    #[test]
    fn what_runtimes_write_of_crashes_is_found() {
        let crashes = [
            "/app/ai.py:12: RuntimeWarning: coroutine 'orchestrate' was never awaited",
            "thread 'tokio-runtime-worker' panicked at src/main.rs:5:9:",
            "thread 'main' (1234) panicked at src/main.rs:5:9:",
            "panic: runtime error: index out of range [3] with length 2",
            "2026/11/24 12:00:01 http: panic serving 127.0.0.1:5000: boom",
            "(node:7) UnhandledPromiseRejectionWarning: Error: boom",
            "Task exception was never retrieved",
        ];
        for line in crashes {
            assert_eq!(found(&[line]).len(), 1, "{line}");
        }
        assert_eq!(
            found(&crashes[..1]),
            ["the log of the service says that a coroutine was never awaited"]
        );
    }

    #[test]
    fn ordinary_talk_of_panic_and_errors_is_spared() {
        let healthy = [
            "INFO panic button pressed by user 7",
            "don't panic: all is well",
            "WARN rejected 3 promises of payment",
            "ERROR upstream answered 429, backing off",
            "INFO awaiting connections",
            "the task was never awaited by anyone important",
        ];
        assert_eq!(found(&healthy), [] as [&str; 0]);
    }
}
