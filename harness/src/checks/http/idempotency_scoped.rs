//! A key is chosen by a client, and two clients may choose the same. Who is answered with what another one got reads it.

use crate::check::Check;
use crate::check::created::is_success;
use crate::check::judgement::{Judgement, Tally};
use crate::check::spec::{Spec, Suite};
use crate::check::view::View;
use crate::checks::http::keyed::{asks_of, keyed};
use crate::model::finding::{Layer, Severity};
use crate::model::probe::Ask;

/// The check.
pub struct IdempotencyScoped;

static SPEC: Spec = Spec {
    id: "http/idempotency-scoped",
    layer: Layer::Http,
    title: "An Idempotency-Key means nothing to another caller",
    severity: Severity::Blocker,
    suites: &[Suite::Integration],
    needs: &["reach/answers"],
    must_run: false,
    explanation: "A store that knows a key alone, and not whose it is, gives the stored answer to whoever sends the key: one user \
                  reads what belongs to another, and their own request is never done. Keys such as an order number are easily \
                  guessed. The good call of one user is repeated, under the same key, by the second one.",
    hint: "Make caller and operation part of the key under which the answer is kept.",
};

impl Check for IdempotencyScoped {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        asks_of(view)
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        let keyed = keyed(view);
        if keyed.is_empty() {
            return Judgement::NotApplicable(
                "no contract promises that a call may be repeated under a key".into(),
            );
        }
        if keyed.iter().all(|keyed| keyed.stranger.is_none()) {
            return Judgement::skipped(
                "no second user is known",
                Some("other_env under [auth] of the profile"),
            );
        }
        let mut tally = Tally::new(view);
        for keyed in keyed {
            let Some((_, first)) = tally.answer(&keyed.first) else {
                continue;
            };
            let stranger = keyed.stranger.as_ref().filter(|_| is_success(first));
            let Some((exchange, reply)) = stranger.and_then(|stranger| tally.answer(stranger)) else {
                continue;
            };
            if keyed.is_same(first, reply) {
                let call = &keyed.call;
                let title =
                    format!("{call} answers one user with the result of another who chose the same key");
                let found = SPEC
                    .finds(call.to_string(), title)
                    .expected("a result of their own, or a refusal")
                    .actual(format!("HTTP {} with the first user's result", reply.status));
                tally.find(found.shown_by([exchange]));
            }
        }
        tally.done()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{answered, creating};
    use crate::contract::load::Contract;
    use crate::model::probe::SecretName;
    use crate::model::target::{CredentialFacts, OTHER};

    const DOCUMENT: &str = "openapi: 3.1.0\ninfo: {title: x, version: '1'}\npaths: {/summaries: {post: {parameters: [{name: Idempotency-Key, in: header, schema: {type: string}}], responses: {'201': {description: ''}}}}}";

    fn judged(status: u16, body: &str) -> Judgement {
        let contract = Contract::parse(DOCUMENT, "pinned.yaml").unwrap();
        let mut target = creating();
        let auth = target.auth.as_mut().unwrap();
        auth.credentials.push(CredentialFacts {
            name: SecretName(OTHER.into()),
            ..auth.credentials[0].clone()
        });
        let keyed = keyed(&View::new(&target, Some(&contract), &[], &[])).remove(0);
        let seen = [
            answered(1, &keyed.first, 201, &[], r#"{"id":"1"}"#),
            answered(2, keyed.stranger.as_ref().unwrap(), status, &[], body),
        ];
        IdempotencyScoped.judge(&View::new(&target, Some(&contract), &seen, &[]))
    }

    #[test]
    fn an_answer_that_belongs_to_another_is_found() {
        assert!(
            matches!(judged(201, r#"{"id":"1"}"#), Judgement::Judged { findings, .. } if findings.len() == 1)
        );
    }

    #[test]
    fn spares_a_result_of_ones_own_and_a_refusal() {
        for (status, body) in [(201, r#"{"id":"2"}"#), (403, "{}"), (409, r#"{"id":"1"}"#)] {
            assert!(
                matches!(judged(status, body), Judgement::Judged { findings, .. } if findings.is_empty()),
                "{status}"
            );
        }
    }
}
