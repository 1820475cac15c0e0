//! The causes of doors that stand open in one way, and of health that cannot be read, each held against its neighbours.

use crate::check::asks;
use crate::check::testing::{answered, call, target};
use crate::check::ways::{FORWARDED, FRAMEWORK, TEST};
use crate::diagnosis::tests::{good, inert, judged, proof, readable};
use crate::model::exchange::{Claims, Exchange};
use crate::model::probe::Mutation::{self, Garbage, Tampered};
use crate::model::run::Run;
use crate::model::target::Target;

const BROKEN: &str = r#"{"detail":"The body is not JSON"}"#;
const JSON: &[(&str, &str)] = &[("content-type", "application/json")];

/// A healthy guard, and these answers besides.
fn with(more: Vec<Exchange>) -> Vec<Exchange> {
    let mut seen = vec![
        inert(1, None, 401, "{}"),
        good(2, 400, BROKEN),
        proof(3, 200, "{}"),
        inert(4, Some(Garbage), 401, "{}"),
        inert(5, Some(Tampered), 401, "{}"),
    ];
    seen.extend(more);
    seen
}

fn first(run: &Run) -> (&str, &str) {
    let first = run.diagnoses.first();
    first.map_or(("-", "-"), |first| {
        (first.cause.as_str(), first.statement.as_str())
    })
}

/// What is named when the spoilt credential is let as far as a good one.
fn accepted(target: &Target, mutation: Mutation) -> Run {
    judged(target, &with(vec![inert(9, Some(mutation), 400, BROKEN)]))
}

#[test]
fn a_key_that_the_token_chooses_is_told_by_its_way() {
    for (mutation, words) in [
        (Mutation::EmbeddedKey, "the token itself supplies"),
        (Mutation::KidPath, "kid unchecked"),
    ] {
        let run = accepted(&target(), mutation);
        let (cause, statement) = first(&run);
        assert_eq!(cause, "key-chosen-by-token");
        assert!(statement.contains(words), "{statement}");
        assert_eq!(run.diagnoses.len(), 1, "{:?}", run.diagnoses);
    }
}

#[test]
fn where_no_signature_is_verified_the_key_is_not_the_cause() {
    let both = with(vec![
        inert(9, Some(Mutation::EmbeddedKey), 400, BROKEN),
        inert(10, Some(Mutation::TamperedPayload), 400, BROKEN),
    ]);
    let seen: Vec<_> = both
        .into_iter()
        .filter(|exchange| {
            let who = exchange.probe.who.as_ref();
            who.is_none_or(|who| who.mutation != Tampered)
        })
        .chain([inert(11, Some(Tampered), 400, BROKEN)])
        .collect();
    let run = judged(&target(), &seen);
    assert_eq!(first(&run).0, "signature-unchecked");
    assert_eq!(run.diagnoses.len(), 1, "{:?}", run.diagnoses);
}

#[test]
fn a_list_of_what_is_forbidden_is_told_from_no_list_at_all() {
    let run = accepted(&target(), Mutation::AlgNoneUpper);
    assert_eq!(first(&run).0, "signature-unchecked");
    assert!(first(&run).1.contains("in another case"), "{}", first(&run).1);
    assert!(
        first(&accepted(&target(), Mutation::AlgNone))
            .1
            .contains("alg: none")
    );
}

#[test]
fn a_key_that_is_compared_loosely_is_no_open_door() {
    let mut target = target();
    target.auth.as_mut().unwrap().credentials[0].jwt = false;
    let run = accepted(&target, Mutation::SwappedCase);
    assert_eq!(first(&run).0, "key-compared-loosely");
    assert!(first(&run).1.contains("another case"));
    assert_eq!(
        first(&accepted(&target, Mutation::Truncated)).0,
        "key-compared-loosely"
    );
    let mut any = with(vec![inert(9, Some(Mutation::Truncated), 400, BROKEN)]);
    any.retain(|exchange| {
        let who = exchange.probe.who.as_ref();
        who.is_none_or(|who| who.mutation != Garbage)
    });
    any.push(inert(10, Some(Garbage), 400, BROKEN));
    assert_eq!(first(&judged(&target, &any)).0, "any-token-accepted");
}

#[test]
fn each_claim_that_is_not_checked_is_named() {
    let mut target = target();
    target.auth.as_mut().unwrap().signing = Some("environment variable SECRET".into());
    let run = |mutation| {
        let mut seen = with(vec![
            inert(8, Some(Mutation::Reminted), 400, BROKEN),
            inert(9, Some(mutation), 400, BROKEN),
        ]);
        let claims = Claims {
            issuer: Some("me".into()),
            audience: Some("notes".into()),
            expires: Some(1),
            kind: Some("access".into()),
            ..Claims::default()
        };
        seen[1].sent.as_mut().unwrap().claims = Some(claims);
        judged(&target, &seen)
    };
    for (mutation, cause, words) in [
        (Mutation::OtherAudience, "claims-unchecked", "another service"),
        (Mutation::OtherIssuer, "claims-unchecked", "issuer"),
        (Mutation::NoExpiry, "claims-unchecked", "never die"),
        (Mutation::Refresh, "refresh-accepted", "refresh token"),
        (Mutation::Expired, "expired-accepted", "expired"),
    ] {
        let run = run(mutation);
        assert_eq!(first(&run).0, cause, "{mutation:?}");
        assert!(first(&run).1.contains(words), "{}", first(&run).1);
    }
    assert_eq!(run(Mutation::NotYet).diagnoses, [], "too light for a cause");
}

/// The answers to a stranger with these headers, or at this path.
fn around(headers: &[(&str, &str)], path: Option<&str>) -> Run {
    let target = target();
    let mut probe = asks::inert(&target, &call(), None);
    for (name, value) in headers {
        probe.headers.push(((*name).into(), (*value).into()));
    }
    if let Some(path) = path {
        probe.path = path.into();
    }
    judged(&target, &with(vec![readable(9, &probe, 400, BROKEN)]))
}

#[test]
fn ways_around_the_guard_are_named_by_what_opens_it() {
    let framework = "middleware:middleware:middleware:middleware:middleware:src/middleware:src/middleware";
    let run = around(&[("x-middleware-subrequest", framework)], None);
    assert_eq!(first(&run).0, "header-opens-door");
    assert!(first(&run).1.contains("internal use"));
    assert!(FRAMEWORK.contains("middleware") && FORWARDED.contains("Forwarded"));
    let test = [
        ("x-test-user", "greenlight"),
        ("x-test-mode", "true"),
        ("x-bypass-auth", "true"),
        ("x-skip-auth", "true"),
        ("x-debug", "true"),
    ];
    assert_eq!(first(&around(&test, None)).0, "development-login", "{TEST}");
    assert_eq!(first(&around(&[], Some("/summaries/"))).0, "path-variant-open");
}

#[test]
fn a_development_login_and_a_token_in_the_url_are_named() {
    let target = target();
    let login = answered(
        9,
        &asks::read("/auth/dev-login"),
        200,
        JSON,
        r#"{"access_token":"x"}"#,
    );
    assert_eq!(first(&judged(&target, &with(vec![login]))).0, "development-login");
    let run = accepted(&target, Mutation::InQuery);
    assert_eq!(first(&run).0, "token-in-url");
}

#[test]
fn callers_who_are_sent_to_a_login_page_are_named() {
    let target = target();
    let mut headers = crate::check::testing::cors();
    headers.push(("location", "https://x.example/login?next=/"));
    let nobody = asks::inert(&target, &call(), None);
    let seen = [
        answered(1, &nobody, 302, &headers, ""),
        good(2, 400, BROKEN),
        proof(3, 200, "{}"),
    ];
    assert_eq!(first(&judged(&target, &seen)).0, "login-page");
}

#[test]
fn health_that_nobody_can_read_is_told_from_health_that_is_bad() {
    let health = |status, headers: &[(&str, &str)], body: &str| {
        let seen = [answered(1, &asks::read("/health"), status, headers, body)];
        let run = judged(&target(), &seen);
        first(&run).0.to_owned()
    };
    assert_eq!(health(401, &[], "{}"), "health-out-of-reach");
    assert_eq!(health(302, &[("location", "/login")], ""), "health-out-of-reach");
    assert_eq!(
        health(503, JSON, r#"{"status":"unhealthy","database":"error"}"#),
        "says-unhealthy"
    );
    assert_eq!(health(503, JSON, r#"{"status":"healthy"}"#), "health-lies");
}

#[test]
fn health_that_changes_or_is_late_is_named() {
    let fresh = |again, status| {
        let mut probe = asks::read("/health").repeat(again);
        probe.conn = crate::model::probe::Conn::Fresh;
        answered(10 + u32::from(again), &probe, status, &[], "{}")
    };
    let first_look = answered(9, &asks::read("/health"), 200, &[], "{}");
    let seen = with(vec![
        first_look,
        fresh(0, 200),
        fresh(1, 503),
        fresh(2, 200),
        fresh(3, 503),
    ]);
    assert_eq!(first(&judged(&target(), &seen)).0, "health-flaps");
    let late = |again: u16| {
        let mut late = answered(
            20 + u32::from(again),
            &asks::read("/health").repeat(again),
            200,
            JSON,
            r#"{"status":"healthy","version":"1.4.0"}"#,
        );
        late.phases.wait = Some(7_000_000);
        late
    };
    assert_eq!(
        first(&judged(&target(), &with(vec![late(0), late(2)]))).0,
        "health-slow"
    );
    let timed = |id, probe: &crate::model::probe::Probe, ms: u64| {
        let mut exchange = readable(id, probe, 200, r#"{"status":"healthy","version":"1.4.0"}"#);
        exchange.phases.wait = Some(ms * 1_000);
        exchange
    };
    let target = target();
    let work = asks::proof(&target, &target.proofs[0]);
    let seen = [
        inert(1, None, 401, "{}"),
        good(2, 400, BROKEN),
        timed(3, &work, 900),
        timed(4, &asks::read("/health"), 3),
        timed(5, &work.repeat(1), 900),
        timed(5, &asks::read("/health").repeat(7), 800),
        timed(6, &work.repeat(2), 900),
        timed(6, &asks::read("/health").repeat(8), 800),
    ];
    assert_eq!(first(&judged(&target, &seen)).0, "health-blocked");
}
