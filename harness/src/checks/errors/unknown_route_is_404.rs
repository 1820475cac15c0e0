//! A service that answers 200 to a path that nobody wrote hides every typo, every lost route and every wrong base URL.

use crate::check::Check;
use crate::check::asks;
use crate::check::judgement::{Judgement, Tally};
use crate::check::spec::{Spec, Suite};
use crate::check::view::{Seen, View};
use crate::model::finding::{Layer, Severity};
use crate::model::probe::{Ask, Probe};

/// The check.
pub struct UnknownRouteIs404;

static SPEC: Spec = Spec {
    id: "errors/unknown-route-is-404",
    layer: Layer::Errors,
    title: "A route that does not exist is not answered with success",
    severity: Severity::Minor,
    suites: Suite::ALL,
    needs: &["reach/answers"],
    must_run: false,
    explanation: "A front end's fallback page, or a catch-all handler, answers 200 to whatever is asked. Then a route that \
                  was lost in a deploy still looks alive to health checks and monitors, and clients read a web page where \
                  they expect data. 404, or 401 from a guard in front of everything, tells the truth.",
    hint: "Answer 404 below the API's base path before any fallback to a web page.",
};

impl Check for UnknownRouteIs404 {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, _view: &View<'_>) -> Vec<Ask> {
        vec![Ask::One(probe())]
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        let mut tally = Tally::new(view);
        let Seen::Answered(exchange, reply) = view.seen(&probe()) else {
            tally.answer(&probe());
            return tally.done();
        };
        match reply.status {
            200..300 => {
                let media_type = reply.media_type().unwrap_or_else(|| "no content type".to_owned());
                let found = SPEC
                    .finds(
                        asks::NO_SUCH_ROUTE,
                        format!("A route that does not exist answers HTTP {}", reply.status),
                    )
                    .expected("HTTP 404")
                    .actual(format!("HTTP {} {media_type}", reply.status));
                tally.judged(exchange);
                tally.find(found.shown_by([exchange]));
            }
            400..500 => tally.judged(exchange),
            status => tally.unknown(format!("an unknown route answers HTTP {status}"), None),
        }
        tally.done()
    }
}

fn probe() -> Probe {
    asks::read(asks::NO_SUCH_ROUTE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{answered, target};

    fn judged(status: u16, media_type: &str) -> Judgement {
        let target = target();
        let seen = [answered(
            1,
            &probe(),
            status,
            &[("content-type", media_type)],
            "x",
        )];
        UnknownRouteIs404.judge(&View::new(&target, None, &seen, &[]))
    }

    #[test]
    fn a_fallback_page_is_found() {
        assert!(
            matches!(judged(200, "text/html"), Judgement::Judged { findings, .. } if findings[0].actual == "HTTP 200 text/html")
        );
    }

    #[test]
    fn a_404_of_any_kind_and_a_guard_are_healthy() {
        for (status, media_type) in [
            (404, "text/html"),
            (404, "application/json"),
            (401, "text/plain"),
            (403, ""),
        ] {
            assert!(
                matches!(judged(status, media_type), Judgement::Judged { findings, .. } if findings.is_empty())
            );
        }
    }

    #[test]
    fn a_redirect_and_a_crash_tell_nothing() {
        for status in [301, 500, 429] {
            assert!(
                matches!(judged(status, "text/html"), Judgement::Unable(_)),
                "{status}"
            );
        }
    }
}
