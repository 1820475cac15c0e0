//! `bearer` and `Bearer` are one scheme (RFC 9110 §11.1); half of the HTTP clients write the one, half the other.

use crate::check::Check;
use crate::check::asks;
use crate::check::judgement::{Judgement, Tally};
use crate::check::spec::{Spec, Suite};
use crate::check::view::View;
use crate::checks::auth::control;
use crate::model::exchange::{Exchange, Reply};
use crate::model::finding::{Layer, Severity};
use crate::model::probe::{Ask, Mutation, Probe, Who};
use crate::model::target::{Call, Environment, Scheme};

/// The check.
pub struct LowerCaseSchemeAccepted;

static SPEC: Spec = Spec {
    id: "auth/lower-case-scheme-accepted",
    layer: Layer::Auth,
    title: "The name of the scheme is read without regard to case",
    severity: Severity::Minor,
    suites: &[Suite::Contract, Suite::Integration],
    needs: &["reach/answers"],
    must_run: false,
    explanation: "The name of an authentication scheme is case-insensitive (RFC 9110 §11.1). A service that compares it \
                  letter by letter refuses good credentials from some clients, proxies and command lines.",
    hint: "Compare the word before the space without regard to case.",
};

impl Check for LowerCaseSchemeAccepted {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        let Some(call) = call(view) else {
            return Vec::new();
        };
        let mutations = [Some(Mutation::LowerCaseScheme), Some(Mutation::AsIs), None];
        let inert = mutations.map(|mutation| asks::inert(view.target, &call, mutation));
        let again = again(view, &call);
        inert.into_iter().chain(again).map(Ask::One).collect()
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        match view.target.auth.as_ref().map(|auth| &auth.scheme) {
            None => return Judgement::NotApplicable("the profile has no [auth]".into()),
            Some(Scheme::ApiKey { .. }) => {
                return Judgement::NotApplicable("an API key in a header of its own has no scheme".into());
            }
            Some(Scheme::Bearer | Scheme::Basic) => {}
        }
        let auth = view.target.auth.as_ref();
        if let Some(auth) = auth.filter(|auth| auth.good().is_none()) {
            return Judgement::skipped("it needs a credential, and none was given", Some(&auth.supply));
        }
        if asks::protected(view.target).is_empty() {
            return Judgement::NotApplicable("no operation is known to need a credential".into());
        }
        let Some(call) = call(view) else {
            let reason = "production gets no more requests than it must to an operation that is no read";
            return Judgement::skipped(reason, Some("--environment staging"));
        };
        compare(view, &call)
    }
}

/// One operation is enough: a protected read when there is one, and in production nothing else.
fn call(view: &View<'_>) -> Option<Call> {
    view.target.auth.as_ref()?.good()?;
    let calls = asks::protected(view.target);
    let read = calls.iter().find(|call| asks::is_safe(call)).cloned();
    let production = view.target.environment == Environment::Production;
    read.or_else(|| calls.into_iter().next().filter(|_| !production))
}

fn compare(view: &View<'_>, call: &Call) -> Judgement {
    let mut tally = Tally::new(view);
    let probe = |mutation| asks::inert(view.target, call, mutation);
    let lower = probe(Some(Mutation::LowerCaseScheme));
    let answers = (
        view.answer(&lower),
        view.answer(&probe(Some(Mutation::AsIs))),
        view.answer(&probe(None)),
    );
    let (Some(lower), Some(good), Some(nobody)) = answers else {
        return Judgement::unknown(format!("{call}: not every answer that it is compared with came"));
    };
    if !is_refused(good) && is_refused(nobody) {
        judge(call, lower, good.1, &mut tally);
        return tally.done();
    }
    let proof = asks::acceptable(view.target, call, control::good(view.target));
    let proof = proof
        .and_then(|proof| view.answer(&proof))
        .filter(|seen| !is_refused(*seen));
    match (again(view, call).and_then(|again| view.answer(&again)), proof) {
        (Some(lower), Some(good)) => judge(call, lower, good.1, &mut tally),
        _ => tally.missing(
            format!(
                "{call} answers HTTP {} to a good credential and HTTP {} to none, which tells nothing of the scheme",
                good.1.status, nobody.1.status
            ),
            None,
        ),
    }
    tally.done()
}

/// The call that must work, under a lower-case scheme: only where everything may run, since it is paid for, and only
/// where the body is judged first.
fn again(view: &View<'_>, call: &Call) -> Option<Probe> {
    let good = asks::inert(view.target, call, Some(Mutation::AsIs));
    let nobody = asks::inert(view.target, call, None);
    let (good, nobody) = (view.answer(&good)?, view.answer(&nobody)?);
    let open = view.target.environment == Environment::Local
        && !is_refused(nobody)
        && good.1.status == nobody.1.status;
    let who = control::good(view.target).filter(|_| open).map(|who| Who {
        mutation: Mutation::LowerCaseScheme,
        ..who
    })?;
    asks::acceptable(view.target, call, Some(who))
}

fn judge(call: &Call, (exchange, reply): (&Exchange, &Reply), good: &Reply, tally: &mut Tally<'_>) {
    tally.judged(exchange);
    if is_refused((exchange, reply)) {
        let found = SPEC
            .finds(
                call.to_string(),
                format!("{call} refuses a good credential when the scheme is written in lower case"),
            )
            .expected(format!("HTTP {}, as with a capital", good.status))
            .actual(format!("HTTP {}", reply.status));
        tally.find(found.shown_by([exchange]));
    }
}

fn is_refused((_, reply): (&Exchange, &Reply)) -> bool {
    matches!(reply.status, 401 | 403)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{answered, call, target};
    use crate::model::probe::Effect;
    use crate::model::target::Target;

    fn judged(lower: u16, good: u16, nobody: u16) -> Judgement {
        let target = target();
        let probe = |mutation| asks::inert(&target, &call(), mutation);
        let seen = [
            answered(1, &probe(Some(Mutation::LowerCaseScheme)), lower, &[], ""),
            answered(2, &probe(Some(Mutation::AsIs)), good, &[], ""),
            answered(3, &probe(None), nobody, &[], ""),
        ];
        LowerCaseSchemeAccepted.judge(&View::new(&target, None, &seen, &[]))
    }

    #[test]
    fn a_lower_case_scheme_that_is_refused_is_found() {
        assert!(matches!(judged(401, 400, 401), Judgement::Judged { findings, .. } if findings.len() == 1));
    }

    #[test]
    fn one_that_is_accepted_is_healthy() {
        assert!(matches!(judged(400, 400, 401), Judgement::Judged { findings, .. } if findings.is_empty()));
    }

    #[test]
    fn where_everybody_gets_the_same_answer_nothing_is_said() {
        assert!(matches!(judged(422, 422, 422), Judgement::Unable(_)));
        assert!(matches!(judged(401, 401, 401), Judgement::Unable(_)));
    }

    #[test]
    fn where_the_body_is_judged_first_the_call_that_must_work_tells() {
        let target = target();
        let who = |mutation| Who {
            mutation,
            ..control::good(&target).unwrap()
        };
        let acceptable = |mutation| asks::acceptable(&target, &call(), Some(who(mutation))).unwrap();
        let probe = |mutation| asks::inert(&target, &call(), mutation);
        let seen = |lower: u16| {
            [
                answered(1, &probe(Some(Mutation::LowerCaseScheme)), 422, &[], ""),
                answered(2, &probe(Some(Mutation::AsIs)), 422, &[], ""),
                answered(3, &probe(None), 422, &[], ""),
                answered(4, &acceptable(Mutation::AsIs), 200, &[], ""),
                answered(5, &acceptable(Mutation::LowerCaseScheme), lower, &[], ""),
            ]
        };
        let found = |lower| match LowerCaseSchemeAccepted.judge(&View::new(&target, None, &seen(lower), &[]))
        {
            Judgement::Judged { findings, .. } => findings.len(),
            other => panic!("not judged: {other:?}"),
        };
        assert_eq!((found(401), found(200)), (1, 0));
    }

    #[test]
    fn only_a_service_of_ones_own_is_paid_a_second_time() {
        let mut target = target();
        let paid = |target: &Target| {
            let probe = |mutation| asks::inert(target, &call(), mutation);
            let seen = [
                answered(1, &probe(Some(Mutation::LowerCaseScheme)), 422, &[], ""),
                answered(2, &probe(Some(Mutation::AsIs)), 422, &[], ""),
                answered(3, &probe(None), 422, &[], ""),
            ];
            let asks = LowerCaseSchemeAccepted.ask(&View::new(target, None, &seen, &[]));
            let paid = |ask: &&Ask| matches!(ask, Ask::One(probe) if probe.effect == Effect::Paid);
            asks.iter().filter(paid).count()
        };
        assert_eq!(paid(&target), 1);
        target.environment = Environment::Staging;
        assert_eq!(paid(&target), 0);
    }

    #[test]
    fn an_api_key_has_no_scheme() {
        let mut target = target();
        target.auth.as_mut().unwrap().scheme = Scheme::ApiKey {
            header: "x-api-key".into(),
        };
        let judgement = LowerCaseSchemeAccepted.judge(&View::new(&target, None, &[], &[]));
        assert!(matches!(judgement, Judgement::NotApplicable(_)));
    }

    #[test]
    fn production_is_asked_at_a_read_or_not_at_all() {
        let mut target = target();
        target.environment = Environment::Production;
        let view = View::new(&target, None, &[], &[]);
        assert_eq!(LowerCaseSchemeAccepted.ask(&view), []);
    }
}
