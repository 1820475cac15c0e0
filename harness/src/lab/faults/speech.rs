//! Transcription and concept extraction.

use orchestrate::faults::id::FaultId;

use crate::lab::fault::Fault;

/// The faults.
pub const FAULTS: &[Fault] = &[
    Fault::service(FaultId::Base64Crash)
        .shows(&["ai-b64-500"])
        .must_fail(&["errors/no-server-error"])
        .named("input-crashes"),
    Fault::service(FaultId::EmptyTranscript)
        .shows(&["ai-silent-empty"])
        .must_fail(&["journey/speech-is-transcribed"])
        .named("transcript-empty"),
    Fault::service(FaultId::CannedTranscript)
        .shows(&["ai-canned"])
        .must_fail(&["journey/follows-the-audio"])
        .named("transcript-canned"),
    Fault::service(FaultId::Slow)
        .shows(&["ai-hang"])
        .must_fail(&["reach/every-request-answered"])
        .named("too-slow"),
];

/// Entries of the catalogue that cannot be shown here, and why.
pub const NOT_SHOWN: &[(&str, &str)] = &[];

/// Entries of the catalogue that are still to be shown.
pub const BACKLOG: &[&str] = &[
    "ai-silence-hallucination",
    "ai-silence-500",
    "ai-language-ignored",
    "ai-language-echo",
    "ai-translated",
    "ai-data-url",
    "ai-empty-hang",
    "ai-empty-500",
    "ai-codec-500",
    "ai-container-mislabelled",
    "ai-truncated-ok",
    "ai-tail-lost",
    "ai-large-500",
    "ai-concepts-empty",
    "ai-concepts-unrelated",
    "ai-llm-json-500",
    "ai-partial-200",
    "ai-empty-text-500",
    "ai-time-lie",
    "ai-saves-unasked",
];
