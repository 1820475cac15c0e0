//! Good calls work; a mistake of the client crashes the service. Each such crash is an outage for whoever makes the
//! mistake, and an open door for whoever looks for one.

use crate::check::asks;
use crate::check::inputs;
use crate::check::text::clean;
use crate::diagnosis::case::{Case, Cause, explained};
use crate::diagnosis::crashes::{self, Sender, is_good_call, sender};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::words;
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};
use crate::model::exchange::Exchange;
use crate::model::probe::{Body, Change, Insert, Probe};
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

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Crash,
            blames: &[Blame::Deploy],
            needs: "A 5xx to input that must be refused, from somebody who may call, while good calls of the operation work.",
            likely: &[
                "The body is read without a schema: request.json()[\"field\"], an unwrap, a cast",
                "Only the types are validated, and not the base64, the number's range or the text's length",
                "The parser's own error (invalid UTF-8, deep JSON) is not mapped to 400",
                "The validation error handler itself fails as it tries to print the input",
            ],
        }
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
        let inputs = named(target, &crashed);
        let mut evidence = words::seen(&crashed);
        evidence.push(format!("it crashes at: {}", inputs.join("; ")));
        if works {
            evidence.push(format!("a good call of {operation} works"));
        }
        Some(Diagnosis {
            cause: self.id().to_owned(),
            statement: format!(
                "{} crashes {operation} (HTTP {}) instead of being refused{}",
                upper(&what(&inputs)),
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
            likely_causes: Vec::new(),
            help: None,
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
pub fn has_invalid_input(target: &Target, probe: &Probe) -> bool {
    let known =
        |call: &crate::model::target::Call| probe.method == call.method && probe.path_text() == call.path;
    let taker = target.proofs.iter().map(|proof| &proof.call);
    let mut takers = taker.chain(target.transcription.iter().map(|role| &role.call));
    let may_call = match sender(target, probe) {
        Sender::Good => true,
        Sender::Nobody => !asks::protected(target).iter().any(known),
        Sender::Bad => false,
    };
    if long_address(probe) {
        return true;
    }
    may_call && probe.body != Body::Empty && takers.any(known) && !is_good_call(target, probe)
}

/// What was sent, each once, by name where it has one.
pub fn named(target: &Target, crashed: &[&Exchange]) -> Vec<String> {
    let known = inputs::inputs(target);
    let mut named: Vec<String> = Vec::new();
    let invalid = crashed
        .iter()
        .filter(|exchange| has_invalid_input(target, &exchange.probe));
    for exchange in invalid {
        let first = exchange.probe.repeat(0);
        let known = known.iter().find(|input| input.probe == first);
        let input = match (known, &exchange.probe.body) {
            (None, _) if long_address(&exchange.probe) => "a very long address".to_owned(),
            (Some(input), _) => input.defect.name().to_owned(),
            (None, body) => described(body),
        };
        if !named.contains(&input) {
            named.push(input);
        }
    }
    named.truncate(4);
    named
}

/// Whether the address alone is what must be refused.
fn long_address(probe: &Probe) -> bool {
    probe.path_text().len() > 4_000
}

/// A body that nobody named.
fn described(body: &Body) -> String {
    let changed = |inserts: &[Insert]| inserts.first().map(|insert| insert.change.clone());
    match body {
        Body::BrokenJson => "a body that is not JSON".to_owned(),
        Body::BrokenLarge { kib } => format!("a body of {kib} KiB that is not JSON"),
        Body::Json { inserts, .. } if changed(inserts) == Some(Change::Silence) => {
            "audio without speech".to_owned()
        }
        Body::Json { inserts, .. } if changed(inserts) == Some(Change::Mislabelled) => {
            "audio under a wrong label".to_owned()
        }
        Body::Json { inserts, .. }
            if matches!(
                changed(inserts),
                Some(Change::Base64Url | Change::Base64Lines | Change::Base64Padding)
            ) =>
        {
            "audio in another spelling of base64".to_owned()
        }
        Body::Json { inserts, .. } if matches!(changed(inserts), Some(Change::Grown { .. })) => {
            "a recording at the size limit".to_owned()
        }
        Body::Json { value, .. } => clean(&value.to_string(), 80),
        Body::Text { media_type, .. } | Body::Pieces { media_type, .. } | Body::File { media_type, .. } => {
            format!("a body declared as {media_type}")
        }
        Body::Repeat { times, .. } => format!("a text repeated {times} times"),
        Body::Parts { .. } => "a form in parts".to_owned(),
        Body::Empty => "no body".to_owned(),
    }
}

/// One input, or how many.
pub fn what(inputs: &[String]) -> String {
    match inputs {
        [one] => one.clone(),
        _ => "invalid input".to_owned(),
    }
}

/// The beginning of a sentence.
pub fn upper(text: &str) -> String {
    let mut chars = text.chars();
    chars
        .next()
        .map(|first| first.to_uppercase().chain(chars).collect())
        .unwrap_or_default()
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
