//! A refresh token is the key to a session for weeks. What the operation takes in its place is a key as well.

use crate::check::Check;
use crate::check::created::is_success;
use crate::check::judgement::{Judgement, Tally};
use crate::check::spec::{Spec, Suite};
use crate::check::view::View;
use crate::checks::auth::renewing::{in_order, steps, unable};
use crate::model::finding::{Layer, Severity};
use crate::model::probe::Ask;

/// The check.
pub struct RefreshRefuses;

static SPEC: Spec = Spec {
    id: "auth/refresh-refuses",
    layer: Layer::Auth,
    title: "Only a refresh token that is good renews a session",
    severity: Severity::Major,
    suites: &[Suite::Integration],
    needs: &["reach/answers", "auth/good-credential-accepted"],
    must_run: false,
    explanation: "An access token is seen by every service that is called with it; if it renews a session, whoever saw it has the \
                  session for good (RFC 8725 §3.11). A refresh token with a changed signature shows that it is verified. Where \
                  each is good once, a used one must be refused, or a stolen one lives as long as its session (RFC 9700 §2.2.2). \
                  400, 401 and 403 are all right (RFC 6749 §5.2).",
    hint: "Verify the kind of the token before anything else, and keep which of a session's refresh tokens is the good one.",
};

impl Check for RefreshRefuses {
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
        let mut tally = Tally::new(view);
        // A token that never was renewed was not used either.
        let renewed = view
            .answer(&steps.renew)
            .is_some_and(|(_, reply)| is_success(reply));
        let used = steps.again.as_ref().filter(|_| renewed);
        let tried = [
            (Some(&steps.spoilt), "a refresh token that was changed"),
            (Some(&steps.access), "an access token"),
            (used, "a refresh token that was used before"),
        ];
        for (probe, what) in tried {
            let Some((exchange, reply)) = probe.and_then(|probe| tally.answer(probe)) else {
                continue;
            };
            if is_success(reply) {
                let operation = exchange.probe.operation();
                let title = format!("{operation} renews a session for {what}");
                let found = SPEC.finds(format!("{operation}, {what}"), title);
                let found = found
                    .expected("HTTP 400 or 401")
                    .actual(format!("HTTP {}", reply.status));
                tally.find(found.shown_by([exchange]));
            }
        }
        tally.done()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::auth::renewing_tests::{TOKENS, run};

    fn found(statuses: [u16; 7]) -> Vec<String> {
        match run(&RefreshRefuses, statuses, TOKENS) {
            Judgement::Judged { findings, .. } => findings.into_iter().map(|found| found.subject).collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn whatever_is_taken_in_place_of_a_good_one_is_found() {
        assert_eq!(
            found([200, 401, 200, 200, 200, 401, 401]),
            ["POST /refresh, a refresh token that was changed"]
        );
        assert_eq!(
            found([401, 200, 200, 200, 200, 401, 401]),
            ["POST /refresh, an access token"]
        );
        assert_eq!(
            found([401, 401, 200, 200, 200, 200, 401]),
            ["POST /refresh, a refresh token that was used before"]
        );
    }

    #[test]
    fn spares_every_way_to_refuse() {
        for refused in [400, 401, 403, 422] {
            assert_eq!(
                found([refused, refused, 200, 200, 200, refused, 401]),
                Vec::<String>::new(),
                "{refused}"
            );
        }
    }

    #[test]
    fn a_token_that_was_never_renewed_is_not_called_used() {
        assert_eq!(found([401, 401, 503, 0, 0, 200, 0]), Vec::<String>::new());
    }
}
