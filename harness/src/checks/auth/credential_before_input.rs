//! Who calls is asked before what is sent is looked at: else strangers learn the fields, their types and their limits, and
//! every validator is open to the internet.

use crate::check::Check;
use crate::check::asks;
use crate::check::inputs::{Defect, inputs};
use crate::check::judgement::{Judgement, Tally};
use crate::check::spec::{Spec, Suite};
use crate::check::view::View;
use crate::model::exchange::Reply;
use crate::model::finding::{Layer, Severity};
use crate::model::probe::{Ask, Probe};
use crate::model::target::Call;

/// The check.
pub struct CredentialBeforeInput;

static SPEC: Spec = Spec {
    id: "auth/credential-before-input",
    layer: Layer::Auth,
    title: "A stranger is asked who he is before his input is validated",
    severity: Severity::Minor,
    suites: Suite::ALL,
    needs: &["reach/answers"],
    must_run: false,
    explanation: "A body with a field of the wrong type, sent without a credential, should be answered 401. Where it is answered \
                  with the list of what is wrong, anybody can explore the operation (OWASP API8:2023). That a body is no JSON \
                  may be said first: many frameworks parse before they ask, and it tells nothing. If the guard were missing, \
                  such a body might be accepted, so it goes out only where this run may pay or write.",
    hint: "Let the guard run before the body is read; in frameworks that validate arguments first, put it in a layer in front.",
};

/// The body that is valid JSON and wrong, sent by nobody.
fn probes(view: &View<'_>) -> Vec<(Call, Probe)> {
    let protected = asks::protected(view.target);
    inputs(view.target)
        .into_iter()
        .filter(|input| input.defect == Defect::NumberForText && protected.contains(&input.call))
        .map(|input| {
            (
                input.call,
                Probe {
                    who: None,
                    ..input.probe
                },
            )
        })
        .collect()
}

impl Check for CredentialBeforeInput {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        // Where strangers are let in, a wrong body might be accepted, and nothing new would be learnt.
        let refuses = |call: &Call| {
            let nobody = view.answer(&asks::inert(view.target, call, None));
            nobody.is_some_and(|(_, reply)| matches!(reply.status, 400..500))
        };
        let calls = asks::protected(view.target);
        let first = calls
            .iter()
            .map(|call| Ask::One(asks::inert(view.target, call, None)));
        let wrong = probes(view).into_iter().filter(|(call, _)| refuses(call));
        first.chain(wrong.map(|(_, probe)| Ask::One(probe))).collect()
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        let probes = probes(view);
        if probes.is_empty() {
            return Judgement::NotApplicable(
                "no protected operation is known that takes JSON with a text in it".into(),
            );
        }
        let mut tally = Tally::new(view);
        for (call, probe) in probes {
            if let Some((exchange, reply)) = tally.answer(&probe)
                && tells_of_fields(reply)
            {
                let found = SPEC
                    .finds(
                        call.to_string(),
                        format!(
                            "{call} validates the body of a caller without a credential (HTTP {})",
                            reply.status
                        ),
                    )
                    .expected("HTTP 401")
                    .actual(format!("HTTP {}, with what is wrong with the body", reply.status));
                tally.find(found.shown_by([exchange]));
            }
        }
        tally.done()
    }
}

/// Whether an answer is about fields of the body.
fn tells_of_fields(reply: &Reply) -> bool {
    const LISTS: &[&str] = &[
        "errors",
        "detail",
        "violations",
        "invalid_params",
        "invalid-params",
        "issues",
    ];
    let listed = || {
        let body = reply.body.json()?;
        LISTS
            .iter()
            .find_map(|name| body.get(name)?.as_array().map(|list| !list.is_empty()))
    };
    reply.status == 422 || reply.status == 400 && listed().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{answered, target};
    use crate::model::probe::Effect;

    fn found(status: u16, body: &str) -> usize {
        let target = target();
        let probe = probes(&View::new(&target, None, &[], &[])).remove(0).1;
        let seen = [answered(
            1,
            &probe,
            status,
            &[("content-type", "application/json")],
            body,
        )];
        match CredentialBeforeInput.judge(&View::new(&target, None, &seen, &[])) {
            Judgement::Judged { findings, .. } => findings.len(),
            other => panic!("not judged: {other:?}"),
        }
    }

    #[test]
    fn validation_for_strangers_is_found() {
        assert_eq!(found(422, "{}"), 1);
        assert_eq!(found(400, r#"{"errors":[{"pointer":"/text"}]}"#), 1);
    }

    #[test]
    fn a_refusal_is_healthy_in_any_words() {
        assert_eq!(found(401, r#"{"errors":[{"code":"token_missing"}]}"#), 0);
        assert_eq!(found(400, r#"{"detail":"Who are you?"}"#), 0);
    }

    #[test]
    fn it_waits_until_strangers_were_seen_to_be_refused() {
        let target = target();
        let asked = |seen: &[crate::model::exchange::Exchange]| {
            let asks = CredentialBeforeInput.ask(&View::new(&target, None, seen, &[]));
            asks.iter()
                .flat_map(Ask::probes)
                .any(|probe| probe.effect == Effect::Paid)
        };
        let nobody = asks::inert(&target, &crate::check::testing::call(), None);
        assert!(!asked(&[]) && !asked(&[answered(1, &nobody, 200, &[], "{}")]));
        assert!(asked(&[answered(1, &nobody, 401, &[], "{}")]));
    }
}
