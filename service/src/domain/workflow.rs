//! Which workflow a request asks for: the detection order of the system that this service stands for.
//!
//! Pure: a request in, a [`Plan`] or a sentence out.

use crate::domain::request::OrchestrateRequest;

/// What to do for a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The workflow's name in the answer.
    pub workflow: &'static str,
    /// Where the words come from.
    pub source: Source,
}

/// Where the words come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// As sent: nothing is transcribed.
    Text(String),
    /// From a recording, still in base64.
    Audio(String),
}

/// Why there is nothing to do. Each is the caller's to mend: a 400.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// Neither text nor audio.
    #[error(
        "Cannot detect workflow: insufficient inputs. Send \"text\", or a recording as base64 in \"audio_file\""
    )]
    Nothing,
    /// The workflow that was named needs an input that is missing.
    #[error("Workflow '{workflow}' needs {needs}")]
    Missing {
        /// The workflow.
        workflow: &'static str,
        /// What it needs, as words.
        needs: &'static str,
    },
    /// A workflow of the original system that this service does not have.
    #[error("Workflow '{0}' not implemented: this service has audio_only and text_only")]
    NotImplemented(&'static str),
    /// No such workflow.
    #[error("Workflow '{0}' is unknown: send auto, audio_only or text_only")]
    Unknown(String),
    /// Recordings are not fetched.
    #[error("\"audio_url\" is not supported yet: send the recording itself as base64 in \"audio_file\"")]
    AudioUrl,
}

impl PlanError {
    /// A stable name for the error's `code` member.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Nothing | Self::Missing { .. } => "input_missing",
            Self::NotImplemented(_) => "workflow_not_implemented",
            Self::Unknown(_) => "workflow_unknown",
            Self::AudioUrl => "audio_url_not_supported",
        }
    }
}

/// The workflow for words alone, whether spoken or written.
const AUDIO_ONLY: &str = "audio_only";
/// The workflow for written words, when named.
pub const TEXT_ONLY: &str = "text_only";

/// The workflows of the original system that need images or places.
const NOT_IMPLEMENTED: [&str; 11] = [
    "place_id_with_audio_and_image",
    "place_id_with_audio",
    "place_id_with_image",
    "entity_id_with_audio",
    "entity_id_with_image",
    "image_only",
    "place_id_only",
    "place_id",
    "entity_id",
    "concept_only",
    "batch",
];

/// Decides what a request asks for. A workflow that is named wins over detection.
///
/// # Errors
/// Says what is missing or not supported.
pub fn plan(request: &OrchestrateRequest) -> Result<Plan, PlanError> {
    match request.workflow_type.as_str() {
        "auto" => detect(request),
        AUDIO_ONLY => audio_only(request),
        TEXT_ONLY => text(request)
            .map(|text| words(TEXT_ONLY, text))
            .ok_or(PlanError::Missing {
                workflow: TEXT_ONLY,
                needs: "\"text\"",
            }),
        named => Err(NOT_IMPLEMENTED
            .into_iter()
            .find(|known| *known == named)
            .map_or_else(|| PlanError::Unknown(named.to_owned()), PlanError::NotImplemented)),
    }
}

fn detect(request: &OrchestrateRequest) -> Result<Plan, PlanError> {
    let place = request.place_id.is_some();
    let entity = request.entity_id.is_some();
    let audio = request.audio_file.is_some() || request.audio_url.is_some();
    let image = request.has_image;
    // An entity or a place with written words is a plain run about it; the original's order otherwise.
    match (place, entity, audio, image) {
        (true, _, true, true) => Err(PlanError::NotImplemented("place_id_with_audio_and_image")),
        (true, _, true, false) => Err(PlanError::NotImplemented("place_id_with_audio")),
        (true, _, false, true) => Err(PlanError::NotImplemented("place_id_with_image")),
        (false, true, true, _) => Err(PlanError::NotImplemented("entity_id_with_audio")),
        (false, true, false, true) => Err(PlanError::NotImplemented("entity_id_with_image")),
        _ if audio || text(request).is_some() => audio_only(request),
        (_, _, _, true) => Err(PlanError::NotImplemented("image_only")),
        (true, ..) => Err(PlanError::NotImplemented("place_id_only")),
        _ => Err(PlanError::Nothing),
    }
}

fn audio_only(request: &OrchestrateRequest) -> Result<Plan, PlanError> {
    if let Some(text) = text(request) {
        return Ok(words(AUDIO_ONLY, text));
    }
    match (&request.audio_file, &request.audio_url) {
        (Some(audio), _) => Ok(Plan {
            workflow: AUDIO_ONLY,
            source: Source::Audio(audio.clone()),
        }),
        (None, Some(_)) => Err(PlanError::AudioUrl),
        (None, None) if request.workflow_type == AUDIO_ONLY => Err(PlanError::Missing {
            workflow: AUDIO_ONLY,
            needs: "\"audio_file\" or \"text\"",
        }),
        (None, None) => Err(PlanError::Nothing),
    }
}

/// The written words, unless there are none in them.
fn text(request: &OrchestrateRequest) -> Option<&str> {
    request.text.as_deref().filter(|text| !text.trim().is_empty())
}

fn words(workflow: &'static str, text: &str) -> Plan {
    Plan {
        workflow,
        source: Source::Text(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request() -> OrchestrateRequest {
        OrchestrateRequest::default()
    }

    #[test]
    fn text_skips_transcription_and_wins_over_audio() {
        let both = OrchestrateRequest {
            text: Some("Good fish.".into()),
            audio_file: Some("UklGRg==".into()),
            ..request()
        };
        let plan = plan(&both).unwrap();
        assert_eq!(plan.workflow, "audio_only");
        assert_eq!(plan.source, Source::Text("Good fish.".into()));
    }

    #[test]
    fn blank_text_is_no_text() {
        let blank = OrchestrateRequest {
            text: Some(" \n".into()),
            ..request()
        };
        assert_eq!(plan(&blank), Err(PlanError::Nothing));
        let with_audio = OrchestrateRequest {
            audio_file: Some("UklGRg==".into()),
            ..blank
        };
        assert_eq!(
            plan(&with_audio).unwrap().source,
            Source::Audio("UklGRg==".into())
        );
    }

    #[test]
    fn follows_the_detection_order_of_the_original() {
        let place = |audio: bool, image: bool| OrchestrateRequest {
            place_id: Some("p".into()),
            audio_file: audio.then(|| "UklGRg==".into()),
            has_image: image,
            ..request()
        };
        let named = |request| match plan(&request) {
            Err(PlanError::NotImplemented(name)) => name,
            other => panic!("{other:?}"),
        };
        assert_eq!(named(place(true, true)), "place_id_with_audio_and_image");
        assert_eq!(named(place(true, false)), "place_id_with_audio");
        assert_eq!(named(place(false, true)), "place_id_with_image");
        assert_eq!(named(place(false, false)), "place_id_only");
    }

    #[test]
    fn a_named_workflow_wins_and_an_unknown_one_is_refused() {
        let named = |workflow: &str| OrchestrateRequest {
            workflow_type: workflow.into(),
            text: Some("Good fish.".into()),
            ..request()
        };
        assert_eq!(plan(&named("text_only")).unwrap().workflow, "text_only");
        assert_eq!(
            plan(&named("image_only")).unwrap_err().code(),
            "workflow_not_implemented"
        );
        assert_eq!(plan(&named("nope")), Err(PlanError::Unknown("nope".into())));
    }

    #[test]
    fn a_url_of_a_recording_is_refused_by_name() {
        let url = OrchestrateRequest {
            audio_url: Some("https://example.com/a.wav".into()),
            ..request()
        };
        assert_eq!(plan(&url), Err(PlanError::AudioUrl));
    }
}
