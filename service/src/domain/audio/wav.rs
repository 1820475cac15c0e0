//! The parts of a WAV file, as forgivingly as players read it.
//!
//! symphonia is given a plain file made of these parts: it refuses one whose writer did not know its length, forgot a byte of
//! padding or put a list of odd length before the data, and all of them are common.

use std::io::{self, Cursor, Read, Seek, SeekFrom};

use symphonia::core::io::MediaSource;

/// From here on a length means that its writer did not know it: `arecord` has 2 GiB, ffmpeg and browsers all ones.
const UNKNOWN: u32 = 0x7f00_0000;

/// The format and the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Parts<'b> {
    format: &'b [u8],
    data: &'b [u8],
}

/// Why there are no parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Broken {
    /// The file ends before the data, or within it.
    Cut,
    /// It is something else.
    Unknown,
}

fn little(bytes: &[u8]) -> u32 {
    let number = bytes.first_chunk().copied();
    number.map_or(0, u32::from_le_bytes)
}

/// After twelve bytes come chunks with a name and a length, padded to an even one (RIFF).
pub(crate) fn parts(bytes: &[u8]) -> Result<Parts<'_>, Broken> {
    let whole = bytes.get(4..).map_or(0, little);
    let mut rest = bytes.get(12..).unwrap_or_default();
    let mut format = None;
    loop {
        let (head, body) = rest.split_at_checked(8).ok_or(Broken::Cut)?;
        if !head[..4].iter().all(u8::is_ascii) {
            return Err(Broken::Unknown);
        }
        let length = little(&head[4..]);
        let inside = usize::try_from(length)
            .ok()
            .and_then(|length| body.split_at_checked(length));
        if head.starts_with(b"data") {
            let never_filled_in = length == 0 && whole == 0;
            let data = match inside {
                _ if never_filled_in || length >= UNKNOWN => body,
                Some((data, _)) => data,
                None => return Err(Broken::Cut),
            };
            let format = format.ok_or(Broken::Unknown)?;
            return Ok(Parts { format, data });
        }
        let (inside, after) = inside.ok_or(Broken::Cut)?;
        if head.starts_with(b"fmt ") {
            format = Some(inside);
        }
        // Writers forget the byte that makes a length even; it is a zero, and no name begins with one.
        rest = match after {
            [0, padded @ ..] if length % 2 == 1 => padded,
            after => after,
        };
    }
}

impl<'b> Parts<'b> {
    /// A plain file of these parts, without a copy of the data.
    pub(crate) fn plain(&self) -> Plain<'b> {
        let (format, data) = (self.format.len() as u32, self.data.len() as u32);
        let mut head = b"RIFF".to_vec();
        head.extend((20 + format + data).to_le_bytes());
        head.extend(b"WAVEfmt ");
        head.extend(format.to_le_bytes());
        head.extend(self.format);
        head.extend(std::iter::repeat_n(0, self.format.len() % 2));
        head.extend(b"data");
        head.extend(data.to_le_bytes());
        Plain {
            head,
            data: self.data,
            at: 0,
        }
    }
}

/// A file that is read.
pub(crate) struct Plain<'b> {
    head: Vec<u8>,
    data: &'b [u8],
    at: u64,
}

impl Plain<'_> {
    fn len(&self) -> u64 {
        (self.head.len() + self.data.len()) as u64
    }
}

impl Read for Plain<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let at = usize::try_from(self.at).unwrap_or(usize::MAX);
        let mut part = match at.checked_sub(self.head.len()) {
            None => &self.head[at..],
            Some(at) => self.data.get(at..).unwrap_or_default(),
        };
        let read = part.read(into)?;
        self.at += read as u64;
        Ok(read)
    }
}

impl Seek for Plain<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        // The arithmetic of a cursor, over as many bytes as there are.
        let to = match to {
            SeekFrom::End(from) => SeekFrom::Start(
                self.len()
                    .checked_add_signed(from)
                    .ok_or(io::ErrorKind::InvalidInput)?,
            ),
            other => other,
        };
        let mut cursor = Cursor::new([0_u8; 0]);
        cursor.set_position(self.at);
        self.at = cursor.seek(to)?;
        Ok(self.at)
    }
}

impl MediaSource for Plain<'_> {
    fn is_seekable(&self) -> bool {
        true
    }

    fn byte_len(&self) -> Option<u64> {
        Some(self.len())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const KITCHEN: &[u8] = include_bytes!("../../../../scenarios/samples/kitchen.wav");

    #[test]
    fn a_length_that_was_never_filled_in_reaches_to_the_end() {
        let mut streamed = KITCHEN.to_vec();
        let data = streamed.windows(4).position(|name| name == b"data").unwrap() + 4;
        let whole = parts(KITCHEN).unwrap();
        for (riff, length) in [(0, 0), (u32::MAX, u32::MAX), (0x8000_0024, 0x8000_0000)] {
            streamed[4..8].copy_from_slice(&u32::to_le_bytes(riff));
            streamed[data..data + 4].copy_from_slice(&u32::to_le_bytes(length));
            assert_eq!(parts(&streamed), Ok(whole), "{length:x}");
        }
    }

    proptest! {
        #[test]
        fn a_plain_file_reads_like_its_bytes(
            steps in prop::collection::vec((any::<u8>(), -60_i64..120, 0_usize..80), 0..40),
        ) {
            let plain = Parts { format: &KITCHEN[20..35], data: &KITCHEN[40..90] }.plain();
            let mut whole = plain.head.clone();
            whole.extend(plain.data);
            let (mut plain, mut cursor) = (plain, Cursor::new(whole));
            for (kind, by, length) in steps {
                let to = match kind % 3 {
                    0 => SeekFrom::Start(by.unsigned_abs()),
                    1 => SeekFrom::Current(by),
                    _ => SeekFrom::End(by),
                };
                prop_assert_eq!(plain.seek(to).ok(), cursor.seek(to).ok());
                let (mut one, mut other) = (vec![0; length], vec![0; length]);
                let read = plain.read_exact(&mut one).is_ok();
                prop_assert_eq!(read, cursor.read_exact(&mut other).is_ok());
                if !read {
                    break;
                }
                prop_assert_eq!(one, other);
            }
        }

        #[test]
        fn no_bytes_make_it_panic(kept in 0_usize..80, noise in prop::collection::vec(any::<u8>(), 0..200)) {
            let mut bytes = KITCHEN[..kept].to_vec();
            bytes.extend(noise);
            let _ = parts(&bytes);
        }
    }
}
