//! What orchestrate answers: the response body of the wire contract, made from an outcome.

use poem::http::StatusCode;
use poem_openapi::types::{ParseFromJSON, ToJSON};
use poem_openapi::{Enum, Object};
use serde::{Deserialize, Serialize};

use crate::domain::concepts::Concept;
use crate::domain::data::replays::StoredAnswer;
use crate::domain::orchestrate::{Outcome, Words};
use crate::domain::request::Format;
use crate::domain::store::StoreError;
use crate::domain::workflow::TEXT_ONLY;
use crate::http::api::PREFIX;
use crate::http::problem::Problem;

/// What came of it.
#[derive(Debug, Clone, Object)]
#[oai(rename = "OrchestrateResponse")]
pub struct ResponseBody {
    /// The workflow that ran.
    pub workflow: WorkflowBody,
    /// The results, as far as they were asked for.
    pub results: ResultsBody,
    /// Whether the run was kept.
    pub saved_to_db: bool,
    /// How long it took, in milliseconds.
    pub processing_time_ms: u64,
}

/// A workflow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "Workflow", rename_all = "snake_case")]
pub enum WorkflowBody {
    /// A recording, or the words in its place.
    AudioOnly,
    /// Words, by name.
    TextOnly,
}

impl WorkflowBody {
    fn of(name: &str) -> Self {
        if name == TEXT_ONLY {
            Self::TextOnly
        } else {
            Self::AudioOnly
        }
    }
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

impl From<Concept> for ConceptBody {
    fn from(concept: Concept) -> Self {
        Self {
            category: concept.category,
            value: concept.value,
        }
    }
}

/// An answer, whole.
#[derive(Debug, Clone)]
pub struct Answered {
    /// Its body.
    pub body: ResponseBody,
    /// Where the run was kept.
    pub location: Option<String>,
}

impl Answered {
    /// The answer for an outcome, as far as its caller wants to see it.
    #[must_use]
    pub fn of(outcome: Outcome) -> Self {
        let location = outcome.curation_id.as_ref();
        Self {
            location: location.map(|id| format!("{PREFIX}/curations/{id}")),
            body: ResponseBody {
                workflow: WorkflowBody::of(outcome.workflow),
                saved_to_db: outcome.curation_id.is_some(),
                processing_time_ms: u64::try_from(outcome.took.as_millis()).unwrap_or(u64::MAX),
                results: results(outcome),
            },
        }
    }

    /// The answer that was kept.
    ///
    /// # Errors
    /// The refusal that was kept, or 503 when what was kept is damaged.
    pub fn restored(stored: &StoredAnswer) -> Result<Self, Problem> {
        let damaged = || Problem::from(StoreError::Failed);
        if stored.status != StatusCode::OK {
            let status = StatusCode::from_u16(stored.status).map_err(|_| damaged())?;
            let kept: KeptProblem = serde_json::from_slice(&stored.body).map_err(|_| damaged())?;
            return Err(Problem::new(status, kept.code, kept.detail));
        }
        let body = std::str::from_utf8(&stored.body).map_err(|_| damaged())?;
        let location = stored.headers.iter().find(|(name, _)| name == "location");
        Ok(Self {
            body: ResponseBody::parse_from_json_string(body).map_err(|_| damaged())?,
            location: location.map(|(_, value)| value.clone()),
        })
    }
}

/// A refusal as it is kept: what it says, without what belongs to the one request that was refused first.
#[derive(Serialize, Deserialize)]
struct KeptProblem {
    code: String,
    detail: String,
}

/// What is kept of an answer; nothing of a failure of ours, which may be tried again.
pub fn kept(answer: &Result<Answered, Problem>) -> Option<StoredAnswer> {
    match answer {
        Ok(answered) => Some(StoredAnswer {
            status: StatusCode::OK.as_u16(),
            headers: answered
                .location
                .iter()
                .map(|location| ("location".to_owned(), location.clone()))
                .collect(),
            body: answered.body.to_json_string().into_bytes(),
        }),
        Err(problem) if problem.status.is_client_error() => {
            let kept = KeptProblem {
                code: problem.code.to_string(),
                detail: problem.detail.clone(),
            };
            Some(StoredAnswer {
                status: problem.status.as_u16(),
                headers: Vec::new(),
                body: serde_json::to_vec(&kept).ok()?,
            })
        }
        Err(_) => None,
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
            .map(ConceptBody::from)
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
