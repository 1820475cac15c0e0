//! Reading a body under bounds: bytes kept, bytes read, bytes after decoding. Content codings are undone as the bytes
//! arrive, so a bomb costs no more memory than what is kept.

use std::io::Write;

use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use tokio::time::{Instant, timeout_at};

use crate::model::capture::{Captured, End};

/// How much of a body is kept and read.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes kept, after decoding.
    pub keep: usize,
    /// Bytes read from the wire, and bytes that decoding may yield.
    pub read: u64,
}

/// Reads a body to its end, to a bound or to the deadline, whichever is first.
pub async fn capture(mut body: Incoming, codings: &[String], limits: Limits, deadline: Instant) -> Captured {
    let mut decoder = Decoder::new(codings, limits);
    let mut wire_length = 0_u64;
    let end = loop {
        match timeout_at(deadline, body.frame()).await {
            Err(_) => break End::Deadline,
            Ok(None) => break End::Complete,
            Ok(Some(Err(error))) => break if is_reset(&error) { End::Reset } else { End::Short },
            Ok(Some(Ok(frame))) => {
                let Some(data) = frame.data_ref() else { continue };
                wire_length += data.len() as u64;
                if !decoder.feed(data) || wire_length > limits.read {
                    break End::Cut;
                }
            }
        }
    };
    decoder.finish(end, wire_length)
}

fn is_reset(error: &hyper::Error) -> bool {
    let source = std::error::Error::source(error).and_then(|source| source.downcast_ref::<std::io::Error>());
    source.is_some_and(|io| io.kind() == std::io::ErrorKind::ConnectionReset)
}

/// Where decoded bytes end up: the first are kept, all are counted, too many are refused.
#[derive(Debug)]
struct Sink {
    kept: Vec<u8>,
    total: u64,
    limits: Limits,
}

impl Write for Sink {
    fn write(&mut self, data: &[u8]) -> std::io::Result<usize> {
        self.total += data.len() as u64;
        let room = self.limits.keep.saturating_sub(self.kept.len());
        self.kept.extend_from_slice(&data[..data.len().min(room)]);
        if self.total > self.limits.read {
            return Err(std::io::Error::other(TOO_MUCH));
        }
        Ok(data.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

const TOO_MUCH: &str = "more than we read";

/// Undoes one content coding (RFC 9110 §8.4); several, or an unknown one, are left as they are and said so.
enum Coding {
    Identity(Sink),
    Gzip(Box<flate2::write::MultiGzDecoder<Sink>>),
    Deflate(Box<flate2::write::ZlibDecoder<Sink>>),
    Brotli(Box<brotli::DecompressorWriter<Sink>>),
}

struct Decoder {
    coding: Coding,
    undone: Vec<String>,
    undecodable: Option<String>,
    cut: bool,
}

impl Decoder {
    fn new(codings: &[String], limits: Limits) -> Decoder {
        let sink = Sink {
            kept: Vec::new(),
            total: 0,
            limits,
        };
        let (coding, undecodable) = match codings {
            [] => (Coding::Identity(sink), None),
            [one] => match one.as_str() {
                "gzip" | "x-gzip" => (
                    Coding::Gzip(Box::new(flate2::write::MultiGzDecoder::new(sink))),
                    None,
                ),
                "deflate" => (
                    Coding::Deflate(Box::new(flate2::write::ZlibDecoder::new(sink))),
                    None,
                ),
                "br" => (
                    Coding::Brotli(Box::new(brotli::DecompressorWriter::new(sink, 4096))),
                    None,
                ),
                other => (
                    Coding::Identity(sink),
                    Some(format!("content coding {other:?} is not known here")),
                ),
            },
            several => (
                Coding::Identity(sink),
                Some(format!("{} content codings at once", several.len())),
            ),
        };
        let undone = if undecodable.is_none() {
            codings.to_vec()
        } else {
            vec![]
        };
        Decoder {
            coding,
            undone,
            undecodable,
            cut: false,
        }
    }

    /// Takes the next bytes. `false` when no more are wanted.
    fn feed(&mut self, data: &Bytes) -> bool {
        if self.undecodable.is_some() && !matches!(self.coding, Coding::Identity(_)) {
            return true;
        }
        let written = match &mut self.coding {
            Coding::Identity(sink) => sink.write_all(data),
            Coding::Gzip(decoder) => decoder.write_all(data),
            Coding::Deflate(decoder) => decoder.write_all(data),
            Coding::Brotli(decoder) => decoder.write_all(data),
        };
        let Err(error) = written else { return true };
        self.cut = self.sink().total > self.sink().limits.read;
        if !self.cut {
            self.undecodable = Some(format!("the body is not what its content coding says: {error}"));
        }
        !self.cut
    }

    fn sink(&self) -> &Sink {
        match &self.coding {
            Coding::Identity(sink) => sink,
            Coding::Gzip(decoder) => decoder.get_ref(),
            Coding::Deflate(decoder) => decoder.get_ref(),
            Coding::Brotli(decoder) => decoder.get_ref(),
        }
    }

    /// Everything that was kept, and how it ended.
    fn finish(mut self, end: End, wire_length: u64) -> Captured {
        let flushed = match &mut self.coding {
            Coding::Identity(_) => Ok(()),
            Coding::Gzip(decoder) => decoder.try_finish(),
            Coding::Deflate(decoder) => decoder.try_finish(),
            Coding::Brotli(decoder) => decoder.close(),
        };
        if let Err(error) = flushed
            && end == End::Complete
            && !self.cut
            && wire_length > 0
        {
            self.undecodable
                .get_or_insert(format!("the content coding ends too early: {error}"));
        }
        let sink = self.sink();
        let over = sink.total > sink.kept.len() as u64;
        let end = if over && end == End::Complete {
            End::Cut
        } else {
            end
        };
        let bytes = Bytes::copy_from_slice(&sink.kept);
        Captured {
            bytes,
            wire_length,
            end,
            undone: self.undone,
            undecodable: self.undecodable,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits { keep: 64, read: 4096 };

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
    fn a_bomb_is_cut_and_costs_what_is_kept() {
        let body = decode("gzip", &[&gzip(&vec![0; 1 << 20])]);
        assert_eq!((body.bytes.len(), body.end), (LIMITS.keep, End::Cut));
    }

    #[test]
    fn what_is_not_gzip_says_so() {
        let body = decode("gzip", &[b"plain text, not gzip"]);
        assert!(
            body.undecodable
                .unwrap()
                .contains("not what its content coding says")
        );
    }

    #[test]
    fn an_unknown_coding_is_left_as_it_is() {
        let body = decode("zstd", &[b"abc"]);
        assert_eq!(&body.bytes[..], b"abc");
        assert!(body.undecodable.unwrap().contains("zstd"));
    }

    #[test]
    fn a_long_body_is_kept_to_the_bound_and_called_cut() {
        let mut decoder = Decoder::new(&[], LIMITS);
        assert!(decoder.feed(&Bytes::from(vec![b'x'; 100])));
        let body = decoder.finish(End::Complete, 100);
        assert_eq!((body.bytes.len(), body.end), (64, End::Cut));
    }
}
