//! From base64 text to a recording that is worth sending to a provider.
//!
//! The original decoded whatever it was given, junk included, and paid for it. Here every step can refuse. Nothing here waits
//! for anything, and all of it takes time in proportion to the recording: it belongs off the event loop.

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use bytes::Bytes;

use crate::domain::audio::label;
use crate::domain::audio::{self, AudioError, AudioPolicy, Container};
use crate::domain::provider::Clip;

/// Padding may be left out, as browsers' own encoders differ; nothing else is forgiven.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Why a recording is not taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IntakeError {
    /// The text is not base64.
    #[error("\"audio_file\" is not base64: send the recording in the standard alphabet of RFC 4648 §4")]
    NotBase64,
    /// It begins like a `data:` URL, but is not one that holds base64.
    #[error("\"audio_file\" is a data URL without \";base64,\"")]
    NotBase64Url,
    /// It is a recording, and its data URL says that it is another kind.
    #[error(
        "\"audio_file\" is labelled {} and is {}: mend the label, or send the base64 without one",
        said.media_type(),
        found.media_type()
    )]
    Mislabelled {
        /// What the label says.
        said: Container,
        /// What the bytes are.
        found: Container,
    },
    /// The bytes are not a recording.
    #[error(transparent)]
    Audio(#[from] AudioError),
}

impl IntakeError {
    /// A stable name for the error's `code` member.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::NotBase64 | Self::NotBase64Url => "audio_not_base64",
            Self::Mislabelled { .. } => "audio_mislabelled",
            Self::Audio(error) => error.code(),
        }
    }
}

/// Decodes and looks at a recording. Costs time in proportion to its size: call it off the event loop.
///
/// # Errors
/// Says why the text is no recording, or not one that `policy` takes.
pub fn take(audio: &str, policy: &AudioPolicy) -> Result<Clip, IntakeError> {
    let (label, encoded) = split(audio)?;
    let clip = examine(Bytes::from(decoded(encoded)?), policy)?;
    match label.and_then(|label| label::contradiction(label, clip.container)) {
        None => Ok(clip),
        Some(said) => Err(IntakeError::Mislabelled {
            said,
            found: clip.container,
        }),
    }
}

/// Looks at a recording that came as bytes. Costs as much.
///
/// # Errors
/// Says why the bytes are no recording, or not one that `policy` takes.
pub fn examine(bytes: Bytes, policy: &AudioPolicy) -> Result<Clip, AudioError> {
    let facts = audio::judge(&bytes, policy)?;
    Ok(Clip {
        bytes,
        container: facts.container,
        duration: facts.duration,
    })
}

/// The bytes of a recording, whatever they are. Costs time too.
///
/// # Errors
/// When the text is neither base64 nor a data URL in base64.
pub fn decode(audio: &str) -> Result<Vec<u8>, IntakeError> {
    decoded(split(audio)?.1)
}

/// The media type of a data URL (RFC 2397), and its base64.
fn split(audio: &str) -> Result<(Option<&str>, &str), IntakeError> {
    let Some(url) = audio.strip_prefix("data:") else {
        return Ok((None, audio));
    };
    let (head, encoded) = url.split_once(',').ok_or(IntakeError::NotBase64Url)?;
    let label = head.strip_suffix(";base64").ok_or(IntakeError::NotBase64Url)?;
    Ok((Some(label), encoded))
}

fn decoded(encoded: &str) -> Result<Vec<u8>, IntakeError> {
    BASE64.decode(encoded.trim()).map_err(|_| IntakeError::NotBase64)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MP3: &[u8] = include_bytes!("../../tests/audio/tone.mp3");

    fn take(audio: &str) -> Result<Clip, IntakeError> {
        super::take(audio, &AudioPolicy::default())
    }

    #[test]
    fn a_label_that_says_another_container_is_refused_and_the_right_one_taken() {
        let labelled = |label: &str| take(&format!("data:{label};base64,{}", BASE64.encode(MP3)));
        let refused = labelled("audio/wav").unwrap_err();
        assert_eq!(refused.code(), "audio_mislabelled");
        assert_eq!(
            refused.to_string(),
            "\"audio_file\" is labelled audio/wav and is audio/mpeg: mend the label, or send the base64 without one"
        );
        for label in ["audio/mpeg", "audio/mp3;x=y", "application/octet-stream", ""] {
            assert_eq!(labelled(label).unwrap().container, Container::Mp3, "{label}");
        }
    }

    #[test]
    fn refuses_what_is_not_base64() {
        for text in ["not base64!", "****", "UklG\u{e9}", "UklGR", "-_-_"] {
            assert_eq!(take(text).unwrap_err(), IntakeError::NotBase64, "{text}");
        }
        assert_eq!(
            take("data:audio/wav,hello").unwrap_err(),
            IntakeError::NotBase64Url
        );
    }

    #[test]
    fn refuses_an_empty_recording_and_one_that_is_none() {
        assert_eq!(take("").unwrap_err().code(), "audio_empty");
        assert_eq!(take("data:audio/wav;base64,").unwrap_err().code(), "audio_empty");
        assert_eq!(
            take("SGVsbG8gV29ybGQ=").unwrap_err().code(),
            "audio_format_unknown"
        );
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in ".{0,200}|[A-Za-z0-9+/=]{0,200}") {
            let _ = take(&text);
        }
    }
}
