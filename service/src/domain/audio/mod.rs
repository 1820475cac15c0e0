//! What can be known about a recording by looking at its bytes, before anybody is paid to transcribe it.
//!
//! Pure and bounded: a hostile file costs a fixed amount of work and memory, and never panics.

pub mod decode;
mod end;
pub mod label;
mod loudness;
mod opus;
mod wav;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The largest recording that is accepted, in bytes: 25 MiB, the limit of the OpenAI transcription API.
pub const MAX_BYTES: usize = 25 * 1024 * 1024;

/// The shortest recording that is accepted: the OpenAI transcription API refuses less than 0.1 s.
pub const MIN_DURATION: Duration = Duration::from_millis(100);

/// How much of a recording is decoded to see that it can be. One in which nothing is heard yet is decoded further.
pub const DECODED: Duration = Duration::from_secs(10);

/// Which recordings are taken in.
#[derive(Debug, Clone, PartialEq)]
pub struct AudioPolicy {
    /// The shortest that is taken; never below [`MIN_DURATION`].
    pub shortest: Duration,
    /// The longest that is taken. What 25 MiB hold depends on the coding: a quarter of an hour of plain WAV, many hours of Opus.
    pub longest: Duration,
    /// The largest that is taken, in bytes; never above [`MAX_BYTES`].
    pub most_bytes: usize,
    /// How loud its loudest moment must at least be, in decibels below full scale (a negative number): 50 ms of it, as root
    /// mean square without its direct part. None takes silence as well.
    pub quietest: Option<f32>,
}

impl AudioPolicy {
    /// What the transcription API takes: any length, and silence too.
    pub const OF_THE_API: Self = Self {
        shortest: MIN_DURATION,
        longest: Duration::MAX,
        most_bytes: MAX_BYTES,
        quietest: None,
    };
}

impl Default for AudioPolicy {
    /// Two hours, which is longer than anybody talks about a place, and silence refused. -70 dB is below the noise of any
    /// microphone that is on, so that a whisper recorded too quietly still passes.
    fn default() -> Self {
        Self {
            longest: Duration::from_secs(2 * 60 * 60),
            quietest: Some(-70.0),
            ..Self::OF_THE_API
        }
    }
}

/// A container format that both we and the OpenAI transcription API know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Container {
    /// RIFF WAVE.
    Wav,
    /// An MPEG-1/2 layer III stream, with or without an ID3 header.
    Mp3,
    /// Native FLAC.
    Flac,
    /// Ogg, whatever the codec inside.
    Ogg,
    /// WebM or Matroska.
    Webm,
    /// ISO base media (MP4, M4A).
    Mp4,
}

impl Container {
    /// The file extension, without a dot, by which the OpenAI API tells formats apart.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Wav => "wav",
            Self::Mp3 => "mp3",
            Self::Flac => "flac",
            Self::Ogg => "ogg",
            Self::Webm => "webm",
            Self::Mp4 => "m4a",
        }
    }

    /// The media type for a `Content-Type` header.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Wav => "audio/wav",
            Self::Mp3 => "audio/mpeg",
            Self::Flac => "audio/flac",
            Self::Ogg => "audio/ogg",
            Self::Webm => "audio/webm",
            Self::Mp4 => "audio/mp4",
        }
    }
}

/// How far [`inspect`] could look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Depth {
    /// The beginning was decoded to samples.
    Decoded,
    /// The container was read, but its codec (Apple Lossless, for one) has no decoder here: only the provider can
    /// tell whether it plays.
    Parsed,
}

/// What is known about a recording.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AudioFacts {
    /// The container, by content and never by name.
    pub container: Container,
    /// How long it plays, as the packets add up to or the container says.
    pub duration: Duration,
    /// Samples a second, when the container says.
    pub sample_rate: Option<u32>,
    /// Channels, when the container says.
    pub channels: Option<u16>,
    /// How far the look went.
    pub depth: Depth,
}

/// Why bytes are not a recording that could be transcribed. Each is the caller's to mend: a 4xx.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AudioError {
    /// No bytes at all.
    #[error("the audio is empty")]
    Empty,
    /// More than [`AudioPolicy::most_bytes`].
    #[error("the audio is {bytes} bytes, more than is accepted (at most {MAX_BYTES}, 25 MiB)")]
    TooLarge {
        /// How many bytes there were.
        bytes: usize,
    },
    /// No known container begins like this.
    #[error("the audio is in no known format; send WAV, MP3, FLAC, Ogg, WebM or MP4")]
    UnknownContainer,
    /// The container ends before the audio that it announces.
    #[error("the audio file is cut short")]
    Truncated,
    /// The container is known, but nothing in it can be played.
    #[error("the audio file is damaged, or holds no audio")]
    Undecodable,
    /// Less than [`AudioPolicy::shortest`].
    #[error("the audio is shorter than is accepted (at least 0.1 seconds)")]
    TooShort,
    /// More than [`AudioPolicy::longest`].
    #[error("the audio plays longer than the {} seconds that are accepted: send it in parts", longest.as_secs())]
    TooLong {
        /// How long it may play.
        longest: Duration,
    },
    /// Nowhere as loud as [`AudioPolicy::quietest`].
    #[error("the audio is silent from its beginning to its end: see whether the microphone is on")]
    Silent,
}

impl AudioError {
    /// A stable name for the error's `code` member.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Empty => "audio_empty",
            Self::TooLarge { .. } => "audio_too_large",
            Self::UnknownContainer => "audio_format_unknown",
            Self::Truncated => "audio_truncated",
            Self::Undecodable => "audio_undecodable",
            Self::TooShort => "audio_too_short",
            Self::TooLong { .. } => "audio_too_long",
            Self::Silent => "audio_silent",
        }
    }
}

/// Looks at a recording: which container it is, how long it plays, whether its beginning decodes, whether it is whole. Takes
/// what the transcription API takes.
///
/// Work is linear in the bytes, at most [`MAX_BYTES`] of them; call it off the async threads.
///
/// # Errors
/// Says why the bytes could not be transcribed.
pub fn inspect(bytes: &[u8]) -> Result<AudioFacts, AudioError> {
    look(bytes, &AudioPolicy::OF_THE_API, &mut |_| {})
}

/// [`inspect`], handing the decoded beginning, at most [`DECODED`] of it, to `on_samples` as interleaved
/// samples from -1 to 1, a packet at a time.
///
/// # Errors
/// As [`inspect`].
pub fn inspect_with(bytes: &[u8], on_samples: &mut dyn FnMut(&[f32])) -> Result<AudioFacts, AudioError> {
    look(bytes, &AudioPolicy::OF_THE_API, on_samples)
}

/// [`inspect`], by the rules of `policy`. To call a recording silent, all of it is decoded.
///
/// # Errors
/// Says why the recording is not taken.
pub fn judge(bytes: &[u8], policy: &AudioPolicy) -> Result<AudioFacts, AudioError> {
    look(bytes, policy, &mut |_| {})
}

fn look(
    bytes: &[u8],
    policy: &AudioPolicy,
    on_samples: &mut dyn FnMut(&[f32]),
) -> Result<AudioFacts, AudioError> {
    if bytes.is_empty() {
        return Err(AudioError::Empty);
    }
    if bytes.len() > policy.most_bytes.min(MAX_BYTES) {
        return Err(AudioError::TooLarge { bytes: bytes.len() });
    }
    let container = sniff(bytes).ok_or(AudioError::UnknownContainer)?;
    if end::is_cut(bytes, container) {
        return Err(AudioError::Truncated);
    }
    // symphonia asserts and overflows in places (a WAV header of 65,535 channels, for one): a file that trips
    // it is a damaged file, and nobody's crash.
    let looked = catch_unwind(AssertUnwindSafe(|| {
        decode::read(bytes, container, policy, on_samples)
    }));
    looked.unwrap_or(Err(AudioError::Undecodable))
}

/// Which container the first bytes announce. By content only: the names and media types of uploads lie.
#[must_use]
pub fn sniff(bytes: &[u8]) -> Option<Container> {
    match bytes {
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'A', b'V', b'E', ..] => Some(Container::Wav),
        [b'f', b'L', b'a', b'C', ..] => Some(Container::Flac),
        [b'O', b'g', b'g', b'S', ..] => Some(Container::Ogg),
        [0x1a, 0x45, 0xdf, 0xa3, ..] => Some(Container::Webm),
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => Some(Container::Mp4),
        [b'I', b'D', b'3', ..] => Some(Container::Mp3),
        // ISO 11172-3 §2.4.1.3: eleven bits of sync, any version, layer III.
        [0xff, second, ..] if second & 0xe6 == 0xe2 => Some(Container::Mp3),
        _ => None,
    }
}

#[cfg(test)]
#[path = "made_tests.rs"]
pub(crate) mod made;

#[cfg(test)]
pub(crate) mod tests;
