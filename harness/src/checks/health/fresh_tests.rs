use super::*;
use crate::check::testing::{answered, target};
use crate::check::trial::findings;
use crate::model::probe::Probe;
use crate::model::target::{Proof, Target};

fn probe() -> Probe {
    asks::read("/health")
}

/// An answer to the given sample, so many seconds after 1970.
fn at(second: i64, probe: &Probe, headers: &[(&str, &str)], body: &str) -> Exchange {
    let mut headers = headers.to_vec();
    headers.push(("content-type", "application/json"));
    Exchange {
        at: Timestamp::from_second(second).unwrap(),
        ..answered(u32::try_from(second).unwrap(), probe, 200, &headers, body)
    }
}

fn saying(text: &str) -> String {
    format!("{{\"status\":\"healthy\",\"timestamp\":\"{text}\"}}")
}

fn titles(seen: &[Exchange]) -> Vec<String> {
    titles_of(&target(), seen)
}

fn titles_of(target: &Target, seen: &[Exchange]) -> Vec<String> {
    findings(&Fresh, target, seen)
        .into_iter()
        .map(|found| found.title)
        .collect()
}

const DATE: (&str, &str) = ("date", "Thu, 01 Jan 1970 00:00:01 GMT");

#[test]
fn an_answer_from_a_cache_is_found_by_its_headers() {
    for header in [
        ("age", "86400"),
        ("x-cache", "Hit from cloudfront"),
        ("cf-cache-status", "STALE"),
    ] {
        let seen = [at(1, &probe(), &[DATE, header], &saying("1970-01-01T00:00:01Z"))];
        let titles = titles(&seen);
        assert!(titles[0].contains("from a cache"), "{titles:?}");
    }
    for header in [
        ("age", "0"),
        ("x-cache", "Miss from cloudfront"),
        ("cf-cache-status", "DYNAMIC"),
        ("x-cache", "WHITE"),
    ] {
        let seen = [at(1, &probe(), &[DATE, header], &saying("1970-01-01T00:00:01Z"))];
        assert_eq!(titles(&seen), Vec::<String>::new());
    }
}

#[test]
fn a_body_older_than_its_answer_is_found() {
    let date = ("date", "Fri, 02 Jan 1970 00:00:01 GMT");
    let seen = [at(86_401, &probe(), &[date], &saying("1970-01-01T00:00:01Z"))];
    assert_eq!(
        titles(&seen),
        ["GET /health is answered 24 h later than its own time says"]
    );
    let without_date = [at(86_401, &probe(), &[], &saying("1970-01-01T00:00:01Z"))];
    assert_eq!(titles(&without_date).len(), 1);
}

#[test]
fn the_same_time_twice_is_found_only_when_the_samples_are_apart() {
    let again = probe().repeat(1);
    let same = saying("1970-01-01T00:00:01Z");
    let apart = [at(1, &probe(), &[DATE], &same), at(9, &again, &[], &same)];
    assert_eq!(
        titles(&apart),
        ["GET /health gives the same time twice, 7 s apart, so it was not measured anew"]
    );
    let together = [at(1, &probe(), &[DATE], &same), at(2, &again, &[], &same)];
    assert_eq!(titles(&together), Vec::<String>::new());
    let moving = [
        at(1, &probe(), &[DATE], &same),
        at(9, &again, &[], &saying("1970-01-01T00:00:09Z")),
    ];
    assert_eq!(titles(&moving), Vec::<String>::new());
}

#[test]
fn clocks_apart_blame_nobody_unless_both_are_ours() {
    let seen = [at(1_000, &probe(), &[DATE], &saying("1970-01-01T00:00:01Z"))];
    let foreign = Target {
        ours: false,
        ..target()
    };
    let found = findings(&Fresh, &foreign, &seen);
    assert_eq!(
        found[0].title,
        "The clock of GET /health and the checker's are 16 min apart"
    );
    assert_eq!(found[0].outcome, Verdict::Inconclusive);
    assert!(findings(&Fresh, &target(), &seen)[0].fails());
}

#[test]
fn a_time_without_a_zone_is_a_remark_and_nothing_more() {
    let seen = [at(1, &probe(), &[DATE], &saying("1970-01-01T05:00:01"))];
    let found = findings(&Fresh, &target(), &seen);
    assert_eq!((found.len(), found[0].severity), (1, Severity::Minor));
}

#[test]
fn spares_health_without_any_time() {
    let seen = [at(5, &probe(), &[], "{\"status\":\"ok\"}")];
    assert_eq!(titles(&seen), Vec::<String>::new());
}

#[test]
fn the_second_sample_waits_for_the_proofs() {
    let target = target();
    let count = |seen: &[Exchange]| Fresh.ask(&View::new(&target, None, seen, &[])).len();
    let first = at(1, &probe(), &[DATE], "{}");
    assert_eq!(count(&[]), 1);
    assert_eq!(count(std::slice::from_ref(&first)), 1);
    let proof: &Proof = &target.proofs[0];
    let proven = at(2, &asks::proof(&target, proof), &[], "{}");
    assert_eq!(count(&[first, proven]), 2);
}

#[test]
fn a_time_that_is_ahead_is_found_beyond_a_minute() {
    let told = |text: &str| {
        let seen = [at(1, &probe(), &[DATE], &saying(text))];
        let found = findings(&Fresh, &target(), &seen).into_iter();
        found
            .map(|finding| (finding.title, finding.actual))
            .collect::<Vec<_>>()
    };
    // The answer ends nine milliseconds after it was asked for.
    assert_eq!(told("1970-01-01T00:01:01.009Z"), []);
    assert_eq!(
        told("1970-01-01T00:10:02Z"),
        [(
            "GET /health is answered 10 min earlier than its own time says".to_owned(),
            "timestamp 10 min ahead, Date right".to_owned()
        )]
    );
}

#[test]
fn the_same_time_a_second_apart_is_found() {
    let same = saying("1970-01-01T00:00:01Z");
    let mut seen = [
        at(1, &probe(), &[DATE], &same),
        at(2, &probe().repeat(1), &[], &same),
    ];
    seen[1].at = Timestamp::from_millisecond(2_009).unwrap();
    assert_eq!(titles(&seen).len(), 1);
    seen[1].at = Timestamp::from_millisecond(2_008).unwrap();
    assert_eq!(titles(&seen), Vec::<String>::new());
}

#[test]
fn a_page_is_no_health_and_silence_is_not_judged() {
    let judged = |seen: &[Exchange]| Fresh.judge(&View::new(&target(), None, seen, &[]));
    let page = [answered(
        1,
        &probe(),
        200,
        &[("content-type", "text/html")],
        "<html>",
    )];
    assert!(matches!(judged(&page), Judgement::NotApplicable(_)));
    let missing = [answered(1, &probe(), 404, &[], "{}")];
    assert!(matches!(judged(&missing), Judgement::NotApplicable(_)));
    assert!(matches!(judged(&[]), Judgement::Unable(_)));
}

#[test]
fn a_proof_that_needs_no_credential_is_waited_for() {
    let mut target = target();
    target.auth = None;
    target.proofs[0].protected = false;
    let again = Ask::One(probe().repeat(1));
    let asked = |seen: &[Exchange]| Fresh.ask(&View::new(&target, None, seen, &[])).contains(&again);
    let first = answered(1, &probe(), 200, &[], "{}");
    assert!(!asked(std::slice::from_ref(&first)));
    let proof = answered(2, &asks::proof(&target, &target.proofs[0]), 200, &[], "{}");
    assert!(asked(&[first, proof]));
}
