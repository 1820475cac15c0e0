//! From base64 text to a recording that is worth sending to a provider.
//!
//! The original decoded whatever it was given, junk included, and paid for it. Here every step can refuse.

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use bytes::Bytes;

use crate::domain::audio::{self, AudioError};
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
            Self::Audio(error) => error.code(),
        }
    }
}

/// Decodes and looks at a recording. Costs time in proportion to its size: call it off the event loop.
///
/// # Errors
/// Says why the text is no recording.
pub fn take(audio: &str) -> Result<Clip, IntakeError> {
    let bytes = decode(audio)?;
    let facts = audio::inspect(&bytes)?;
    Ok(Clip {
        bytes: Bytes::from(bytes),
        container: facts.container,
        duration: facts.duration,
    })
}

/// The bytes of a recording, whatever they are.
///
/// # Errors
/// When the text is neither base64 nor a data URL in base64.
pub fn decode(audio: &str) -> Result<Vec<u8>, IntakeError> {
    let encoded = match audio.strip_prefix("data:") {
        None => audio,
        Some(url) => url
            .split_once(',')
            .filter(|(media_type, _)| media_type.ends_with(";base64"))
            .map(|(_, encoded)| encoded)
            .ok_or(IntakeError::NotBase64Url)?,
    };
    BASE64.decode(encoded.trim()).map_err(|_| IntakeError::NotBase64)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

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
