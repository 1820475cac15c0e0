//! A refresh token that is good once and is shown twice has two holders, and one of them is a thief.

use crate::check::Check;
use crate::check::created::is_success;
use crate::check::judgement::{Judgement, Tally};
use crate::check::spec::{Spec, Suite};
use crate::check::view::View;
use crate::checks::auth::renewing::{in_order, steps, unable};
use crate::model::finding::{Layer, Severity};
use crate::model::probe::Ask;

/// The check.
pub struct RefreshReuseNoticed;

static SPEC: Spec = Spec {
    id: "auth/refresh-reuse-noticed",
    layer: Layer::Auth,
    title: "A used refresh token ends its session",
    severity: Severity::Minor,
    suites: &[Suite::Integration],
    needs: &["reach/answers", "auth/good-credential-accepted"],
    must_run: false,
    explanation: "Where each refresh token is good once, one that is shown again tells that two hold it, and not which of them \
                  stole it. To refuse it is not enough: if the thief was quicker, it is the user who is refused, and the thief \
                  who goes on for as long as the session lasts. So the session ends for both (RFC 9700 §4.14.2). A session that \
                  may be thrown away is renewed twice, its first token is shown again, and then the newest one, which must be \
                  refused by then.",
    hint: "End the session when one of its used refresh tokens is shown, and log that as a warning: somebody should look at it.",
};

impl Check for RefreshReuseNoticed {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        in_order(view)
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        let Some(steps) = steps(view) else {
            return unable(view);
        };
        let (Some(next), Some(again), Some(newest)) = (&steps.next, &steps.again, &steps.newest) else {
            return Judgement::NotApplicable("a refresh token is good more than once here".into());
        };
        let worked = |probe| view.answer(probe).is_some_and(|(_, reply)| is_success(reply));
        if !worked(&steps.renew) || !worked(next) {
            return Judgement::unknown("no session was renewed twice");
        }
        if worked(again) {
            return Judgement::unknown("a used refresh token was accepted, which is reported on its own");
        }
        let Some((showing, shown)) = view.answer(again) else {
            return Judgement::unknown("the used refresh token was not answered");
        };
        let mut tally = Tally::new(view);
        let Some((exchange, reply)) = tally.answer(newest) else {
            return tally.done();
        };
        if is_success(reply) {
            let operation = newest.operation();
            let title = format!("{operation} goes on renewing a session whose used refresh token was shown");
            let found = SPEC
                .finds(&operation, title)
                .expected("HTTP 400 or 401 to the newest refresh token as well")
                .actual(format!(
                    "HTTP {} to the used one, and HTTP {} to the newest",
                    shown.status, reply.status
                ));
            tally.find(found.shown_by([exchange, showing]));
        }
        tally.done()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::auth::renewing_tests::{TOKENS, renewing, run};

    fn judged(statuses: [u16; 7]) -> Judgement {
        run(&RefreshReuseNoticed, statuses, TOKENS)
    }

    fn found(statuses: [u16; 7]) -> usize {
        match judged(statuses) {
            Judgement::Judged { findings, .. } => findings.len(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_session_that_goes_on_is_found_and_one_that_ends_is_spared() {
        assert_eq!(found([401, 401, 200, 200, 200, 401, 200]), 1);
        for ended in [400, 401, 403] {
            assert_eq!(found([401, 401, 200, 200, 200, ended, ended]), 0);
        }
    }

    #[test]
    fn what_was_not_renewed_or_was_renewed_for_a_used_token_shows_nothing() {
        for statuses in [
            [401, 401, 401, 0, 0, 401, 0],
            [401, 401, 200, 200, 503, 401, 0],
            [401, 401, 200, 200, 200, 200, 200],
            [401, 401, 200, 200, 200, 401, 0],
        ] {
            assert!(matches!(judged(statuses), Judgement::Unable(_)), "{statuses:?}");
        }
    }

    #[test]
    fn where_a_token_is_good_for_ever_there_is_nothing_to_notice() {
        let mut target = renewing();
        target.auth.as_mut().unwrap().renewal.as_mut().unwrap().next_at = None;
        let judged = RefreshReuseNoticed.judge(&View::new(&target, None, &[], &[]));
        assert!(matches!(judged, Judgement::NotApplicable(_)));
    }
}
