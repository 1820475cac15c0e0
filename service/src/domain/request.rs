//! What a caller asks for, once its JSON was read and its types were checked.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// One request to orchestrate. `crate::http::orchestrate` reads it from JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrchestrateRequest {
    /// `auto`, or the name of a workflow.
    pub workflow_type: String,
    /// Written words.
    pub text: Option<String>,
    /// A recording in base64, perhaps as a `data:` URL.
    pub audio_file: Option<String>,
    /// Where a recording is to be fetched.
    pub audio_url: Option<String>,
    /// Whether an image was sent, in whatever way; refused, for now.
    pub has_image: bool,
    /// The place that the words are about.
    pub place_id: Option<String>,
    /// The entity that the words are about.
    pub entity_id: Option<String>,
    /// Who curates.
    pub curator_id: Option<String>,
    /// What kind of entity the words are about.
    pub entity_type: String,
    /// The language of the recording, a BCP 47 tag.
    pub language: String,
    /// What to keep and what to answer.
    pub output: Output,
    /// The id to keep it under, which earlier attempts at the same request may have used; none for a fresh one.
    pub kept_as: Option<String>,
    /// What of it was heard so far, which was paid for whatever comes of the rest.
    pub heard: Heard,
}

/// Milliseconds of audio that were transcribed for a request. Clones are one meter.
#[derive(Debug, Clone, Default)]
pub struct Heard(Arc<AtomicU64>);

impl PartialEq for Heard {
    fn eq(&self, other: &Self) -> bool {
        self.audio_ms() == other.audio_ms()
    }
}

impl Eq for Heard {}

impl Heard {
    /// Adds a transcription.
    pub fn add(&self, audio_ms: u64) {
        self.0.fetch_add(audio_ms, Ordering::Relaxed);
    }

    /// All of them.
    #[must_use]
    pub fn audio_ms(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Default for OrchestrateRequest {
    fn default() -> Self {
        Self {
            workflow_type: "auto".to_owned(),
            text: None,
            audio_file: None,
            audio_url: None,
            has_image: false,
            place_id: None,
            entity_id: None,
            curator_id: None,
            entity_type: "restaurant".to_owned(),
            language: "pt-BR".to_owned(),
            output: Output::default(),
            kept_as: None,
            heard: Heard::default(),
        }
    }
}

/// What to keep and what to answer. The default is what a request without an `output` object gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Output {
    /// Whether to keep the run.
    pub save_to_db: bool,
    /// Whether to answer with results at all.
    pub return_results: bool,
    /// How much of them.
    pub format: Format,
}

impl Default for Output {
    fn default() -> Self {
        Self {
            save_to_db: false,
            return_results: true,
            format: Format::Full,
        }
    }
}

/// How much of the results is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Everything.
    Full,
    /// The ids and the concepts.
    Minimal,
    /// The ids.
    IdsOnly,
}

impl Format {
    /// Reads a format as the original does: a word that it does not know means everything.
    #[must_use]
    pub fn parse(word: &str) -> Self {
        match word {
            "minimal" => Self::Minimal,
            "ids_only" => Self::IdsOnly,
            _ => Self::Full,
        }
    }
}
