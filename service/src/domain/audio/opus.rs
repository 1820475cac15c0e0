//! Opus (RFC 6716), which symphonia knows and cannot decode.

use ropus::{Channels, DecodeMode, Decoder};

/// Opus always decodes at this rate here, in hertz.
const RATE: u32 = 48_000;

/// The longest packet there is: 120 ms (RFC 6716 §3.2), in samples of one channel.
const LONGEST_PACKET: usize = 5_760;

/// A decoder of one stream.
pub(crate) struct Opus {
    decoder: Decoder,
    channels: usize,
    samples: Vec<f32>,
}

impl Opus {
    /// A decoder for as many channels; none when there are more than two, which no recorder of speech makes (RFC 7845 §5.1.1.2
    /// has them as several streams).
    pub(crate) fn new(channels: usize) -> Option<Self> {
        let known = match channels {
            1 => Channels::Mono,
            2 => Channels::Stereo,
            _ => return None,
        };
        Some(Self {
            decoder: Decoder::new(RATE, known).ok()?,
            channels,
            samples: vec![0.0; LONGEST_PACKET * channels],
        })
    }

    /// The interleaved samples of one packet, or nothing when it is damaged.
    pub(crate) fn decode(&mut self, packet: &[u8]) -> Option<&[f32]> {
        if packet.is_empty() {
            // The decoder would take it for one that was lost, and make up what it may have been.
            return None;
        }
        let made = self
            .decoder
            .decode_float(packet, &mut self.samples, DecodeMode::Normal);
        self.samples.get(..made.ok()? * self.channels)
    }
}
