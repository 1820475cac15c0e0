//! Words come back and concepts do not, from whatever is sent: the second half of the work fails without a word.

use crate::check::transcript::is_nonempty;
use crate::check::transcript::{Heard, heard};
use crate::diagnosis::case::{Case, Cause, explained};
use crate::diagnosis::crashes::is_good_call;
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::plain::about_the_work;
use crate::diagnosis::words;
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};
use crate::model::exchange::Exchange;

/// The cause.
pub struct ConceptsEmpty;

impl Cause for ConceptsEmpty {
    fn id(&self) -> &'static str {
        "concepts-empty"
    }

    fn about(&self) -> &'static str {
        "Words come back and concepts never do: their extraction fails without a word."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Answers,
            blames: &[Blame::Deploy],
            needs: "Several good calls with words in the answer, and not one concept.",
            likely: &[
                "The language model's answer is not parsed (fenced JSON, another schema), and the failure gives an empty list",
                "The model's name is unknown to this account, and the call's error is caught",
                "A limit on tokens cuts the answer before it is whole",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let target = case.view.target;
        let role = target.transcription.as_ref()?;
        let at = role.concepts_at.as_deref()?;
        let mut empty: Vec<&Exchange> = Vec::new();
        for (exchange, reply) in case.view.answers() {
            let worded = matches!(heard(role, exchange, reply), Heard::Text { .. });
            let good = is_good_call(target, &exchange.probe) && (200..300).contains(&reply.status);
            if !good || !worded {
                continue;
            }
            let body = reply.body.json()?;
            if body.pointer(at).is_some_and(is_nonempty) {
                return None;
            }
            empty.push(exchange);
        }
        let findings = about_the_work(case, &empty);
        findings.iter().find(|finding| finding.fails())?;
        Some(Diagnosis {
            cause: self.id().to_owned(),
            statement: format!(
                "{} gives words and never a concept: their extraction fails without saying so",
                role.call
            ),
            blame: Blame::Deploy,
            confidence: Confidence::Likely,
            evidence: words::seen(&empty),
            ruled_out: vec!["the words: they come back".to_owned()],
            likely_causes: Vec::new(),
            help: None,
            next_steps: vec![
                "Send the text to the language model by hand, with the same schema".to_owned(),
                "Look for a catch-all around the extraction that returns an empty list".to_owned(),
            ],
            explains: explained(findings),
        })
    }
}
