//! `POST /ai/orchestrate`: words or a recording in, transcription and concepts out.

use std::sync::Arc;
use std::time::Duration;

use poem::http::StatusCode;
use poem_openapi::payload::Json;
use poem_openapi::{ApiResponse, Object, OpenApi};
use serde_json::Value;

use crate::domain::audio::AudioError;
use crate::domain::intake::IntakeError;
use crate::domain::language::{Language, LanguageError};
use crate::domain::orchestrate::{Failure, Outcome, Words, Work};
use crate::domain::request::{Format, OrchestrateRequest, Output};
use crate::http::api::Tag;
use crate::http::bearer::Bearer;
use crate::http::fields::Fields;
use crate::http::payload::{FromJson, JsonBody, within};
use crate::http::problem::{FieldError, Problem};

/// The longest written text, in characters.
pub const MAX_TEXT: usize = 100_000;
/// The longest name or id, in characters.
pub const MAX_NAME: usize = 256;
/// The longest address, in characters.
pub const MAX_URL: usize = 2_048;

/// The resource.
pub struct OrchestrateApi {
    /// Who does the work.
    pub work: Arc<dyn Work>,
    /// How long it may take.
    pub deadline: Duration,
}

/// What to do with words or a recording.
#[derive(Debug, Clone, PartialEq, Eq, Object)]
#[oai(rename = "OrchestrateRequest", skip_serializing_if_is_none)]
pub struct RequestBody {
    /// `auto` (the default) looks at what was sent; `audio_only` and `text_only` insist.
    pub workflow_type: Option<String>,
    /// Written words; they win over a recording.
    pub text: Option<String>,
    /// A recording in base64 (RFC 4648 §4), or a `data:` URL that holds one. At most 25 MiB once decoded.
    pub audio_file: Option<String>,
    /// Not supported yet: send `audio_file`.
    pub audio_url: Option<String>,
    /// Not supported yet.
    pub image_file: Option<String>,
    /// Not supported yet.
    pub image_url: Option<String>,
    /// What to keep and what to answer. Without it nothing is kept and everything is answered.
    pub output: Option<OutputBody>,
    /// The language of the recording, a BCP 47 tag such as `pt-BR` (the default).
    pub language: Option<String>,
    /// What kind of entity the words are about; `restaurant` by default.
    pub entity_type: Option<String>,
    /// Who curates.
    pub curator_id: Option<String>,
    /// The entity that the words are about.
    pub entity_id: Option<String>,
    /// The place that the words are about; its workflows are not supported yet.
    pub place_id: Option<String>,
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
    pub format: Option<String>,
}

/// What came of it.
#[derive(Debug, Clone, Object)]
#[oai(rename = "OrchestrateResponse")]
pub struct ResponseBody {
    /// The workflow that ran.
    pub workflow: String,
    /// The results, as far as they were asked for.
    pub results: ResultsBody,
    /// Whether the run was kept.
    pub saved_to_db: bool,
    /// How long it took, in milliseconds.
    pub processing_time_ms: u64,
}

/// The results. Empty when none were asked for.
#[derive(Debug, Clone, Default, Object)]
#[oai(rename = "Results", skip_serializing_if_is_none)]
pub struct ResultsBody {
    /// The entity, as the caller named it.
    pub entity_id: Option<String>,
    /// The id under which the run was kept.
    pub curation_id: Option<String>,
    /// The words.
    pub transcription: Option<TranscriptionBody>,
    /// What was found in them.
    pub concepts: Option<ConceptsBody>,
}

/// The words, and where they came from.
#[derive(Debug, Clone, Default, Object)]
#[oai(rename = "Transcription", skip_serializing_if_is_none)]
pub struct TranscriptionBody {
    /// The words. Empty when nothing was said.
    pub text: String,
    /// `direct_text` when the words were sent and nothing was transcribed.
    pub source: Option<String>,
    /// Names this transcription.
    pub transcription_id: Option<String>,
    /// The language, as the provider names it.
    pub language: Option<String>,
    /// The model that transcribed.
    pub model: Option<String>,
    /// Seconds of audio.
    pub duration: Option<f64>,
}

/// What was found in the words.
#[derive(Debug, Clone, Object)]
#[oai(rename = "Concepts")]
pub struct ConceptsBody {
    /// The concepts, in the provider's order. None when the words say nothing.
    pub concepts: Vec<ConceptBody>,
    /// What kind of entity was asked about.
    pub entity_type: String,
    /// The model that found them.
    pub model: String,
}

/// One thing said about an entity.
#[derive(Debug, Clone, PartialEq, Eq, Object)]
#[oai(rename = "Concept")]
pub struct ConceptBody {
    /// What kind of thing.
    pub category: String,
    /// The thing, as a short phrase.
    pub value: String,
}

/// Every answer of this operation. There is no 500: that would be a bug, and a bug is not documented.
#[derive(ApiResponse)]
pub enum OrchestrateResponse {
    /// Done.
    #[oai(status = 200)]
    Done(Json<ResponseBody>),
    /// The body is not JSON, holds nothing to work on, or holds a recording that cannot be read.
    #[oai(status = 400)]
    BadRequest(Problem),
    /// There is no token, or one that is not believed.
    #[oai(status = 401, header(name = "WWW-Authenticate", ty = "String"))]
    Unauthorized(Problem),
    /// The body did not arrive in time.
    #[oai(status = 408)]
    TooSlow(Problem),
    /// The body or the recording is too large.
    #[oai(status = 413)]
    TooLarge(Problem),
    /// The body is not declared as JSON.
    #[oai(status = 415)]
    UnsupportedMediaType(Problem),
    /// A field has the wrong type or an impossible value.
    #[oai(status = 422)]
    Unprocessable(Problem),
    /// The AI provider refused us, or gave an answer that cannot be used.
    #[oai(status = 502)]
    BadGateway(Problem),
    /// The AI provider or the database is not available.
    #[oai(status = 503, header(name = "Retry-After", ty = "u32"))]
    Unavailable(Problem),
    /// The AI provider, or the whole of the work, took too long.
    #[oai(status = 504, header(name = "Retry-After", ty = "u32"))]
    TimedOut(Problem),
}

impl From<Problem> for OrchestrateResponse {
    fn from(problem: Problem) -> Self {
        match problem.status.as_u16() {
            401 => Self::Unauthorized(problem),
            408 => Self::TooSlow(problem),
            413 => Self::TooLarge(problem),
            415 => Self::UnsupportedMediaType(problem),
            422 => Self::Unprocessable(problem),
            502 => Self::BadGateway(problem),
            503 => Self::Unavailable(problem),
            504 => Self::TimedOut(problem),
            _ => Self::BadRequest(problem),
        }
    }
}

#[OpenApi]
impl OrchestrateApi {
    /// Orchestrate
    ///
    /// Transcribes a recording, or takes words as they are, and finds concepts in them. The caller pays the
    /// AI provider's price for every accepted request.
    #[oai(
        path = "/ai/orchestrate",
        method = "post",
        operation_id = "orchestrate",
        tag = "Tag::Ai"
    )]
    async fn orchestrate(&self, caller: Bearer, body: JsonBody<Ask>) -> OrchestrateResponse {
        let Bearer(caller) = caller;
        // The turn is kept until the answer is ready: the work holds the recording all that time.
        let (Ask { request, language }, _turn) = body.into_parts();
        let work = async {
            let outcome = self.work.run(request, language, &caller.subject).await;
            outcome.map_err(|failure| problem(&failure))
        };
        match within(self.deadline, work).await {
            Ok(outcome) => OrchestrateResponse::Done(Json(answer(outcome))),
            Err(problem) => problem.into(),
        }
    }
}

/// The answer to a failure. Whoever can mend it is told how; nobody is told what a driver or a provider said.
fn problem(failure: &Failure) -> Problem {
    let detail = sentence(&failure.to_string());
    match failure {
        Failure::Plan(error) => Problem::bad_request(error.code(), detail),
        Failure::Intake(error) => {
            let status = match error {
                IntakeError::Audio(AudioError::TooLarge { .. }) => StatusCode::PAYLOAD_TOO_LARGE,
                _ => StatusCode::BAD_REQUEST,
            };
            Problem::new(status, error.code(), detail)
        }
        Failure::Provider(error) => {
            tracing::warn!(
                code = error.code(),
                category = error.category(),
                "the AI provider failed"
            );
            Problem::new(error.status(), error.code(), detail).with_retry_after(error.retry_after())
        }
        Failure::Store(error) => {
            tracing::error!(why = error.word(), "a run could not be kept");
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, "database_unavailable", detail)
                .with_retry_after(Some(Duration::from_secs(5)))
        }
    }
}

/// An error's words as a sentence.
fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    let first = letters
        .next()
        .map(|letter| letter.to_uppercase().to_string())
        .unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}

fn answer(outcome: Outcome) -> ResponseBody {
    ResponseBody {
        workflow: outcome.workflow.to_owned(),
        saved_to_db: outcome.curation_id.is_some(),
        processing_time_ms: u64::try_from(outcome.took.as_millis()).unwrap_or(u64::MAX),
        results: results(outcome),
    }
}

fn results(outcome: Outcome) -> ResultsBody {
    if !outcome.output.return_results {
        return ResultsBody::default();
    }
    let ids = ResultsBody {
        entity_id: outcome.entity_id,
        curation_id: outcome.curation_id,
        ..ResultsBody::default()
    };
    let concepts = ConceptsBody {
        concepts: outcome
            .concepts
            .concepts
            .into_iter()
            .map(|concept| ConceptBody {
                category: concept.category,
                value: concept.value,
            })
            .collect(),
        entity_type: outcome.entity_type,
        model: outcome.concepts.model,
    };
    match outcome.output.format {
        Format::IdsOnly => ids,
        Format::Minimal => ResultsBody {
            concepts: Some(concepts),
            ..ids
        },
        Format::Full => ResultsBody {
            transcription: Some(transcription(outcome.words)),
            concepts: Some(concepts),
            ..ids
        },
    }
}

fn transcription(words: Words) -> TranscriptionBody {
    match words {
        Words::Written(text) => TranscriptionBody {
            text,
            source: Some("direct_text".to_owned()),
            ..TranscriptionBody::default()
        },
        Words::Spoken(id, transcript) => TranscriptionBody {
            text: transcript.text,
            source: None,
            transcription_id: Some(id),
            language: transcript.language,
            model: Some(transcript.model),
            duration: Some(transcript.duration),
        },
    }
}

/// A request whose fields are as they should be.
pub struct Ask {
    request: OrchestrateRequest,
    language: Language,
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
#[path = "orchestrate_tests.rs"]
mod tests;
