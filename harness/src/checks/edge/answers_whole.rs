//! An answer that breaks off is no answer: clients throw it away, and whoever looks only at the status calls it good.

use crate::check::Rule;
use crate::check::spec::{Spec, Suite};
use crate::check::view::View;
use crate::model::capture::End;
use crate::model::exchange::Exchange;
use crate::model::finding::{Finding, Layer, Severity};

/// The rule.
pub struct AnswersWhole;

static SPEC: Spec = Spec {
    id: "edge/answers-whole",
    layer: Layer::Http,
    title: "Every answer comes to the end that its framing promised",
    severity: Severity::Blocker,
    suites: Suite::ALL,
    needs: &[],
    must_run: false,
    explanation: "A chunked body without its last chunk, or fewer bytes than Content-Length promised, is incomplete (RFC 9112 \
                  §8): browsers report a network error after a 200, and a log that notes only the status shows nothing. A \
                  proxy that buffers too little, a worker that is killed while it writes, a wrong length do this.",
    hint: "Ask the application without the proxy: if the answer is whole there, look at the proxy's buffers and time limits.",
};

impl Rule for AnswersWhole {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn judge(&self, exchange: &Exchange, _view: &View<'_>) -> Option<Vec<Finding>> {
        let reply = exchange.answer()?;
        let how = match reply.body.end {
            End::Complete => return Some(vec![]),
            // Our own bounds are no fault of the answer.
            End::Cut | End::Deadline => return None,
            End::Reset => "the connection is reset inside the body",
            End::Short => "the connection closes before the body's promised end",
        };
        let operation = exchange.probe.operation();
        let finding = SPEC
            .finds(
                &operation,
                format!("The HTTP {} of {operation} breaks off: {how}", reply.status),
            )
            .expected("a body that ends as its framing says")
            .actual(format!("{} bytes, then {how}", reply.body.bytes.len()));
        Some(vec![finding.shown_by([exchange])])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::asks;
    use crate::check::testing::{answered, target};
    use crate::model::exchange::Outcome;

    #[test]
    fn a_body_that_breaks_off_is_found_and_our_own_bounds_are_not() {
        let target = target();
        let judged = |end: End| {
            let mut exchange = answered(1, &asks::read("/health"), 200, &[], "{");
            if let Outcome::Answered(reply) = &mut exchange.reply {
                reply.body.end = end;
            }
            AnswersWhole
                .judge(&exchange, &View::new(&target, None, &[], &[]))
                .map(|found| found.len())
        };
        assert_eq!((judged(End::Short), judged(End::Reset)), (Some(1), Some(1)));
        assert_eq!(
            (judged(End::Complete), judged(End::Cut), judged(End::Deadline)),
            (Some(0), None, None)
        );
    }
}
