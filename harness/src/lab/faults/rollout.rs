//! Rollout, concurrency and stability.

use orchestrate::faults::id::FaultId;

use crate::lab::edge::twist::Twist;
use crate::lab::edge::{Behind, Edge};
use crate::lab::fault::{Fault, How};
use crate::lab::faults::Unshown;
use crate::lab::shelf::Flaw;
use crate::lab::subject::Subject;
use crate::model::finding::Verdict;
use crate::model::probe::Body;
use crate::model::target::Environment;

/// A build that no service of the lab is.
const DEPLOYED: &str = "5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e";

/// The faults.
pub const FAULTS: &[Fault] = &[
    Fault::edge(
        "old-version-live",
        "The deploy did not take: the build before it goes on answering.",
        Edge::that(Twist::None).before(Behind::Builds(&["0ddba11"])),
    )
    .with(expecting)
    .shows(&["old-version-live"])
    .must_fail(&["version/expected"])
    .named("old-version-live"),
    Fault::edge(
        "mixed-versions",
        "One of two replicas runs the build before.",
        Edge::that(Twist::None).before(Behind::Builds(&["5ca1ab1e", "0ddba11"])),
    )
    .shows(&["mixed-versions"])
    .must_fail(&["rollout/one-build"])
    .named("mixed-versions"),
    Fault::edge(
        "replica-config",
        "One of two replicas was started without the list of origins.",
        Edge::that(Twist::None).before(Behind::Two(|other| {
            other.origins = vec!["https://other.example".to_owned()];
        })),
    )
    .shows(&["replica-config"])
    .must_fail(&["rollout/replicas-agree"])
    .named("replica-uneven"),
    Fault::edge(
        "replica-secret",
        "One of two replicas verifies with another secret.",
        Edge::that(Twist::None).before(Behind::Two(|other| {
            other.faults = [FaultId::GoodTokenRefused].into_iter().collect()
        })),
    )
    .shows(&["auth-replica-uneven"])
    .must_fail(&["rollout/replicas-agree"])
    .named("replica-uneven"),
    Fault::edge(
        "intermittent-failure",
        "Every fourth request fails, whatever it is.",
        Edge::that(Twist::EveryFourthFails),
    )
    .shows(&["intermittent-5xx"])
    .must_fail(&["errors/no-server-error"])
    .named("intermittent-failure"),
    Fault::edge(
        "first-call-fails",
        "The first call after the start fails, and no other.",
        Edge::that(Twist::FirstWorkFails),
    )
    .shows(&["first-request-fails"])
    .must_fail(&["errors/no-server-error", "journey/proofs"])
    .named("first-call-fails"),
    Fault::edge(
        "cold-start-slow",
        "The first answer takes most of what a request may take.",
        Edge::that(Twist::SlowFirst(1_100)),
    )
    .shows(&["cold-start-over-budget"])
    .must_note(&["rollout/first-answer-in-time"])
    .named("cold-start"),
    Fault::edge(
        "cold-start-errors",
        "The service sleeps, and its first request finds nobody.",
        Edge::that(Twist::Wakes(1)),
    )
    .must_fail(&["health/healthy"])
    .named("cold-start"),
    Fault::edge(
        "flaky-connection",
        "The first request is lost without an answer, and the second attempt is answered.",
        Edge::that(Twist::LosesFirst),
    )
    .must_fail(&["reach/every-request-answered"])
    .named("flaky-connection")
    .ends(Verdict::Flaky),
    Fault::edge(
        "no-drain",
        "While an instance is replaced, requests find nobody.",
        Edge::that(Twist::None).before(Behind::InTurn(2)),
    )
    .shows(&["drain-errors"])
    .must_fail(&["errors/no-server-error"])
    .named("no-drain"),
    Fault::edge(
        "crash-loop",
        "The process restarts again and again.",
        Edge::that(Twist::None).before(Behind::InTurn(4)),
    )
    .shows(&["crash-loop"])
    .must_fail(&["errors/no-server-error"])
    .named("crash-loop"),
    Fault::edge(
        "worker-timeout",
        "A supervisor kills work that takes long.",
        Edge::that(Twist::KillsAfter(350)).with(&[FaultId::Slow]),
    )
    .shows(&["worker-timeout"])
    .must_fail(&["reach/every-request-answered"])
    .named("worker-timeout"),
    Fault::edge(
        "development-server",
        "A development server runs where others use it.",
        Edge::that(Twist::DevelopmentServer),
    )
    .with(|subject| subject.target.environment = Environment::Staging)
    .shows(&["debug-reload"])
    .must_fail(&["rollout/production-server"])
    .named("development-server"),
    Fault::service(FaultId::MigrationMissing)
        .with(saving)
        .shows(&["migration-missing"])
        .must_fail(&[
            "errors/no-server-error",
            "journey/proofs",
            "journey/text-is-understood",
        ])
        .named("database-behind"),
    Fault::service(FaultId::Crosstalk)
        .shows(&["crosstalk"])
        .must_fail(&["rollout/answers-not-mixed"])
        .named("answers-mixed"),
    Fault::service(FaultId::PoolExhausted)
        .shows(&["pool-exhausted"])
        .must_fail(&["errors/no-server-error", "rollout/same-every-time"])
        .named("pool-exhausted"),
    Fault::service(FaultId::LoopBlocked)
        .shows(&["loop-blocked"])
        .must_fail(&["rollout/light-beside-heavy"])
        .named("loop-blocked"),
    Fault::new(
        "state-not-shared",
        "What is created is known to the process that created it, and to no other.",
        How::Shelf(Flaw::StateNotShared),
    )
    .shows(&["state-not-shared"])
    .must_fail(&["rollout/kept-everywhere"])
    .named("state-not-shared"),
    Fault::new(
        "nothing-deleted",
        "What was created is never deleted again, though the contract says how.",
        How::Shelf(Flaw::NothingDeleted),
    )
    .must_note(&["journey/writes-cleaned-up"]),
];

/// A proof that keeps what it did.
fn saving(subject: &mut Subject) {
    for proof in &mut subject.target.proofs {
        if let Body::Json { value, .. } = &mut proof.body
            && let Some(save) = value.pointer_mut("/output/save_to_db")
        {
            *save = true.into();
        }
    }
}

/// The build that was deployed is known.
pub fn expecting(subject: &mut Subject) {
    subject.target.expect_version = Some(DEPLOYED.to_owned());
}

/// Entries of the catalogue that no fault here shows, and why.
pub const NOT_SHOWN: &[Unshown] = &[Unshown::cannot_be(
    "memory-growth",
    "it shows over thousands of calls; a verification sends a few dozen, and no service of the lab tells its memory",
)];
