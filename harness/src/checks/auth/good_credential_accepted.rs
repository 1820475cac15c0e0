//! Law 2 for authentication: a deploy with the wrong signing key, issuer or clock refuses everybody, and every rejection
//! check is green. Only a good credential that is seen to be let in shows that the door opens at all.

use crate::check::Check;
use crate::check::asks;
use crate::check::judgement::{Judgement, Tally};
use crate::check::spec::{Spec, Suite};
use crate::check::view::{Seen, View};
use crate::checks::auth::control::{self, Control};
use crate::model::finding::{Finding, Layer, Severity};
use crate::model::probe::{Ask, Mutation};
use crate::model::target::{Call, Target};

/// The check.
pub struct GoodCredentialAccepted;

static SPEC: Spec = Spec {
    id: "auth/good-credential-accepted",
    layer: Layer::Auth,
    title: "A good credential is accepted",
    severity: Severity::Blocker,
    suites: Suite::ALL,
    needs: &["reach/answers"],
    must_run: true,
    explanation: "A service that refuses everybody passes every test of its refusals. The good credential is sent with a \
                  body that nobody could accept: where strangers get 401 and it gets 400, 415 or 422, it was let in, and \
                  nothing was paid or written. So was it where a call that must work answered 2xx.",
    hint: "Compare signing key, issuer, audience and clock of this deploy with those of the credential.",
};

impl Check for GoodCredentialAccepted {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        if control::good(view.target).is_none() {
            return Vec::new();
        }
        let probes = |call: &Call| {
            [Some(Mutation::AsIs), None].map(|mutation| Ask::One(asks::inert(view.target, call, mutation)))
        };
        asks::protected(view.target).iter().flat_map(probes).collect()
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        let Some(auth) = &view.target.auth else {
            return Judgement::NotApplicable(
                "the profile has no [auth]: no call is known to need a credential".into(),
            );
        };
        if auth.good().is_none() {
            return Judgement::skipped("it needs a credential, and none was given", Some(&auth.supply));
        }
        let calls = asks::protected(view.target);
        if calls.is_empty() {
            return Judgement::skipped(
                "nobody said which operation needs the credential",
                Some("--profile FILE with a [[prove]] table"),
            );
        }
        let mut tally = Tally::new(view);
        for call in &calls {
            let control = control::control(view, call);
            let seen = control.accepted.iter().chain(&control.refused);
            seen.for_each(|exchange| tally.judged(exchange));
            if let Some(finding) = refused(call, &control) {
                tally.find(finding);
            } else if control.accepted.is_empty() {
                open(view, call, &mut tally);
            }
        }
        tally.done()
    }
}

/// What is wrong when it was refused, once or always.
fn refused(call: &Call, control: &Control<'_>) -> Option<Finding> {
    let first = control.refused.first()?;
    let status = first.status()?;
    let all = control.refused.len() + control.accepted.len();
    let title = if control.accepted.is_empty() {
        format!("{call} refuses a good credential with HTTP {status}")
    } else {
        let times = control.refused.len();
        format!("{call} refuses a good credential {times} times out of {all}, with HTTP {status}")
    };
    let found = SPEC
        .finds(call.to_string(), title)
        .expected("an answer that is not about the credential")
        .actual(format!("HTTP {status}"));
    Some(found.shown_by(control.refused.iter().copied()))
}

/// Says why it is not known whether it was accepted.
fn open(view: &View<'_>, call: &Call, tally: &mut Tally<'_>) {
    let inert = asks::inert(view.target, call, Some(Mutation::AsIs));
    let Seen::Answered(_, reply) = view.seen(&inert) else {
        tally.answer(&inert);
        return;
    };
    let reason = format!(
        "{call} answers HTTP {} to a body that is no JSON, whether or not a good credential comes with it",
        reply.status
    );
    match denied(view, call) {
        Some((why, flag)) => tally.missing(
            format!("{reason}, and its proof was not asked: {why}"),
            flag.as_deref(),
        ),
        None => tally.unknown(reason, None),
    }
}

/// Why the call that must work was not sent.
fn denied(view: &View<'_>, call: &Call) -> Option<(String, Option<String>)> {
    let probe = acceptable(view.target, call)?;
    match view.seen(&probe) {
        Seen::Refused(refusal) => Some((refusal.reason.clone(), refusal.flag.clone())),
        _ => None,
    }
}

fn acceptable(target: &Target, call: &Call) -> Option<crate::model::probe::Probe> {
    asks::acceptable(target, call, control::good(target))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{answered, call, target};
    use crate::model::exchange::Exchange;
    use crate::model::refusal::{Refusal, Why};

    const JSON: &[(&str, &str)] = &[("content-type", "application/json")];

    fn judged(target: &Target, seen: &[Exchange], refused: &[Refusal]) -> Judgement {
        GoodCredentialAccepted.judge(&View::new(target, None, seen, refused))
    }

    fn answers(good: u16, nobody: u16) -> Vec<Exchange> {
        let target = target();
        let good_probe = asks::inert(&target, &call(), Some(Mutation::AsIs));
        let nobody_probe = asks::inert(&target, &call(), None);
        vec![
            answered(1, &good_probe, good, JSON, "{}"),
            answered(2, &nobody_probe, nobody, JSON, "{}"),
        ]
    }

    fn findings(judgement: &Judgement) -> Vec<String> {
        match judgement {
            Judgement::Judged { findings, .. } => findings.iter().map(|f| f.title.clone()).collect(),
            other => panic!("not judged: {other:?}"),
        }
    }

    #[test]
    fn a_good_credential_that_is_refused_is_found() {
        for status in [401, 403] {
            let judgement = judged(&target(), &answers(status, 401), &[]);
            assert_eq!(
                findings(&judgement),
                [format!(
                    "POST /summaries refuses a good credential with HTTP {status}"
                )]
            );
        }
    }

    #[test]
    fn getting_further_than_a_stranger_is_acceptance() {
        for status in [400, 415, 422] {
            assert!(findings(&judged(&target(), &answers(status, 401), &[])).is_empty());
        }
    }

    #[test]
    fn a_success_of_a_proof_is_acceptance_whatever_comes_first() {
        let target = target();
        let mut seen = answers(422, 422);
        seen.push(answered(
            3,
            &asks::proof(&target, &target.proofs[0]),
            200,
            JSON,
            "{}",
        ));
        assert!(findings(&judged(&target, &seen, &[])).is_empty());
    }

    #[test]
    fn the_same_answer_to_everybody_proves_nothing() {
        for status in [422, 400, 500, 404] {
            let judgement = judged(&target(), &answers(status, status), &[]);
            assert!(
                matches!(&judgement, Judgement::Unable(unseen) if !unseen.on_purpose),
                "{status}: {judgement:?}"
            );
        }
    }

    #[test]
    fn without_leave_to_pay_it_names_the_flag() {
        let target = target();
        let refusal = Refusal {
            probe: asks::proof(&target, &target.proofs[0]),
            askers: vec![],
            why: Why::Effect,
            reason: "it would cost money".into(),
            flag: Some("--allow paid".into()),
        };
        let judgement = judged(&target, &answers(422, 422), &[refusal]);
        assert!(
            matches!(&judgement, Judgement::Unable(unseen) if unseen.on_purpose && unseen.flag.as_deref() == Some("--allow paid")),
            "{judgement:?}"
        );
    }

    #[test]
    fn without_a_credential_it_names_what_supplies_one() {
        let mut target = target();
        target.auth.as_mut().unwrap().credentials.clear();
        let judgement = judged(&target, &[], &[]);
        assert_eq!(
            judgement,
            Judgement::skipped(
                "it needs a credential, and none was given",
                Some("--token-env GREENLIGHT_TOKEN")
            )
        );
    }

    #[test]
    fn one_replica_that_refuses_is_found_beside_one_that_accepts() {
        let target = target();
        let mut seen = answers(400, 401);
        seen.push(answered(
            3,
            &asks::proof(&target, &target.proofs[0]),
            401,
            JSON,
            "{}",
        ));
        let found = findings(&judged(&target, &seen, &[]));
        assert_eq!(
            found,
            ["POST /summaries refuses a good credential 1 times out of 2, with HTTP 401"]
        );
    }

    #[test]
    fn a_foreign_page_that_is_refused_says_nothing_of_the_credential() {
        let target = target();
        let mut seen = answers(400, 401);
        let mut foreign = asks::inert(&target, &call(), Some(Mutation::AsIs));
        foreign.page.as_mut().unwrap().origin.0 = asks::FOREIGN.into();
        seen.push(answered(3, &foreign, 403, JSON, "{}"));
        assert!(findings(&judged(&target, &seen, &[])).is_empty());
    }
}
