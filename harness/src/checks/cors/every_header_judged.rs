//! Some layers look a preflight's headers up and stop at the first that they know. They refuse an unknown header and let it
//! pass beside a known one. Browsers hold the list against the call themselves, so nobody gets in; but whoever takes the
//! refusal for a guard is mistaken, and a missing entry shows in one call and not in another.

use crate::check::Check;
use crate::check::judgement::{Judgement, Tally};
use crate::check::pages::{self, Preflight, UNKNOWN_HEADER};
use crate::check::spec::{Spec, Suite};
use crate::check::view::View;
use crate::checks::cors::preflight_allowed::without_pages;
use crate::model::finding::{Layer, Severity};
use crate::model::probe::Ask;
use crate::model::target::Target;

/// The check.
pub struct EveryHeaderJudged;

static SPEC: Spec = Spec {
    id: "cors/every-header-judged",
    layer: Layer::Cors,
    title: "A preflight's headers are judged one by one",
    severity: Severity::Minor,
    suites: Suite::ALL,
    needs: &["reach/answers"],
    must_run: false,
    explanation: "A layer that refuses a preflight for an unknown header, and lets the same header pass beside one that it \
                  knows, compares any instead of all. Browsers still enforce the list that it answers with, so no page gets \
                  further than it should; the server's own refusal is not real, and should not be relied on. A layer that \
                  refuses no unknown header at all, and leaves it out of its list, is healthy.",
    hint: "Hold every name in Access-Control-Request-Headers against the list, or refuse none and let the browser judge.",
};

impl Check for EveryHeaderJudged {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        let Some(preflight) = model(view.target) else {
            return Vec::new();
        };
        let alone = pages::with_unknown_header(&preflight, true);
        // Beside others it tells something only where it is refused alone.
        let refused = view
            .answer(&alone)
            .is_some_and(|(_, reply)| is_refusal(reply.status));
        let beside = refused.then(|| pages::with_unknown_header(&preflight, false));
        [Some(alone), beside]
            .into_iter()
            .flatten()
            .map(Ask::One)
            .collect()
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        if let Some(reason) = without_pages(view.target) {
            return reason;
        }
        let Some(preflight) = model(view.target) else {
            return Judgement::NotApplicable(
                "no known call of a page needs a preflight for a header".to_owned(),
            );
        };
        let mut tally = Tally::new(view);
        let Some((alone, refusal)) = tally.answer(&pages::with_unknown_header(&preflight, true)) else {
            return tally.done();
        };
        let beside = tally.answer(&pages::with_unknown_header(&preflight, false));
        let own = view.answer(&preflight.probe);
        if let Some((beside, reply)) = beside
            && is_refusal(refusal.status)
            && (200..300).contains(&reply.status)
            // Where the page's own preflight fares otherwise, something else is the matter.
            && own.is_some_and(|(_, own)| own.status == reply.status)
        {
            let call = &preflight.made.call;
            let found = SPEC
                .finds(
                    preflight.subject(),
                    format!("The preflight of {call} passes with an unknown header as long as another one is known"),
                )
                .expected(format!("HTTP {} for {UNKNOWN_HEADER} beside others as well", refusal.status))
                .actual(format!(
                    "HTTP {} for {UNKNOWN_HEADER} alone, HTTP {} beside {}",
                    refusal.status,
                    reply.status,
                    preflight.need.header_names.join(", ")
                ));
            tally.find(found.shown_by([alone, beside]));
        }
        tally.done()
    }
}

fn is_refusal(status: u16) -> bool {
    (400..500).contains(&status)
}

/// The preflight that is varied: the first that asks for a header.
fn model(target: &Target) -> Option<Preflight<'_>> {
    pages::preflights(target)
        .into_iter()
        .find(|preflight| !preflight.need.header_names.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{answered, target};
    use crate::model::exchange::Exchange;
    use crate::model::finding::Finding;

    /// What comes of these statuses: to the page's own preflight, to the unknown header alone, and to it beside others.
    fn judged(own: u16, alone: u16, beside: u16) -> Vec<Finding> {
        let target = target();
        let preflight = model(&target).unwrap();
        let mut seen: Vec<Exchange> = vec![answered(1, &preflight.probe, own, &[], "")];
        for _ in 0..2 {
            let asks = EveryHeaderJudged.ask(&View::new(&target, None, &seen, &[]));
            for (probe, status) in asks.iter().flat_map(Ask::probes).zip([alone, beside]) {
                if seen.iter().all(|known| *known.probe != *probe) {
                    let id = u32::try_from(seen.len()).unwrap() + 1;
                    seen.push(answered(id, probe, status, &[], ""));
                }
            }
        }
        match EveryHeaderJudged.judge(&View::new(&target, None, &seen, &[])) {
            Judgement::Judged { findings, .. } => findings,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_header_that_passes_only_in_company_is_found() {
        let found = judged(204, 403, 204);
        assert_eq!((found.len(), found[0].severity), (1, Severity::Minor));
        assert!(found[0].actual.contains("403 for x-greenlight-unlisted alone"));
    }

    #[test]
    fn layers_that_judge_each_header_or_leave_it_to_the_browser_are_spared() {
        assert_eq!(judged(204, 400, 400), [], "Starlette");
        assert_eq!(judged(204, 204, 204), []);
        assert_eq!(judged(403, 403, 403), []);
        assert_eq!(judged(200, 403, 204), [], "another layer answers the page's own");
    }

    #[test]
    fn nothing_more_is_asked_where_an_unknown_header_is_not_refused() {
        let target = target();
        let preflight = model(&target).unwrap();
        let alone = pages::with_unknown_header(&preflight, true);
        let seen = [answered(1, &alone, 204, &[], "")];
        let view = View::new(&target, None, &seen, &[]);
        assert_eq!(EveryHeaderJudged.ask(&view), [Ask::One(alone)]);
    }
}
