//! TLS 1.0 and 1.1 rest on hashes that are broken, and every client in use knows something newer. A server that still accepts
//! them can be talked down by whoever is on the way.

use crate::check::Check;
use crate::check::judgement::{Judgement, Tally};
use crate::check::spec::{Spec, Suite};
use crate::check::view::View;
use crate::checks::reach::answers::Answers;
use crate::model::finding::{Layer, Severity};
use crate::model::heard::{Heard, protocol};
use crate::model::probe::{Ask, Probe, Raw, Wire};
use crate::model::target::Target;

/// The check.
pub struct OldVersionsRefused;

static SPEC: Spec = Spec {
    id: "tls/old-versions-refused",
    layer: Layer::Tls,
    title: "TLS 1.0 and 1.1 are refused",
    severity: Severity::Major,
    suites: Suite::ALL,
    needs: &["reach/answers"],
    must_run: false,
    explanation: "TLS 1.0 and 1.1 must not be negotiated (RFC 8996): their handshake is signed with MD5 and SHA-1, and audits \
                  such as PCI DSS fail a service for them. A ClientHello is sent that offers TLS 1.1 and nothing newer. An \
                  alert, a closed connection and silence are good; a ServerHello means that the server would go on. No \
                  request follows, so nothing of the service is touched.",
    hint: "Set the oldest version to TLS 1.2 where TLS ends: ssl_protocols in nginx, MinVersion in Go, the security policy of a \
           load balancer, the minimum TLS version of a CDN.",
};

/// A handshake of old in place of the health route.
fn probe(target: &Target) -> Probe {
    Probe::get(Answers::probe(target).path)
        .wire(Wire::Raw(Raw::OldTls))
        .build()
}

impl Check for OldVersionsRefused {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        let tls = view.target.speaks_tls();
        tls.then(|| Ask::One(probe(view.target))).into_iter().collect()
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        let base = &view.target.base;
        if !view.target.speaks_tls() {
            return Judgement::NotApplicable("the target does not speak TLS".to_owned());
        }
        let mut tally = Tally::new(view);
        let probe = probe(view.target);
        let Some((exchange, heard)) = view.heard(&probe) else {
            tally.answer(&probe);
            return tally.done();
        };
        tally.judged(exchange);
        if let Heard::Hello(version) = heard
            && *version < 0x0303
        {
            let chosen = protocol(*version);
            let finding = SPEC
                .finds(base, format!("{chosen} is accepted by the server at {base}"))
                .expected("an alert, or a closed connection")
                .actual(heard.words());
            tally.find(finding.shown_by([exchange]));
        }
        tally.done()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{heard, target};
    use crate::check::trial::{findings, judgement};
    use crate::model::probe::Effect;

    fn found(what: Heard) -> Vec<String> {
        let mut target = target();
        target.base = "https://notes.example".into();
        let found = findings(&OldVersionsRefused, &target, &[heard(1, &probe(&target), what)]);
        found.into_iter().map(|finding| finding.title).collect()
    }

    #[test]
    fn a_server_that_goes_on_in_an_old_version_is_found() {
        assert!(found(Heard::Hello(0x0301))[0].starts_with("TLS 1.0 is accepted"));
        assert!(found(Heard::Hello(0x0302))[0].starts_with("TLS 1.1 is accepted"));
        assert!(found(Heard::Hello(0x0300))[0].starts_with("SSL 3.0 is accepted"));
    }

    #[test]
    fn spares_alerts_closing_silence_and_what_is_not_tls() {
        for what in [
            Heard::Alert(70),
            Heard::Alert(40),
            Heard::Closed,
            Heard::Silence,
            Heard::Else,
            Heard::Hello(0x0303),
        ] {
            assert_eq!(found(what), Vec::<String>::new());
        }
    }

    #[test]
    fn it_reads_and_asks_nothing_where_there_is_no_tls() {
        let target = target();
        assert_eq!(probe(&target).effect, Effect::Read);
        assert!(
            OldVersionsRefused
                .ask(&View::new(&target, None, &[], &[]))
                .is_empty()
        );
        assert!(matches!(
            judgement(&OldVersionsRefused, &target, &[]),
            Judgement::NotApplicable(_)
        ));
    }
}
