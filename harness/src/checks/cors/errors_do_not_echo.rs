//! Error handlers sometimes write CORS headers by hand, because errors left the service without them, and copy the caller's
//! `Origin` with credentials allowed. Then the list guards the successes only, and any website reads the errors as the user who
//! visits it: messages, identifiers, whether somebody is logged in.

use crate::check::Check;
use crate::check::asks::{self, FOREIGN};
use crate::check::judgement::{Judgement, Tally};
use crate::check::pages;
use crate::check::spec::{Spec, Suite};
use crate::check::view::View;
use crate::cors::response::readable;
use crate::model::exchange::Exchange;
use crate::model::finding::{Layer, Severity};
use crate::model::probe::{Ask, Mode, Origin, Page, Probe};
use crate::model::target::Target;

/// The check.
pub struct ErrorsDoNotEcho;

static SPEC: Spec = Spec {
    id: "cors/errors-do-not-echo",
    layer: Layer::Cors,
    title: "An error allows no origin that a success would refuse",
    severity: Severity::Blocker,
    suites: Suite::ALL,
    needs: &["reach/answers"],
    must_run: false,
    explanation: "The usual patch for \"a crash is reported as a CORS error\" is an exception handler that copies the Origin of \
                  the request into its answer, with credentials. It works, and it opens every error to every website. So \
                  errors are asked for from a page that nobody listed: an unknown route, a missing credential, and every \
                  operation that was seen to crash.",
    hint: "Take the hand-written CORS headers out of the error handler and let the CORS layer wrap it, so that one list decides.",
};

/// Crashing operations that are asked again from a foreign page.
const CRASHES: usize = 4;

impl Check for ErrorsDoNotEcho {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        probes(view).into_iter().map(Ask::One).collect()
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        let mut tally = Tally::new(view);
        for probe in probes(view) {
            let Some((exchange, reply)) = tally.answer(&probe) else {
                continue;
            };
            let error = reply.status >= 400;
            if error
                && readable(
                    reply.status,
                    &reply.headers,
                    &Origin(FOREIGN.into()),
                    Mode::Include,
                )
                .is_ok()
            {
                let operation = probe.operation();
                let status = reply.status;
                let found = SPEC
                    .finds(
                        format!("{operation} {status}"),
                        format!(
                            "Any website may read the HTTP {status} of {operation} as the user who visits it"
                        ),
                    )
                    .expected("no Access-Control-Allow-Origin that names a foreign origin")
                    .actual(format!(
                        "Access-Control-Allow-Origin: {FOREIGN}, with credentials"
                    ));
                tally.find(found.shown_by([exchange]));
            }
        }
        tally.done()
    }
}

/// Every request of a foreign page that a good service refuses.
fn probes(view: &View<'_>) -> Vec<Probe> {
    let foreign = Page {
        origin: Origin(FOREIGN.into()),
        mode: Mode::Include,
    };
    let route = asks::read_from(asks::NO_SUCH_ROUTE, &foreign.origin, foreign.mode);
    let stranger = pages::main_call(view.target).map(|call| asks::inert(view.target, &call, None));
    let crashed = crashed(view)
        .into_iter()
        .map(|exchange| (*exchange.probe).clone());
    let from_there = |probe: Probe| Probe {
        page: Some(foreign.clone()),
        ..probe
    };
    let mut probes = vec![route];
    probes.extend(stranger.into_iter().chain(crashed).map(from_there));
    probes.dedup();
    probes
}

/// The first crash of each operation, as its page saw it.
fn crashed<'v>(view: &View<'v>) -> Vec<&'v Exchange> {
    let mut first: Vec<&Exchange> = Vec::new();
    let all = view
        .exchanges
        .iter()
        .filter(|exchange| is_crash(exchange, view.target));
    for exchange in all {
        if first
            .iter()
            .all(|known| known.probe.operation() != exchange.probe.operation())
        {
            first.push(exchange);
        }
    }
    first.truncate(CRASHES);
    first
}

fn is_crash(exchange: &Exchange, target: &Target) -> bool {
    exchange.is_server_error() && pages::page_of(exchange, target).is_some() && exchange.probe.again == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{answered, cors, target};
    use crate::model::finding::Finding;

    const ECHO: [(&str, &str); 2] = [
        ("access-control-allow-origin", FOREIGN),
        ("access-control-allow-credentials", "true"),
    ];

    /// Every ask answered with this status and these headers, after what was seen before.
    fn judged(seen: Vec<Exchange>, status: u16, headers: &[(&str, &str)]) -> (usize, Vec<Finding>) {
        let target = target();
        let asks = probes(&View::new(&target, None, &seen, &[]));
        let answers = asks
            .iter()
            .zip(100..)
            .map(|(probe, id)| answered(id, probe, status, headers, ""));
        let all: Vec<Exchange> = seen.iter().cloned().chain(answers).collect();
        match ErrorsDoNotEcho.judge(&View::new(&target, None, &all, &[])) {
            Judgement::Judged {
                exchanges, findings, ..
            } => (exchanges.len(), findings),
            other => panic!("{other:?}"),
        }
    }

    fn crash() -> Exchange {
        let target = target();
        answered(1, &asks::proof(&target, &target.proofs[0]), 500, &cors(), "")
    }

    #[test]
    fn an_error_handler_that_echoes_the_origin_is_found_on_crash_and_refusal() {
        let (count, found) = judged(vec![crash()], 500, &ECHO);
        assert_eq!((count, found.len()), (3, 3));
        assert!(found.iter().all(|found| found.severity == Severity::Blocker));
        let again = &probes(&View::new(&target(), None, &[crash()], &[]))[2];
        assert_eq!(again.page.as_ref().unwrap().origin.0, FOREIGN);
        assert_eq!(again.who, crash().probe.who, "the crash is asked for as it was");
    }

    #[test]
    fn errors_that_name_the_client_or_nobody_or_everybody_are_spared() {
        let (_, found) = judged(vec![crash()], 401, &cors());
        assert_eq!(found, []);
        assert_eq!(judged(vec![], 404, &[]), (2, vec![]));
        assert_eq!(judged(vec![], 404, &[("access-control-allow-origin", "*")]).1, []);
        assert_eq!(
            judged(vec![], 404, &[("access-control-allow-origin", FOREIGN)]).1,
            []
        );
    }

    #[test]
    fn a_stranger_gets_a_body_that_cannot_be_accepted() {
        use crate::model::probe::Effect;
        let target = target();
        let probes = probes(&View::new(&target, None, &[], &[]));
        let effects: Vec<_> = probes.iter().map(|probe| probe.effect).collect();
        assert_eq!(effects, [Effect::Read, Effect::Inert]);
    }

    #[test]
    fn a_crash_without_a_page_is_not_repeated() {
        let target = target();
        let seen = [answered(1, &asks::read("/metrics"), 500, &[], "")];
        assert_eq!(probes(&View::new(&target, None, &seen, &[])).len(), 2);
    }
}
