//! What orchestrate is asked: the request body of the wire contract, and how it is read.

use poem_openapi::{Enum, Object};
use serde_json::Value;

use crate::domain::language::{Language, LanguageError};
use crate::domain::request::{Format, Heard, OrchestrateRequest, Output};
use crate::http::fields::Fields;
use crate::http::payload::FromJson;
use crate::http::problem::FieldError;

/// The longest written text, in characters.
pub const MAX_TEXT: usize = 100_000;
/// The longest name or id, in characters.
pub const MAX_NAME: usize = 256;
/// The longest address, in characters.
pub const MAX_URL: usize = 2_048;

/// What to do with words or a recording.
#[derive(Debug, Clone, PartialEq, Eq, Object)]
#[oai(rename = "OrchestrateRequest", skip_serializing_if_is_none)]
pub struct RequestBody {
    /// `auto` (the default) looks at what was sent; `audio_only` and `text_only` insist. `concept_only` is another name of
    /// `text_only`, and `entity_id_with_audio` of `audio_only` with an `entity_id`.
    pub workflow_type: Option<WorkflowTypeBody>,
    /// Written words; they win over a recording.
    #[oai(validator(max_length = "100000"))]
    pub text: Option<String>,
    /// A recording in base64 (RFC 4648 §4), or a `data:` URL that holds one and calls it what it is. WAV, MP3, FLAC, Ogg, WebM or
    /// MP4; at most 25 MiB once decoded.
    pub audio_file: Option<String>,
    /// Where a recording can be fetched without credentials: a public `https` address. `audio_file` wins over it.
    #[oai(validator(max_length = "2048"))]
    pub audio_url: Option<String>,
    /// Not supported yet.
    pub image_file: Option<String>,
    /// Not supported yet.
    #[oai(validator(max_length = "2048"))]
    pub image_url: Option<String>,
    /// What to keep and what to answer. Without it nothing is kept and everything is answered.
    pub output: Option<OutputBody>,
    /// The language of the recording, a BCP 47 tag such as `pt-BR` (the default).
    #[oai(validator(max_length = "35", pattern = "^[A-Za-z]{2}(-[A-Za-z0-9]{1,8})*$"))]
    pub language: Option<String>,
    /// What kind of entity the words are about.
    #[oai(default = "usual_entity", validator(max_length = "256"))]
    pub entity_type: Option<String>,
    /// Who curates.
    #[oai(validator(max_length = "256"))]
    pub curator_id: Option<String>,
    /// The entity that the words are about.
    #[oai(validator(max_length = "256"))]
    pub entity_id: Option<String>,
    /// The place that the words are about; its workflows are not supported yet.
    #[oai(validator(max_length = "256"))]
    pub place_id: Option<String>,
}

/// The workflows, and the original's names of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "WorkflowType", rename_all = "snake_case")]
pub enum WorkflowTypeBody {
    /// Whatever was sent says.
    Auto,
    /// A recording, or the words in its place.
    AudioOnly,
    /// Words.
    TextOnly,
    /// `text_only`.
    ConceptOnly,
    /// `audio_only`, about an entity that is named.
    EntityIdWithAudio,
}

fn usual_entity() -> Option<String> {
    Some(OrchestrateRequest::default().entity_type)
}

/// What to keep and what to answer. Its defaults are not those of leaving it out.
#[derive(Debug, Clone, PartialEq, Eq, Object)]
#[oai(rename = "Output", skip_serializing_if_is_none)]
pub struct OutputBody {
    /// Whether to keep the run; true by default.
    pub save_to_db: Option<bool>,
    /// Whether to answer with results; false by default.
    pub return_results: Option<bool>,
    /// `full` (the default), `minimal` or `ids_only`.
    #[oai(validator(max_length = "256"))]
    pub format: Option<String>,
}

/// A request whose fields are as they should be.
pub struct Ask {
    /// What is asked for.
    pub request: OrchestrateRequest,
    /// Its language, parsed.
    pub language: Language,
}

impl FromJson for Ask {
    type Schema = RequestBody;

    fn from_json(value: Value) -> Result<Self, Vec<FieldError>> {
        let mut fields = Fields::of(value)?;
        let defaults = OrchestrateRequest::default();
        let images = [fields.string("image_file"), fields.text("image_url", MAX_URL)];
        let language = fields.text("language", MAX_NAME).unwrap_or(defaults.language);
        let parsed = language.parse().map_err(|error: LanguageError| error.to_string());
        let request = OrchestrateRequest {
            workflow_type: fields
                .text("workflow_type", MAX_NAME)
                .unwrap_or(defaults.workflow_type),
            text: fields.text("text", MAX_TEXT),
            audio_file: fields.string("audio_file"),
            audio_url: fields.text("audio_url", MAX_URL),
            has_image: images.iter().any(Option::is_some),
            place_id: fields.text("place_id", MAX_NAME),
            entity_id: fields.text("entity_id", MAX_NAME),
            curator_id: fields.text("curator_id", MAX_NAME),
            entity_type: fields
                .text("entity_type", MAX_NAME)
                .unwrap_or(defaults.entity_type),
            language,
            output: fields.object("output", output).unwrap_or_default(),
            kept_as: None,
            heard: Heard::default(),
        };
        let language = match parsed {
            Ok(language) => Some(language),
            Err(why) => fields.wrong("language", why),
        };
        let language = fields.finish(language)?.ok_or_else(Vec::new)?;
        Ok(Self { request, language })
    }
}

/// The defaults inside an `output` object, which are not those of leaving it out (the original's).
fn output(fields: &mut Fields) -> Output {
    Output {
        save_to_db: fields.boolean("save_to_db").unwrap_or(true),
        return_results: fields.boolean("return_results").unwrap_or(false),
        format: fields
            .text("format", MAX_NAME)
            .map_or(Format::Full, |word| Format::parse(&word)),
    }
}

#[cfg(test)]
#[path = "ask_tests.rs"]
mod tests;
