//! Headers that only observability reads come from whoever is in front, well-formed or not.

use crate::check::Check;
use crate::check::asks;
use crate::check::judgement::{Judgement, Tally};
use crate::check::pages::cheap_route;
use crate::check::spec::{Spec, Suite};
use crate::check::view::View;
use crate::model::finding::{Layer, Severity};
use crate::model::probe::{Ask, Probe};
use crate::model::target::Target;

/// The check.
pub struct OddHeadersSurvived;

static SPEC: Spec = Spec {
    id: "http/odd-headers-survived",
    layer: Layer::Http,
    title: "A malformed header of tracing breaks nothing",
    severity: Severity::Minor,
    suites: &[Suite::Contract, Suite::Integration],
    needs: &["reach/answers"],
    must_run: false,
    explanation: "Proxies, agents and old clients send a traceparent that is not one, and a receiver must go on as if there \
                  were none (W3C Trace Context §3.2). A parser that throws turns a request that would have worked into a \
                  crash, for all users of one client at once. The same holds for a request id of any form.",
    hint: "Parse headers of tracing so that failure means absent, and start a new trace.",
};

/// A `traceparent` of no version.
const TRACEPARENT: &str = "00-greenlight-not-a-trace-zz";

/// A request id that is markup, and longer than any that a log wants.
pub const REQUEST_ID: &str = "<b>greenlight</b>-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\
    aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

impl Check for OddHeadersSurvived {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        let odd = odd(view.target).map(|(_, probe)| Ask::One(probe));
        std::iter::once(Ask::One(asks::read(cheap_route(view.target))))
            .chain(odd)
            .collect()
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        let route = cheap_route(view.target);
        let works = view
            .answer(&asks::read(route))
            .is_some_and(|(_, reply)| reply.status < 400);
        if !works {
            return Judgement::NotApplicable(format!("GET {route} does not work without them"));
        }
        let mut tally = Tally::new(view);
        for (name, probe) in odd(view.target) {
            let Some((exchange, reply)) = tally.answer(&probe) else {
                continue;
            };
            if reply.status >= 500 {
                let found = SPEC
                    .finds(
                        name,
                        format!(
                            "A malformed {name} makes GET {route} fail with HTTP {}",
                            reply.status
                        ),
                    )
                    .expected("the answer that it has without the header")
                    .actual(format!("HTTP {}", reply.status));
                tally.find(found.shown_by([exchange]));
            }
        }
        tally.done()
    }
}

/// Odd headers, each on a read of its own.
pub fn odd(target: &Target) -> [(&'static str, Probe); 2] {
    let read = |name: &str, value: &str| Probe::get(cheap_route(target)).header(name, value).build();
    [
        ("traceparent", read("traceparent", TRACEPARENT)),
        ("x-request-id", read("x-request-id", REQUEST_ID)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{answered, target};
    use crate::check::trial::{findings, judgement};

    fn seen(plain: u16, traced: u16) -> [crate::model::exchange::Exchange; 2] {
        let target = target();
        let [(_, probe), _] = odd(&target);
        [
            answered(1, &asks::read("/health"), plain, &[], "ok"),
            answered(2, &probe, traced, &[], ""),
        ]
    }

    #[test]
    fn a_crash_at_a_header_is_found() {
        let found = findings(&OddHeadersSurvived, &target(), &seen(200, 500));
        assert_eq!(found[0].subject, "traceparent");
    }

    #[test]
    fn spares_who_ignores_or_refuses_it_and_what_crashes_anyhow() {
        assert_eq!(findings(&OddHeadersSurvived, &target(), &seen(200, 200)), []);
        assert_eq!(findings(&OddHeadersSurvived, &target(), &seen(200, 400)), []);
        assert!(matches!(
            judgement(&OddHeadersSurvived, &target(), &seen(500, 500)),
            Judgement::NotApplicable(_)
        ));
    }
}
