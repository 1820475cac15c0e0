//! A connection that was idle for a moment must still be good. When what stands behind closes sooner than what stands in
//! front, requests are lost now and then, and nothing is found in any log.

use crate::check::Check;
use crate::check::judgement::{Judgement, Tally};
use crate::check::spec::{Spec, Suite};
use crate::check::view::{Seen, View};
use crate::checks::reach::answers::Answers;
use crate::model::exchange::{Exchange, Reply, WireFault};
use crate::model::finding::{Layer, Severity};
use crate::model::probe::{Ask, Conn, Probe};
use crate::model::target::{Environment, Target};

/// The check.
pub struct KeepAlive;

/// The lane that it holds.
const LANE: u8 = 200;
/// The connection idles for 7/20 of the deadline: 3.5 s of the usual ten. Servers keep one for 2 s (gunicorn), for 5 s (Node.js,
/// uvicorn, Apache, hypercorn, actix) or for much longer. An idle time that is anybody's default would be lost or kept by
/// chance, so it lies in the middle between the two, and the same server is judged the same each time.
const SHARE: (u64, u64) = (7, 20);
/// The same for a target on this machine, which seldom has anything in front that would keep connections for longer: 200 ms
/// of ten seconds.
const LOCAL_SHARE: (u64, u64) = (1, 50);
/// It idles no longer than this, in milliseconds: a long deadline must not carry it to the next default, 5 s.
const MOST_IDLE: u64 = 3_500;

static SPEC: Spec = Spec {
    id: "edge/keep-alive",
    layer: Layer::Http,
    title: "A connection that was idle for a moment carries the next request",
    severity: Severity::Major,
    suites: &[Suite::Contract, Suite::Integration],
    needs: &["reach/answers"],
    must_run: false,
    explanation: "An application that closes idle connections after two seconds behind a load balancer that keeps them for \
                  sixty loses the requests that meet the closing: sporadic resets and 502s, none of them in the application's \
                  log. One connection is held idle for three and a half seconds, locally for less, and used again.",
    hint: "Let the application keep idle connections for longer than what stands in front of it does.",
};

/// Two requests on one connection, the second after a rest.
fn probes(target: &Target) -> [Probe; 2] {
    let share = match target.environment {
        Environment::Local => LOCAL_SHARE,
        Environment::Staging | Environment::Production => SHARE,
    };
    let (part, of) = share;
    let idle = target.bounds.deadline_ms.saturating_mul(part) / of;
    let idle = u32::try_from(idle.min(MOST_IDLE)).unwrap_or_default();
    let path = Answers::probe(target).path;
    [0, idle].map(|idle| {
        Probe::get(path.clone())
            .conn(Conn::Hold { lane: LANE, idle })
            .build()
    })
}

/// Whether an answer says that its connection is over (RFC 9112 §9.3).
fn says_goodbye(reply: &Reply) -> bool {
    let close = |name: &str, word: &str| {
        reply
            .values(name)
            .any(|value| value.to_ascii_lowercase().contains(word))
    };
    reply.version == "HTTP/1.0" || close("connection", "close") || close("keep-alive", "timeout=0")
}

impl Check for KeepAlive {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        vec![Ask::Seq(probes(view.target).to_vec())]
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        let [first, second] = probes(view.target);
        let mut tally = Tally::new(view);
        let Some((_, reply)) = tally.answer(&first) else {
            return tally.done();
        };
        if says_goodbye(reply) {
            return Judgement::NotApplicable("every answer ends its connection and says so".to_owned());
        }
        let Conn::Hold { idle, .. } = second.conn else {
            return tally.done();
        };
        match view.seen(&second) {
            // A limit is an answer as well: the connection carried it.
            Seen::Answered(exchange, later) | Seen::Limited(exchange, later) => {
                tally.judged(exchange);
                if matches!(later.status, 502..=504) && reply.status < 500 {
                    tally.find(finding(
                        exchange,
                        idle,
                        &format!("answered HTTP {}", later.status),
                        Severity::Major,
                    ));
                }
            }
            Seen::Failed(exchange, error) => {
                let lost = exchange.sent.is_some();
                let broke = matches!(
                    error.fault,
                    WireFault::ReusedClosed | WireFault::Reset | WireFault::ClosedWithoutAnswer
                );
                if broke {
                    tally.judged(exchange);
                    // Closed in good time, it costs a client a connection; closed under a request, the request.
                    let (what, severity) = if lost {
                        ("lost: the connection is reset", Severity::Major)
                    } else {
                        ("not sent: the connection is closed by then", Severity::Minor)
                    };
                    tally.find(finding(exchange, idle, what, severity));
                } else {
                    tally.answer(&second);
                }
            }
            Seen::Refused(_) | Seen::NotAsked => {
                tally.answer(&second);
            }
        }
        tally.done()
    }
}

fn finding(exchange: &Exchange, idle: u32, what: &str, severity: Severity) -> crate::model::finding::Finding {
    SPEC.finds(
        "idle connections",
        format!("A request on a connection that was idle for {idle} ms is {what}"),
    )
    .expected("an answer, as on a new connection")
    .actual(what)
    .severity(severity)
    .shown_by([exchange])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{answered, failed, target};
    use crate::check::trial::judgement;
    use crate::model::exchange::Phase;

    fn judged(headers: &[(&str, &str)], sent: bool) -> Judgement {
        let target = target();
        let [first, second] = probes(&target);
        let mut lost = failed(1, &second, Phase::Send, WireFault::ReusedClosed);
        if !sent {
            lost.sent = None;
        }
        judgement(
            &KeepAlive,
            &target,
            &[answered(1, &first, 200, headers, "ok"), lost],
        )
    }

    fn severity(judgement: Judgement) -> Severity {
        match judgement {
            Judgement::Judged { findings, .. } => findings[0].severity,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_request_that_an_idle_connection_loses_is_found() {
        assert_eq!(severity(judged(&[], true)), Severity::Major);
        assert_eq!(severity(judged(&[], false)), Severity::Minor);
    }

    #[test]
    fn spares_a_connection_that_said_goodbye_and_one_that_stays() {
        assert!(matches!(
            judged(&[("connection", "close")], false),
            Judgement::NotApplicable(_)
        ));
        let target = target();
        let [first, second] = probes(&target);
        let seen = [
            answered(1, &first, 200, &[], "ok"),
            answered(1, &second, 200, &[], "ok"),
        ];
        assert!(
            matches!(judgement(&KeepAlive, &target, &seen), Judgement::Judged { findings, .. } if findings.is_empty())
        );
    }

    #[test]
    fn it_idles_for_a_time_that_is_nobody_s_default() {
        for (environment, deadline_ms) in [
            (Environment::Production, 10_000),
            (Environment::Staging, 15_000),
            (Environment::Production, 60_000),
            (Environment::Local, 10_000),
        ] {
            let mut target = target();
            target.environment = environment;
            target.bounds.deadline_ms = deadline_ms;
            let [_, second] = probes(&target);
            let Conn::Hold { idle, .. } = second.conn else {
                panic!("{:?}", second.conn)
            };
            for default in [2_000_u32, 5_000] {
                assert!(default.abs_diff(idle) >= 1_000, "{idle}");
            }
        }
    }
}
