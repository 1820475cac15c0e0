//! A session that cannot be renewed ends with its first token: every user is logged out at once, an hour after the deploy.

use crate::check::Check;
use crate::check::created::is_success;
use crate::check::judgement::{Judgement, Tally};
use crate::check::spec::{Spec, Suite};
use crate::check::transcript::is_nonempty;
use crate::check::view::View;
use crate::checks::auth::renewing::{Steps, steps, unable};
use crate::model::finding::{Layer, Severity};
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
        steps(view)
            .map(|steps| Ask::Seq(steps.all()))
            .into_iter()
            .collect()
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
    if matches!(renewed.status, 400 | 401 | 403) {
        // Where each refresh token is good once, this is also what the second run with the same one is told.
        let why = format!(
            "{call} refused the refresh token (HTTP {}): it may have been used before, or have run out. Give each run one of a \
             session of its own",
            renewed.status
        );
        tally.unknown(why, None);
        return;
    }
    if !is_success(renewed) {
        let title = format!("{call} does not renew a good session: HTTP {}", renewed.status);
        let found = SPEC.finds(&call, title).expected("a 2xx answer with new tokens");
        tally.find(
            found
                .actual(format!("HTTP {}", renewed.status))
                .shown_by([renewing]),
        );
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
    use crate::checks::auth::renewing_tests::{TOKENS, run};

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
    fn a_refused_token_may_have_been_used_and_that_is_no_fault_of_the_deploy() {
        for refused in [400, 401, 403] {
            let judged = run(&RefreshRenews, [401, 401, refused, 0, 0, 401, 0], "{}");
            let said = format!("{judged:?}");
            assert!(
                said.contains("used before") && !said.contains("Finding {"),
                "{said}"
            );
        }
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
