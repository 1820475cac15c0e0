//! TLS handshakes that nothing got past, here or at one of several addresses, for the causes that read why.

use std::net::IpAddr;

use crate::check::names::is_of_one_resolver;
use crate::check::text::clean;
use crate::diagnosis::case::{Case, explained};
use crate::diagnosis::words;
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};
use crate::model::exchange::{Exchange, WireError, WireFault};

/// Handshakes that were refused for one reason.
#[derive(Debug)]
pub struct Refused<'c> {
    error: &'c WireError,
    /// The addresses at which it is so, and everything that ended there, where another address of the name answers.
    at: Option<(Vec<IpAddr>, Vec<&'c Exchange>)>,
}

/// What was refused for what these words of rustls say: the first handshake of a run in which nothing was answered, or those
/// with one address of the name while another one answers.
pub fn refused<'c>(case: &Case<'c>, words: &str) -> Option<Refused<'c>> {
    let says = |error: &WireError| error.fault == WireFault::Tls && error.detail.contains(words);
    if case.view.answers().next().is_none() {
        let mut failures = case.view.exchanges.iter().filter_map(Exchange::failure);
        let error = failures.find(|error| error.fault != WireFault::Stopped)?;
        return says(error).then_some(Refused { error, at: None });
    }
    // What one resolver alone leads to has a cause of its own.
    let ended =
        case.view.exchanges.iter().filter(|exchange| {
            exchange.failure().is_some_and(says) && !is_of_one_resolver(case.view, exchange)
        });
    let ended: Vec<&Exchange> = ended.collect();
    let error = ended
        .iter()
        .find_map(|exchange| exchange.failure().filter(|_| exchange.probe.to.is_some()))?;
    let mut addresses: Vec<IpAddr> = Vec::new();
    for address in ended.iter().filter_map(|exchange| exchange.probe.to) {
        if !addresses.contains(&address) {
            addresses.push(address);
        }
    }
    Some(Refused {
        error,
        at: Some((addresses, ended)),
    })
}

/// What a cause makes of it.
#[derive(Debug)]
pub struct Reading {
    /// The cause.
    pub cause: &'static str,
    /// What is wrong with the certificate, as the end of a sentence.
    pub what: &'static str,
    /// Who is to blame.
    pub blame: Blame,
    /// How sure that is.
    pub confidence: Confidence,
    /// What to do next; `{host}` stands for the name and `{peer}` for name and port.
    pub next: &'static [&'static str],
}

impl Reading {
    /// The diagnosis. Where nothing was seen behind the handshake it explains everything, else what ended at that address.
    pub fn of(self, case: &Case<'_>, refused: &Refused<'_>) -> Diagnosis {
        let base = &case.view.target.base;
        let (host, peer) = (host(base), peer(base));
        let (peer, ended) = match &refused.at {
            Some((addresses, ended)) => {
                let first = addresses.first().map(|address| at(*address, &peer));
                (first.unwrap_or(peer), ended.len())
            }
            None => {
                let ended = case.view.exchanges.iter().filter_map(Exchange::failure);
                (peer, ended.count())
            }
        };
        let fill = |step: &&str| step.replace("{host}", &host).replace("{peer}", &peer);
        let mut evidence = vec![clean(&refused.error.detail, 300), words::attempts(ended)];
        let (statement, explains) = match &refused.at {
            None => (
                format!("Nothing answers at {base}: {}", self.what),
                explained(case.findings),
            ),
            Some((addresses, ended)) => {
                evidence.push(format!(
                    "{} requests were answered elsewhere",
                    case.view.answers().count()
                ));
                let its = case.about(ended).into_iter();
                (
                    format!("{} {}", some_of(&host, addresses), self.what),
                    explained(its.chain(words::consequences(case, ended))),
                )
            }
        };
        Diagnosis {
            cause: self.cause.to_owned(),
            statement,
            // The clock and the roots of this machine let another address of the same name in.
            blame: if refused.at.is_some() {
                Blame::Edge
            } else {
                self.blame
            },
            confidence: self.confidence,
            evidence,
            ruled_out: ["the name", "the connection"].map(str::to_owned).into(),
            likely_causes: Vec::new(),
            help: None,
            next_steps: self.next.iter().map(fill).collect(),
            explains,
        }
    }
}

/// The beginning of a sentence on addresses of a name at which callers are turned away.
fn some_of(host: &str, addresses: &[IpAddr]) -> String {
    let all: Vec<String> = addresses.iter().map(IpAddr::to_string).collect();
    match all.as_slice() {
        [one] => format!("One address of {host} turns callers away: at {one}"),
        several => format!(
            "{} addresses of {host} turn callers away: at {}",
            several.len(),
            several.join(", ")
        ),
    }
}

/// An address with the port of a peer, as openssl takes them.
fn at(address: IpAddr, peer: &str) -> String {
    let port = peer.rsplit_once(':').map_or("443", |(_, port)| port);
    match address {
        IpAddr::V4(address) => format!("{address}:{port}"),
        IpAddr::V6(address) => format!("[{address}]:{port}"),
    }
}

/// The host of a base URL, without its port.
pub fn host(base: &str) -> String {
    let peer = peer(base);
    peer.rsplit_once(':')
        .map_or(peer.clone(), |(host, _)| host.to_owned())
}

/// Host and port of a base URL, as openssl takes them.
fn peer(base: &str) -> String {
    let (scheme, rest) = base.split_once("://").unwrap_or(("https", base));
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let has_port = authority
        .rsplit_once(':')
        .is_some_and(|(_, port)| port.parse::<u16>().is_ok());
    match (has_port, scheme) {
        (true, _) => authority.to_owned(),
        (false, "http") => format!("{authority}:80"),
        (false, _) => format!("{authority}:443"),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::check::asks;
    use crate::check::testing::{answered, failed, target};
    use crate::diagnosis::whole_tests::{causes, first, judged};
    use crate::model::exchange::{Outcome, Phase};
    use crate::model::finding::Verdict;
    use crate::model::run::Run;
    use crate::model::target::Target;

    /// A target behind TLS at which every handshake ends with these words.
    pub(crate) fn run_of(detail: &str) -> Run {
        judged(&behind_tls(), &[ended(1, detail)])
    }

    /// Whether a run whose handshakes end so names this cause alone for everything, in these hands and with this verdict,
    /// says so in its statement, and tells a next step.
    pub(crate) fn names(
        cause: &str,
        detail: &str,
        (blame, verdict): (Blame, Verdict),
        said: &str,
        step: &str,
    ) {
        let run = run_of(detail);
        let diagnosis = first(&run);
        assert_eq!(
            (diagnosis.cause.as_str(), diagnosis.blame, run.verdict),
            (cause, blame, verdict)
        );
        assert!(diagnosis.statement.contains(said), "{}", diagnosis.statement);
        let steps = &diagnosis.next_steps;
        assert!(steps.iter().any(|one| one.contains(step)), "{steps:?}");
        assert!(run.findings.iter().all(|finding| finding.explained_by.is_some()));
    }

    fn behind_tls() -> Target {
        Target {
            base: "https://notes.example:8443/api".into(),
            ..target()
        }
    }

    fn ended(id: u32, detail: &str) -> Exchange {
        let mut exchange = failed(id, &asks::read("/health"), Phase::Tls, WireFault::Tls);
        if let Outcome::Failed(error) = &mut exchange.reply {
            detail.clone_into(&mut error.detail);
        }
        exchange
    }

    #[test]
    fn every_address_that_turns_callers_away_is_named_beside_one_that_does_not() {
        let expired = "invalid peer certificate: certificate expired: verification time 2 (UNIX), but certificate is not valid after 1 (1 seconds ago)";
        let to = |exchange: Exchange, address: &str| {
            let mut exchange = exchange;
            let mut probe = (*exchange.probe).clone();
            probe.to = address.parse().ok();
            exchange.probe = std::sync::Arc::new(probe);
            exchange
        };
        let good = answered(9, &asks::read("/health"), 200, &[], "{}");
        let bad = [("192.0.2.7", 1), ("2001:db8::7", 2)].map(|(address, id)| to(ended(id, expired), address));
        let [one, other] = bad;
        let two = judged(
            &behind_tls(),
            &[one.clone(), other, to(good.clone(), "192.0.2.8")],
        );
        let told = "2 addresses of notes.example turn callers away: at 192.0.2.7, 2001:db8::7 its certificate has expired";
        assert_eq!(first(&two).statement, told);
        let alone = judged(&behind_tls(), &[one, to(good, "192.0.2.8")]);
        let told =
            "One address of notes.example turns callers away: at 192.0.2.7 its certificate has expired";
        assert_eq!(first(&alone).statement, told);
    }

    #[test]
    fn each_refusal_of_a_certificate_has_one_cause() {
        for (detail, cause) in [
            (
                "invalid peer certificate: certificate expired: verification time 2 (UNIX), but certificate is not valid after 1 (1 seconds ago)",
                "certificate-expired",
            ),
            (
                "invalid peer certificate: certificate not valid yet: verification time 1 (UNIX), but certificate is not valid before 2 (1 seconds in future)",
                "certificate-not-yet-valid",
            ),
            (
                "invalid peer certificate: certificate not valid for name \"a\"; certificate is only valid for DnsName(\"b\")",
                "certificate-for-another-name",
            ),
            ("invalid peer certificate: UnknownIssuer", "certificate-untrusted"),
            ("received fatal alert: HandshakeFailure", "unreachable"),
            (
                "received corrupt message of type InvalidContentType",
                "unreachable",
            ),
        ] {
            assert_eq!(causes(&run_of(detail)), [cause], "{detail}");
        }
    }

    #[test]
    fn an_answer_shows_that_the_certificate_is_not_what_stops_everybody() {
        let answer = answered(2, &asks::read("/ready"), 200, &[], "ok");
        let run = judged(
            &behind_tls(),
            &[ended(1, "invalid peer certificate: UnknownIssuer"), answer],
        );
        assert!(
            !causes(&run).contains(&"certificate-untrusted"),
            "{:?}",
            causes(&run)
        );
    }

    #[test]
    fn addresses_that_are_refused_beside_one_that_answers_are_named() {
        let words = "invalid peer certificate: certificate expired: verification time 2 (UNIX), but certificate is not valid after 1 (1 seconds ago)";
        let mut there = ended(1, words);
        std::sync::Arc::make_mut(&mut there.probe).to = Some("192.0.2.7".parse().unwrap());
        let mut there_too = ended(3, words);
        std::sync::Arc::make_mut(&mut there_too.probe).to = Some("2001:db8::7".parse().unwrap());
        let answer = answered(2, &asks::read("/ready"), 200, &[], "ok");
        let run = judged(&behind_tls(), &[there.clone(), answer.clone(), there_too.clone()]);
        let diagnosis = first(&run);
        assert_eq!(diagnosis.cause, "certificate-expired", "{:?}", causes(&run));
        assert_eq!((diagnosis.blame, run.verdict), (Blame::Edge, Verdict::Fail));
        let told = format!("{} {:?}", diagnosis.statement, diagnosis.next_steps);
        for says in [
            "2 addresses of notes.example",
            "at 192.0.2.7, 2001:db8::7 its certificate has expired",
            "-connect 192.0.2.7:8443 ",
        ] {
            assert!(told.contains(says), "{told}");
        }
        let unanswered = run
            .findings
            .iter()
            .filter(|finding| finding.check == "reach/every-request-answered");
        assert!(
            unanswered.clone().count() > 0
                && unanswered.clone().all(|finding| finding.explained_by.is_some())
        );
        let v6 = judged(&behind_tls(), &[there_too, answer]);
        assert!(
            first(&v6)
                .next_steps
                .iter()
                .any(|step| step.contains("-connect [2001:db8::7]:8443 "))
        );
        // Where no address answers it is no matter of one of them.
        let alone = judged(&behind_tls(), &[there]);
        assert!(
            first(&alone).statement.starts_with("Nothing answers"),
            "{}",
            first(&alone).statement
        );
    }

    #[test]
    fn commands_name_host_and_port() {
        for (base, is) in [
            ("https://a.example/api", ("a.example", "a.example:443")),
            ("https://a.example:8443", ("a.example", "a.example:8443")),
            ("http://a.example?x", ("a.example", "a.example:80")),
            ("https://[::1]:8443/", ("[::1]", "[::1]:8443")),
            ("https://[::1]/", ("[::1]", "[::1]:443")),
        ] {
            assert_eq!((host(base).as_str(), peer(base).as_str()), is, "{base}");
        }
    }
}
