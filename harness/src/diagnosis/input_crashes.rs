//! Good calls work; a mistake of the client crashes the service. Each such crash is an outage for whoever makes the
//! mistake, and an open door for whoever looks for one.

use crate::check::asks;
use crate::check::text::clean;
use crate::diagnosis::case::{Case, Cause, explained};
use crate::diagnosis::crashes::{self, Sender, is_good_call, sender};
use crate::diagnosis::words;
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};
use crate::model::exchange::Exchange;
use crate::model::probe::{Body, Probe};
use crate::model::target::Target;

/// The cause.
pub struct InputCrashes;

impl Cause for InputCrashes {
    fn id(&self) -> &'static str {
        "input-crashes"
    }

    fn about(&self) -> &'static str {
        "Invalid input crashes the service, while good calls work."
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let target = case.view.target;
        let all = crashes::all(case);
        let first = *all
            .iter()
            .find(|exchange| has_invalid_input(target, &exchange.probe))?;
        let operation = first.probe.operation();
        let here = |exchange: &&Exchange| exchange.probe.operation() == operation;
        let crashed: Vec<&Exchange> = all.into_iter().filter(here).collect();
        if crashed
            .iter()
            .any(|exchange| is_good_call(target, &exchange.probe))
        {
            return None;
        }
        let works = case.view.answers().any(|(exchange, reply)| {
            here(&exchange) && is_good_call(target, &exchange.probe) && reply.status < 300
        });
        let inputs = inputs(target, &crashed);
        let mut evidence = words::seen(&crashed);
        evidence.push(format!("it crashes at: {}", inputs.join("; ")));
        if works {
            evidence.push(format!("a good call of {operation} works"));
        }
        Some(Diagnosis {
            cause: self.id().to_owned(),
            statement: format!(
                "Invalid input crashes {operation} (HTTP {}) instead of being refused{}",
                first.status()?,
                if works { "; good calls work" } else { "" }
            ),
            blame: Blame::Deploy,
            confidence: if works {
                Confidence::Certain
            } else {
                Confidence::Likely
            },
            evidence,
            ruled_out: words::ruled_out(case),
            next_steps: vec![
                format!(
                    "Read the service's log at {}{}: the exception is there",
                    words::clock(first),
                    words::request_id(first)
                ),
                "Validate that part of the body before it is used, and answer 400 or 422".to_owned(),
            ],
            explains: explained(crashes::about(case, &crashed)),
        })
    }
}

/// Whether somebody who may call sent what must be refused.
fn has_invalid_input(target: &Target, probe: &Probe) -> bool {
    let known =
        |call: &crate::model::target::Call| probe.method == call.method && probe.path_text() == call.path;
    let taker = target.proofs.iter().map(|proof| &proof.call);
    let mut takers = taker.chain(target.transcription.iter().map(|role| &role.call));
    let may_call = match sender(target, probe) {
        Sender::Good => true,
        Sender::Nobody => !asks::protected(target).iter().any(known),
        Sender::Bad => false,
    };
    may_call && probe.body != Body::Empty && takers.any(known) && !is_good_call(target, probe)
}

/// What was sent, each once.
fn inputs(target: &Target, crashed: &[&Exchange]) -> Vec<String> {
    let mut inputs: Vec<String> = Vec::new();
    let invalid = crashed
        .iter()
        .filter(|exchange| has_invalid_input(target, &exchange.probe));
    for exchange in invalid {
        let input = match &exchange.probe.body {
            Body::BrokenJson => "a body that is not JSON".to_owned(),
            Body::BrokenLarge { kib } => format!("a body of {kib} KiB that is not JSON"),
            Body::Json { value, .. } => clean(&value.to_string(), 80),
            Body::Text { media_type, .. } => format!("a body declared as {media_type}"),
            Body::Repeat { times, .. } => format!("a text repeated {times} times"),
            Body::Empty => "no body".to_owned(),
        };
        if !inputs.contains(&input) {
            inputs.push(input);
        }
    }
    inputs.truncate(4);
    inputs
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::check::testing::{call, target};
    use crate::diagnosis::tests::{diagnose, good, inert, judged, proof, readable};

    fn wrong(id: u32, status: u16) -> Exchange {
        let body = Body::Json {
            value: json!({"audio": "!!!"}),
            inserts: vec![],
        };
        readable(id, &asks::with_body(&target(), &call(), body), status, "{}")
    }

    #[test]
    fn a_crash_at_invalid_input_alone_is_named_and_explains_its_finding() {
        let seen = [
            inert(1, None, 401, "{}"),
            good(2, 400, "{}"),
            wrong(3, 500),
            proof(4, 200, "{}"),
        ];
        let run = judged(&target(), &seen);
        assert_eq!(run.diagnoses[0].cause, "input-crashes");
        assert!(
            run.diagnoses[0]
                .evidence
                .iter()
                .any(|line| line.contains(r#"{"audio":"!!!"}"#))
        );
        let crash = run
            .findings
            .iter()
            .find(|finding| finding.check == "errors/no-server-error");
        assert_eq!(crash.unwrap().explained_by.as_deref(), Some("input-crashes"));
    }

    #[test]
    fn a_crash_of_the_good_call_is_another_cause() {
        let seen = [
            inert(1, None, 401, "{}"),
            good(2, 400, "{}"),
            wrong(3, 500),
            proof(4, 500, "{}"),
        ];
        assert_eq!(diagnose(&InputCrashes, &target(), &seen), None);
    }

    #[test]
    fn a_crash_at_a_bad_credential_is_another_cause() {
        let garbage = inert(3, Some(crate::model::probe::Mutation::Garbage), 500, "{}");
        let seen = [
            inert(1, None, 401, "{}"),
            good(2, 400, "{}"),
            garbage,
            proof(4, 200, "{}"),
        ];
        assert_eq!(diagnose(&InputCrashes, &target(), &seen), None);
    }
}
