//! The run as a stream: schema `greenlight.events/1`, see `contracts/events.schema.json`. One fact a line, for log pipelines
//! and `grep`; the first line names the schema and the last one the verdict, so that a cut file is known as one.

use crate::model::exchange::Exchange;
use crate::model::line::{Asked, Ended, Line, SCHEMA, Started};
use crate::report::encode;
use crate::report::format::Finished;

/// The lines of a run.
pub fn render(finished: Finished<'_>) -> String {
    lines(finished)
        .filter_map(|line| encode::compact(&line))
        .collect()
}

fn lines<'r>(Finished { run, recording, .. }: Finished<'r>) -> impl Iterator<Item = Line> + 'r {
    let started = Line::Started(Started {
        schema: SCHEMA.to_owned(),
        tool: run.tool.clone(),
        at: run.started_at,
        target: run.target.clone(),
    });
    let ended = Line::Ended(Ended {
        verdict: run.verdict,
        exit_code: run.exit_code,
        headline: run.headline.clone(),
        duration_ms: run.duration_ms,
        interrupted: run.interrupted,
        counts: run.counts,
        sent: run.sent,
    });
    std::iter::once(started)
        .chain(
            recording
                .exchanges
                .iter()
                .map(|exchange| Line::Exchange(asked(exchange))),
        )
        .chain(run.checks.iter().cloned().map(Line::Check))
        .chain(run.findings.iter().cloned().map(Line::Finding))
        .chain(run.evidence.iter().cloned().map(Line::Evidence))
        .chain(run.diagnoses.iter().cloned().map(Line::Diagnosis))
        .chain(run.proofs.iter().cloned().map(Line::Proof))
        .chain(run.waivers.iter().cloned().map(Line::Waiver))
        .chain(std::iter::once(ended))
}

fn asked(exchange: &Exchange) -> Asked {
    Asked {
        id: exchange.id.to_string(),
        attempt: exchange.attempt,
        at: exchange.at,
        method: exchange.probe.method.clone(),
        url: exchange.sent.as_ref().map(|sent| sent.url.clone()),
        effect: exchange.probe.effect,
        status: exchange.status(),
        failure: exchange.failure().map(|error| error.detail.clone()),
        duration_us: exchange.phases.total(),
        askers: exchange.askers.iter().map(|asker| asker.0.clone()).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixtures;

    fn read(text: &str) -> Vec<Line> {
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    #[test]
    fn every_line_is_an_event_and_the_last_one_is_the_verdict() {
        for (name, run) in fixtures::all() {
            let recording = fixtures::traffic::recording();
            let text = render(Finished::new(&run, &recording));
            let lines = read(&text);
            assert!(
                matches!(&lines[0], Line::Started(started) if started.schema == SCHEMA),
                "{name}"
            );
            let Some(Line::Ended(ended)) = lines.last() else {
                panic!("{name}: {text}")
            };
            assert_eq!(
                (ended.verdict, ended.exit_code),
                (run.verdict, run.exit_code),
                "{name}"
            );
            let of = |test: fn(&Line) -> bool| lines.iter().filter(|line| test(line)).count();
            assert_eq!(
                of(|line| matches!(line, Line::Finding(_))),
                run.findings.len(),
                "{name}"
            );
            assert_eq!(
                of(|line| matches!(line, Line::Check(_))),
                run.checks.len(),
                "{name}"
            );
            assert_eq!(
                of(|line| matches!(line, Line::Exchange(_))),
                recording.exchanges.len(),
                "{name}"
            );
        }
    }

    #[test]
    fn the_lines_of_a_failing_run() {
        let recording = fixtures::traffic::recording();
        insta::assert_snapshot!(render(Finished::new(
            &fixtures::broken::missing_await(),
            &recording
        )));
    }
}
