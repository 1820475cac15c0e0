//! Good calls are answered in time; a mistake of the client is waited on until the deadline.

use crate::diagnosis::case::{Case, Cause, explained};
use crate::diagnosis::crashes::is_good_call;
use crate::diagnosis::input_crashes::{has_invalid_input, named, upper, what};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::words;
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};
use crate::model::exchange::{Exchange, Phase, WireFault};

/// The cause.
pub struct InputHangs;

impl Cause for InputHangs {
    fn id(&self) -> &'static str {
        "input-hangs"
    }

    fn about(&self) -> &'static str {
        "Invalid input makes a request hang, while good calls are answered."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Silence,
            blames: &[Blame::Deploy],
            needs: "Input that must be refused and is not answered before the deadline, while other calls are.",
            likely: &[
                "A regular expression backtracks over the input (ReDoS)",
                "A declared length or an unfinished multipart body is waited for",
                "A retry loop takes the refusal of the provider for an outage",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let target = case.view.target;
        let late = |exchange: &&Exchange| {
            exchange
                .failure()
                .is_some_and(|error| error.fault == WireFault::TimedOut && error.phase > Phase::Tls)
        };
        let hung: Vec<&Exchange> = case.view.exchanges.iter().filter(late).collect();
        let first = hung
            .iter()
            .find(|exchange| has_invalid_input(target, &exchange.probe))?;
        let operation = first.probe.operation();
        if hung
            .iter()
            .any(|exchange| is_good_call(target, &exchange.probe) || exchange.probe.operation() != operation)
        {
            return None;
        }
        let inputs = named(target, &hung);
        let mut evidence = words::seen(&hung);
        evidence.push(format!("it hangs at: {}", inputs.join("; ")));
        Some(Diagnosis {
            cause: self.id().to_owned(),
            statement: format!(
                "{} makes {operation} hang instead of being refused; other calls are answered",
                upper(&what(&inputs))
            ),
            blame: Blame::Deploy,
            confidence: Confidence::Likely,
            evidence,
            ruled_out: words::ruled_out(case),
            likely_causes: Vec::new(),
            help: None,
            next_steps: vec![
                format!(
                    "Find this request in the service's log at {}, and see what it waits for",
                    words::clock(first)
                ),
                "Refuse that input before anything is read or waited for, and give all work a time limit"
                    .to_owned(),
            ],
            explains: explained(case.about(&hung)),
        })
    }
}
