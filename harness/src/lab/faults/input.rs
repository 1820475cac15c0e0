//! Input handling.

use orchestrate::faults::id::FaultId;
use orchestrate::faults::input::SCALED_LIMIT;

use crate::lab::fault::Fault;
use crate::lab::subject::Subject;

/// The faults.
pub const FAULTS: &[Fault] = &[
    Fault::service(FaultId::ValidationCrash)
        .shows(&["val-422-becomes-500"])
        .must_fail(&["errors/no-server-error", "cors/readable"])
        .named("masked-server-error"),
    crash(FaultId::NulCrash, &["nul-500"]),
    crash(FaultId::SurrogateCrash, &["surrogate-500"]),
    crash(FaultId::BrokenJsonCrash, &["badjson-500"]),
    crash(FaultId::EmptyBodyCrash, &["empty-body-500"]),
    crash(FaultId::WrongTypeCrash, &["wrong-type-500"]),
    crash(FaultId::NullCrash, &["null-field-500"]),
    crash(FaultId::NoInputCrash, &["no-input-500"]),
    crash(FaultId::DeepNestingCrash, &["deep-nesting-500"]),
    crash(FaultId::LongAddressCrash, &["uri-header-limits"]),
    crash(FaultId::OversizeCrash, &["oversize-500"]).with(small_limit),
    Fault::service(FaultId::MediaTypeLoose)
        .shows(&["media-type-loose"])
        .must_note(&["errors/invalid-input-refused"]),
    Fault::service(FaultId::AudioUnlimited)
        .shows(&["body-unlimited"])
        .must_fail(&["transcription/size-limit-kept"])
        .named("size-limit-missing")
        .with(small_limit),
    Fault::service(FaultId::LimitOffByOne)
        .must_fail(&["transcription/size-limit-kept"])
        .named("size-limit-missing")
        .with(small_limit),
    Fault::service(FaultId::QueryEchoed)
        .shows(&["error-html-echo"])
        .must_fail(&["errors/markup-not-echoed"])
        .named("markup-echoed"),
    Fault::service(FaultId::MarkupEchoed)
        .shows(&["error-html-echo"])
        .must_fail(&["errors/markup-not-echoed"])
        .named("markup-echoed"),
    Fault::service(FaultId::AddressFetched)
        .shows(&["ssrf-audio-url"])
        .must_fail(&["errors/addresses-not-fetched"])
        .named("fetches-any-address"),
];

/// A mistake of a client that crashes the service.
const fn crash(fault: FaultId, shows: &'static [&'static str]) -> Fault {
    Fault::service(fault)
        .shows(shows)
        .must_fail(&["errors/no-server-error"])
        .named("input-crashes")
}

/// Promises the scaled limit, and lets the run send as much.
pub fn small_limit(subject: &mut Subject) {
    if let Some(role) = &mut subject.target.transcription {
        role.max_audio = Some(SCALED_LIMIT as u64);
    }
}

/// Entries of the catalogue that cannot be shown here, and why.
pub const NOT_SHOWN: &[(&str, &str)] = &[
    (
        "regex-query-500",
        "no operation of the reference service searches: none takes a query, let alone one that could be a pattern",
    ),
    (
        "conflict-500",
        "nothing that a caller creates has a key of the caller's own, so no second create can be a duplicate",
    ),
];

/// Entries of the catalogue that are still to be shown.
pub const BACKLOG: &[&str] = &[];
