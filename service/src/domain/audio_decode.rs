//! Reading a recording with symphonia: packets to a duration, the beginning to samples.
//!
//! The reader is chosen by our own look at the first bytes, never by symphonia's probe, which scans on for
//! anything that resembles a marker and so finds "MP3" in noise.

use std::io::{self, Cursor};
use std::time::Duration;

use symphonia::core::codecs::audio::{
    AudioCodecParameters, AudioDecoder, AudioDecoderOptions, CODEC_ID_NULL_AUDIO,
};
use symphonia::core::errors::Error;
use symphonia::core::formats::{FormatOptions, FormatReader, Track, TrackType};
use symphonia::core::io::{MediaSourceStream, MediaSourceStreamOptions};
use symphonia::core::packet::Packet;
use symphonia::core::units::{TimeBase, Timestamp};
use symphonia::default::formats::{FlacReader, IsoMp4Reader, MkvReader, MpaReader, OggReader, WavReader};

use crate::domain::audio::{AudioError, AudioFacts, Container, DECODED, Depth};

/// More channels than any recording of speech has; a decoder allocates for each.
const MAX_CHANNELS: usize = 32;

/// FLAC's largest block is 65,535 frames; nothing real has larger packets.
const MAX_FRAMES_PER_PACKET: u64 = 1 << 16;

/// Real codec headers are a few KiB; Vorbis builds up to 16 MiB of tables from 16 KiB of a hostile one.
const MAX_CODEC_HEADER_BYTES: usize = 64 * 1024;

/// After so many packets the duration is what was counted so far, or what the container says.
const MAX_PACKETS: u32 = 1_000_000;

/// The most packets that are decoded: a header may trim every packet to nothing, and ten seconds never come.
const MAX_DECODED_PACKETS: u32 = 4_000;

/// What a container may say beyond what it holds before it counts as cut: encoder padding, rounding.
const CUT_TOLERANCE: Duration = Duration::from_millis(250);

/// Reads all packets, and decodes the first [`DECODED`] of them into `on_samples`.
///
/// May panic where symphonia does: [`inspect_with`](crate::domain::audio::inspect_with) is the door.
///
/// # Errors
/// When the bytes are cut short, or hold nothing that plays.
pub(crate) fn read(
    bytes: &[u8],
    container: Container,
    on_samples: &mut dyn FnMut(&[f32]),
) -> Result<AudioFacts, AudioError> {
    let mut reader = open(bytes, container).map_err(|error| refusal(&error))?;
    let track = reader
        .default_track(TrackType::Audio)
        .ok_or(AudioError::Undecodable)?
        .clone();
    let params = audio_params(&track).ok_or(AudioError::Undecodable)?.clone();
    let mut tally = Tally::new(&track, &params, on_samples)?;
    let ending = tally.drain(&mut *reader, track.id);
    let counted = tally.duration();
    let claimed = claimed_duration(&track, &params);
    let exact = matches!(container, Container::Wav | Container::Flac | Container::Mp4);
    if exact && is_cut(&ending, counted, claimed) {
        return Err(AudioError::Truncated);
    }
    let depth = tally.depth()?;
    let duration = match (tally.packets, claimed) {
        (MAX_PACKETS, Some(claimed)) => claimed.max(counted),
        _ => counted,
    };
    Ok(AudioFacts {
        container,
        duration,
        sample_rate: params.sample_rate,
        channels: params
            .channels
            .as_ref()
            .and_then(|channels| u16::try_from(channels.count()).ok()),
        depth,
    })
}

fn open(bytes: &[u8], container: Container) -> Result<Box<dyn FormatReader + '_>, Error> {
    let bytes = if container == Container::Mp3 {
        after_id3(bytes)
    } else {
        bytes
    };
    let source = MediaSourceStream::new(Box::new(Cursor::new(bytes)), MediaSourceStreamOptions::default());
    let options = FormatOptions::default();
    Ok(match container {
        Container::Wav => Box::new(WavReader::try_new(source, options)?),
        Container::Mp3 => Box::new(MpaReader::try_new(source, options)?),
        Container::Flac => Box::new(FlacReader::try_new(source, options)?),
        Container::Ogg => Box::new(OggReader::try_new(source, options)?),
        Container::Webm => Box::new(MkvReader::try_new(source, options)?),
        Container::Mp4 => Box::new(IsoMp4Reader::try_new(source, options)?),
    })
}

/// What follows an ID3v2 tag (ID3v2.4 §3.1: ten bytes, the last four of them the size, seven bits each).
pub(crate) fn after_id3(bytes: &[u8]) -> &[u8] {
    let [b'I', b'D', b'3', _, _, flags, a, b, c, d, ..] = *bytes else {
        return bytes;
    };
    let size = [a, b, c, d]
        .iter()
        .fold(0_usize, |size, byte| size << 7 | usize::from(byte & 0x7f));
    let footer = if flags & 0x10 == 0 { 0 } else { 10 };
    bytes.get(10 + size + footer..).unwrap_or_default()
}

fn audio_params(track: &Track) -> Option<&AudioCodecParameters> {
    track.codec_params.as_ref()?.audio()
}

fn refusal(error: &Error) -> AudioError {
    if is_end(error) {
        AudioError::Truncated
    } else {
        AudioError::Undecodable
    }
}

fn is_end(error: &Error) -> bool {
    matches!(error, Error::IoError(error) if error.kind() == io::ErrorKind::UnexpectedEof)
}

fn is_cut(ending: &Result<(), Error>, counted: Duration, claimed: Option<Duration>) -> bool {
    let ended_early = ending.as_ref().is_err_and(is_end);
    claimed.is_some_and(|claimed| ended_early || counted + CUT_TOLERANCE < claimed)
}

/// What the container says about its length, when it says so.
fn claimed_duration(track: &Track, params: &AudioCodecParameters) -> Option<Duration> {
    let frames = track.num_frames.zip(params.sample_rate.filter(|rate| *rate > 0));
    let by_frames = frames.and_then(|(frames, rate)| seconds(frames as f64 / f64::from(rate)));
    by_frames.or_else(|| {
        let length = track.time_base?.calc_duration(track.duration?)?;
        seconds(length.as_secs_f64())
    })
}

fn seconds(seconds: f64) -> Option<Duration> {
    Duration::try_from_secs_f64(seconds).ok()
}

/// What the packets added up to so far.
struct Tally<'s> {
    decoder: Option<Box<dyn AudioDecoder>>,
    time_base: Option<TimeBase>,
    sample_rate: u32,
    on_samples: &'s mut dyn FnMut(&[f32]),
    samples: Vec<f32>,
    frames_decoded: u64,
    packets: u32,
    start: Option<Timestamp>,
    end: Timestamp,
}

impl<'s> Tally<'s> {
    fn new(
        track: &Track,
        params: &AudioCodecParameters,
        on_samples: &'s mut dyn FnMut(&[f32]),
    ) -> Result<Self, AudioError> {
        let channels = params.channels.as_ref().map_or(1, |channels| channels.count());
        let header = params.extra_data.as_ref().map_or(0, |header| header.len());
        let frames = params.max_frames_per_packet.unwrap_or(0);
        if channels > MAX_CHANNELS || header > MAX_CODEC_HEADER_BYTES || frames > MAX_FRAMES_PER_PACKET {
            return Err(AudioError::Undecodable);
        }
        Ok(Self {
            decoder: decoder(params)?,
            time_base: track.time_base,
            sample_rate: params.sample_rate.unwrap_or(48_000).max(1),
            on_samples,
            samples: Vec::new(),
            frames_decoded: 0,
            packets: 0,
            start: None,
            end: Timestamp::ZERO,
        })
    }

    fn drain(&mut self, reader: &mut dyn FormatReader, track: u32) -> Result<(), Error> {
        while self.packets < MAX_PACKETS {
            let Some(packet) = reader.next_packet()? else {
                return Ok(());
            };
            self.packets += 1;
            if packet.track_id == track {
                self.count(&packet);
                self.decode(&packet);
            }
        }
        Ok(())
    }

    fn count(&mut self, packet: &Packet) {
        self.start.get_or_insert(packet.pts);
        self.end = self.end.max(packet.pts.saturating_add(packet.dur));
    }

    fn decode(&mut self, packet: &Packet) {
        let enough = DECODED.as_secs().saturating_mul(u64::from(self.sample_rate));
        if self.frames_decoded >= enough || self.packets > MAX_DECODED_PACKETS {
            return;
        }
        let Some(decoder) = self.decoder.as_mut() else {
            return;
        };
        // One damaged packet does not damn a file: players skip it, and so does the provider.
        let Ok(decoded) = decoder.decode(packet) else {
            return;
        };
        self.frames_decoded += decoded.frames() as u64;
        decoded.copy_to_vec_interleaved(&mut self.samples);
        (self.on_samples)(&self.samples);
    }

    fn duration(&self) -> Duration {
        let start = self.start.unwrap_or(Timestamp::ZERO).max(Timestamp::ZERO);
        let length = self.end.saturating_delta(start).get().max(0);
        let length = symphonia::core::units::Duration::new(length.unsigned_abs());
        let time = self.time_base.and_then(|base| base.calc_duration(length));
        time.and_then(|time| seconds(time.as_secs_f64()))
            .unwrap_or_default()
    }

    fn depth(&self) -> Result<Depth, AudioError> {
        match (&self.decoder, self.frames_decoded, self.packets) {
            (None, _, 1..) => Ok(Depth::Parsed),
            (Some(_), 1.., _) => Ok(Depth::Decoded),
            // Nothing to play: an honest but empty file is too short, not damaged.
            (_, _, 0) => Err(AudioError::TooShort),
            _ => Err(AudioError::Undecodable),
        }
    }
}

/// The decoder, or none when the codec is a real one that we cannot decode.
fn decoder(params: &AudioCodecParameters) -> Result<Option<Box<dyn AudioDecoder>>, AudioError> {
    if params.codec == CODEC_ID_NULL_AUDIO {
        return Err(AudioError::Undecodable);
    }
    let codecs = symphonia::default::get_codecs();
    if codecs.get_audio_decoder(params.codec).is_none() {
        return Ok(None);
    }
    let made = codecs.make_audio_decoder(params, &AudioDecoderOptions::default());
    made.map(Some).map_err(|_| AudioError::Undecodable)
}
