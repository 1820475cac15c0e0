//! Transcription and concept extraction.

use orchestrate::faults::id::FaultId;

use crate::lab::fault::Fault;
use crate::lab::faults::Unshown;
use crate::lab::faults::input::small_limit;
use crate::lab::subject::Subject;

/// The faults.
pub const FAULTS: &[Fault] = &[
    crash(FaultId::Base64Crash, &["ai-b64-500"]),
    crash(FaultId::DataUrlCrash, &["ai-data-url"]),
    crash(FaultId::EmptyAudioCrash, &["ai-empty-500"]),
    crash(FaultId::CodecCrash, &["ai-codec-500"]),
    crash(FaultId::EmptyTextCrash, &["ai-empty-text-500"]),
    crash(FaultId::EmojiCrash, &[]),
    crash(FaultId::LabelBelieved, &[]),
    Fault::service(FaultId::UnicodeMangled)
        .must_fail(&["transcription/unicode-kept"])
        .named("text-mangled"),
    Fault::service(FaultId::Base64Guessed)
        .must_fail(&["transcription/spellings-heard-or-refused"])
        .named("audio-misread"),
    crash(FaultId::SilenceCrash, &["ai-silence-500"]),
    crash(FaultId::ProviderLimitCrash, &["ai-large-500"]).with(small_limit),
    Fault::service(FaultId::ResponseFormatRefused)
        .must_fail(&["errors/no-server-error", "journey/proofs"])
        .named("server-error"),
    Fault::service(FaultId::LanguageTagRefused)
        .with(page_sends_regions)
        .must_fail(&["errors/no-server-error", "journey/speech-is-transcribed"])
        .named("server-error"),
    Fault::service(FaultId::EmptyAudioHang)
        .shows(&["ai-empty-hang"])
        .must_fail(&["reach/every-request-answered"])
        .named("input-hangs"),
    Fault::service(FaultId::EmptyTranscript)
        .shows(&["ai-silent-empty"])
        .must_fail(&["journey/speech-is-transcribed"])
        .named("transcript-empty"),
    Fault::service(FaultId::CannedTranscript)
        .shows(&["ai-canned"])
        .must_fail(&["journey/follows-the-audio", "transcription/words-are-right"])
        .named("transcript-canned"),
    Fault::service(FaultId::Slow)
        .shows(&["ai-hang"])
        .must_fail(&["reach/every-request-answered"])
        .named("too-slow"),
    Fault::service(FaultId::SilenceInvented)
        .shows(&["ai-silence-hallucination"])
        .must_fail(&["transcription/silence-is-silence"])
        .named("silence-transcribed"),
    Fault::service(FaultId::LanguageIgnored)
        .shows(&["ai-language-ignored"])
        .must_fail(&["journey/speech-is-transcribed", "transcription/words-are-right"])
        .named("language-ignored"),
    Fault::service(FaultId::SpeechTranslated)
        .shows(&["ai-translated"])
        .must_fail(&["journey/speech-is-transcribed", "transcription/words-are-right"])
        .named("speech-translated"),
    Fault::service(FaultId::ContainerMislabelled)
        .shows(&["ai-container-mislabelled"])
        .must_fail(&["journey/speech-is-transcribed"])
        .named("container-mislabelled"),
    Fault::service(FaultId::TruncatedAccepted)
        .shows(&["ai-truncated-ok"])
        .must_note(&["errors/invalid-input-refused"]),
    Fault::service(FaultId::TailLost)
        .shows(&["ai-tail-lost"])
        .must_fail(&["transcription/whole-recording-heard"])
        .named("tail-lost"),
    Fault::service(FaultId::ConceptsEmpty)
        .shows(&["ai-concepts-empty"])
        .must_fail(&["journey/text-is-understood", "journey/proofs"])
        .named("concepts-empty"),
    Fault::service(FaultId::ConceptsCanned)
        .shows(&["ai-concepts-unrelated"])
        .must_fail(&["transcription/concepts-follow-the-text"])
        .named("concepts-canned"),
    Fault::service(FaultId::ModelJsonCrash)
        .shows(&["ai-llm-json-500"])
        .must_fail(&["errors/no-server-error", "journey/proofs"])
        .named("upstream-failing"),
    Fault::service(FaultId::PartialSuccess)
        .shows(&["ai-partial-200"])
        .must_fail(&["transcription/success-is-whole"])
        .named("partial-success"),
    Fault::service(FaultId::TimeLie)
        .shows(&["ai-time-lie"])
        .must_note(&["transcription/time-is-true"]),
    Fault::service(FaultId::SavesUnasked)
        .shows(&["ai-saves-unasked"])
        .must_fail(&["transcription/preview-saves-nothing"])
        .named("saves-unasked"),
    Fault::service(FaultId::NanInAnswer)
        .shows(&["out-nan-500"])
        .must_fail(&["errors/json-is-json"])
        .named("answer-not-json"),
];

/// The page names languages as browsers do, with a region.
pub fn page_sends_regions(subject: &mut Subject) {
    let Some(role) = &mut subject.target.transcription else {
        return;
    };
    for language in role
        .samples
        .iter_mut()
        .filter_map(|sample| sample.language.as_mut())
    {
        language.push_str("-BR");
    }
}

/// A mistake of a client that crashes the service.
const fn crash(fault: FaultId, shows: &'static [&'static str]) -> Fault {
    Fault::service(fault)
        .shows(shows)
        .must_fail(&["errors/no-server-error"])
        .named("input-crashes")
}

/// Entries of the catalogue that no fault here shows, and why.
pub const NOT_SHOWN: &[Unshown] = &[Unshown::cannot_be(
    "ai-language-echo",
    "a recogniser that is told a language names that language itself, as Whisper does: over HTTP a service that passes this on and one that makes it up look the same",
)];
