//! The fault lab as a whole: every fault killed and named, every look-alike spared, and nothing left out in silence.

use std::collections::{BTreeMap, BTreeSet};

use greenlight::checks::registry::{CHECKS, RULES};
use greenlight::diagnosis::registry::CAUSES;
use greenlight::lab::catalogue::CATALOGUE;
use greenlight::lab::fault::{Fault, How};
use greenlight::lab::faults::{self, FAMILIES};
use greenlight::lab::lookalike;
use greenlight::lab::matrix;
use greenlight::model::finding::Severity;
use greenlight::report::matrix::{Format, render};
use orchestrate::faults::id::FaultId;

/// Blockers that no fault of the lab shows, each with the reason why it cannot. Reviewed by hand: a new blocker either
/// comes with its fault or stands here.
const UNSHOWN_BLOCKERS: &[(&str, &str)] = &[(
    "process/keeps-running",
    "it takes a process of its own; tests/acceptance/spawned.rs does it",
)];

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
async fn faults_are_killed_and_named_and_look_alikes_spared() {
    // `.ci/run` runs them all by `greenlight lab`, in a release build and so in a quarter of the time.
    const EVERY: usize = 6;
    let matrix = matrix::matrix(&matrix::sample(EVERY).await);
    let all = faults::all().count() + lookalike::all().len();
    assert_eq!(matrix.rows.len(), all.div_ceil(EVERY));
    let wrong: BTreeMap<&str, &Vec<String>> = matrix
        .rows
        .iter()
        .filter(|row| !row.wrong.is_empty())
        .map(|row| (row.id.as_str(), &row.wrong))
        .collect();
    assert!(wrong.is_empty(), "{} rows are wrong: {wrong:#?}", wrong.len());
}

#[test]
fn what_waits_is_a_row_of_the_matrix() {
    let rows = matrix::declared().rows;
    for id in matrix::WAITING {
        assert!(rows.iter().any(|row| row.id == *id), "there is no {id}");
    }
}

#[test]
fn every_blocker_is_shown_by_a_fault_that_must_fail_it() {
    let killed: BTreeSet<&str> = faults::all()
        .filter(|fault| fault.severity >= Severity::Major)
        .flat_map(|fault| fault.checks.iter().copied())
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

#[test]
fn the_page_of_the_matrix_is_not_stale() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/kill-matrix.md");
    let text = render(&matrix::declared(), Format::Markdown);
    if std::env::var_os("GREENLIGHT_BLESS").is_some() {
        std::fs::write(path, text).unwrap();
        return;
    }
    let kept = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        kept == text,
        "docs/kill-matrix.md is stale: GREENLIGHT_BLESS=1 cargo test -p greenlight --test lab writes it"
    );
}

/// Faults of the service that no fault of the lab takes, and why.
const UNUSED: &[(FaultId, &str)] = &[];

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
            family.not_shown.iter().map(|entry| {
                assert!(!entry.reason.is_empty(), "{} is left out in silence", entry.id);
                entry.id
            })
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
        "own-network",
        "a machine without a network is not made by a test; unit tests beside it hold it against its neighbours",
    ),
    (
        "name-does-not-exist",
        "it takes resolvers; tests/acceptance/diagnosed_names.rs has them",
    ),
    (
        "name-resolution-broken",
        "it takes resolvers; tests/acceptance/diagnosed_names.rs has them",
    ),
    (
        "resolvers-disagree",
        "it takes resolvers; tests/acceptance/diagnosed_names.rs has them",
    ),
    (
        "log-tells-a-crash",
        "it takes a process of its own; tests/acceptance/spawned.rs does it",
    ),
    (
        "service-exited",
        "it takes a process of its own; tests/acceptance/spawned.rs does it",
    ),
    (
        "stack-trace-leaked",
        "the fault stack-trace-leak also crashes, and the crash is named first",
    ),
];

#[test]
fn there_are_enough_of_each_and_ids_are_unique() {
    let mut ids: Vec<&str> = faults::all().map(|fault| fault.id).collect();
    ids.extend(lookalike::all().iter().map(|look_alike| look_alike.id));
    let unique: BTreeSet<&&str> = ids.iter().collect();
    assert_eq!(unique.len(), ids.len());
    assert!(lookalike::all().len() >= LOOK_ALIKES);
    assert!(compounds().len() >= COMPOUNDS);
}

/// How many compounds there must be, at least.
const COMPOUNDS: usize = 25;
/// How many healthy look-alikes there must be, at least.
const LOOK_ALIKES: usize = 50;

fn compounds() -> Vec<&'static Fault> {
    let family = FAMILIES.iter().find(|family| family.name == "compound");
    family.into_iter().flat_map(|family| family.faults).collect()
}

#[test]
fn a_compound_names_what_it_hides() {
    for fault in compounds() {
        let hides = !fault.also.is_empty() || !fault.hides.is_empty();
        assert!(fault.cause.is_some() && hides, "{} hides nothing", fault.id);
        for check in fault.hides {
            assert!(known().contains(check), "{}: there is no check {check}", fault.id);
        }
    }
}

/// Faults of the service in a compound that are not named there as they are alone, and why.
const NAMED_OTHERWISE: &[(&str, FaultId, &str)] = &[
    (
        "crash-behind-an-open-door",
        FaultId::AuthNotEnforced,
        "the call crashes for whoever comes without a token, so that anybody is let in shows by tokens elsewhere",
    ),
    (
        "crash-without-any-cors",
        FaultId::ServerErrorWithCors,
        "without CORS headers it is a crash that no page can read",
    ),
    (
        "wildcard-and-crash",
        FaultId::ServerErrorWithCors,
        "with the wildcard it is a crash that no page can read",
    ),
    (
        "half-mended-incident",
        FaultId::StackTraceLeak,
        "its crash is the one that every origin can read, and the trace is named beside it",
    ),
    (
        "retried-into-the-time-limit",
        FaultId::Slow,
        "the edge cuts off what is slow before anybody waits too long",
    ),
];

#[test]
fn every_part_of_a_compound_shows_alone_and_together() {
    let alone: BTreeMap<FaultId, &Fault> = faults::all()
        .filter_map(|fault| match fault.how {
            How::Service(id) => Some((id, fault)),
            _ => None,
        })
        .collect();
    let mut otherwise = BTreeSet::new();
    for compound in compounds() {
        let named: Vec<&str> = compound.cause.iter().chain(compound.also).copied().collect();
        for part in compound.of_the_service() {
            let row = alone
                .get(&part)
                .unwrap_or_else(|| panic!("{part} is never run alone"));
            let is_named = row.cause.is_some_and(|cause| named.contains(&cause));
            let is_explained = row.checks.iter().any(|check| compound.hides.contains(check));
            if !is_named && !is_explained {
                otherwise.insert((compound.id, part));
            }
        }
    }
    let reviewed: BTreeSet<(&str, FaultId)> =
        NAMED_OTHERWISE.iter().map(|(id, part, _)| (*id, *part)).collect();
    assert_eq!(otherwise, reviewed);
}

#[tokio::test]
async fn a_run_that_its_recording_does_not_give_again_is_refused() {
    use greenlight::lab::embedded::Embedded;
    use greenlight::lab::subject::{concierge, replays, verify};
    let embedded = Embedded::healthy().await.unwrap();
    let mut subject = concierge().unwrap();
    subject.vault = embedded.join(&mut subject.target);
    let (recording, mut run) = verify(subject).await.unwrap();
    embedded.stop().await;
    assert!(replays(&recording, &run).is_ok());
    run.headline.push('!');
    let error = replays(&recording, &run).unwrap_err().to_string();
    assert!(error.contains("judged otherwise"), "{error}");
}
