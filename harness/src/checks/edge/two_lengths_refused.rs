//! A request that tells its length in two ways ends where its reader thinks best. When two readers on the way differ, what one
//! takes for a body is the next request for the other, and a stranger's request is put before somebody else's (RFC 9112 §11.2).

use crate::check::Check;
use crate::check::asks;
use crate::check::judgement::{Judgement, Tally};
use crate::check::spec::{Spec, Suite};
use crate::check::view::View;
use crate::checks::reach::answers::Answers;
use crate::checks::rollout::production_server::signs_development;
use crate::model::finding::{Finding, Layer, Severity};
use crate::model::heard::Heard;
use crate::model::probe::{Ask, Probe, Raw, Wire};
use crate::model::target::{Environment, Target};

/// The check.
pub struct TwoLengthsRefused;

static SPEC: Spec = Spec {
    id: "edge/two-lengths-refused",
    layer: Layer::Http,
    title: "A request that tells two lengths is never read as two requests",
    severity: Severity::Major,
    suites: &[Suite::Contract, Suite::Integration],
    needs: &["reach/answers"],
    must_run: false,
    explanation: "A proxy that goes by Content-Length and a server that goes by Transfer-Encoding disagree about where a request \
                  ends, and what is left over becomes the beginning of somebody else's: request smuggling (CWE-444). A read of \
                  the health route is sent three times on a connection of its own, with chunks and a shorter length, and with \
                  two lengths in either order; in its body stands a second read. Refusing, closing, or reading it as one \
                  request is good (RFC 9112 §6.3). Whoever answers the second read has been talked into it. Going by the \
                  chunks and keeping the connection is not found, though §6.1 wants it closed: common servers do that.",
    hint: "Refuse requests with both Transfer-Encoding and Content-Length, or with two different Content-Length, with 400 and \
           close the connection; update the proxy or server that read it by its length.",
};

/// What is tried, and what it is in words.
const TRIED: [(Raw, &str); 3] = [
    (
        Raw::TwoFramings,
        "Transfer-Encoding: chunked and a shorter Content-Length",
    ),
    (Raw::ShortThenLong, "two Content-Length, the first of them 0"),
    (Raw::LongThenShort, "two Content-Length, the last of them 0"),
];

/// The health route, with its length told so. What it hides might be put before a stranger's request.
fn probe(target: &Target, raw: Raw) -> Probe {
    Probe::get(Answers::probe(target).path)
        .wire(Wire::Raw(raw))
        .hostile()
}

fn finding(operation: &str, told: &str, heard: &Heard) -> Finding {
    SPEC.finds(
        operation,
        format!(
            "One request with {told} is read as two: what stands in its body is answered as the next request"
        ),
    )
    .expected("400 and a closed connection, or one answer")
    .actual(heard.words())
    .shown_by([])
}

impl Check for TwoLengthsRefused {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        TRIED
            .iter()
            .map(|(raw, _)| Ask::One(probe(view.target, *raw)))
            .collect()
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        let mut tally = Tally::new(view);
        let usual = view.answer(&asks::read(Answers::probe(view.target).path_text()));
        let server = usual.and_then(|(_, reply)| reply.header("server"));
        if view.target.environment == Environment::Local
            && server.is_some_and(|name| signs_development(&name))
        {
            return Judgement::NotApplicable(
                "a server for development answers on somebody's own machine, and nothing stands before it"
                    .to_owned(),
            );
        }
        let usual = usual
            .map(|(_, reply)| reply.status)
            .filter(|status| (200..300).contains(status));
        let Some(usual) = usual else {
            return Judgement::unknown(
                "the health route does not answer with a success, by which a second answer would be known",
            );
        };
        for (raw, told) in TRIED {
            let probe = probe(view.target, raw);
            let Some((exchange, heard)) = view.heard(&probe) else {
                tally.answer(&probe);
                continue;
            };
            match heard {
                Heard::Silence => {
                    tally.unknown(format!("nothing came back to {told} before the deadline"), None)
                }
                Heard::Answers(statuses) if statuses.get(1) == Some(&usual) => {
                    tally.judged(exchange);
                    let mut found = finding(&probe.operation(), told, heard);
                    found.exchanges.push(exchange.id);
                    tally.find(found);
                }
                Heard::Answers(_) | Heard::Closed | Heard::Else | Heard::Hello(_) | Heard::Alert(_) => {
                    tally.judged(exchange);
                }
            }
        }
        tally.done()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{answered, heard, target};
    use crate::check::trial::{findings, judgement};
    use crate::model::probe::Effect;

    fn found(heard_each: [Heard; 3]) -> Vec<Finding> {
        let target = target();
        let mut seen = vec![answered(1, &Answers::probe(&target), 200, &[], "ok")];
        for ((raw, _), (id, what)) in TRIED.iter().zip((2..).zip(heard_each)) {
            seen.push(heard(id, &probe(&target, *raw), what));
        }
        findings(&TwoLengthsRefused, &target, &seen)
    }

    fn answers(statuses: &[u16]) -> Heard {
        Heard::Answers(statuses.to_vec())
    }

    #[test]
    fn whoever_answers_what_stands_in_the_body_is_found() {
        let found = found([answers(&[200, 200]), answers(&[404, 200]), answers(&[200, 400])]);
        let told: Vec<&str> = found.iter().map(|finding| finding.title.as_str()).collect();
        assert_eq!(found.len(), 2, "{told:?}");
        assert!(
            told[0].contains("Transfer-Encoding") && told[1].contains("the first of them 0"),
            "{told:?}"
        );
    }

    #[test]
    fn spares_refusals_closing_and_one_answer() {
        assert_eq!(found([answers(&[400]), Heard::Closed, answers(&[200])]).len(), 0);
        assert_eq!(
            found([answers(&[200, 400]), answers(&[501]), Heard::Else]).len(),
            0
        );
    }

    #[test]
    fn a_development_server_is_spared_on_its_own_machine_and_nowhere_else() {
        let judged = |environment| {
            let mut target = target();
            target.environment = environment;
            let server = [("server", "WSGIServer/0.2 CPython/3.12")];
            let healthy = answered(1, &Answers::probe(&target), 200, &server, "ok");
            let fooled = heard(2, &probe(&target, Raw::TwoFramings), answers(&[200, 200]));
            judgement(&TwoLengthsRefused, &target, &[healthy, fooled])
        };
        assert!(matches!(judged(Environment::Local), Judgement::NotApplicable(_)));
        let staging = judged(Environment::Staging);
        assert!(
            matches!(&staging, Judgement::Judged { findings, .. } if findings.len() == 1),
            "{staging:?}"
        );
    }

    #[test]
    fn silence_says_nothing_and_neither_does_a_health_route_that_fails() {
        let target = target();
        let silent = TRIED.map(|(raw, _)| heard(2, &probe(&target, raw), Heard::Silence));
        let healthy = answered(1, &Answers::probe(&target), 200, &[], "ok");
        let seen = [vec![healthy], silent.to_vec()].concat();
        assert!(matches!(
            judgement(&TwoLengthsRefused, &target, &seen),
            Judgement::Unable(_)
        ));
        let ill = answered(1, &Answers::probe(&target), 503, &[], "");
        let fooled = heard(2, &probe(&target, Raw::TwoFramings), answers(&[503, 503]));
        assert!(matches!(
            judgement(&TwoLengthsRefused, &target, &[ill, fooled]),
            Judgement::Unable(_)
        ));
    }

    #[test]
    fn it_is_an_attack_without_a_credential() {
        let probe = probe(&target(), Raw::TwoFramings);
        assert_eq!(
            (probe.effect, probe.who.is_none(), probe.method.as_str()),
            (Effect::Hostile, true, "GET")
        );
    }
}
