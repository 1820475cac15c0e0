//! Upstream failures, cost and secrets.

use orchestrate::faults::id::FaultId;

use crate::lab::fault::{Fault, How};
use crate::lab::faults::Unshown;
use crate::lab::shelf::Flaw;
use crate::lab::subject::Subject;
use crate::model::diagnosis::Blame;
use crate::model::finding::Verdict;
use crate::model::probe::Effect;
use crate::model::target::{Bounds, Environment};

/// The faults.
pub const FAULTS: &[Fault] = &[
    Fault::service(FaultId::Upstream429As500)
        .shows(&["upstream-429-as-500"])
        .must_fail(&["errors/no-server-error", "journey/proofs"])
        .named("upstream-failing"),
    Fault::service(FaultId::UpstreamDown)
        .must_fail(&["errors/no-server-error", "journey/proofs"])
        .named("upstream-failing")
        .blaming(Blame::Upstream),
    Fault::service(FaultId::ProviderKeyShownAs401)
        .shows(&["upstream-401-as-401"])
        .must_fail(&["journey/proofs"])
        .named("upstream-key-refused"),
    Fault::service(FaultId::ProviderTimeoutAs500)
        .shows(&["upstream-timeout-as-500"])
        .must_fail(&["errors/no-server-error", "journey/proofs"])
        .named("upstream-failing"),
    Fault::service(FaultId::ProviderLate)
        .must_fail(&["errors/no-server-error", "journey/proofs"])
        .named("upstream-failing")
        .blaming(Blame::Upstream),
    Fault::service(FaultId::ProviderDownEmpty)
        .shows(&["upstream-down-empty"])
        .must_fail(&["journey/proofs", "journey/speech-is-transcribed"])
        .named("outage-hidden"),
    Fault::service(FaultId::ProviderKeyLeak)
        .shows(&["upstream-key-leak"])
        .must_fail(&["errors/no-secret"])
        .named("secret-leaked"),
    Fault::service(FaultId::ProviderWordsPassed)
        .shows(&["upstream-body-passthrough"])
        .must_note(&["errors/no-provider-internals"]),
    Fault::service(FaultId::ProviderNotConfigured)
        .shows(&["config-missing-500"])
        .must_fail(&["errors/no-server-error", "journey/proofs"])
        .named("config-missing-500"),
    Fault::service(FaultId::ProviderQuotaGone)
        .shows(&["upstream-quota-gone"])
        .must_fail(&["errors/no-server-error", "journey/proofs"])
        .named("upstream-failing")
        .blaming(Blame::Upstream),
    told(FaultId::ProviderKeyRefused, Blame::Deploy),
    told(FaultId::ProviderAsksForMoney, Blame::Upstream),
    told(FaultId::ProviderLimits, Blame::Upstream),
    told(FaultId::ProviderCrashes, Blame::Upstream),
    told(FaultId::ProviderDrips, Blame::Upstream),
    told(FaultId::ProviderCutShort, Blame::Upstream),
    told(FaultId::ProviderSendsPage, Blame::Upstream),
    told(FaultId::ProviderModelGone, Blame::Upstream),
    Fault::service(FaultId::MockLeftOn)
        .shows(&["mock-in-prod"])
        .must_fail(&["transcription/real-model-answers"])
        .named("mock-left-on")
        .with(production),
    Fault::service(FaultId::RetryStorm)
        .shows(&["retry-storm"])
        .must_fail(&["transcription/one-call-each", "errors/no-server-error"])
        .named("upstream-failing")
        .and(&["calls-repeated"]),
    Fault::service(FaultId::ChargedTwice)
        .shows(&["retry-double-charge"])
        .must_fail(&["transcription/one-call-each"])
        .named("calls-repeated"),
    Fault::service(FaultId::RetryAfterMissing)
        .shows(&["retry-after-missing"])
        .must_note(&["errors/retry-after-said"])
        .ends(Verdict::Fail)
        .named("upstream-failing"),
    Fault::new(
        "idempotency-ignored",
        "A request that is repeated under its Idempotency-Key is done again.",
        How::Shelf(Flaw::IdempotencyIgnored),
    )
    .shows(&["idempotency-ignored"])
    .must_fail(&["http/idempotency-kept"])
    .named("idempotency-ignored"),
];

/// A provider that fails, and a service that says so honestly: the run is no success, and the build is not to blame. What is
/// wrong in this environment (its key) is the deploy's all the same.
const fn told(fault: FaultId, blame: Blame) -> Fault {
    Fault::service(fault)
        .must_fail(&["errors/no-server-error", "journey/proofs"])
        .named("upstream-failing")
        .blaming(blame)
}

/// Real users, leave for one paid call, and for keeping what it answers.
fn production(subject: &mut Subject) {
    subject.target.environment = Environment::Production;
    subject.target.bounds = Bounds::of(Environment::Production);
    subject.target.allow = vec![Effect::Paid];
    subject.target.keep_bodies = true;
}

/// Entries of the catalogue that no fault here shows, and why.
pub const NOT_SHOWN: &[Unshown] = &[Unshown::cannot_be(
    "limit-shared-bucket",
    "two callers on one machine have one address: a limit by the caller's address, which is right, and one by the proxy's, \
     which is not, look the same",
)];
