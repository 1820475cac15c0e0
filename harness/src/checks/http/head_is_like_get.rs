//! HEAD is GET without the content. Monitors and caches ask with it, and act on what it says.

use crate::check::Check;
use crate::check::asks;
use crate::check::judgement::{Judgement, Tally};
use crate::check::pages::cheap_route;
use crate::check::spec::{Spec, Suite};
use crate::check::view::View;
use crate::model::exchange::{Exchange, Reply};
use crate::model::finding::{Finding, Layer, Severity};
use crate::model::probe::{Ask, Probe};
use crate::model::target::Target;

/// The check.
pub struct HeadIsLikeGet;

static SPEC: Spec = Spec {
    id: "http/head-is-like-get",
    layer: Layer::Http,
    title: "HEAD says what GET says, without the content",
    severity: Severity::Minor,
    suites: &[Suite::Contract, Suite::Integration],
    needs: &["reach/answers"],
    must_run: false,
    explanation: "HEAD must have the status and the headers of GET (RFC 9110 §9.3.2). Uptime monitors, link checkers and \
                  download managers use it: a HEAD that is 404 is an outage to them, and a length of zero is an empty file. \
                  A route without HEAD says 405 and Allow, which is no fault.",
    hint: "Route HEAD to the handler of GET, and let the HTTP library leave the content out.",
};

impl Check for HeadIsLikeGet {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        vec![Ask::One(get(view.target)), Ask::One(head(view.target))]
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        let mut tally = Tally::new(view);
        let Some((_, got)) = view
            .answer(&get(view.target))
            .filter(|(_, reply)| reply.status == 200)
        else {
            return Judgement::NotApplicable("no route is known that GET answers with 200".into());
        };
        if let Some((exchange, reply)) = tally.answer(&head(view.target)) {
            compare(exchange, reply, got)
                .into_iter()
                .for_each(|found| tally.find(found));
        }
        tally.done()
    }
}

fn get(target: &Target) -> Probe {
    asks::read(cheap_route(target))
}

fn head(target: &Target) -> Probe {
    Probe::request("HEAD", cheap_route(target)).build()
}

fn compare(exchange: &Exchange, reply: &Reply, got: &Reply) -> Option<Finding> {
    let operation = exchange.probe.operation();
    let unrouted = matches!(reply.status, 405 | 501) && reply.header("allow").is_some();
    let (title, actual, severity) = match reply.status {
        429 | 500.. if !unrouted => return None,
        status if status != got.status => (
            format!("{operation} is HTTP {status}, and GET is {}", got.status),
            format!("HTTP {status}"),
            if unrouted {
                Severity::Advisory
            } else {
                Severity::Minor
            },
        ),
        _ if reply.header("content-length").as_deref() == Some("0") && got.body.wire_length > 0 => (
            format!("{operation} says that there is no content, and GET has some"),
            "Content-Length: 0".to_owned(),
            Severity::Minor,
        ),
        _ => return None,
    };
    let found = SPEC
        .finds(&operation, title)
        .expected("what GET says")
        .actual(actual);
    Some(found.severity(severity).shown_by([exchange]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{answered, target};
    use crate::check::trial::findings;
    use crate::model::exchange::Outcome;

    fn found(status: u16, headers: &[(&str, &str)]) -> Vec<Severity> {
        let target = target();
        let seen = [
            answered(1, &get(&target), 200, &[], "{}"),
            answered(2, &head(&target), status, headers, ""),
        ];
        let found = findings(&HeadIsLikeGet, &target, &seen);
        found.into_iter().map(|finding| finding.severity).collect()
    }

    #[test]
    fn another_status_or_an_empty_length_is_found() {
        assert_eq!(found(404, &[]), [Severity::Minor]);
        assert_eq!(found(405, &[]), [Severity::Minor]);
        assert_eq!(found(200, &[("content-length", "0")]), [Severity::Minor]);
    }

    #[test]
    fn spares_the_same_and_remarks_a_route_without_head() {
        assert_eq!(found(200, &[("content-length", "2")]), []);
        assert_eq!(found(200, &[]), []);
        assert_eq!(found(405, &[("allow", "GET")]), [Severity::Advisory]);
    }

    #[test]
    fn where_get_has_no_content_neither_has_head() {
        let target = target();
        let seen = |body: &str| {
            let mut get = answered(1, &get(&target), 200, &[], body);
            if let Outcome::Answered(reply) = &mut get.reply {
                reply.body.wire_length = body.len().try_into().unwrap();
            }
            [
                get,
                answered(2, &head(&target), 200, &[("content-length", "0")], ""),
            ]
        };
        assert_eq!(findings(&HeadIsLikeGet, &target, &seen("")), []);
        assert_eq!(findings(&HeadIsLikeGet, &target, &seen("{}")).len(), 1);
    }
}
