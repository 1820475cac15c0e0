//! HTTP semantics, time and observability.

use orchestrate::faults::id::FaultId;

use crate::lab::fault::{Fault, How};
use crate::lab::faults::Unshown;
use crate::lab::subject::Subject;
use crate::model::finding::Verdict;
use crate::model::probe::Body;

/// The faults.
pub const FAULTS: &[Fault] = &[
    Fault::service(FaultId::MethodAccepted)
        .shows(&["method-wrong-status"])
        .must_note(&["http/unsupported-method-refused"]),
    Fault::service(FaultId::AllowMissing)
        .shows(&["allow-missing"])
        .must_note(&["http/allow-on-405"]),
    Fault::service(FaultId::HeadDiffers)
        .shows(&["head-differs"])
        .must_note(&["http/head-is-like-get"]),
    Fault::service(FaultId::TraceEchoes)
        .shows(&["trace-enabled"])
        .must_fail(&["http/trace-refused"])
        .named("trace-enabled"),
    Fault::service(FaultId::GetHasEffects)
        .shows(&["get-has-effects"])
        .must_fail(&["http/get-has-no-effect"])
        .named("get-has-effects"),
    Fault::service(FaultId::ErrorAs200)
        .shows(&["error-as-200"])
        .must_fail(&["http/errors-have-error-status"])
        .named("error-as-200"),
    Fault::service(FaultId::ProblemMalformed)
        .shows(&["problem-malformed"])
        .must_note(&["http/problem-details"]),
    Fault::service(FaultId::RequestIdMissing)
        .shows(&["request-id-missing"])
        .must_note(&["http/request-ids"]),
    Fault::service(FaultId::RequestIdConstant)
        .shows(&["request-id-constant"])
        .must_note(&["http/request-ids"]),
    Fault::service(FaultId::RequestIdUnchecked)
        .shows(&["request-id-unchecked"])
        .must_note(&["http/request-ids"]),
    Fault::service(FaultId::TraceparentCrash)
        .shows(&["traceparent-crash"])
        .must_fail(&["errors/no-server-error"])
        .named("malformed-header-crashes"),
    Fault::service(FaultId::RateLimitLies)
        .shows(&["ratelimit-lies"])
        .must_note(&["http/rate-limit-fields"]),
    Fault::service(FaultId::TimeNaive)
        .shows(&["time-naive"])
        .must_note(&["health/fresh"]),
    Fault::service(FaultId::ClockOff)
        .shows(&["time-skew"])
        .with(is_ours)
        .must_fail(&["health/fresh"])
        .named("clock-off"),
    Fault::service(FaultId::EtagFixed)
        .shows(&["etag-wrong"])
        .must_fail(&["caching/validators-follow-content"])
        .named("etag-wrong"),
    Fault::service(FaultId::JsonLatin1)
        .shows(&["charset-wrong"])
        .with(speaks_with_accents)
        .must_fail(&["http/json-is-utf8"])
        .named("json-not-utf8"),
    Fault::service(FaultId::NoContentWithLength)
        .shows(&["code-has-body"])
        .must_note(&["http/no-content-is-empty"]),
    // Nothing of the service is limited or down by itself, so something must be for a Retry-After to be sent at all.
    Fault::new(
        FaultId::RetryAfterBad.id(),
        FaultId::RetryAfterBad.sentence(),
        How::Together(&[FaultId::UpstreamDown, FaultId::RetryAfterBad]),
    )
    .shows(&["retry-after-bad"])
    .must_note(&["http/retry-after"])
    .ends(Verdict::Fail)
    .named("upstream-failing"),
];

/// The checker started the service on its own machine, so the clocks are known to be one.
fn is_ours(subject: &mut Subject) {
    subject.target.ours = true;
}

/// The good call holds letters beyond ASCII.
fn speaks_with_accents(subject: &mut Subject) {
    for proof in &mut subject.target.proofs {
        if let Body::Json { value, .. } = &mut proof.body {
            value["text"] = "The kitchen makes crème brûlée until ten.".into();
        }
    }
}

/// Entries of the catalogue that no fault here shows, and why.
pub const NOT_SHOWN: &[Unshown] = &[];
