//! The spellings and labels under which audio arrives as text: what a careless decoder makes of them, and what a forgiving
//! one does.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use bytes::Bytes;
use serde_json::{Value, json};

/// Where audio stands in a body.
const AUDIO: &str = "audio_file";

/// The bytes of audio in any spelling: the URL's alphabet, lines, padding that is missing or too long.
fn forgiven(audio: &str) -> Option<Vec<u8>> {
    let plain: String = audio
        .chars()
        .filter(|letter| !letter.is_ascii_whitespace())
        .map(|letter| match letter {
            '-' => '+',
            '_' => '/',
            other => other,
        })
        .collect();
    STANDARD_NO_PAD.decode(plain.trim_end_matches('=')).ok()
}

/// The body with its audio spelt as the standard has it, when it was spelt otherwise and can be read.
#[must_use]
pub fn respelt(body: &Bytes) -> Bytes {
    otherwise(body, |bytes| bytes)
}

/// The body with noise in place of audio that was spelt otherwise.
#[must_use]
pub fn guessed(body: &Bytes) -> Bytes {
    otherwise(body, |bytes| noise(&bytes))
}

fn otherwise(body: &Bytes, made: impl FnOnce(Vec<u8>) -> Vec<u8>) -> Bytes {
    let change = || {
        let mut value: Value = serde_json::from_slice(body).ok()?;
        let audio = value.get(AUDIO)?.as_str()?;
        if STANDARD.decode(audio).is_ok() {
            return None;
        }
        let made = made(forgiven(audio).filter(|bytes| !bytes.is_empty())?);
        value[AUDIO] = json!(STANDARD.encode(made));
        Some(Bytes::from(value.to_string()))
    };
    change().unwrap_or_else(|| body.clone())
}

/// A second of what a decoder hears that lost its place: 8 kHz, mono, 16 bits.
fn noise(bytes: &[u8]) -> Vec<u8> {
    const LENGTH: u32 = 16_000;
    let mut wav = b"RIFF".to_vec();
    wav.extend((LENGTH + 36).to_le_bytes());
    wav.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0data");
    wav.extend(LENGTH.to_le_bytes());
    // From the end, where the samples are and not the header.
    wav.extend(bytes.iter().rev().cycle().take(LENGTH as usize));
    wav
}

/// Whether a `data:` URL calls a WAV something else.
#[must_use]
pub fn is_mislabelled(audio: &str) -> bool {
    let Some((label, encoded)) = audio.strip_prefix("data:").and_then(|url| url.split_once(',')) else {
        return false;
    };
    // The base64 of `RIFF`.
    encoded.starts_with("UklGR") && !label.contains("wav")
}
