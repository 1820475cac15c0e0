//! Which workflow a request asks for: the detection order of the system that this service stands for.
//!
//! Pure: a request in, a [`Plan`] or a sentence out.

use crate::domain::request::OrchestrateRequest;

/// What to do for a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// The workflow's name in the answer: our own one, whatever the caller called it.
    pub workflow: &'static str,
    /// Where the words come from.
    pub source: Source,
}

/// The field of the request that the words come from. It is there, and it is not blank when it is text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// `text`: nothing is transcribed.
    Text,
    /// `audio_file`: a recording, still in base64.
    File,
    /// `audio_url`: where a recording is to be fetched.
    Url,
}

/// Why there is nothing to do. Each is the caller's to mend: a 400.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// Neither text nor audio.
    #[error(
        "Cannot detect workflow: insufficient inputs. Send \"text\", a recording as base64 in \"audio_file\", or where it can \
         be fetched in \"audio_url\""
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
}

impl PlanError {
    /// A stable name for the error's `code` member.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Nothing | Self::Missing { .. } => "input_missing",
            Self::NotImplemented(_) => "workflow_not_implemented",
            Self::Unknown(_) => "workflow_unknown",
        }
    }
}

/// The workflow for words alone, whether spoken or written.
pub const AUDIO_ONLY: &str = "audio_only";
/// The workflow for written words, when named.
pub const TEXT_ONLY: &str = "text_only";
/// The original's name for [`TEXT_ONLY`].
const CONCEPT_ONLY: &str = "concept_only";
/// The original's name for [`AUDIO_ONLY`] about an entity.
const ENTITY_WITH_AUDIO: &str = "entity_id_with_audio";

/// The workflows of the original system that need images or places.
const NOT_IMPLEMENTED: [&str; 9] = [
    "place_id_with_audio_and_image",
    "place_id_with_audio",
    "place_id_with_image",
    "entity_id_with_image",
    "image_only",
    "place_id_only",
    "place_id",
    "entity_id",
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
        TEXT_ONLY | CONCEPT_ONLY if has_text(request) => Ok(Plan {
            workflow: TEXT_ONLY,
            source: Source::Text,
        }),
        TEXT_ONLY | CONCEPT_ONLY => Err(PlanError::Missing {
            workflow: TEXT_ONLY,
            needs: "\"text\"",
        }),
        ENTITY_WITH_AUDIO if request.entity_id.is_none() => Err(PlanError::Missing {
            workflow: ENTITY_WITH_AUDIO,
            needs: "\"entity_id\"",
        }),
        ENTITY_WITH_AUDIO => audio_only(request),
        named => Err(NOT_IMPLEMENTED
            .into_iter()
            .find(|known| *known == named)
            .map_or_else(|| PlanError::Unknown(named.to_owned()), PlanError::NotImplemented)),
    }
}

fn detect(request: &OrchestrateRequest) -> Result<Plan, PlanError> {
    let place = request.place_id.is_some();
    let entity = request.entity_id.is_some();
    let audio = has_audio(request);
    let image = request.has_image;
    // An entity with words, spoken or written, is a plain run about it, and so is a place with written ones; the original's
    // order otherwise.
    match (place, entity, audio, image) {
        (true, _, true, true) => Err(PlanError::NotImplemented("place_id_with_audio_and_image")),
        (true, _, true, false) => Err(PlanError::NotImplemented("place_id_with_audio")),
        (true, _, false, true) => Err(PlanError::NotImplemented("place_id_with_image")),
        (false, true, false, true) => Err(PlanError::NotImplemented("entity_id_with_image")),
        _ if audio || has_text(request) => audio_only(request),
        (_, _, _, true) => Err(PlanError::NotImplemented("image_only")),
        (true, ..) => Err(PlanError::NotImplemented("place_id_only")),
        _ => Err(PlanError::Nothing),
    }
}

/// Written words win over a recording, and a recording that was sent over one that would have to be fetched.
fn audio_only(request: &OrchestrateRequest) -> Result<Plan, PlanError> {
    let source = if has_text(request) {
        Source::Text
    } else if request.audio_file.is_some() {
        Source::File
    } else if request.audio_url.is_some() {
        Source::Url
    } else if request.workflow_type == "auto" {
        return Err(PlanError::Nothing);
    } else {
        return Err(PlanError::Missing {
            workflow: AUDIO_ONLY,
            needs: "\"audio_file\", \"audio_url\" or \"text\"",
        });
    };
    Ok(Plan {
        workflow: AUDIO_ONLY,
        source,
    })
}

fn has_audio(request: &OrchestrateRequest) -> bool {
    request.audio_file.is_some() || request.audio_url.is_some()
}

/// Whether there are written words, and any word in them.
fn has_text(request: &OrchestrateRequest) -> bool {
    request
        .text
        .as_deref()
        .is_some_and(|text| !text.trim().is_empty())
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
        assert_eq!(plan.source, Source::Text);
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
        assert_eq!(plan(&with_audio).unwrap().source, Source::File);
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
    fn a_recording_is_fetched_when_nothing_else_was_sent() {
        let url = OrchestrateRequest {
            audio_url: Some("https://example.com/a.wav".into()),
            ..request()
        };
        let fetched = Plan {
            workflow: "audio_only",
            source: Source::Url,
        };
        assert_eq!(plan(&url), Ok(fetched));
        let sent = OrchestrateRequest {
            audio_file: Some("UklGRg==".into()),
            ..url.clone()
        };
        assert_eq!(plan(&sent).unwrap().source, Source::File);
        let written = OrchestrateRequest {
            text: Some("Good fish.".into()),
            ..url
        };
        assert_eq!(plan(&written).unwrap().source, Source::Text);
    }

    #[test]
    fn the_original_s_names_mean_ours_and_are_answered_by_them() {
        let named = |workflow: &str| OrchestrateRequest {
            workflow_type: workflow.into(),
            entity_id: Some("e1".into()),
            ..request()
        };
        let text = OrchestrateRequest {
            text: Some("Good fish.".into()),
            ..named("concept_only")
        };
        assert_eq!(plan(&text).unwrap().workflow, "text_only");
        let audio = OrchestrateRequest {
            audio_file: Some("UklGRg==".into()),
            ..named("entity_id_with_audio")
        };
        assert_eq!(plan(&audio).unwrap().workflow, "audio_only");
        let missing = |request: &OrchestrateRequest| match plan(request) {
            Err(PlanError::Missing { workflow, needs }) => (workflow, needs),
            other => panic!("{other:?}"),
        };
        assert_eq!(missing(&named("concept_only")), ("text_only", "\"text\""));
        let nobody = OrchestrateRequest {
            entity_id: None,
            ..audio
        };
        assert_eq!(missing(&nobody), ("entity_id_with_audio", "\"entity_id\""));
    }

    #[test]
    fn an_entity_with_words_is_a_plain_run_about_it_and_with_an_image_is_refused() {
        let about = |audio: bool, text: bool, image: bool| OrchestrateRequest {
            entity_id: Some("e1".into()),
            audio_file: audio.then(|| "UklGRg==".into()),
            text: text.then(|| "Good fish.".into()),
            has_image: image,
            ..request()
        };
        assert_eq!(plan(&about(true, false, false)).unwrap().source, Source::File);
        assert_eq!(plan(&about(false, true, false)).unwrap().source, Source::Text);
        assert_eq!(
            plan(&about(false, true, true)),
            Err(PlanError::NotImplemented("entity_id_with_image"))
        );
        assert_eq!(plan(&about(false, false, false)), Err(PlanError::Nothing));
    }
}
