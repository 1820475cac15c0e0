//! Answers break off: the status was sent, the rest was not.

use crate::diagnosis::case::{Case, Cause, explained, seen_itself};
use crate::diagnosis::words;
use crate::model::capture::End;
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};
use crate::model::exchange::Exchange;

/// The cause.
pub struct AnswerCut;

impl Cause for AnswerCut {
    fn id(&self) -> &'static str {
        "answer-cut"
    }

    fn about(&self) -> &'static str {
        "Answers break off before the end that their framing promised, so clients throw them away behind a good status."
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let mut diagnosis = seen_itself(
            self,
            case,
            "edge/answers-whole",
            (Blame::Unknown, Confidence::Certain),
            &[
                "Ask the application without the proxy: if the answer is whole there, look at the proxy's buffers, disk and time limits",
                "If it breaks off there as well, look for a worker that dies while it writes, or a Content-Length that somebody computes",
            ],
        )?;
        let cut: Vec<&Exchange> = case
            .view
            .answers()
            .filter(|(_, reply)| matches!(reply.body.end, End::Short | End::Reset))
            .map(|(exchange, _)| exchange)
            .collect();
        let findings = case
            .about(&cut)
            .into_iter()
            .chain(words::consequences(case, &cut));
        diagnosis.explains.extend(explained(findings));
        diagnosis.explains.sort();
        diagnosis.explains.dedup();
        Some(diagnosis)
    }
}
