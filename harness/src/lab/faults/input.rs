//! Input handling.

use orchestrate::faults::id::FaultId;
use orchestrate::faults::input::SCALED_LIMIT;

use crate::lab::fault::{Fault, How};
use crate::lab::faults::Unshown;
use crate::lab::shelf::Flaw;
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
    Fault::new(
        "search-crashes",
        "A search takes what people type for a pattern, and a parenthesis crashes it.",
        How::Shelf(Flaw::SearchCrashes),
    )
    .shows(&["regex-query-500"])
    .must_fail(&["errors/search-survives", "errors/no-server-error"])
    .named("search-crashes"),
    Fault::new(
        "duplicate-crashes",
        "What is created twice crashes the store in place of a 409.",
        How::Shelf(Flaw::DuplicateCrashes),
    )
    .shows(&["conflict-500"])
    .must_fail(&["errors/second-create-survives", "errors/no-server-error"])
    .named("duplicate-crashes"),
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

/// Entries of the catalogue that no fault here shows, and why.
pub const NOT_SHOWN: &[Unshown] = &[];
