//! Upstream failures, cost and secrets.

use orchestrate::faults::id::FaultId;

use crate::lab::fault::Fault;
use crate::lab::subject::Subject;
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
        .named("upstream-failing"),
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
        .named("upstream-failing"),
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
        .named("upstream-failing"),
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
];

/// Real users, leave for one paid call, and for keeping what it answers.
fn production(subject: &mut Subject) {
    subject.target.environment = Environment::Production;
    subject.target.bounds = Bounds::of(Environment::Production);
    subject.target.allow = vec![Effect::Paid];
    subject.target.keep_bodies = true;
}

/// Entries of the catalogue that cannot be shown here, and why.
pub const NOT_SHOWN: &[(&str, &str)] = &[
    (
        "idempotency-ignored",
        "the reference service declares no Idempotency-Key, so there is no promise to break",
    ),
    (
        "limit-shared-bucket",
        "the reference service has no rate limit of its own, so there is no bucket to share",
    ),
];

/// Entries of the catalogue that are still to be shown.
pub const BACKLOG: &[&str] = &[];
