//! Samples as probes want them changed: cut off, joined, grown, or replaced by silence. Pure.

use std::borrow::Cow;
use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use bytes::Bytes;

use crate::model::probe::{Change, Insert};
use crate::transport::request::Unfillable;

/// The format of our own silence: 8 kHz, mono, 16 bits, uncompressed (RIFF WAVE, `fmt ` chunk).
const FORMAT: &[u8; 16] = b"\x01\x00\x01\x00\x40\x1f\x00\x00\x80\x3e\x00\x00\x02\x00\x10\x00";

/// Where a format says how many bytes a second it takes.
const BYTE_RATE: std::ops::Range<usize> = 8..12;

/// The bytes that an insert puts in: a sample, changed.
pub(crate) fn changed<'s>(
    insert: &Insert,
    samples: &'s BTreeMap<String, Bytes>,
) -> Result<Cow<'s, [u8]>, Unfillable> {
    let sample = |name: &String| samples.get(name).ok_or_else(|| Unfillable::Sample(name.clone()));
    let bytes = sample(&insert.sample)?;
    let odd = || Unfillable::Unchangeable(insert.sample.clone());
    Ok(match &insert.change {
        Change::None
        | Change::DataUrl
        | Change::Mislabelled
        | Change::Base64Url
        | Change::Base64Lines
        | Change::Base64Padding => Cow::Borrowed(&bytes[..]),
        Change::Cut => Cow::Borrowed(&bytes[..bytes.len() / 2]),
        Change::Silence => Cow::Owned(wav(FORMAT, None, &vec![0; 16_000])),
        Change::Noise => Cow::Owned(b"This is no recording. \xfe\xdc\xba\x98".repeat(16)),
        Change::After { first } => {
            let (first, second) = (sample(first)?, Wav::read(bytes).ok_or_else(odd)?);
            Cow::Owned(
                Wav::read(first)
                    .and_then(|first| first.then(&second))
                    .ok_or_else(odd)?,
            )
        }
        Change::Grown { bytes: most } => {
            let grown = Wav::read(bytes).and_then(|wav| wav.grown(usize::try_from(*most).ok()?));
            Cow::Owned(grown.ok_or_else(odd)?)
        }
    })
}

/// The text that stands for bytes in JSON: base64, spelt as the change has it.
pub(crate) fn spelt(bytes: &[u8], insert: &Insert) -> String {
    let plain = || STANDARD.encode(bytes);
    match insert.change {
        Change::DataUrl => format!("data:{};base64,{}", media_type(&insert.sample), plain()),
        Change::Mislabelled => {
            let other = match media_type(&insert.sample) {
                "audio/webm" => "audio/wav",
                _ => "audio/webm",
            };
            format!("data:{other};base64,{}", plain())
        }
        Change::Base64Url => URL_SAFE.encode(bytes),
        Change::Base64Lines => {
            let plain = plain();
            // Base64 is ASCII, so no character is cut.
            let lines = plain.as_bytes().chunks(76).map(String::from_utf8_lossy);
            lines.collect::<Vec<_>>().join("\r\n")
        }
        Change::Base64Padding => format!("{}===", plain().trim_end_matches('=')),
        _ => plain(),
    }
}

/// The media type that a file's name says, for a `data:` URL.
pub(crate) fn media_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("webm") => "audio/webm",
        Some("ogg" | "oga") => "audio/ogg",
        Some("mp3") => "audio/mpeg",
        Some("m4a" | "mp4") => "audio/mp4",
        Some("flac") => "audio/flac",
        _ => "audio/wav",
    }
}

/// An uncompressed WAV, as far as it is looked at.
struct Wav<'b> {
    format: &'b [u8],
    /// What is said in it, when it says so (`LIST/INFO`, chunk `ICMT`): stand-ins read it.
    comment: Option<&'b [u8]>,
    data: &'b [u8],
}

impl<'b> Wav<'b> {
    fn read(bytes: &'b [u8]) -> Option<Wav<'b>> {
        let named = |(name, body): (&[u8], &'b [u8])| (name == b"data").then_some(body);
        if bytes.get(..4)? != b"RIFF" || bytes.get(8..12)? != b"WAVE" {
            return None;
        }
        let parts = || chunks(bytes.get(12..).unwrap_or_default());
        let (_, format) = parts().find(|(name, _)| *name == b"fmt ")?;
        let list = parts().find(|(name, body)| *name == b"LIST" && body.starts_with(b"INFO"));
        let comment = list.and_then(|(_, body)| chunks(body.get(4..)?).find(|(name, _)| *name == b"ICMT"));
        // 1 is uncompressed; whatever else cannot be added to.
        let is_plain = format.len() >= 16 && format.get(..2)? == b"\x01\x00";
        is_plain.then_some(Wav {
            format,
            comment: comment.map(|(_, text)| text),
            data: parts().find_map(named)?,
        })
    }

    /// This one, a second of silence, and another one.
    fn then(&self, other: &Wav<'_>) -> Option<Vec<u8>> {
        if self.format != other.format {
            return None;
        }
        let rate = u32::from_le_bytes(self.format.get(BYTE_RATE)?.try_into().ok()?);
        let mut data = self.data.to_vec();
        data.resize(data.len() + usize::try_from(rate).ok()?.min(1 << 20), 0);
        data.extend_from_slice(other.data);
        let comment = self.comment.zip(other.comment).map(|(first, second)| {
            let mut both = trimmed(first).to_vec();
            both.push(b' ');
            both.extend_from_slice(trimmed(second));
            both
        });
        Some(wav(self.format, comment.as_deref(), &data))
    }

    /// This one with silence at its end, so that the file has this many bytes.
    fn grown(&self, most: usize) -> Option<Vec<u8>> {
        let head = wav(self.format, self.comment, &[]).len();
        let mut data = self.data.to_vec();
        let length = most.checked_sub(head).filter(|length| *length >= data.len())?;
        data.resize(length, 0);
        let mut file = wav(self.format, self.comment, &data);
        // The pad of an odd chunk may be missing at the end of a file.
        file.truncate(most);
        Some(file)
    }
}

fn trimmed(text: &[u8]) -> &[u8] {
    let end = text.iter().position(|byte| *byte == 0).unwrap_or(text.len());
    &text[..end]
}

fn wav(format: &[u8], comment: Option<&[u8]>, data: &[u8]) -> Vec<u8> {
    let mut body = b"WAVE".to_vec();
    push(&mut body, b"fmt ", format);
    if let Some(comment) = comment {
        let mut info = b"INFO".to_vec();
        push(&mut info, b"ICMT", comment);
        push(&mut body, b"LIST", &info);
    }
    push(&mut body, b"data", data);
    let mut file = Vec::with_capacity(body.len() + 8);
    file.extend_from_slice(b"RIFF");
    file.extend(u32::try_from(body.len()).unwrap_or(u32::MAX).to_le_bytes());
    file.extend(body);
    file
}

/// Appends a chunk, padded to an even length.
fn push(to: &mut Vec<u8>, name: &[u8; 4], body: &[u8]) {
    to.extend_from_slice(name);
    to.extend(u32::try_from(body.len()).unwrap_or(u32::MAX).to_le_bytes());
    to.extend_from_slice(body);
    if !body.len().is_multiple_of(2) {
        to.push(0);
    }
}

/// The chunks of a RIFF body, as far as they are whole.
fn chunks(mut rest: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    std::iter::from_fn(move || {
        let (name, after) = rest.split_at_checked(4)?;
        let (size, after) = after.split_at_checked(4)?;
        let size = usize::try_from(u32::from_le_bytes(size.try_into().ok()?)).ok()?;
        let body = after.get(..size)?;
        rest = after.get(size + size % 2..).unwrap_or_default();
        Some((name, body))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const KITCHEN: &[u8] = include_bytes!("../../../scenarios/samples/kitchen.wav");
    const TERRACE: &[u8] = include_bytes!("../../../scenarios/samples/terrace.wav");

    fn made(change: Change) -> Result<Vec<u8>, Unfillable> {
        let samples = BTreeMap::from([
            ("kitchen.wav".to_owned(), Bytes::from_static(KITCHEN)),
            ("terrace.wav".to_owned(), Bytes::from_static(TERRACE)),
            ("voice.webm".to_owned(), Bytes::from_static(b"\x1a\x45\xdf\xa3")),
        ]);
        let insert = Insert {
            at: "/audio".into(),
            sample: "terrace.wav".into(),
            change,
        };
        changed(&insert, &samples).map(Cow::into_owned)
    }

    #[test]
    fn base64_is_spelt_as_it_is_asked_for() {
        let spelling = |change| {
            let insert = Insert {
                at: "/a".into(),
                sample: "a.wav".into(),
                change,
            };
            spelt(&[0xfb, 0xff, 0xfe, 0x00].repeat(20), &insert)
        };
        assert!(spelling(Change::None).starts_with("+//+APv//gD7") && spelling(Change::None).ends_with('='));
        assert!(spelling(Change::Base64Url).starts_with("-__-APv__gD7"));
        assert_eq!(
            spelling(Change::Base64Lines).replace("\r\n", ""),
            spelling(Change::None)
        );
        assert_eq!(spelling(Change::Base64Lines).find("\r\n"), Some(76));
        assert!(spelling(Change::Base64Padding).ends_with("==="));
        assert!(spelling(Change::Mislabelled).starts_with("data:audio/webm;base64,+//+"));
        assert!(spelling(Change::DataUrl).starts_with("data:audio/wav;base64,+//+"));
    }

    #[test]
    fn two_recordings_become_one_with_a_pause_between() {
        let joined = made(Change::After {
            first: "kitchen.wav".into(),
        })
        .unwrap();
        let (first, second) = (Wav::read(KITCHEN).unwrap(), Wav::read(TERRACE).unwrap());
        let both = Wav::read(&joined).unwrap();
        assert_eq!(both.data.len(), first.data.len() + 32_000 + second.data.len());
        let said = String::from_utf8_lossy(trimmed(both.comment.unwrap())).into_owned();
        assert!(said.starts_with("The kitchen closes at ten. "), "{said}");
    }

    #[test]
    fn a_recording_grows_to_the_byte() {
        for bytes in [100_000, 100_001] {
            let grown = made(Change::Grown { bytes }).unwrap();
            assert_eq!(grown.len() as u64, bytes);
            assert!(Wav::read(&grown).is_some());
        }
        assert!(made(Change::Grown { bytes: 10 }).is_err());
    }

    #[test]
    fn silence_is_a_second_long_and_noise_is_no_recording() {
        assert_eq!(
            Wav::read(&made(Change::Silence).unwrap()).unwrap().data,
            [0; 16_000]
        );
        assert!(Wav::read(&made(Change::Noise).unwrap()).is_none());
        assert_eq!(made(Change::Cut).unwrap().len(), TERRACE.len() / 2);
    }

    #[test]
    fn what_is_no_wav_cannot_be_joined() {
        let first = "voice.webm".into();
        assert!(matches!(
            made(Change::After { first }),
            Err(Unfillable::Unchangeable(_))
        ));
    }
}
