//! A browser remembers a preflight for as long as `Access-Control-Max-Age` says, and for five seconds when it says nothing that
//! can be read. Then nearly every call of a page is two requests, and every user waits twice.

use crate::check::Check;
use crate::check::judgement::{Judgement, Tally};
use crate::check::pages;
use crate::check::spec::{Spec, Suite};
use crate::check::view::View;
use crate::checks::cors::preflight_allowed::without_pages;
use crate::cors::preflight::{DEFAULT_MAX_AGE, MaxAge};
use crate::cors::sentence::quoted;
use crate::model::finding::{Layer, Severity};
use crate::model::probe::Ask;

/// The check.
pub struct PreflightRemembered;

static SPEC: Spec = Spec {
    id: "cors/preflight-remembered",
    layer: Layer::Cors,
    title: "Browsers are told for how long they may remember a preflight",
    severity: Severity::Minor,
    suites: Suite::ALL,
    needs: &["reach/answers"],
    must_run: false,
    explanation: "Access-Control-Max-Age is a number of seconds (Fetch §4.8, step 7.9). Without one, or with something that is \
                  no number, a browser forgets the preflight after five seconds and asks again before nearly every call. 0 is \
                  a decision and is healthy; what is above 7200 (Chromium) or 86400 (Firefox) is merely cut to that.",
    hint: "Send Access-Control-Max-Age with whole seconds, such as 600.",
};

impl Check for PreflightRemembered {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        pages::preflights(view.target)
            .into_iter()
            .map(|preflight| Ask::One(preflight.probe))
            .collect()
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        if let Some(reason) = without_pages(view.target) {
            return reason;
        }
        let preflights = pages::preflights(view.target);
        if preflights.is_empty() {
            return Judgement::NotApplicable("no known call of a page needs a preflight".to_owned());
        }
        let mut tally = Tally::new(view);
        for preflight in preflights {
            let Some((exchange, reply)) = tally.answer(&preflight.probe) else {
                continue;
            };
            let Ok(granted) = preflight.judge(reply) else {
                continue;
            };
            let call = &preflight.made.call;
            let (title, actual, severity) = match granted.max_age {
                MaxAge::Seconds(_) => continue,
                MaxAge::Absent => (
                    format!("The preflight of {call} does not say for how long it may be remembered"),
                    "no Access-Control-Max-Age".to_owned(),
                    Severity::Advisory,
                ),
                MaxAge::Invalid(value) => (
                    format!(
                        "The preflight of {call} says for how long it may be remembered, and not in whole seconds"
                    ),
                    format!("Access-Control-Max-Age: {}", quoted(&value)),
                    SPEC.severity,
                ),
            };
            let found = SPEC
                .finds(preflight.subject(), title)
                .expected("Access-Control-Max-Age with a number of seconds")
                .actual(format!(
                    "{actual}, so browsers ask again after {DEFAULT_MAX_AGE} seconds"
                ))
                .severity(severity);
            tally.find(found.shown_by([exchange]));
        }
        tally.done()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{answered, cors, target};

    fn judged(more: &[(&str, &str)]) -> Vec<Severity> {
        let target = target();
        let probe = pages::preflights(&target).remove(0).probe;
        let allowed = [("access-control-allow-headers", "authorization, content-type")];
        let headers: Vec<_> = cors()
            .into_iter()
            .chain(allowed)
            .chain(more.iter().copied())
            .collect();
        let seen = [answered(1, &probe, 204, &headers, "")];
        match PreflightRemembered.judge(&View::new(&target, None, &seen, &[])) {
            Judgement::Judged { findings, .. } => findings.iter().map(|found| found.severity).collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_is_no_number_of_seconds_is_found() {
        for value in ["-1", "10m", "600, 600", "", "1.5"] {
            assert_eq!(
                judged(&[("access-control-max-age", value)]),
                [Severity::Minor],
                "{value}"
            );
        }
    }

    #[test]
    fn nothing_said_is_a_remark_and_any_number_is_fine() {
        assert_eq!(judged(&[]), [Severity::Advisory]);
        for value in ["0", "600", " 86400 ", "99999999999999999999"] {
            assert_eq!(judged(&[("access-control-max-age", value)]), [], "{value}");
        }
    }

    #[test]
    fn a_refused_preflight_is_another_matter() {
        let target = target();
        let probe = pages::preflights(&target).remove(0).probe;
        let seen = [answered(1, &probe, 405, &[], "")];
        let judgement = PreflightRemembered.judge(&View::new(&target, None, &seen, &[]));
        assert!(matches!(judgement, Judgement::Judged { findings, .. } if findings.is_empty()));
    }
}
