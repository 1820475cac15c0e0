//! Nothing answers at all: named by the layer at which it ends, and never blamed on the service when it is our own fault.

use crate::check::text::clean;
use crate::check::wire::{is_own, plain};
use crate::diagnosis::case::{Case, Cause, explained};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::words;
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};
use crate::model::exchange::{Exchange, Phase, WireError, WireFault};

/// The cause.
pub struct Unreachable;

impl Cause for Unreachable {
    fn id(&self) -> &'static str {
        "unreachable"
    }

    fn about(&self) -> &'static str {
        "Nothing answers over HTTP: the name, the address, the connection, TLS or the process is at fault, and which is said."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Reach,
            blames: &[Blame::Deploy, Blame::Edge],
            needs: "Every request of the run failed before an answer came. How far the first one got (name, connection, TLS, waiting) tells the layer.",
            likely: &[
                "The process crashed at boot, or listens on 127.0.0.1 or another port than the platform forwards",
                "The DNS record was removed or misspelt, or the domain expired",
                "A firewall or security group drops the packets of this network",
                "http and https, or the ports of two services, are mixed up",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        if case.view.answers().next().is_some() {
            return None;
        }
        let failures: Vec<(&Exchange, &WireError)> = case
            .view
            .exchanges
            .iter()
            .filter_map(|exchange| Some((exchange, exchange.failure()?)))
            .filter(|(_, error)| error.fault != WireFault::Stopped)
            .collect();
        // What ended on this side says nothing of the service, and has a cause of its own.
        let (_, error) = failures.iter().find(|(_, error)| !is_own(error))?;
        let base = &case.view.target.base;
        let layer = layer(error);
        Some(Diagnosis {
            cause: self.id().to_owned(),
            statement: format!("Nothing answers at {base}: {}", layer.what),
            blame: layer.blame,
            confidence: if layer.blame == Blame::Unknown {
                Confidence::Likely
            } else {
                Confidence::Certain
            },
            evidence: vec![clean(&error.detail, 300), words::attempts(failures.len())],
            ruled_out: before(error).to_vec(),
            likely_causes: Vec::new(),
            help: None,
            next_steps: layer
                .next
                .iter()
                .map(|step| step.replace("{base}", base).replace("{host}", &host(base)))
                .collect(),
            explains: explained(case.findings),
        })
    }
}

struct LayerFault {
    what: String,
    blame: Blame,
    next: &'static [&'static str],
}

fn layer(error: &WireError) -> LayerFault {
    let of = |what: &str, blame, next| LayerFault {
        what: what.to_owned(),
        blame,
        next,
    };
    match (error.fault, error.phase) {
        (WireFault::NoAddress, _) => of(
            "its name does not resolve to an address",
            Blame::Unknown,
            &[
                "Ask each resolver by itself, and one elsewhere:  greenlight diagnose {base} --resolver 9.9.9.9",
                "Compare the name in the URL with the DNS record; then look at the domain's expiry",
            ],
        ),
        (WireFault::Tls, _) => tls(&error.detail),
        (WireFault::Refused, _) => of(
            plain(error),
            Blame::Deploy,
            &[
                "See whether the process runs, and on which address and port it listens (0.0.0.0, $PORT)",
                "Read the service's log from its start: a crash at boot ends here",
            ],
        ),
        (WireFault::ClosedWithoutAnswer | WireFault::Reset, _) => of(
            plain(error),
            Blame::Deploy,
            &[
                "Read the service's log: it takes connections and drops them",
                "curl -sv {base} tells whether http and https are mixed up",
            ],
        ),
        (WireFault::TimedOut, Phase::Resolve | Phase::Connect) | (WireFault::Unreachable, _) => of(
            plain(error),
            Blame::Unknown,
            &[
                "Try from another network: a firewall, a security group or the checker's own way out may be in between",
            ],
        ),
        (WireFault::NotHttp, _) => of(
            plain(error),
            Blame::Unknown,
            &[
                "Check port and scheme: an https port answers http requests with something else, and a database with its own protocol",
            ],
        ),
        _ => of(
            plain(error),
            Blame::Deploy,
            &[
                "Read the service's log: it takes connections and does not answer",
                "See whether it still starts, or is stuck on a dependency",
            ],
        ),
    }
}

/// What a failed handshake means, in words that name the thing to mend. A refused certificate has causes of its own.
fn tls(detail: &str) -> LayerFault {
    let (what, blame, next): (&str, Blame, &'static [&'static str]) =
        if detail.contains("InvalidContentType") || detail.contains("corrupt message") {
            (
                "what answers does not speak TLS",
                Blame::Unknown,
                &["Check scheme and port: this looks like plain HTTP behind an https URL"],
            )
        } else {
            (
                "the TLS handshake fails",
                Blame::Edge,
                &["openssl s_client -connect {host}:443 -servername {host}"],
            )
        };
    LayerFault {
        what: what.to_owned(),
        blame,
        next,
    }
}

/// The layers that were passed.
fn before(error: &WireError) -> Vec<String> {
    let passed = [
        (Phase::Resolve, "the name"),
        (Phase::Connect, "the connection"),
        (Phase::Tls, "TLS"),
    ];
    passed
        .into_iter()
        .filter(|(phase, _)| *phase < error.phase)
        .map(|(_, name)| name.to_owned())
        .collect()
}

fn host(base: &str) -> String {
    let rest = base.split_once("://").map_or(base, |(_, rest)| rest);
    rest.split(['/', ':']).next().unwrap_or(rest).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::asks;
    use crate::check::testing::{answered, failed, target};
    use crate::diagnosis::whole_tests::{first, judged};
    use crate::model::exchange::Outcome;

    fn unreachable(phase: Phase, fault: WireFault, detail: &str) -> Exchange {
        let mut exchange = failed(1, &asks::read("/health"), phase, fault);
        if let Outcome::Failed(error) = &mut exchange.reply {
            error.detail = detail.to_owned();
        }
        exchange
    }

    #[test]
    fn each_layer_has_its_own_sentence_and_blame() {
        for (phase, fault, detail, says, blame) in [
            (
                Phase::Resolve,
                WireFault::NoAddress,
                "",
                "does not resolve",
                Blame::Unknown,
            ),
            (Phase::Connect, WireFault::Refused, "", "refused", Blame::Deploy),
            (
                Phase::Connect,
                WireFault::TimedOut,
                "",
                "not accepted in time",
                Blame::Unknown,
            ),
            (
                Phase::Tls,
                WireFault::Tls,
                "received fatal alert: HandshakeFailure",
                "handshake fails",
                Blame::Edge,
            ),
        ] {
            let run = judged(&target(), &[unreachable(phase, fault, detail)]);
            let diagnosis = first(&run);
            assert_eq!(diagnosis.cause, "unreachable", "{says}");
            assert!(diagnosis.statement.contains(says), "{}", diagnosis.statement);
            assert_eq!(diagnosis.blame, blame, "{says}");
            assert!(
                run.findings.iter().all(|finding| finding.explained_by.is_some()),
                "{says}"
            );
        }
    }

    #[test]
    fn one_answer_is_enough_to_be_reachable() {
        let seen = [
            answered(1, &asks::read("/health"), 200, &[], "ok"),
            failed(2, &asks::read("/ready"), Phase::Connect, WireFault::Refused),
        ];
        assert!(
            judged(&target(), &seen)
                .diagnoses
                .iter()
                .all(|diagnosis| diagnosis.cause != "unreachable")
        );
    }
}
