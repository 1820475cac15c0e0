//! HTTP/2 has rules that HTTP/1.1 has not. A header that every HTTP/1.1 client ignores makes an HTTP/2 answer malformed.

use crate::check::Check;
use crate::check::judgement::{Judgement, Tally};
use crate::check::spec::{Spec, Suite};
use crate::check::view::{Seen, View};
use crate::checks::reach::answers::Answers;
use crate::model::exchange::{WireError, WireFault};
use crate::model::finding::{Layer, Severity};
use crate::model::probe::{Ask, Conn, Probe, Wire};
use crate::model::target::Target;

/// The check.
pub struct Http2Works;

static SPEC: Spec = Spec {
    id: "reach/http2-works",
    layer: Layer::Reach,
    title: "Answers over HTTP/2 are well-formed",
    severity: Severity::Blocker,
    suites: Suite::ALL,
    needs: &[],
    must_run: false,
    explanation: "Browsers and most clients take HTTP/2 when the server offers it. An answer with Connection, Keep-Alive or \
                  Transfer-Encoding is malformed there (RFC 9113 §8.2.2): the stream is reset and the page sees a network \
                  error, while curl --http1.1 and every test over HTTP/1.1 are green.",
    hint: "Remove connection-specific headers before an answer goes out over HTTP/2, or let the proxy do it.",
};

impl Http2Works {
    /// The same request over HTTP/1.1.
    pub fn probe(target: &Target) -> Probe {
        let path = Answers::probe(target).path;
        Probe::get(path).conn(Conn::Fresh).wire(Wire::Http1).build()
    }
}

/// Whether an answer broke off in a way that a malformed one does.
fn breaks(error: &WireError) -> bool {
    matches!(
        error.fault,
        WireFault::NotHttp | WireFault::Reset | WireFault::ClosedWithoutAnswer
    )
}

impl Check for Http2Works {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        let tls = view.target.speaks_tls();
        match view.seen(&Answers::probe(view.target)) {
            Seen::Failed(_, error) if tls && breaks(error) => vec![Ask::One(Http2Works::probe(view.target))],
            _ => Vec::new(),
        }
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        let mut tally = Tally::new(view);
        match view.seen(&Answers::probe(view.target)) {
            Seen::Answered(exchange, reply) | Seen::Limited(exchange, reply) if reply.version == "HTTP/2" => {
                tally.judged(exchange)
            }
            Seen::Failed(exchange, error) if breaks(error) => {
                let alpn = view
                    .connection(exchange)
                    .and_then(|connection| connection.alpn.as_deref());
                let Some((plain, reply)) = view
                    .answer(&Http2Works::probe(view.target))
                    .filter(|_| alpn == Some("h2"))
                else {
                    return Judgement::NotApplicable("what fails does not fail over HTTP/2 alone".to_owned());
                };
                tally.judged(exchange);
                let finding = SPEC
                    .finds(
                        exchange.probe.operation(),
                        format!(
                            "{} fails over HTTP/2, and answers HTTP {} over HTTP/1.1",
                            exchange.probe.operation(),
                            reply.status
                        ),
                    )
                    .expected("a well-formed answer over HTTP/2")
                    .actual(error.detail.clone());
                tally.find(finding.shown_by([exchange, plain]));
            }
            _ => return Judgement::NotApplicable("HTTP/2 was not offered".to_owned()),
        }
        tally.done()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{answered, failed, target};
    use crate::model::exchange::{Exchange, Outcome, Phase};
    use crate::model::recording::Connection;

    fn encrypted() -> Target {
        let mut target = target();
        target.base = "https://notes.example".into();
        target
    }

    fn broken(fault: WireFault) -> Exchange {
        failed(1, &Answers::probe(&encrypted()), Phase::Head, fault)
    }

    fn judged(alpn: &str, seen: &[Exchange]) -> Judgement {
        let connections = [Connection {
            id: 1,
            address: "192.0.2.7:443".into(),
            dead: vec![],
            tls: Some("TLSv1.3".into()),
            alpn: Some(alpn.into()),
            certificates: vec![],
        }];
        Http2Works.judge(&View::new(&encrypted(), None, seen, &[]).over(&connections))
    }

    /// How many findings, or none when it does not concern the target.
    fn found(alpn: &str, seen: &[Exchange]) -> Option<usize> {
        match judged(alpn, seen) {
            Judgement::Judged { findings, .. } => Some(findings.len()),
            Judgement::NotApplicable(_) => None,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_breaks_over_http2_and_answers_over_http1_is_found() {
        let plain = answered(2, &Http2Works::probe(&encrypted()), 200, &[], "ok");
        for fault in [
            WireFault::NotHttp,
            WireFault::Reset,
            WireFault::ClosedWithoutAnswer,
        ] {
            assert_eq!(found("h2", &[broken(fault), plain.clone()]), Some(1), "{fault:?}");
            assert_eq!(
                found("http/1.1", &[broken(fault), plain.clone()]),
                None,
                "{fault:?}"
            );
            assert_eq!(found("h2", &[broken(fault)]), None, "{fault:?}");
        }
        assert_eq!(found("h2", &[broken(WireFault::TimedOut), plain]), None);
    }

    #[test]
    fn an_answer_over_http2_is_well_and_one_over_http1_tells_nothing() {
        let mut answer = answered(1, &Answers::probe(&encrypted()), 200, &[], "ok");
        assert_eq!(found("http/1.1", &[answer.clone()]), None);
        if let Outcome::Answered(reply) = &mut answer.reply {
            reply.version = "HTTP/2".into();
        }
        assert_eq!(found("h2", &[answer]), Some(0));
    }

    #[test]
    fn http1_is_tried_only_where_tls_broke_off() {
        let asked =
            |target: &Target, seen: &[Exchange]| Http2Works.ask(&View::new(target, None, seen, &[])).len();
        let plain = Answers::probe(&encrypted());
        assert_eq!(asked(&encrypted(), &[broken(WireFault::Reset)]), 1);
        assert_eq!(asked(&encrypted(), &[broken(WireFault::TimedOut)]), 0);
        assert_eq!(asked(&encrypted(), &[answered(1, &plain, 200, &[], "ok")]), 0);
        assert_eq!(asked(&target(), &[broken(WireFault::Reset)]), 0);
    }
}
