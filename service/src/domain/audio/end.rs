//! Whether a file ends where it says that it ends: an upload that was cut off is paid for in full and transcribed in part.
//!
//! Only the structure of the container is read, a step at a time, and each step goes forward: the work is bounded by the length
//! of the file, whatever it declares. What is not understood is not judged, since a false alarm refuses a good recording. Among
//! the good ones are those of browsers' recorders, which write before they know how long they will be.

use crate::domain::audio::Container;
use crate::domain::audio::decode::after_id3;
use crate::domain::audio::wav::{self, Broken};

/// Whether the file ends before something that it announces.
pub(crate) fn is_cut(bytes: &[u8], container: Container) -> bool {
    let ending = match container {
        Container::Wav => wav(bytes),
        Container::Mp3 => mp3(after_id3(bytes)),
        Container::Ogg => ogg(bytes),
        Container::Webm => webm(bytes),
        Container::Mp4 => mp4(bytes),
        // Its frames do not say how long they are: see `flac_is_cut`.
        Container::Flac => Ending::Unknown,
    };
    ending == Ending::Cut
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    /// The last part is all there.
    Whole,
    /// The last part is not.
    Cut,
    /// It could not be followed to its end.
    Unknown,
}

/// A big-endian number of at most eight bytes.
fn big(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0, |number, byte| number << 8 | u64::from(*byte))
}

fn wav(bytes: &[u8]) -> Ending {
    match wav::parts(bytes) {
        Ok(_) => Ending::Whole,
        Err(Broken::Cut) => Ending::Cut,
        Err(Broken::Unknown) => Ending::Unknown,
    }
}

/// What follows the last frame of an MP3 and is no frame: tags of three kinds.
const MP3_TAGS: [&[u8]; 3] = [b"TAG", b"APETAGEX", b"LYRICSBEGIN"];

/// Frame after frame; each says how long it is (ISO 11172-3 §2.4.1.3), and the first may say how many there are.
fn mp3(bytes: &[u8]) -> Ending {
    let mut rest = bytes;
    let mut frames = 0_u32;
    let mut promised = None;
    loop {
        if frames > 0 {
            // Two files in one.
            rest = after_id3(rest);
        }
        let Some(frame) = rest.first_chunk().and_then(Mp3Frame::read) else {
            break;
        };
        let Some((whole, after)) = rest.split_at_checked(frame.bytes) else {
            return Ending::Cut;
        };
        if frames == 0 {
            promised = promised_frames(whole);
        }
        frames += 1;
        rest = after;
    }
    let is_over = rest.is_empty() || MP3_TAGS.iter().any(|tag| rest.starts_with(tag));
    match promised {
        // Its own frame may or may not count; a few are nothing that anybody said.
        Some(promised) if is_over && frames.saturating_add(MP3_SPARE_FRAMES) < promised => Ending::Cut,
        _ if is_over && frames > 0 => Ending::Whole,
        _ => Ending::Unknown,
    }
}

/// A fifth of a second.
const MP3_SPARE_FRAMES: u32 = 8;

struct Mp3Frame {
    bytes: usize,
}

impl Mp3Frame {
    /// A header of layer III with a known bit rate; none for anything else.
    fn read(header: &[u8; 4]) -> Option<Self> {
        const RATES_1: [usize; 16] = [
            0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0,
        ];
        const RATES_2: [usize; 16] = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0];
        let [0xff, second, third, _] = *header else {
            return None;
        };
        if second & 0xe6 != 0xe2 {
            return None;
        }
        // 3 is MPEG-1, 2 MPEG-2, 0 its extension to low rates, 1 nothing.
        let version = second >> 3 & 3;
        let slower = match version {
            3 => 0,
            2 => 1,
            0 => 2,
            _ => return None,
        };
        let rates = if version == 3 { RATES_1 } else { RATES_2 };
        let kilobits = rates[usize::from(third >> 4)];
        let hertz = [44_100_usize, 48_000, 32_000].get(usize::from(third >> 2 & 3))? >> slower;
        let samples_in_bytes = if version == 3 { 144 } else { 72 };
        let padding = usize::from(third >> 1 & 1);
        (kilobits > 0).then(|| Self {
            bytes: samples_in_bytes * kilobits * 1_000 / hertz + padding,
        })
    }
}

/// How many frames a first frame of Xing's or LAME's kind says that there are.
fn promised_frames(frame: &[u8]) -> Option<u32> {
    let at = frame
        .windows(4)
        .take(40)
        .position(|name| name == b"Xing" || name == b"Info")?;
    let head = frame.get(at + 4..at + 12)?;
    (head[3] & 1 == 1).then(|| u32::try_from(big(&head[4..])).ok())?
}

/// Pages (RFC 3533 §6), of which the last one says that it is.
fn ogg(bytes: &[u8]) -> Ending {
    let mut rest = bytes;
    let mut ending = Ending::Unknown;
    while let Some((page, after)) = rest.split_at_checked(27) {
        if !page.starts_with(b"OggS\0") {
            // Something follows the last page, or lies between two.
            match after_gap(rest) {
                Some(next) => rest = next,
                None => return ending,
            }
            continue;
        }
        let Some((lengths, after)) = after.split_at_checked(usize::from(page[26])) else {
            return Ending::Cut;
        };
        let length = lengths.iter().map(|length| usize::from(*length)).sum();
        let Some(after) = after.get(length..) else {
            return Ending::Cut;
        };
        ending = if page[5] & 4 == 4 {
            Ending::Whole
        } else {
            Ending::Cut
        };
        rest = after;
    }
    match ending {
        Ending::Whole if rest.starts_with(b"Ogg") => Ending::Cut,
        ending => ending,
    }
}

/// The next page, behind bytes that belong to none.
fn after_gap(bytes: &[u8]) -> Option<&[u8]> {
    let beyond = bytes.get(1..)?;
    let at = beyond.windows(5).position(|name| name == b"OggS\0")?;
    beyond.get(at..)
}

/// Elements of EBML (RFC 8794 §6) that hold the others: Segment and Cluster.
const WEBM_MASTERS: [u64; 2] = [0x1853_8067, 0x1f43_b675];

/// The elements of Matroska (RFC 9559 §5.1) that stand in those.
const WEBM_ELEMENTS: [u64; 18] = [
    0x1a45_dfa3,
    0x114d_9b74,
    0x1549_a966,
    0x1654_ae6b,
    0x1c53_bb6b,
    0x1941_a469,
    0x1043_a770,
    0x1254_c367,
    0xec,
    0xbf,
    0xe7,
    0xa3,
    0xa0,
    0xa7,
    0xab,
    0xaf,
    0x5854,
    0xa2,
];

/// Elements one after the other. A recorder that streams leaves the lengths of Segment and Cluster open; the blocks inside have
/// one all the same.
fn webm(bytes: &[u8]) -> Ending {
    let mut rest = bytes;
    while !rest.is_empty() {
        match element(rest) {
            Ok(after) => rest = after,
            Err(ending) => return ending,
        }
    }
    Ending::Whole
}

/// What follows an element, or what is in it when it holds others.
fn element(bytes: &[u8]) -> Result<&[u8], Ending> {
    let (id, after) = vint(bytes, 4)?;
    let is_master = WEBM_MASTERS.contains(&id);
    if !is_master && !WEBM_ELEMENTS.contains(&id) {
        return Err(Ending::Unknown);
    }
    let (length, body) = vint(after, 8)?;
    let marker = 1_u64 << (7 * (after.len() - body.len()));
    let length = length & (marker - 1);
    if length == marker - 1 {
        // All ones: left open.
        return if is_master { Ok(body) } else { Err(Ending::Unknown) };
    }
    let after = usize::try_from(length).ok().and_then(|length| body.get(length..));
    let after = after.ok_or(Ending::Cut)?;
    Ok(if is_master { body } else { after })
}

/// A number of EBML (RFC 8794 §4) with its marker: the zeros before the first one say how many bytes it has.
fn vint(bytes: &[u8], longest: usize) -> Result<(u64, &[u8]), Ending> {
    let first = bytes.first().ok_or(Ending::Cut)?;
    let length = first.leading_zeros() as usize + 1;
    if length > longest {
        return Err(Ending::Unknown);
    }
    let (number, after) = bytes.split_at_checked(length).ok_or(Ending::Cut)?;
    Ok((big(number), after))
}

/// The boxes that stand outermost in ISO base media files (ISO 14496-12 §8, §6.2.3).
const MP4_BOXES: [&[u8; 4]; 15] = [
    b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"uuid", b"moof", b"mfra", b"sidx", b"ssix",
    b"styp", b"meta", b"pdin", b"emsg",
];

/// Boxes with a length and a name, of which one says what there is and one holds it.
fn mp4(bytes: &[u8]) -> Ending {
    let mut rest = bytes;
    let (mut described, mut held) = (false, false);
    while let Some((head, body)) = rest.split_at_checked(8) {
        let name = &head[4..];
        if !MP4_BOXES.iter().any(|known| *known == name) {
            return Ending::Unknown;
        }
        described |= name == b"moov";
        held |= name == b"mdat";
        let length = match (big(&head[..4]), body.first_chunk::<8>()) {
            // To the end of the file.
            (0, _) => rest.len() as u64,
            (1, Some(long)) => big(long),
            (1, None) => return Ending::Cut,
            (length, _) => length,
        };
        if length < 8 {
            return Ending::Unknown;
        }
        match usize::try_from(length).ok().and_then(|length| rest.get(length..)) {
            Some(after) => rest = after,
            None => return Ending::Cut,
        }
    }
    if described && held {
        Ending::Whole
    } else {
        Ending::Cut
    }
}

/// Whether a FLAC file that does not say its length ends within a frame, when its whole frames have `frames` bytes together.
pub(crate) fn flac_is_cut(bytes: &[u8], frames: usize) -> bool {
    let mut rest = bytes.get(4..).unwrap_or_default();
    // Blocks of facts (RFC 9639 §8.1), of which the last one says that it is.
    while let Some((head, body)) = rest.split_at_checked(4) {
        let length = usize::try_from(big(&head[1..])).unwrap_or(usize::MAX);
        rest = body.get(length..).unwrap_or_default();
        if head[0] & 0x80 == 0x80 {
            break;
        }
    }
    let left = rest.get(frames..).unwrap_or_default();
    // A frame begins with fifteen bits of sync (RFC 9639 §9.1); a tag does not.
    matches!(left, [0xff, second, ..] if second & 0xfe == 0xf8)
}

#[cfg(test)]
#[path = "end_tests.rs"]
mod tests;
