use super::*;
use crate::check::testing::{answered, call, target};
use crate::model::exchange::Exchange;
use crate::model::probe::Effect;
use crate::model::target::Target;

const JSON: &[(&str, &str)] = &[("content-type", "application/json")];
const BROKEN: &str = r#"{"detail":"The body is not JSON: EOF while parsing"}"#;

/// Answers to the inert request by credential: from the good one, from nobody, then from each defect.
fn seen(good: u16, nobody: u16, spoilt: impl Fn(Mutation) -> (u16, &'static str)) -> Vec<Exchange> {
    use Mutation::{AlgNone, AsIs, Empty, Garbage, Tampered, Truncated};
    let target = target();
    let probe = |mutation| asks::inert(&target, &call(), mutation);
    let mut seen = vec![
        answered(1, &probe(Some(AsIs)), good, JSON, BROKEN),
        answered(2, &probe(None), nobody, JSON, BROKEN),
    ];
    for (id, mutation) in (3..).zip([Empty, Garbage, Truncated, AlgNone, Tampered]) {
        let (status, body) = spoilt(mutation);
        seen.push(answered(id, &probe(Some(mutation)), status, JSON, body));
    }
    seen
}

fn judged(target: &Target, seen: &[Exchange]) -> Judgement {
    SpoiltCredentialRefused.judge(&View::new(target, None, seen, &[]))
}

fn subjects(judgement: &Judgement) -> Vec<String> {
    match judgement {
        Judgement::Judged { findings, .. } => findings.iter().map(|f| f.subject.clone()).collect(),
        other => panic!("not judged: {other:?}"),
    }
}

#[test]
fn a_service_that_refuses_every_defect_is_healthy() {
    let seen = seen(400, 401, |_| (401, "{}"));
    let judgement = judged(&target(), &seen);
    assert!(subjects(&judgement).is_empty());
    assert!(
        matches!(judgement, Judgement::Judged { exchanges, unseen, .. } if exchanges.len() == 5 && unseen.is_empty())
    );
}

#[test]
fn where_no_operation_is_known_to_need_a_credential_it_is_left_out_aloud() {
    let target = Target {
        proofs: vec![],
        transcription: None,
        ..target()
    };
    let judgement = judged(&target, &[]);
    assert!(matches!(judgement, Judgement::Unable(unseen) if unseen.on_purpose && unseen.flag.is_some()));
}

#[test]
fn each_accepted_defect_is_a_finding_of_its_own() {
    let all = seen(400, 401, |_| (200, "{}"));
    assert_eq!(subjects(&judged(&target(), &all)).len(), 5);
    let unsigned = seen(400, 401, |mutation| match mutation {
        Mutation::AlgNone => (400, BROKEN),
        _ => (401, "{}"),
    });
    assert_eq!(
        subjects(&judged(&target(), &unsigned)),
        [subject(&call(), Mutation::AlgNone)]
    );
}

#[test]
fn a_service_that_parses_first_is_asked_again_and_spared() {
    let mut seen = seen(422, 422, |_| (422, BROKEN));
    let target = target();
    let nobody = asks::acceptable(&target, &call(), None).unwrap();
    let first = SpoiltCredentialRefused.ask(&View::new(&target, None, &seen, &[]));
    assert!(first.contains(&Ask::One(nobody.clone())), "nobody is asked first");
    seen.push(answered(10, &nobody, 401, JSON, "{}"));
    let view = View::new(&target, None, &seen, &[]);
    let mut again = Vec::new();
    for (trial, _) in trials(&view) {
        again.extend(trial.second(&target));
    }
    let asked = SpoiltCredentialRefused.ask(&view);
    again.retain(|probe| asked.contains(&Ask::One(probe.clone())));
    let kinds: Vec<Mutation> = again
        .iter()
        .filter_map(|probe| Some(probe.who.as_ref()?.mutation))
        .collect();
    use Mutation::{AlgNone, Empty, Garbage, Tampered, Truncated};
    assert_eq!(
        kinds,
        [Empty, Garbage, Truncated, AlgNone, Tampered],
        "on a service of one's own"
    );
    let mut staging = target.clone();
    staging.environment = Environment::Staging;
    let view = View::new(&staging, None, &seen, &[]);
    let asked = SpoiltCredentialRefused.ask(&view);
    let paid = |ask: &&Ask| {
        let bad = |probe: &&crate::model::probe::Probe| probe.effect == Effect::Paid && probe.who.is_some();
        ask.probes().iter().any(bad)
    };
    assert_eq!(
        asked.iter().filter(paid).count(),
        2,
        "two kinds at most elsewhere"
    );
    for (id, probe) in (20..).zip(&again) {
        seen.push(answered(id, probe, 401, JSON, "{}"));
    }
    assert!(subjects(&judged(&target, &seen)).is_empty());
}

#[test]
fn where_anybody_is_let_in_nothing_more_is_paid_for() {
    let mut seen = seen(422, 422, |_| (422, BROKEN));
    let target = target();
    let open = asks::acceptable(&target, &call(), None).unwrap();
    seen.push(answered(20, &open, 200, JSON, "{}"));
    let asked = SpoiltCredentialRefused.ask(&View::new(&target, None, &seen, &[]));
    assert!(
        asked
            .iter()
            .flat_map(Ask::probes)
            .all(|probe| probe.effect == Effect::Inert)
    );
}

#[test]
fn a_crash_is_the_rules_finding_and_no_refusal() {
    let crashed = seen(400, 401, |_| (500, "Internal Server Error"));
    assert!(matches!(judged(&target(), &crashed), Judgement::Unable(unseen) if !unseen.on_purpose));
}

#[test]
fn refusing_everybody_shows_nothing() {
    let seen = seen(401, 401, |_| (401, "{}"));
    assert!(matches!(judged(&target(), &seen), Judgement::Unable(unseen) if unseen.on_purpose));
}

#[test]
fn production_sees_two_defects_and_no_forged_token() {
    let mut target = target();
    target.environment = Environment::Production;
    let view = View::new(&target, None, &[], &[]);
    let defects: Vec<Mutation> = trials(&view).into_iter().map(|(_, mutation)| mutation).collect();
    assert_eq!(defects, [Mutation::Garbage, Mutation::Truncated]);
}

#[test]
fn staging_sends_two_defects_to_what_costs_money_and_the_rest_to_a_read() {
    let mut target = target();
    target.environment = Environment::Staging;
    let mut read = target.proofs[0].clone();
    read.call = Call {
        method: "GET".into(),
        path: "/me".into(),
    };
    read.nature = Nature::Read;
    read.body = crate::model::probe::Body::Empty;
    target.proofs.push(read);
    let view = View::new(&target, None, &[], &[]);
    let count = |method: &str| {
        trials(&view)
            .iter()
            .filter(|(trial, _)| trial.call.method == method)
            .count()
    };
    assert_eq!((count("POST"), count("GET")), (2, 13));
}

#[test]
fn an_opaque_credential_is_not_forged_as_a_jwt() {
    let mut target = target();
    target.auth.as_mut().unwrap().credentials[0].jwt = false;
    let view = View::new(&target, None, &[], &[]);
    let defects: Vec<Mutation> = trials(&view).into_iter().map(|(_, mutation)| mutation).collect();
    let jwt = OF_A_JWT.iter().filter(|mutation| !OF_A_KEY.contains(mutation));
    assert!(jwt.into_iter().all(|mutation| !defects.contains(mutation)));
    assert!(defects.contains(&Mutation::SwappedCase) && defects.contains(&Mutation::Extended));
}

/// A target at this kind of place, whose one operation is of this nature.
fn placed(environment: Environment, nature: Nature) -> Target {
    let mut target = Target {
        environment,
        ..target()
    };
    target.proofs[0].nature = nature;
    target
}

#[test]
fn a_body_that_would_be_accepted_costs_money_for_two_defects_at_most_and_five_on_a_service_of_ones_own() {
    use Mutation::{AlgNone, Empty, Garbage, Tampered, Truncated};
    let paid_with = |environment, nature| -> Vec<Mutation> {
        let target = placed(environment, nature);
        let view = View::new(&target, None, &[], &[]);
        let may = |mutation: &Mutation| may_cost(&view, &call(), *mutation);
        OF_A_JWT.iter().copied().filter(may).collect()
    };
    for environment in [Environment::Staging, Environment::Production] {
        assert_eq!(paid_with(environment, Nature::Paid), [Garbage, Tampered]);
    }
    let own = [Empty, Garbage, Truncated, AlgNone, Tampered];
    assert_eq!(paid_with(Environment::Local, Nature::Paid), own);
    assert_eq!(paid_with(Environment::Staging, Nature::Read), OF_A_JWT);
}

#[test]
fn staging_shows_two_defects_to_what_costs_money_and_all_to_what_does_not() {
    let shown = |environment, nature| {
        let target = placed(environment, nature);
        let facts = target.auth.as_ref().unwrap().good().unwrap();
        defects(&View::new(&target, None, &[], &[]), &call(), facts)
    };
    let two = [Mutation::Garbage, Mutation::Tampered];
    assert_eq!(shown(Environment::Staging, Nature::Paid), two);
    for (environment, nature) in [
        (Environment::Local, Nature::Paid),
        (Environment::Staging, Nature::Write),
    ] {
        let all = shown(environment, nature);
        assert!(OF_A_JWT.iter().all(|mutation| all.contains(mutation)));
        assert!(all.contains(&Mutation::OtherScheme));
    }
    let untrusted = [Mutation::Garbage, Mutation::Truncated];
    assert_eq!(shown(Environment::Production, Nature::Read), untrusted);
}
