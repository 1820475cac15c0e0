//! A CORS filter can be what crashes: a list that does not parse, `*` with credentials refused at request time, an origin that is
//! not ASCII. Then every browser fails and every curl works, and the endpoint is blamed for a fault that it does not have. The
//! very same request without an `Origin` tells the two apart.

use crate::check::Check;
use crate::check::asks;
use crate::check::judgement::{Judgement, Tally};
use crate::check::pages;
use crate::check::spec::{Found, Spec, Suite};
use crate::check::view::{Seen, View};
use crate::cors::lookalike::odd_origins;
use crate::model::exchange::{Exchange, WireFault};
use crate::model::finding::{Layer, Severity};
use crate::model::probe::{Ask, Mode, Origin, Probe};
use crate::model::target::Environment;

/// The check.
pub struct OriginCrashesNothing;

static SPEC: Spec = Spec {
    id: "cors/origin-crashes-nothing",
    layer: Layer::Cors,
    title: "No request crashes because it comes from a page",
    severity: Severity::Blocker,
    suites: Suite::ALL,
    needs: &["reach/answers"],
    must_run: false,
    explanation: "When a request fails with an Origin header and works without one, the filter that reads the header is what \
                  fails. Health checks and curl send none and stay green while every browser is refused. Each crash that a \
                  page meets is therefore asked for once more without its origin. Outside of production, a read is also \
                  sent with origins that no browser sends: not ASCII, empty, very long.",
    hint: "Read the service's log for an error in the CORS filter, and its list of origins for an entry that does not parse.",
};

/// Crashes that are asked for once more.
const CRASHES: usize = 4;

impl Check for OriginCrashesNothing {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        let all = pairs(view)
            .into_iter()
            .chain(odd(view))
            .flat_map(|(with, without)| {
                let again = crash(view, &with).map(|_| with.repeat(1));
                [Some(with), Some(without), again]
            });
        all.flatten().map(Ask::One).collect()
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        if pages::abroad(view.target).next().is_none() {
            return Judgement::NotApplicable("no page on another origin is known".to_owned());
        }
        let mut tally = Tally::new(view);
        for (with, without) in pairs(view) {
            let operation = with.operation();
            if let Some(([crashed, again, plain], how, status)) = blamed(view, &mut tally, &with, &without) {
                let found = SPEC
                    .finds(
                        &operation,
                        format!("{operation} crashes only when it comes from a page: {how} with an Origin header, HTTP {status} without"),
                    )
                    .expected("the same outcome with and without an Origin header")
                    .actual(how);
                tally.find(found.shown_by([crashed, again, plain]));
            }
        }
        // Where every origin crashes it, the odd ones do too.
        let odd = if tally.found_any() { Vec::new() } else { odd(view) };
        for (with, without) in odd {
            if let Some(([crashed, again, plain], how, status)) = blamed(view, &mut tally, &with, &without) {
                tally.find(oddly(&with, &how, status).shown_by([crashed, again, plain]));
            }
        }
        tally.done()
    }
}

/// A crash that an origin alone causes: the two requests that crashed and the one that did not, how, and the latter's status.
type Blamed<'v> = ([&'v Exchange; 3], String, u16);

fn blamed<'v>(
    view: &'v View<'v>,
    tally: &mut Tally<'v>,
    with: &Probe,
    without: &Probe,
) -> Option<Blamed<'v>> {
    let (plain, reply) = tally.answer(without)?;
    let Some((crashed, how)) = crash(view, with) else {
        tally.answer(with);
        return None;
    };
    tally.judged(crashed);
    if reply.status >= 500 {
        return None;
    }
    let again = crashes_again(view, tally, with)?;
    Some(([crashed, again, plain], how, reply.status))
}

/// What is found when an odd origin crashes a read. Minor by itself, since no browser sends one; the 5xx that it causes is not.
fn oddly(with: &Probe, how: &str, status: u16) -> Found {
    let origin = with.page.as_ref().map_or("", |page| page.origin.0.as_str());
    let kind = odd_origins()
        .into_iter()
        .find(|(odd, _)| odd.0 == origin)
        .map_or("odd", |(_, kind)| kind);
    let operation = with.operation();
    SPEC.finds(
        format!("{operation} with an Origin that is {kind}"),
        format!("{operation} crashes at an Origin that is {kind}: {how}, and HTTP {status} without"),
    )
    .expected("a refusal, or an answer without CORS headers")
    .actual(how)
    .hint("Treat an Origin that does not parse as one that is not on the list; never unwrap it.")
    .severity(Severity::Minor)
}

/// A read with each odd origin, and the same read without. Nobody's production is tried with them.
fn odd(view: &View<'_>) -> Vec<(Probe, Probe)> {
    let target = view.target;
    if target.environment == Environment::Production || pages::abroad(target).next().is_none() {
        return Vec::new();
    }
    let route = pages::cheap_route(target);
    let from = |origin: &Origin| asks::read_from(route, origin, Mode::Include);
    let all = odd_origins().into_iter();
    all.map(|(origin, _)| (from(&origin), asks::read(route)))
        .collect()
}

/// Requests of pages, each with the same request without an origin: a healthy pair to begin with, and one for each crash.
fn pairs(view: &View<'_>) -> Vec<(Probe, Probe)> {
    let Some(first) = pages::abroad(view.target).next() else {
        return Vec::new();
    };
    let route = pages::cheap_route(view.target);
    let health = asks::read_from(route, &first.origin, first.credentials);
    let mut with: Vec<Probe> = vec![health];
    for exchange in view
        .exchanges
        .iter()
        .filter(|exchange| is_from_page(exchange, view))
    {
        let probe = &*exchange.probe;
        let known = with.iter().any(|other| other.operation() == probe.operation());
        if !known && with.len() <= CRASHES && crash(view, probe).is_some() {
            with.push(probe.clone());
        }
    }
    with.into_iter()
        .map(|probe| {
            let without = Probe {
                page: None,
                ..probe.clone()
            };
            (probe, without)
        })
        .collect()
}

/// The second crash, when it crashes once more. A fault that comes and goes would otherwise be laid at the filter's door.
fn crashes_again<'v>(view: &'v View<'v>, tally: &mut Tally<'v>, with: &Probe) -> Option<&'v Exchange> {
    let again = with.repeat(1);
    match crash(view, &again) {
        Some((exchange, _)) => {
            tally.judged(exchange);
            Some(exchange)
        }
        None => {
            tally.answer(&again);
            None
        }
    }
}

/// Whether a page, or the browser for it, sent this.
fn is_from_page(exchange: &Exchange, view: &View<'_>) -> bool {
    let origin = exchange.probe.page.as_ref().map(|page| &page.origin);
    exchange.probe.again == 0 && pages::abroad(view.target).any(|client| Some(&client.origin) == origin)
}

/// How a request crashed, when it did: a 5xx, or no answer on a connection that was there.
fn crash<'v>(view: &View<'v>, probe: &Probe) -> Option<(&'v Exchange, String)> {
    match view.seen(probe) {
        Seen::Answered(exchange, reply) if reply.status >= 500 => {
            Some((exchange, format!("HTTP {}", reply.status)))
        }
        Seen::Failed(exchange, error)
            if matches!(error.fault, WireFault::ClosedWithoutAnswer | WireFault::Reset) =>
        {
            Some((exchange, "no answer at all".to_owned()))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{answered, failed, target};
    use crate::model::exchange::Phase;
    use crate::model::finding::Finding;

    fn judged(seen: &[Exchange]) -> (usize, Vec<Finding>) {
        let target = target();
        match OriginCrashesNothing.judge(&View::new(&target, None, seen, &[])) {
            Judgement::Judged {
                exchanges, findings, ..
            } => (exchanges.len(), findings),
            other => panic!("{other:?}"),
        }
    }

    fn health() -> (Probe, Probe) {
        pairs(&View::new(&target(), None, &[], &[])).remove(0)
    }

    #[test]
    fn a_filter_that_raises_is_found_by_the_same_request_without_an_origin() {
        let (with, without) = health();
        let plain = answered(2, &without, 200, &[], "");
        let crashes = [&with, &with.repeat(1)].map(|probe| answered(1, probe, 500, &[], ""));
        let (_, found) = judged(&[crashes[0].clone(), plain.clone(), crashes[1].clone()]);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].subject, "GET /health");
        let drops = [&with, &with.repeat(1)]
            .map(|probe| failed(1, probe, Phase::Wait, WireFault::ClosedWithoutAnswer));
        assert_eq!(
            judged(&[drops[0].clone(), plain.clone(), drops[1].clone()])
                .1
                .len(),
            1
        );
    }

    #[test]
    fn an_origin_that_no_browser_sends_crashes_it_minorly_and_never_in_production() {
        let mut target = target();
        let (with, without) = odd(&View::new(&target, None, &[], &[])).remove(0);
        let (ours, _) = health();
        let seen = [
            answered(1, &ours, 200, &[], ""),
            answered(2, &without, 200, &[], ""),
            answered(3, &with, 500, &[], ""),
            answered(4, &with.repeat(1), 500, &[], ""),
        ];
        let (_, found) = judged(&seen);
        assert_eq!((found.len(), found[0].severity), (1, Severity::Minor));
        assert!(found[0].title.contains("not ASCII"), "{}", found[0].title);
        target.environment = Environment::Production;
        assert_eq!(odd(&View::new(&target, None, &[], &[])).len(), 0);
    }

    #[test]
    fn an_odd_origin_that_is_refused_is_spared() {
        let (with, without) = odd(&View::new(&target(), None, &[], &[])).remove(0);
        let seen = [
            answered(1, &with, 400, &[], ""),
            answered(2, &without, 200, &[], ""),
        ];
        assert_eq!(judged(&seen), (2, vec![]));
    }

    #[test]
    fn a_crash_that_comes_and_goes_is_not_the_filters_fault() {
        let (with, without) = health();
        let seen = [
            answered(1, &with, 500, &[], ""),
            answered(2, &without, 200, &[], ""),
            answered(3, &with.repeat(1), 200, &[], ""),
        ];
        assert_eq!(judged(&seen), (3, vec![]));
    }

    #[test]
    fn an_endpoint_that_crashes_for_everybody_is_not_the_filters_fault() {
        let (with, without) = health();
        let both = [
            answered(1, &with, 500, &[], ""),
            answered(2, &without, 500, &[], ""),
        ];
        assert_eq!(judged(&both), (2, vec![]));
    }

    #[test]
    fn a_refusal_of_the_origin_is_no_crash() {
        let (with, without) = health();
        let both = [
            answered(1, &with, 403, &[], ""),
            answered(2, &without, 200, &[], ""),
        ];
        assert_eq!(judged(&both), (2, vec![]));
    }

    #[test]
    fn each_crash_that_a_page_meets_is_asked_for_once_more() {
        let target = target();
        let proof = asks::proof(&target, &target.proofs[0]);
        let seen = [
            answered(1, &proof, 500, &[], ""),
            answered(
                2,
                &asks::inert(&target, &target.proofs[0].call, None),
                500,
                &[],
                "",
            ),
        ];
        let pairs = pairs(&View::new(&target, None, &seen, &[]));
        assert_eq!(pairs.len(), 2, "one operation, once");
        let (with, without) = &pairs[1];
        assert_eq!((with, &without.page), (&proof, &None));
        assert_eq!(without.who, proof.who);
        assert_eq!(without.effect, proof.effect);
    }
}
