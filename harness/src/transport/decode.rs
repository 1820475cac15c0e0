//! Undoing content codings as the bytes arrive, so that a bomb costs no more memory than what is kept.

use std::io::Write;

use bytes::Bytes;

use crate::model::capture::{Captured, End};
use crate::model::weight::Weight;
use crate::transport::body::Limits;

/// Where decoded bytes end up: the first are kept, all are counted, too many are refused.
#[derive(Debug, Clone)]
struct Sink {
    kept: Vec<u8>,
    total: u64,
    limits: Limits,
    weight: Weight,
}

impl Sink {
    fn new(limits: Limits) -> Sink {
        Sink {
            kept: Vec::new(),
            total: 0,
            limits,
            weight: Weight::default(),
        }
    }

    /// Stops keeping JSON that would cost more to read than a run has memory for.
    fn weigh(&mut self, from: usize) {
        let Some(burst) = self.limits.burst else { return };
        self.weight.feed(&self.kept[from..]);
        if self.weight.is_too_heavy() {
            self.kept.truncate(burst);
            self.kept.shrink_to_fit();
            self.limits.keep = self.kept.len();
        }
    }

    fn is_full(&self) -> bool {
        self.total > self.limits.read
    }
}

impl Write for Sink {
    fn write(&mut self, data: &[u8]) -> std::io::Result<usize> {
        self.total += data.len() as u64;
        let room = self.limits.keep.saturating_sub(self.kept.len());
        let from = self.kept.len();
        self.kept.extend_from_slice(&data[..data.len().min(room)]);
        self.weigh(from);
        if self.is_full() {
            return Err(std::io::Error::other("more than we read"));
        }
        Ok(data.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// One content coding being undone (RFC 9110 §8.4.1).
enum Coding {
    Gzip(Box<flate2::write::MultiGzDecoder<Sink>>),
    /// `deflate` means the zlib format.
    Zlib(Box<flate2::write::ZlibDecoder<Sink>>),
    /// Some servers send bare deflate under that name, and browsers read it.
    Deflate(Box<flate2::write::DeflateDecoder<Sink>>),
    Brotli(Box<brotli::DecompressorWriter<Sink>>),
}

impl Coding {
    /// The decoder for a coding, given the first byte of what it coded; `None` for a coding that is not known here.
    fn of(name: &str, first: u8, limits: Limits) -> Option<Coding> {
        let sink = Sink::new(limits);
        Some(match name {
            "gzip" | "x-gzip" => Coding::Gzip(Box::new(flate2::write::MultiGzDecoder::new(sink))),
            // The low four bits of zlib's first byte are 8 (RFC 1950 §2.2); no compressor begins bare deflate so.
            "deflate" if first & 0x0f == 8 => Coding::Zlib(Box::new(flate2::write::ZlibDecoder::new(sink))),
            "deflate" => Coding::Deflate(Box::new(flate2::write::DeflateDecoder::new(sink))),
            "br" => Coding::Brotli(Box::new(brotli::DecompressorWriter::new(sink, 4096))),
            _ => return None,
        })
    }

    fn write(&mut self, data: &[u8]) -> std::io::Result<()> {
        match self {
            Coding::Gzip(decoder) => decoder.write_all(data),
            Coding::Zlib(decoder) => decoder.write_all(data),
            Coding::Deflate(decoder) => decoder.write_all(data),
            Coding::Brotli(decoder) => decoder.write_all(data),
        }
    }

    fn end(&mut self) -> std::io::Result<()> {
        match self {
            Coding::Gzip(decoder) => decoder.try_finish(),
            Coding::Zlib(decoder) => decoder.try_finish(),
            Coding::Deflate(decoder) => decoder.try_finish(),
            Coding::Brotli(decoder) => decoder.close(),
        }
    }

    /// What was decoded. Nothing is left of it here.
    fn take(&mut self) -> Sink {
        let sink = match self {
            Coding::Gzip(decoder) => decoder.get_mut(),
            Coding::Zlib(decoder) => decoder.get_mut(),
            Coding::Deflate(decoder) => decoder.get_mut(),
            Coding::Brotli(decoder) => decoder.get_mut(),
        };
        let limits = sink.limits;
        std::mem::replace(sink, Sink::new(limits))
    }

    fn sink(&self) -> &Sink {
        match self {
            Coding::Gzip(decoder) => decoder.get_ref(),
            Coding::Zlib(decoder) => decoder.get_ref(),
            Coding::Deflate(decoder) => decoder.get_ref(),
            Coding::Brotli(decoder) => decoder.get_ref(),
        }
    }
}

/// Takes a body as it arrives, and keeps it decoded as far as that can be done.
pub(crate) struct Decoder {
    codings: Vec<String>,
    coding: Option<Coding>,
    limits: Limits,
    /// The body as sent, kept to the same bound.
    raw: Sink,
    undecodable: Option<String>,
}

impl Decoder {
    /// A decoder for these codings. Several, or an unknown one, are left as they are and said so.
    pub(crate) fn new(codings: &[String], limits: Limits) -> Decoder {
        let undecodable = match codings {
            [] => None,
            [one] if Coding::of(one, 0, limits).is_some() => None,
            [other] => Some(format!("content coding {other:?} is not known here")),
            several => Some(format!("{} content codings at once", several.len())),
        };
        // What is coded is wanted as sent only where it turns out to be plain text after all.
        let as_sent = Limits {
            keep: limits.burst.unwrap_or(limits.keep),
            burst: None,
            ..limits
        };
        Decoder {
            codings: codings.to_vec(),
            coding: None,
            raw: Sink::new(if codings.is_empty() { limits } else { as_sent }),
            limits,
            undecodable,
        }
    }

    /// Takes the next bytes. `false` when no more are wanted.
    pub(crate) fn feed(&mut self, data: &Bytes) -> bool {
        if self.raw.write_all(data).is_err() {
            return false;
        }
        let ([name], None, [first, ..]) = (&self.codings[..], &self.undecodable, &data[..]) else {
            return true;
        };
        let limits = self.limits;
        if self.coding.is_none() {
            self.coding = Coding::of(name, *first, limits);
        }
        let Some(coding) = &mut self.coding else {
            return true;
        };
        let Err(error) = coding.write(data) else {
            return true;
        };
        if coding.sink().is_full() {
            return false;
        }
        self.undecodable = Some(format!("the body is not what its content coding says: {error}"));
        true
    }

    /// How many bytes are held so far.
    pub(crate) fn kept(&self) -> usize {
        let decoded = self.coding.as_ref().map_or(0, |coding| coding.sink().kept.len());
        self.raw.kept.len() + decoded
    }

    /// Everything that was kept, and how it ended.
    pub(crate) fn finish(mut self, end: End, wire_length: u64) -> Captured {
        if let Some(coding) = &mut self.coding
            && self.undecodable.is_none()
        {
            let ended = coding.end();
            if let Err(error) = ended
                && end == End::Complete
                && !coding.sink().is_full()
            {
                self.undecodable = Some(format!("the content coding ends too early: {error}"));
            }
        }
        let decoded = self.coding.as_mut().map(Coding::take);
        let (sink, undone) = match (decoded, &self.undecodable) {
            (Some(decoded), None) => (decoded, self.codings),
            (None, None) => (self.raw, self.codings),
            (_, Some(_)) if is_text(&self.raw.kept) => (self.raw, vec![]),
            (Some(decoded), Some(_)) => (decoded, self.codings),
            (None, Some(_)) => (Sink::new(self.raw.limits), vec![]),
        };
        let over = sink.total > sink.kept.len() as u64;
        let end = if over && end == End::Complete {
            End::Cut
        } else {
            end
        };
        Captured {
            bytes: sink.kept.into(),
            wire_length,
            end,
            undone,
            undecodable: self.undecodable,
        }
    }
}

/// Whether these are UTF-8, but for a last character that is cut. What is not, and could not be decoded, is not kept: no
/// redactor can look into it, and whoever reads the report could.
fn is_text(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes)
        .err()
        .is_none_or(|error| error.error_len().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits {
        keep: 64,
        read: 4096,
        burst: None,
    };

    fn decode(coding: &str, chunks: &[&[u8]]) -> Captured {
        let mut decoder = Decoder::new(&[coding.to_owned()], LIMITS);
        let mut end = End::Complete;
        for chunk in chunks {
            if !decoder.feed(&Bytes::copy_from_slice(chunk)) {
                end = End::Cut;
                break;
            }
        }
        decoder.finish(end, chunks.iter().map(|chunk| chunk.len() as u64).sum())
    }

    fn gzip(data: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(data).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn gzip_is_undone_across_chunks() {
        let coded = gzip(b"{\"a\":1}");
        let (head, tail) = coded.split_at(7);
        let body = decode("gzip", &[head, tail]);
        assert_eq!((&body.bytes[..], body.end), (&b"{\"a\":1}"[..], End::Complete));
        assert_eq!(body.undone, ["gzip"]);
    }

    #[test]
    fn deflate_is_undone_with_zlib_header_and_without() {
        let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        zlib.write_all(b"hello hello").unwrap();
        let mut bare = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
        bare.write_all(b"hello hello").unwrap();
        for coded in [zlib.finish().unwrap(), bare.finish().unwrap()] {
            let body = decode("deflate", &[&coded]);
            assert_eq!((&body.bytes[..], body.undecodable), (&b"hello hello"[..], None));
        }
    }

    #[test]
    fn a_bomb_is_cut_and_costs_what_is_kept() {
        let body = decode("gzip", &[&gzip(&vec![0; 1 << 20])]);
        assert_eq!((body.bytes.len(), body.end), (LIMITS.keep, End::Cut));
    }

    #[test]
    fn plain_text_that_calls_itself_gzip_is_kept_as_it_was_sent() {
        let body = decode("gzip", &[b"plain text, ", b"not gzip"]);
        assert_eq!(
            (&body.bytes[..], body.undone.len()),
            (&b"plain text, not gzip"[..], 0)
        );
        assert!(
            body.undecodable
                .unwrap()
                .contains("not what its content coding says")
        );
    }

    #[test]
    fn gzip_that_stops_short_is_kept_as_far_as_it_could_be_decoded() {
        let text: Vec<u8> = (0..60_u8).collect();
        let coded = gzip(&text);
        let body = decode("gzip", &[&coded[..coded.len() - 4]]);
        assert!(body.undecodable.unwrap().contains("ends too early"));
        assert!(text.starts_with(&body.bytes) && !body.bytes.starts_with(&[0x1f, 0x8b]));
    }

    #[test]
    fn an_unknown_coding_is_kept_only_where_a_redactor_can_read_it() {
        let text = decode("zstd", &[b"abc"]);
        assert_eq!(&text.bytes[..], b"abc");
        assert!(text.undecodable.unwrap().contains("zstd"));
        let binary = decode("zstd", &[&[0x28, 0xb5, 0x2f, 0xfd, 1, 2, 3]]);
        assert_eq!((binary.bytes.len(), binary.wire_length), (0, 7));
        assert!(binary.undecodable.is_some());
    }

    #[test]
    fn an_empty_body_needs_no_decoding() {
        let body = decode("br", &[b""]);
        assert_eq!((body.end, body.undecodable), (End::Complete, None));
    }

    #[test]
    fn json_that_would_burst_as_a_tree_is_cut() {
        let limits = Limits {
            keep: 4 << 20,
            read: 8 << 20,
            burst: Some(1_000),
        };
        let burst = format!("[{}0]", "{\"\":0},".repeat(200_000));
        let coded = gzip(burst.as_bytes());
        for (codings, bytes) in [(vec![], burst.into_bytes()), (vec!["gzip".to_owned()], coded)] {
            let mut decoder = Decoder::new(&codings, limits);
            for chunk in bytes.chunks(10_000) {
                assert!(decoder.feed(&Bytes::copy_from_slice(chunk)));
            }
            let body = decoder.finish(End::Complete, 0);
            assert_eq!((body.bytes.len(), body.end), (1_000, End::Cut));
        }
    }

    #[test]
    fn a_long_body_is_kept_to_the_bound_and_called_cut() {
        let mut decoder = Decoder::new(&[], LIMITS);
        assert!(decoder.feed(&Bytes::from(vec![b'x'; 100])));
        let body = decoder.finish(End::Complete, 100);
        assert_eq!((body.bytes.len(), body.end), (64, End::Cut));
    }
}
