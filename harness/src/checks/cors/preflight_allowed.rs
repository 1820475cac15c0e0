//! Before most calls of an API a browser asks for leave with an `OPTIONS` request of its own. A refusal stops the call before
//! the service ever sees it: nothing is in its log, curl works, and no user can do anything. A 200 alone is no leave: what counts
//! is whether every method and header that the page really sends is allowed (Fetch §4.8).

use crate::check::Check;
use crate::check::judgement::{Judgement, Tally};
use crate::check::pages::{self, Preflight};
use crate::check::spec::{Spec, Suite};
use crate::check::view::{Seen, View};
use crate::cors::preflight::Refused;
use crate::cors::refusal::Refusal;
use crate::model::exchange::{Exchange, Reply};
use crate::model::finding::{Finding, Layer, Severity};
use crate::model::probe::Ask;
use crate::model::target::Target;

/// The check.
pub struct PreflightAllowed;

static SPEC: Spec = Spec {
    id: "cors/preflight-allowed",
    layer: Layer::Cors,
    title: "A browser lets every page make the calls that it makes",
    severity: Severity::Blocker,
    suites: Suite::ALL,
    needs: &["reach/answers"],
    must_run: false,
    explanation: "A call with a JSON body or an Authorization header is sent only after a preflight that allows its method \
                  and each of its headers (Fetch §4.8). Authentication in front of CORS, a router without OPTIONS, a \
                  redirect, a new request header that nobody listed: each stops every user while curl and the service's log \
                  look healthy. What is asked here is what a browser asks, and the answer is judged as a browser does.",
    hint: "Let the CORS layer answer OPTIONS before authentication and routing, with the methods and headers that the page \
           sends.",
};

impl Check for PreflightAllowed {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        let preflights = pages::preflights(view.target);
        // A refusal that goes away with another spelling is a matter of parsing.
        let spelt = preflights.iter().find(|preflight| {
            let answer = view.answer(&preflight.probe);
            answer.is_some_and(|(_, reply)| reply.status < 500 && preflight.judge(reply).is_err())
        });
        let again = spelt.and_then(pages::spelt_by_people);
        let all = preflights.iter().map(|preflight| preflight.probe.clone());
        all.chain(again).map(Ask::One).collect()
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        if let Some(reason) = without_pages(view.target) {
            return reason;
        }
        let preflights = pages::preflights(view.target);
        if preflights.is_empty() {
            return Judgement::NotApplicable(
                "no known call of a page needs a preflight; cors/readable judges what the pages read"
                    .to_owned(),
            );
        }
        let mut tally = Tally::new(view);
        for preflight in preflights {
            if let Some((exchange, reply)) = tally.answer(&preflight.probe)
                && let Err(refused) = preflight.judge(reply)
            {
                tally.find(finding(&preflight, &refused, exchange, reply));
                let spelt = pages::spelt_by_people(&preflight).map(|probe| view.seen(&probe));
                if let Some(Seen::Answered(exchange, _)) = spelt {
                    tally.judged(exchange);
                }
            }
        }
        tally.done()
    }
}

/// Why no page can be judged, when none is known. Never silent: a browser's view was asked for by nobody.
pub fn without_pages(target: &Target) -> Option<Judgement> {
    if target.clients.is_empty() {
        return Some(Judgement::skipped(
            "no page is known that calls the service, so nothing is known of what browsers let it do",
            Some("--origin ORIGIN"),
        ));
    }
    let none = pages::abroad(target).next().is_none();
    none.then(|| {
        Judgement::NotApplicable(
            "every known page is on the service's own origin, where CORS does not apply".to_owned(),
        )
    })
}

fn finding(preflight: &Preflight<'_>, refused: &Refused, exchange: &Exchange, reply: &Reply) -> Finding {
    let (call, origin) = (&preflight.made.call, &preflight.client.origin);
    let headers = preflight.need.header_names.join(", ");
    let with = if headers.is_empty() {
        String::new()
    } else {
        format!(" with the headers {headers}")
    };
    let labels: Vec<&str> = refused.reasons().map(Refusal::label).collect();
    let (title, severity) = if refused.only_by_the_standard() {
        let title = format!(
            "{call} from the page at {origin} relies on \"*\" to allow the Authorization header: Chromium lets it through \
             today, the standard does not"
        );
        (title, Severity::Minor)
    } else {
        let title = format!("No browser lets the page at {origin} make {call}: its preflight is refused");
        (title, SPEC.severity)
    };
    let found = SPEC
        .finds(preflight.subject(), title)
        .expected(format!(
            "a 2xx answer that allows {}{with} for {origin}",
            call.method
        ))
        .actual(format!(
            "HTTP {}: {refused} ({})",
            reply.status,
            labels.join(", ")
        ))
        .severity(severity);
    match hint(refused) {
        Some(hint) => found.hint(hint).shown_by([exchange]),
        None => found.shown_by([exchange]),
    }
}

/// What to do about the reason that a browser shows.
fn hint(refused: &Refused) -> Option<String> {
    let names = |missing: &[crate::cors::refusal::MissingHeader]| {
        missing
            .iter()
            .map(|header| header.name.clone())
            .collect::<Vec<_>>()
            .join(", ")
    };
    refused.reasons().find_map(|refusal| match refusal {
        Refusal::HeaderDisallowedByPreflightResponse { missing, .. } => Some(format!(
            "Name {} in the list of allowed request headers.",
            names(missing)
        )),
        Refusal::MethodDisallowedByPreflightResponse { method, .. } => {
            Some(format!("Name {method} in the list of allowed methods."))
        }
        Refusal::PreflightDisallowedRedirect { .. } => Some(
            "Let the page call the address that the redirect points to, or keep redirects off OPTIONS."
                .to_owned(),
        ),
        Refusal::PreflightInvalidStatus { status: 401 | 403 } => Some(
            "Let OPTIONS through before authentication: a preflight never carries credentials.".to_owned(),
        ),
        Refusal::PreflightInvalidStatus { status: 404 | 405 } => {
            Some("Put the CORS layer in front of the router, so that OPTIONS never reaches it.".to_owned())
        }
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{answered, cors, target};
    use crate::model::probe::Mode;

    fn judged(target: &Target, status: u16, headers: &[(&str, &str)]) -> Vec<Finding> {
        let exchanges: Vec<Exchange> = pages::preflights(target)
            .iter()
            .zip(1..)
            .map(|(preflight, id)| answered(id, &preflight.probe, status, headers, ""))
            .collect();
        match PreflightAllowed.judge(&View::new(target, None, &exchanges, &[])) {
            Judgement::Judged {
                exchanges, findings, ..
            } => {
                assert!(!exchanges.is_empty());
                findings
            }
            other => panic!("{other:?}"),
        }
    }

    fn with<'h>(more: &[(&'h str, &'h str)]) -> Vec<(&'h str, &'h str)> {
        cors().into_iter().chain(more.iter().copied()).collect()
    }

    #[test]
    fn asks_exactly_what_a_browser_asks() {
        let target = target();
        let asks = PreflightAllowed.ask(&View::new(&target, None, &[], &[]));
        let [Ask::One(probe)] = asks.as_slice() else {
            panic!("{asks:?}")
        };
        assert!(probe.is_preflight() && probe.who.is_none());
        let headers: Vec<_> = probe
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.literal().unwrap()))
            .collect();
        let expected = [
            ("accept", "*/*"),
            ("access-control-request-method", "POST"),
            ("access-control-request-headers", "authorization,content-type"),
        ];
        assert_eq!(headers, expected);
    }

    #[test]
    fn every_missing_header_is_named_although_the_status_is_good() {
        let found = judged(
            &target(),
            200,
            &with(&[("access-control-allow-headers", "X-Other")]),
        );
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].severity, Severity::Blocker);
        assert!(found[0].actual.contains("authorization") && found[0].actual.contains("content-type"));
        assert_eq!(
            found[0].hint,
            "Name authorization, content-type in the list of allowed request headers."
        );
    }

    #[test]
    fn a_method_that_is_not_listed_is_named() {
        let mut target = target();
        target.clients[0].calls[0].call.method = "PUT".into();
        let lists = [
            ("access-control-allow-headers", "authorization, content-type"),
            ("access-control-allow-methods", "GET, POST"),
        ];
        let found = judged(&target, 204, &with(&lists));
        assert_eq!(found[0].hint, "Name PUT in the list of allowed methods.");
    }

    #[test]
    fn a_preflight_that_meets_authentication_router_or_redirect_is_refused() {
        for status in [401, 403, 404, 405, 301, 307, 500] {
            let found = judged(&target(), status, &[]);
            assert_eq!(
                (found.len(), found[0].severity),
                (1, Severity::Blocker),
                "{status}"
            );
            assert!(
                found[0].actual.starts_with(&format!("HTTP {status}")),
                "{}",
                found[0].actual
            );
        }
    }

    #[test]
    fn unusual_and_correct_preflights_are_spared() {
        let lists = [
            ("Access-Control-Allow-Headers", "Content-Type,AUTHORIZATION"),
            ("access-control-max-age", "600"),
        ];
        for status in [200, 204, 299] {
            assert_eq!(judged(&target(), status, &with(&lists)), [], "{status}");
        }
    }

    #[test]
    fn a_star_for_authorization_without_cookies_is_minor_and_says_who_lets_it_through() {
        let mut target = target();
        target.clients[0].credentials = Mode::Omit;
        let star = [
            ("access-control-allow-origin", "*"),
            ("access-control-allow-headers", "*"),
        ];
        let found = judged(&target, 204, &star);
        assert_eq!(found[0].severity, Severity::Minor);
        assert!(
            found[0].title.contains("Chromium lets it through today"),
            "{}",
            found[0].title
        );
        target.clients[0].credentials = Mode::Include;
        assert_eq!(judged(&target, 204, &star)[0].severity, Severity::Blocker);
    }

    #[test]
    fn two_pages_are_two_findings() {
        let mut target = target();
        let mut other = target.clients[0].clone();
        other.origin.0 = "https://admin.example".into();
        target.clients.push(other);
        let lists = with(&[("access-control-allow-headers", "authorization, content-type")]);
        let found = judged(&target, 204, &lists);
        assert_eq!(found.len(), 1, "only the page that is not listed");
        assert!(found[0].subject.ends_with("https://admin.example"));
    }

    #[test]
    fn without_a_known_page_it_is_skipped_aloud() {
        let mut target = target();
        target.clients.clear();
        let judgement = PreflightAllowed.judge(&View::new(&target, None, &[], &[]));
        let Judgement::Unable(unseen) = judgement else {
            panic!("{judgement:?}")
        };
        assert!(unseen.on_purpose);
        assert_eq!(unseen.flag.as_deref(), Some("--origin ORIGIN"));
    }
}
