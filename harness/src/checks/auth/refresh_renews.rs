//! A session that cannot be renewed ends with its first token: every user is logged out at once, an hour after the deploy.

use crate::check::Check;
use crate::check::created::is_success;
use crate::check::judgement::{Judgement, Tally};
use crate::check::spec::{Spec, Suite};
use crate::check::transcript::is_nonempty;
use crate::check::view::View;
use crate::checks::auth::renewing::{Steps, in_order, steps, unable};
use crate::model::finding::{Layer, Severity, Verdict};
use crate::model::probe::Ask;
use crate::model::target::Renewal;

/// The check.
pub struct RefreshRenews;

static SPEC: Spec = Spec {
    id: "auth/refresh-renews",
    layer: Layer::Auth,
    title: "A refresh token gives a new access token that works",
    severity: Severity::Major,
    suites: &[Suite::Integration],
    needs: &["reach/answers", "auth/good-credential-accepted"],
    must_run: false,
    explanation: "Nobody refreshes a token while they try a deploy by hand, so a refresh that always fails is met by every user at \
                  once, as soon as their first token expires. The profile names the operation and the refresh token of a session \
                  that may be thrown away: it is renewed, the new access token reads something that needs one, and where each \
                  refresh token is good once, the next one is tried as well (RFC 6749 §6).",
    hint: "Call the operation with a good refresh token and read the service's log of it.",
};

impl Check for RefreshRenews {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        in_order(view)
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        let renewal = view.target.auth.as_ref().and_then(|auth| auth.renewal.as_ref());
        let (Some(steps), Some(renewal)) = (steps(view), renewal) else {
            return unable(view);
        };
        let mut tally = Tally::new(view);
        judge(renewal, &steps, &mut tally);
        tally.done()
    }
}

fn judge(renewal: &Renewal, steps: &Steps, tally: &mut Tally<'_>) {
    let call = renewal.call.to_string();
    let Some((renewing, renewed)) = tally.answer(&steps.renew) else {
        return;
    };
    if !is_success(renewed) {
        let title = format!("{call} does not renew a good session: HTTP {}", renewed.status);
        let found = SPEC.finds(&call, title).expected("a 2xx answer with new tokens");
        let found = found.actual(format!("HTTP {}", renewed.status));
        // Where each refresh token is good once, the second run with the same one is told this by a healthy service as well.
        let may_be_used = renewal.next_at.is_some() && matches!(renewed.status, 400 | 401 | 403);
        let found = if may_be_used {
            found
                .outcome(Verdict::Inconclusive)
                .hint("Give each run the refresh token of a session of its own: this one may have been used before.")
        } else {
            found
        };
        tally.find(found.shown_by([renewing]));
        return;
    }
    let body = renewed.body.json();
    let holds = |at: &str| {
        body.as_ref()
            .and_then(|body| body.pointer(at))
            .is_some_and(is_nonempty)
    };
    let wanted = std::iter::once(&renewal.access_at).chain(&renewal.next_at);
    for at in wanted.filter(|at| !holds(at)) {
        let title = format!("{call} answers HTTP {} without a token at {at}", renewed.status);
        let found = SPEC.finds(format!("{call} {at}"), title).expected("a token");
        tally.find(found.actual("nothing that could be one").shown_by([renewing]));
    }
    if holds(&renewal.access_at)
        && let Some((reading, read)) = tally.answer(&steps.read)
        && matches!(read.status, 401 | 403)
    {
        let operation = steps.read.operation();
        let title = format!("{call} gives an access token that {operation} refuses");
        let found = SPEC.finds(&call, title).expected("a 2xx answer to the new token");
        tally.find(
            found
                .actual(format!("HTTP {}", read.status))
                .shown_by([reading, renewing]),
        );
    }
    if let Some(next) = &steps.next
        && renewal.next_at.as_deref().is_some_and(holds)
        && let Some((exchange, reply)) = tally.answer(next)
        && !is_success(reply)
    {
        let title = format!("{call} gives a refresh token that it refuses itself");
        let found = SPEC
            .finds(&call, title)
            .expected("a 2xx answer to the next refresh token");
        tally.find(
            found
                .actual(format!("HTTP {}", reply.status))
                .shown_by([exchange, renewing]),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::auth::renewing_tests::{TOKENS, renewing, run, run_on};
    use crate::model::target::Target;

    fn found(statuses: [u16; 7], body: &str) -> Vec<String> {
        match run(&RefreshRenews, statuses, body) {
            Judgement::Judged { findings, .. } => findings.into_iter().map(|found| found.title).collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_refresh_that_fails_or_gives_nothing_that_works_is_found() {
        let crashed = found([401, 401, 500, 0, 0, 401, 0], "{}");
        assert_eq!(crashed, ["POST /refresh does not renew a good session: HTTP 500"]);
        assert_eq!(
            found([401, 401, 200, 0, 0, 401, 0], r#"{"access_token":null}"#).len(),
            2
        );
        let useless = found([401, 401, 200, 401, 200, 401, 401], TOKENS);
        assert_eq!(
            useless,
            ["POST /refresh gives an access token that GET /me refuses"]
        );
        let once = found([401, 401, 200, 200, 400, 401, 401], TOKENS);
        assert_eq!(
            once,
            ["POST /refresh gives a refresh token that it refuses itself"]
        );
    }

    #[test]
    fn a_refused_token_is_a_failure_unless_it_may_have_been_used() {
        let outcomes = |target: &Target, refused: u16| {
            let judged = run_on(target, &RefreshRenews, [401, 401, refused, 0, 0, 401, 0], "{}");
            let Judgement::Judged { findings, .. } = judged else {
                panic!("{judged:?}");
            };
            findings.iter().map(|found| found.outcome).collect::<Vec<_>>()
        };
        let once = renewing();
        let mut often = renewing();
        often.auth.as_mut().unwrap().renewal.as_mut().unwrap().next_at = None;
        for refused in [400, 401, 403] {
            assert_eq!(outcomes(&once, refused), [Verdict::Inconclusive], "{refused}");
            assert_eq!(outcomes(&often, refused), [Verdict::Fail], "{refused}");
        }
        assert_eq!(outcomes(&once, 404), [Verdict::Fail]);
    }

    #[test]
    fn spares_one_that_works_whatever_the_read_says_for_itself() {
        assert_eq!(
            found([400, 401, 200, 200, 200, 400, 401], TOKENS),
            Vec::<String>::new()
        );
        assert_eq!(
            found([400, 401, 201, 404, 200, 400, 401], TOKENS),
            Vec::<String>::new()
        );
    }
}
