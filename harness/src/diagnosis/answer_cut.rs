//! Answers break off: the status was sent, the rest was not.

use crate::diagnosis::case::{Case, Cause, explained, seen_itself};
use crate::diagnosis::leaf::{Leaf, Stage};
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

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Silence,
            blames: &[Blame::Edge, Blame::Deploy],
            needs: "Answers whose body ends before the length or the last chunk that was promised.",
            likely: &[
                "A worker dies or is killed while it writes the answer",
                "The proxy cannot buffer: its disk is full, or the temporary folder is not writable",
                "Content-Length is computed before the body is compressed or encoded",
                "A stream's generator raises after the status was sent",
            ],
        }
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
