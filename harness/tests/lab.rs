//! The fault lab as a whole: every fault killed and named, every look-alike spared, and nothing left out in silence.

use std::collections::{BTreeMap, BTreeSet};

use greenlight::checks::registry::{CHECKS, RULES};
use greenlight::diagnosis::registry::CAUSES;
use greenlight::lab::catalogue::CATALOGUE;
use greenlight::lab::faults::{self, FAMILIES};
use greenlight::lab::lookalike;
use greenlight::lab::matrix;
use greenlight::model::finding::Severity;
use orchestrate::faults::id::FaultId;

/// Blockers that no fault of the lab shows, each with the reason why it cannot. Reviewed by hand: a new blocker either
/// comes with its fault or stands here.
const UNSHOWN_BLOCKERS: &[(&str, &str)] = &[
    (
        "cors/origin-crashes-nothing",
        "the service has no fault yet that fails on an Origin header alone",
    ),
    (
        "health/healthy",
        "the service has no fault yet that says of itself that it is unhealthy",
    ),
    (
        "reach/answers",
        "a running service cannot show it; tests/acceptance/unreachable.rs does",
    ),
    (
        "version/expected",
        "the lab names no build; tests/acceptance/unproven.rs verifies with another one",
    ),
];

fn blockers() -> BTreeSet<&'static str> {
    let checks = CHECKS.iter().map(|check| check.spec());
    let specs = checks.chain(RULES.iter().map(|rule| rule.spec()));
    specs
        .filter(|spec| spec.severity == Severity::Blocker)
        .map(|spec| spec.id)
        .collect()
}

fn known() -> BTreeSet<&'static str> {
    let checks = CHECKS.iter().map(|check| check.spec().id);
    checks.chain(RULES.iter().map(|rule| rule.spec().id)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_fault_is_killed_and_named_and_every_look_alike_spared() {
    let rows = matrix::run("").await;
    assert_eq!(rows.len(), faults::all().count() + lookalike::all().len());
    let wrong: BTreeMap<&str, &Vec<String>> = rows
        .iter()
        .filter(|row| !row.wrong.is_empty())
        .map(|row| (row.id.as_str(), &row.wrong))
        .collect();
    assert!(wrong.is_empty(), "{} rows are wrong: {wrong:#?}", wrong.len());

    let killed: BTreeSet<&str> = rows
        .iter()
        .filter(|row| row.is_fault)
        .flat_map(|row| row.found.iter().map(String::as_str))
        .collect();
    let unshown: BTreeSet<&str> = UNSHOWN_BLOCKERS.iter().map(|(id, _)| *id).collect();
    let untested: Vec<&str> = blockers()
        .into_iter()
        .filter(|id| !killed.contains(id) && !unshown.contains(id))
        .collect();
    assert!(
        untested.is_empty(),
        "blockers that have never caught a fault: {untested:?}"
    );
    let stale: Vec<&&str> = unshown.intersection(&killed).collect();
    assert!(
        stale.is_empty(),
        "shown after all, so take them off the list: {stale:?}"
    );
}

/// Faults of the service that no fault of the lab takes, and why.
const UNUSED: &[(FaultId, &str)] = &[(
    FaultId::RefreshTokenAccepted,
    "no profile can name a refresh token yet, so no check asks with one",
)];

#[test]
fn every_fault_of_the_service_is_run_or_said_not_to_be() {
    let mut told: BTreeSet<FaultId> = faults::all().flat_map(|fault| fault.of_the_service()).collect();
    for (fault, reason) in UNUSED {
        assert!(told.insert(*fault), "{fault} is run after all");
        assert!(!reason.is_empty());
    }
    assert_eq!(told, FaultId::ALL.iter().copied().collect());
}

#[test]
fn every_entry_of_the_catalogue_is_shown_or_said_not_to_be() {
    let catalogue: Vec<&str> = CATALOGUE.iter().flat_map(|group| group.ids).copied().collect();
    let shown: BTreeSet<&str> = faults::all().flat_map(|fault| fault.shows).copied().collect();
    let unshown: Vec<&str> = FAMILIES
        .iter()
        .flat_map(|family| {
            let not_shown = family.not_shown.iter().map(|(id, reason)| {
                assert!(!reason.is_empty(), "{id} is left out in silence");
                *id
            });
            not_shown.chain(family.backlog.iter().copied())
        })
        .collect();
    for id in &unshown {
        assert!(!shown.contains(id), "{id} is shown after all");
    }
    let mut told: Vec<&str> = shown.into_iter().chain(unshown).collect();
    told.sort_unstable();
    let mut known = catalogue;
    known.sort_unstable();
    assert_eq!(told, known, "each exactly once");
}

#[test]
fn what_a_fault_must_cost_exists() {
    let (known, causes) = (
        known(),
        CAUSES.iter().map(|cause| cause.id()).collect::<BTreeSet<_>>(),
    );
    for fault in faults::all() {
        let id = fault.id;
        assert!(!fault.checks.is_empty(), "{id} costs nothing");
        for check in fault.checks {
            assert!(known.contains(check), "{id}: there is no check {check}");
        }
        assert!(
            fault.cause.is_some() || fault.severity < Severity::Major,
            "{id} fails without a cause"
        );
        for cause in fault.cause.iter().chain(fault.also) {
            assert!(causes.contains(cause), "{id}: there is no cause {cause}");
        }
    }
}

#[test]
fn what_is_said_to_be_unshown_is_a_blocker_that_exists() {
    for (id, reason) in UNSHOWN_BLOCKERS {
        assert!(blockers().contains(id), "{id} is no blocker");
        assert!(!reason.is_empty());
    }
}

#[test]
fn every_cause_is_named_by_a_fault_or_by_a_reviewed_exception() {
    let named: BTreeSet<&str> = faults::all().filter_map(|fault| fault.cause).collect();
    let unnamed: BTreeSet<&str> = CAUSES
        .iter()
        .map(|cause| cause.id())
        .filter(|id| !named.contains(id))
        .collect();
    let reviewed: BTreeSet<&str> = UNSHOWN_CAUSES.iter().map(|(id, _)| *id).collect();
    assert_eq!(unnamed, reviewed);
}

/// Causes that no fault of the lab has to show first, and why. Reviewed by hand; each is held against its neighbours by
/// unit tests beside it.
const UNSHOWN_CAUSES: &[(&str, &str)] = &[
    (
        "cors-filter-crashes",
        "the service has no fault yet that fails on an Origin header alone",
    ),
    (
        "cors-missing-on-route",
        "the service has no fault yet that leaves one route without CORS",
    ),
    (
        "credentials-not-allowed",
        "the service has no fault yet that forgets Access-Control-Allow-Credentials",
    ),
    (
        "duplicate-cors-headers",
        "the service has no fault yet that sends the header twice",
    ),
    (
        "look-alike-trusted",
        "the service has no fault yet that compares origins by prefix or suffix",
    ),
    (
        "old-version-live",
        "it takes two builds; an --expect-version of another one shows it",
    ),
    (
        "preflight-misses-headers",
        "the service has no fault yet that allows fewer headers than the page sends",
    ),
    (
        "stack-trace-leaked",
        "the fault stack-trace-leak also crashes, and the crash is named first",
    ),
    (
        "unreachable",
        "a running service cannot show it; tests/acceptance/unreachable.rs does",
    ),
    (
        "wrong-url",
        "it is a fault of the command line, not of the service",
    ),
];

#[test]
fn there_are_at_least_ten_look_alikes_and_ids_are_unique() {
    let mut ids: Vec<&str> = faults::all().map(|fault| fault.id).collect();
    ids.extend(lookalike::all().iter().map(|look_alike| look_alike.id));
    let unique: BTreeSet<&&str> = ids.iter().collect();
    assert_eq!(unique.len(), ids.len());
    assert!(lookalike::all().len() >= 10);
}
