//! Whatever answers without TLS will be used without TLS, and a token that went over the wire once in the clear is lost.

use std::net::IpAddr;

use url::{Host, Url};

use crate::check::Check;
use crate::check::health::is_page;
use crate::check::judgement::{Judgement, Tally};
use crate::check::spec::{Spec, Suite};
use crate::check::view::{Seen, View};
use crate::checks::reach::answers::Answers;
use crate::model::finding::{Layer, Severity};
use crate::model::probe::{Ask, Conn, Probe, Wire};
use crate::model::target::{Environment, Target};

/// The check.
pub struct OnlyTls;

static SPEC: Spec = Spec {
    id: "tls/only-tls",
    layer: Layer::Tls,
    title: "The API answers over TLS alone",
    severity: Severity::Blocker,
    suites: Suite::ALL,
    needs: &["reach/answers"],
    must_run: false,
    explanation: "A client with http:// in its settings works, sends its token in the clear and nobody notices (CWE-319). \
                  The health route is asked without TLS and without a credential: silence, a refusal or a redirect to TLS is \
                  good. An API in production that has no TLS at all is found as well; loopback is not the internet.",
    hint: "Let the port without TLS redirect to TLS or refuse; never serve the API there.",
};

/// The health route without TLS, on a connection of its own.
fn probe(target: &Target) -> Probe {
    let path = Answers::probe(target).path;
    Probe::get(path).conn(Conn::Fresh).wire(Wire::Plain).build()
}

/// Whether a URL leads over a network that others can listen to.
fn leaves_this_machine(base: &str) -> bool {
    match Url::parse(base)
        .ok()
        .and_then(|url| url.host().map(|host| host.to_owned()))
    {
        Some(Host::Domain(name)) => name != "localhost" && !name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => !is_near(IpAddr::V4(address)),
        Some(Host::Ipv6(address)) => !is_near(IpAddr::V6(address)),
        None => false,
    }
}

/// Loopback, and private networks, where TLS often ends at the door (RFC 1918, RFC 4193).
fn is_near(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_loopback() || address.is_private() || address.is_link_local(),
        IpAddr::V6(address) => {
            address.is_loopback() || address.is_unique_local() || address.is_unicast_link_local()
        }
    }
}

impl Check for OnlyTls {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        let tls = view.target.speaks_tls();
        tls.then(|| Ask::One(probe(view.target))).into_iter().collect()
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        let base = &view.target.base;
        let mut tally = Tally::new(view);
        if !view.target.speaks_tls() {
            if view.target.environment != Environment::Production || !leaves_this_machine(base) {
                return Judgement::NotApplicable("the target is not on the open internet".to_owned());
            }
            if let Some((exchange, _)) = tally.answer(&Answers::probe(view.target)) {
                let finding = SPEC
                    .finds(base, format!("The API at {base} is used without TLS: every token goes over the wire in the clear"))
                    .expected("https://")
                    .actual("http://");
                tally.find(finding.shown_by([exchange]));
            }
            return tally.done();
        }
        match view.seen(&probe(view.target)) {
            Seen::Answered(exchange, reply) => {
                tally.judged(exchange);
                let same = view
                    .answer(&Answers::probe(view.target))
                    .is_some_and(|(_, usual)| {
                        usual.status == reply.status && usual.media_type() == reply.media_type()
                    });
                if (200..300).contains(&reply.status) && !is_page(reply) && same {
                    let finding = SPEC
                        .finds(base, "The API answers without TLS as well".to_owned())
                        .expected("a redirect to https://, a refusal, or nothing")
                        .actual(format!("HTTP {} over http://", reply.status));
                    tally.find(finding.shown_by([exchange]));
                }
            }
            Seen::Failed(exchange, _) => tally.judged(exchange),
            Seen::Limited(..) | Seen::Refused(_) | Seen::NotAsked => {
                tally.answer(&probe(view.target));
            }
        }
        tally.done()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{answered, failed, target};
    use crate::check::trial::findings;
    use crate::model::exchange::{Exchange, Phase, WireFault};

    const JSON: &[(&str, &str)] = &[("content-type", "application/json")];

    fn found(plain: impl Fn(&Probe) -> Exchange) -> usize {
        let mut target = target();
        target.base = "https://notes.example".into();
        let seen = [
            answered(1, &Answers::probe(&target), 200, JSON, "{}"),
            plain(&probe(&target)),
        ];
        findings(&OnlyTls, &target, &seen).len()
    }

    #[test]
    fn an_api_that_answers_without_tls_is_found() {
        assert_eq!(found(|probe| answered(2, probe, 200, JSON, "{}")), 1);
        let mut bare = target();
        bare.base = "http://api.acme.example".into();
        bare.environment = Environment::Production;
        assert_eq!(
            findings(
                &OnlyTls,
                &bare,
                &[answered(1, &Answers::probe(&bare), 200, JSON, "{}")]
            )
            .len(),
            1
        );
    }

    #[test]
    fn spares_silence_refusals_redirects_and_pages() {
        assert_eq!(
            found(|probe| failed(2, probe, Phase::Connect, WireFault::Refused)),
            0
        );
        assert_eq!(
            found(|probe| answered(2, probe, 301, &[("location", "https://notes.example/health")], "")),
            0
        );
        assert_eq!(
            found(|probe| answered(2, probe, 400, &[("content-type", "text/html")], "<html>")),
            0
        );
        assert_eq!(
            found(|probe| answered(
                2,
                probe,
                200,
                &[("content-type", "text/html")],
                "<html>welcome to nginx"
            )),
            0
        );
        let placeholder = [("content-type", "text/plain")];
        assert_eq!(
            found(|probe| answered(2, probe, 200, &placeholder, "it works")),
            0
        );
        assert!(
            !leaves_this_machine("http://127.0.0.1:8080/api") && !leaves_this_machine("http://localhost")
        );
    }

    #[test]
    fn the_question_carries_no_credential() {
        let who = target().auth.unwrap().credentials[0].name.clone();
        let probe = Probe::get("/x")
            .who(&who, crate::model::probe::Mutation::AsIs)
            .wire(Wire::Plain)
            .build();
        assert_eq!(probe.who, None);
    }

    #[test]
    fn loopback_and_private_networks_are_near() {
        for near in [
            "http://app.localhost",
            "http://127.0.0.1",
            "http://10.0.0.5",
            "http://192.168.1.9:8080",
            "http://169.254.169.254",
            "http://[::1]:8080",
            "http://[fd00::1]",
            "http://[fe80::1]",
        ] {
            assert!(!leaves_this_machine(near), "{near}");
        }
        for far in [
            "http://203.0.113.9",
            "http://[2001:db8::1]",
            "http://localhost.example",
        ] {
            assert!(leaves_this_machine(far), "{far}");
        }
    }

    #[test]
    fn without_tls_only_production_on_the_internet_is_judged() {
        for (environment, base) in [
            (Environment::Staging, "http://api.acme.example"),
            (Environment::Production, "http://127.0.0.1:8080"),
        ] {
            let mut target = target();
            (target.environment, target.base) = (environment, base.into());
            let seen = [answered(1, &Answers::probe(&target), 200, JSON, "{}")];
            let judged = OnlyTls.judge(&View::new(&target, None, &seen, &[]));
            assert!(
                matches!(judged, Judgement::NotApplicable(_)),
                "{environment:?} {base}"
            );
        }
    }

    #[test]
    fn it_is_asked_of_what_speaks_tls_and_a_refusal_that_is_usual_is_spared() {
        let mut target = target();
        assert_eq!(OnlyTls.ask(&View::new(&target, None, &[], &[])), []);
        target.base = "https://notes.example".into();
        assert_eq!(
            OnlyTls.ask(&View::new(&target, None, &[], &[])),
            [Ask::One(probe(&target))]
        );
        for (status, headers) in [(404, JSON), (200, &[("content-type", "text/html")][..])] {
            let seen = [
                answered(1, &Answers::probe(&target), status, headers, "<html>"),
                answered(2, &probe(&target), status, headers, "<html>"),
            ];
            assert_eq!(findings(&OnlyTls, &target, &seen), [], "{status}");
        }
    }
}
