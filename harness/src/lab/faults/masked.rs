//! Masked errors: the true fault is an error, the browser reports CORS.

use orchestrate::faults::id::FaultId;

use crate::lab::fault::{Fault, How};
use crate::lab::faults::Unshown;
use crate::lab::notes::Quirk;
use crate::model::finding::Verdict;

/// The faults.
pub const FAULTS: &[Fault] = &[
    Fault::service(FaultId::MissingAwait)
        .shows(&["cors-500-bare", "await-missing"])
        .must_fail(&[
            "errors/no-server-error",
            "cors/readable",
            "journey/proofs",
            "health/truthful",
        ])
        .named("masked-server-error"),
    Fault::service(FaultId::ServerErrorWithCors)
        .shows(&["await-on-sync"])
        .must_fail(&["errors/no-server-error", "journey/proofs"])
        .named("server-error"),
    Fault::service(FaultId::ErrorHandlerEchoesOrigin)
        .shows(&["error-path-reflects-origin"])
        .must_fail(&["errors/no-server-error", "cors/errors-do-not-echo"])
        .named("error-handler-echoes-origin"),
    Fault::service(FaultId::CorsMissingOn401)
        .shows(&["cors-401-bare"])
        .must_fail(&["cors/readable"])
        .named("cors-missing-on-errors"),
    Fault::service(FaultId::HandlerOutsideCors)
        .shows(&["cors-500-handler-outside"])
        .must_fail(&["errors/no-server-error", "cors/readable", "journey/proofs"])
        .named("masked-server-error"),
    Fault::service(FaultId::CorsMissingOn429)
        .shows(&["cors-429-bare"])
        .must_fail(&["cors/readable"])
        .named("cors-missing-on-errors"),
    Fault::new(
        "limit-bare",
        "A limit of requests a second stands in front of CORS, so that no page can read its 429.",
        How::Notes(Quirk::BareLimit),
    )
    .shows(&["cors-429-bare"])
    .must_fail(&["cors/readable"])
    .named("cors-missing-on-errors"),
    Fault::new(
        "limit-unsaid",
        "A limit of requests a minute is less than one run asks, and says nothing of when to come back.",
        How::Notes(Quirk::TightLimit),
    )
    .shows(&["retry-after-missing"])
    .must_note(&["errors/retry-after-said"])
    .ends(Verdict::Inconclusive)
    .named("rate-limited"),
    Fault::service(FaultId::CorsMissingOn413)
        .shows(&["cors-413-bare"])
        .must_fail(&["cors/readable"])
        .named("edge-error-page"),
    Fault::service(FaultId::CorsMissingOnParseErrors)
        .shows(&["cors-parse-error-bare"])
        .must_fail(&["cors/readable"])
        .named("cors-missing-on-errors"),
    Fault::service(FaultId::CorsMissingOn404)
        .shows(&["cors-404-bare"])
        .must_note(&["cors/readable"])
        .named("cors-missing-on-errors"),
    Fault::service(FaultId::CorsMissingOn403)
        .shows(&["cors-403-bare"])
        .must_fail(&["cors/readable"])
        .named("cors-missing-on-errors"),
];

/// Entries of the catalogue that no fault here shows, and why.
pub const NOT_SHOWN: &[Unshown] = &[];
