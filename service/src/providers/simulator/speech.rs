//! What the simulator hears.
//!
//! A WAV or WebM that carries its transcript (RIFF `LIST/INFO`, chunk `ICMT`; Matroska, tag `COMMENT`) is taken at its
//! word, in the language that it says it is in (`ILNG`). Heard as another language it becomes words of that one, as the
//! real API makes it. Other audio gets words chosen by its samples, as many as its length allows; silence gets none.
//! Refusals are the real API's.

use poem::Response;
use poem::http::StatusCode;
use serde_json::json;

use crate::domain::audio::{self, AudioError, AudioFacts, Container, Depth};
use crate::providers::simulator::answers::{bad_request, error, json_answer};
use crate::providers::simulator::mode::Mode;
use crate::providers::simulator::whisper_languages::name_of;

/// The extensions by which the real API tells formats apart.
const EXTENSIONS: [&str; 10] = [
    "flac", "m4a", "mp3", "mp4", "mpeg", "mpga", "oga", "ogg", "wav", "webm",
];

/// Unhurried speech, in words a second.
const WORDS_A_SECOND: f64 = 2.5;

/// The most words that are heard in any recording.
const MAX_WORDS: usize = 600;

/// Below this mean square of the samples nothing is said: -60 dB.
const SILENCE: f64 = 1e-6;

/// The form of `POST /v1/audio/transcriptions`, as it arrived.
#[derive(Debug, Default)]
pub struct Upload {
    /// The file's name and bytes.
    pub file: Option<(String, Vec<u8>)>,
    /// `model`.
    pub model: Option<String>,
    /// `language`.
    pub language: Option<String>,
    /// `response_format`.
    pub format: Option<String>,
}

/// The answer to a form, as far as a mode lets it be one.
pub(crate) fn answer(upload: &Upload, mode: &Mode) -> Response {
    let heard = check(upload).and_then(|(name, bytes)| {
        if matches!(mode, Mode::SmallUploads(limit) if bytes.len() > *limit) {
            return Err(refusal(&AudioError::TooLarge { bytes: bytes.len() }));
        }
        let heard = hear(bytes).map_err(|error| refusal(&error))?;
        fits(name, heard.1.container)
            .then_some(heard)
            .ok_or_else(|| refusal(&AudioError::Undecodable))
    });
    let (text, facts) = match heard {
        Ok(heard) => heard,
        Err(refusal) => return *refusal,
    };
    let spoken = spoken_language(upload);
    let asked = upload.language.as_deref().unwrap_or(&spoken);
    let text = said(text, &facts, (&spoken, asked), mode);
    match upload.format.as_deref() {
        Some("verbose_json") => {
            let language = name_of(asked).unwrap_or("english");
            let duration = facts.duration.as_secs_f64();
            let body =
                json!({"task": "transcribe", "language": language, "duration": duration, "text": text});
            json_answer(StatusCode::OK, &body)
        }
        _ => json_answer(StatusCode::OK, &json!({"text": text})),
    }
}

/// What comes back of what was heard: in the language that was asked for, whatever was spoken.
fn said(text: String, facts: &AudioFacts, (spoken, asked): (&str, &str), mode: &Mode) -> String {
    let english = || babble(text.bytes().fold(FNV_OFFSET, fnv), facts);
    match mode {
        Mode::EmptyTranscript => String::new(),
        Mode::CannedTranscript(canned) => canned.clone(),
        Mode::InventsOnSilence(invented) if text.is_empty() => invented.clone(),
        Mode::Translates if spoken != "en" => english(),
        Mode::FirstSeconds(most) if facts.duration > *most => {
            let words: Vec<&str> = text.split(' ').collect();
            let part = most.as_secs_f64() / facts.duration.as_secs_f64();
            words[..(words.len() as f64 * part) as usize].join(" ")
        }
        // The real model, told that it hears English, writes English.
        _ if asked == "en" && spoken != "en" => english(),
        _ => text,
    }
}

/// The language that a recording says it is in; English when it does not say.
fn spoken_language(upload: &Upload) -> String {
    let bytes = upload.file.as_ref().map_or(&[][..], |(_, bytes)| bytes);
    info(bytes, b"ILNG").unwrap_or_else(|| "en".to_owned())
}

/// Whether a name's extension is one of this container's: the real API reads a file as what its name says.
fn fits(name: &str, container: Container) -> bool {
    let extension = extension(name);
    match container {
        Container::Wav => extension == "wav",
        Container::Mp3 => matches!(extension.as_str(), "mp3" | "mpeg" | "mpga"),
        Container::Flac => extension == "flac",
        Container::Ogg => matches!(extension.as_str(), "ogg" | "oga"),
        Container::Webm => extension == "webm",
        Container::Mp4 => matches!(extension.as_str(), "m4a" | "mp4"),
    }
}

fn extension(name: &str) -> String {
    name.rsplit_once('.')
        .map_or("", |(_, extension)| extension)
        .to_ascii_lowercase()
}

fn check(upload: &Upload) -> Result<(&str, &[u8]), Box<Response>> {
    let Some((name, bytes)) = &upload.file else {
        return Err(Box::new(bad_request(
            "file",
            "missing_required_parameter",
            "you must provide a file",
        )));
    };
    let Some(model) = upload.model.as_deref().filter(|model| !model.is_empty()) else {
        let message = "you must provide a model parameter";
        return Err(Box::new(bad_request(
            "model",
            "missing_required_parameter",
            message,
        )));
    };
    let extension = extension(name);
    if !EXTENSIONS.contains(&extension.as_str()) {
        let message = format!("Invalid file format. Supported formats: {EXTENSIONS:?}");
        return Err(Box::new(bad_request("file", "invalid_file_format", &message)));
    }
    if upload
        .language
        .as_deref()
        .is_some_and(|language| name_of(language).is_none())
    {
        let message = "Invalid language. Language parameter must be specified in ISO-639-1 format.";
        return Err(Box::new(bad_request(
            "language",
            "invalid_language_format",
            message,
        )));
    }
    let whisper = model.starts_with("whisper");
    match upload.format.as_deref() {
        None | Some("json") => Ok((name, bytes)),
        Some("verbose_json") if whisper => Ok((name, bytes)),
        _ => {
            let message = "response_format is not compatible with the model";
            Err(Box::new(bad_request(
                "response_format",
                "unsupported_value",
                message,
            )))
        }
    }
}

fn refusal(refused: &AudioError) -> Box<Response> {
    Box::new(match refused {
        AudioError::TooLarge { .. } => error(
            StatusCode::PAYLOAD_TOO_LARGE,
            "server_error",
            "Maximum content size limit (26214400) exceeded.",
            None,
            None,
        ),
        AudioError::TooShort => bad_request(
            "file",
            "audio_too_short",
            "Audio file is too short. Minimum audio length is 0.1 seconds.",
        ),
        _ => bad_request(
            "file",
            "invalid_value",
            "The audio file could not be decoded or its format is not supported.",
        ),
    })
}

/// What is heard in a recording, and what is known of it.
///
/// # Errors
/// As [`audio::inspect`].
pub fn hear(bytes: &[u8]) -> Result<(String, AudioFacts), AudioError> {
    let mut ear = Ear::default();
    let facts = audio::inspect_with(bytes, &mut |samples| ear.listen(samples))?;
    let written = match facts.container {
        Container::Wav => info_comment(bytes),
        Container::Webm => tag_comment(bytes),
        _ => None,
    };
    let text = match (written, facts.depth) {
        (Some(written), _) => written,
        (None, Depth::Decoded) if ear.is_silence() => String::new(),
        (None, Depth::Decoded) => babble(ear.hash, &facts),
        (None, Depth::Parsed) => babble(
            bytes.iter().fold(FNV_OFFSET, |hash, byte| fnv(hash, *byte)),
            &facts,
        ),
    };
    Ok((text, facts))
}

/// FNV-1a, 64 bits: stable over releases and machines, which `DefaultHasher` does not promise to be.
const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;

fn fnv(hash: u64, byte: u8) -> u64 {
    (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
}

/// A fingerprint and the loudness of the samples so far.
struct Ear {
    hash: u64,
    energy: f64,
    count: u64,
}

impl Default for Ear {
    fn default() -> Self {
        Self {
            hash: FNV_OFFSET,
            energy: 0.0,
            count: 0,
        }
    }
}

impl Ear {
    fn listen(&mut self, samples: &[f32]) {
        for sample in samples {
            // Eight bits of each sample: a rounding of the decoder must not change the words.
            self.hash = fnv(
                self.hash,
                ((sample.clamp(-1.0, 1.0) * 127.0).round() as i8).to_le_bytes()[0],
            );
            self.energy += f64::from(*sample) * f64::from(*sample);
        }
        self.count += samples.len() as u64;
    }

    fn is_silence(&self) -> bool {
        self.energy <= SILENCE * self.count as f64
    }
}

/// Words about places, to choose from: plain ones, so that concepts can be found in them.
const WORDS: [&str; 48] = [
    "the", "terrace", "kitchen", "serves", "grilled", "fish", "fresh", "bread", "with", "local", "wine",
    "and", "quiet", "garden", "tables", "under", "old", "trees", "friendly", "staff", "bring", "coffee",
    "after", "lunch", "music", "plays", "softly", "near", "the", "harbour", "families", "share", "pasta",
    "dessert", "is", "sweet", "prices", "stay", "fair", "rooms", "feel", "warm", "in", "winter", "oysters",
    "arrive", "every", "morning",
];

fn babble(seed: u64, facts: &AudioFacts) -> String {
    let wanted = (facts.duration.as_secs_f64() * WORDS_A_SECOND).round() as usize;
    let mut state = seed;
    let words: Vec<&str> = (0..wanted.clamp(1, MAX_WORDS))
        .map(|_| WORDS[pick(&mut state)])
        .collect();
    let mut text = words.join(" ");
    if let Some(first) = text.get_mut(0..1) {
        first.make_ascii_uppercase();
    }
    text.push('.');
    text
}

/// The next index into [`WORDS`]: SplitMix64 (Steele, Lea, Flood 2014).
fn pick(state: &mut u64) -> usize {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((mixed ^ (mixed >> 31)) % WORDS.len() as u64) as usize
}

/// The longest written transcript that is taken over, in bytes.
const MAX_COMMENT_BYTES: usize = 4_096;

/// The most chunks that are walked over in search of it.
const MAX_CHUNKS: usize = 256;

/// The `ICMT` of a WAV's `LIST/INFO` (Multimedia Programming Interface 1.0, RIFF INFO list).
///
/// Walked by hand: symphonia 0.6.1 reads the list and drops it again, so its metadata is always empty.
#[must_use]
pub fn info_comment(wav: &[u8]) -> Option<String> {
    info(wav, b"ICMT")
}

/// The `COMMENT` among a WebM's tags (Matroska, `TagName` 0x45A3 before `TagString` 0x4487), when it is short.
#[must_use]
pub fn tag_comment(webm: &[u8]) -> Option<String> {
    const NAME: &[u8] = b"\x45\xa3\x87COMMENT\x44\x87";
    let at = webm.windows(NAME.len()).rposition(|window| window == NAME)? + NAME.len();
    let (length, rest) = webm.get(at..)?.split_first()?;
    // A size of one byte (RFC 8794 §4): its first bit is set.
    let length = length.checked_sub(0x80).filter(|length| *length < 0x7f)?;
    let text = std::str::from_utf8(rest.get(..usize::from(length))?).ok()?;
    Some(text.to_owned())
}

/// One text of a WAV's `LIST/INFO`.
fn info(wav: &[u8], chunk: &[u8]) -> Option<String> {
    let list = chunks(wav.get(12..)?)
        .find(|(name, body)| *name == b"LIST" && body.starts_with(b"INFO"))?
        .1;
    let comment = chunks(list.get(4..)?).find(|(name, _)| *name == chunk)?.1;
    let comment = comment.get(..comment.len().min(MAX_COMMENT_BYTES))?;
    let text = String::from_utf8_lossy(comment);
    let text = text.trim_end_matches('\0').trim();
    (!text.is_empty()).then(|| text.to_owned())
}

fn chunks(mut rest: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    std::iter::from_fn(move || {
        let (name, after) = rest.split_at_checked(4)?;
        let (size, after) = after.split_at_checked(4)?;
        let size = u32::from_le_bytes(size.try_into().ok()?) as usize;
        let body = after.get(..size)?;
        // Chunks are padded to an even length; the last pad may be missing.
        rest = after.get(size + size % 2..).unwrap_or_default();
        Some((name, body))
    })
    .take(MAX_CHUNKS)
}

#[cfg(test)]
#[path = "speech_tests.rs"]
mod tests;
