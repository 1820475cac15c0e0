//! TLS handshakes that nothing got past, for the causes that read why.

use crate::check::text::clean;
use crate::diagnosis::case::{Case, explained};
use crate::diagnosis::words;
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};
use crate::model::exchange::{Exchange, WireError, WireFault};

/// A run in which nothing was answered, since the first handshake was refused for what these words of rustls say.
pub fn refused<'c>(case: &Case<'c>, words: &str) -> Option<&'c WireError> {
    if case.view.answers().next().is_some() {
        return None;
    }
    let mut failures = case.view.exchanges.iter().filter_map(Exchange::failure);
    let first = failures.find(|error| error.fault != WireFault::Stopped)?;
    (first.fault == WireFault::Tls && first.detail.contains(words)).then_some(first)
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
    /// The diagnosis: nothing was seen behind the handshake, so it explains everything.
    pub fn of(self, case: &Case<'_>, error: &WireError) -> Diagnosis {
        let base = &case.view.target.base;
        let attempts = case.view.exchanges.iter().filter_map(Exchange::failure).count();
        let (host, peer) = (host(base), peer(base));
        let fill = |step: &&str| step.replace("{host}", &host).replace("{peer}", &peer);
        Diagnosis {
            cause: self.cause.to_owned(),
            statement: format!("Nothing answers at {base}: {}", self.what),
            blame: self.blame,
            confidence: self.confidence,
            evidence: vec![clean(&error.detail, 300), words::attempts(attempts)],
            ruled_out: ["the name", "the connection"].map(str::to_owned).into(),
            likely_causes: Vec::new(),
            next_steps: self.next.iter().map(fill).collect(),
            explains: explained(case.findings),
        }
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
