//! Reading a recording with symphonia: packets to a duration, the beginning to samples, and all of it while nothing is heard.
//!
//! The reader is chosen by our own look at the first bytes, never by symphonia's probe, which scans on for
//! anything that resembles a marker and so finds "MP3" in noise.

use std::io::{self, Cursor};
use std::time::Duration;

use symphonia::core::codecs::audio::well_known::CODEC_ID_OPUS;
use symphonia::core::codecs::audio::{
    AudioCodecParameters, AudioDecoder, AudioDecoderOptions, CODEC_ID_NULL_AUDIO,
};
use symphonia::core::errors::Error;
use symphonia::core::formats::{FormatOptions, FormatReader, Track, TrackType};
use symphonia::core::io::{MediaSource, MediaSourceStream, MediaSourceStreamOptions};
use symphonia::core::packet::Packet;
use symphonia::core::units::{TimeBase, Timestamp};
use symphonia::default::formats::{FlacReader, IsoMp4Reader, MkvReader, MpaReader, OggReader, WavReader};

use crate::domain::audio::end::flac_is_cut;
use crate::domain::audio::loudness::Loudness;
use crate::domain::audio::opus::Opus;
use crate::domain::audio::wav;
use crate::domain::audio::{AudioError, AudioFacts, AudioPolicy, Container, DECODED, Depth, MIN_DURATION};

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

/// The most samples of all channels that are decoded in search of a sound: some seconds of work at worst, for a quarter of an
/// hour of stereo at 48 kHz or an hour and a half of telephony. A recording that was silent so far and goes on is not called
/// silent.
const MAX_SEARCHED: u64 = 100_000_000;

/// What a packet costs that search at least, in samples.
const LEAST_SEARCHED: u64 = 480;

/// What a container may say beyond what it holds before it counts as cut: encoder padding, rounding.
const CUT_TOLERANCE: Duration = Duration::from_millis(250);

/// Reads all packets, and decodes the first [`DECODED`] of them into `on_samples`; more while none of them is as loud as
/// `policy` asks.
///
/// May panic where symphonia does: [`inspect_with`](crate::domain::audio::inspect_with) is the door.
///
/// # Errors
/// When the bytes are cut short, hold nothing that plays, play too long or are silent.
pub(crate) fn read(
    bytes: &[u8],
    container: Container,
    policy: &AudioPolicy,
    on_samples: &mut dyn FnMut(&[f32]),
) -> Result<AudioFacts, AudioError> {
    let mut reader = open(bytes, container).map_err(|error| refusal(&error))?;
    let track = reader
        .default_track(TrackType::Audio)
        .ok_or(AudioError::Undecodable)?
        .clone();
    let params = audio_params(&track).ok_or(AudioError::Undecodable)?.clone();
    let mut tally = Tally::new(&track, &params, policy, on_samples)?;
    let ending = tally.drain(&mut *reader, track.id);
    let counted = tally.duration();
    let claimed = claimed_duration(&track, &params);
    let in_a_frame = container == Container::Flac
        && claimed.is_none()
        && flac_is_cut(before_id3v1(bytes), tally.bytes_of_packets);
    let exact = matches!(container, Container::Flac | Container::Mp4);
    let duration = match (tally.packets, claimed) {
        (MAX_PACKETS, Some(claimed)) => claimed.max(counted),
        _ => counted,
    };
    // What is too long was not read to its end.
    if duration <= policy.longest && (in_a_frame || exact && is_cut(&ending, counted, claimed)) {
        return Err(AudioError::Truncated);
    }
    let depth = tally.depth()?;
    fits(duration, policy)?;
    if tally.is_silent(ending.as_ref().map_or_else(is_end, |()| true)) {
        return Err(AudioError::Silent);
    }
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

fn fits(duration: Duration, policy: &AudioPolicy) -> Result<(), AudioError> {
    let longest = policy.longest;
    if duration > longest {
        Err(AudioError::TooLong { longest })
    } else if duration < policy.shortest.max(MIN_DURATION) {
        Err(AudioError::TooShort)
    } else {
        Ok(())
    }
}

fn open(bytes: &[u8], container: Container) -> Result<Box<dyn FormatReader + '_>, Error> {
    let source: Box<dyn MediaSource + '_> = match container {
        Container::Wav => {
            let parts = wav::parts(bytes).map_err(|_| Error::DecodeError("no format or no data"))?;
            Box::new(parts.plain())
        }
        Container::Mp3 => Box::new(Cursor::new(after_id3(bytes))),
        Container::Flac => Box::new(Cursor::new(before_id3v1(bytes))),
        _ => Box::new(Cursor::new(bytes)),
    };
    let source = MediaSourceStream::new(source, MediaSourceStreamOptions::default());
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

/// What comes before an ID3v1 tag, which is the last 128 bytes of a file. symphonia takes it for a part of the last frame of a
/// FLAC that does not say its length.
pub(crate) fn before_id3v1(bytes: &[u8]) -> &[u8] {
    match bytes.split_last_chunk::<128>() {
        Some((before, [b'T', b'A', b'G', ..])) => before,
        _ => bytes,
    }
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

/// What turns packets into samples.
enum Voice {
    /// One of symphonia's decoders.
    Symphonia(Box<dyn AudioDecoder>),
    /// Ours for Opus.
    Opus(Box<Opus>),
    /// None: the codec is a real one that cannot be decoded here.
    Unknown,
}

impl Voice {
    fn of(params: &AudioCodecParameters, channels: usize) -> Result<Self, AudioError> {
        if params.codec == CODEC_ID_NULL_AUDIO {
            return Err(AudioError::Undecodable);
        }
        if params.codec == CODEC_ID_OPUS {
            let opus = Opus::new(channels);
            return Ok(opus.map_or(Self::Unknown, |opus| Self::Opus(Box::new(opus))));
        }
        let codecs = symphonia::default::get_codecs();
        if codecs.get_audio_decoder(params.codec).is_none() {
            return Ok(Self::Unknown);
        }
        let made = codecs.make_audio_decoder(params, &AudioDecoderOptions::default());
        made.map(Self::Symphonia).map_err(|_| AudioError::Undecodable)
    }

    /// The samples of a packet, into `samples` or in place. None when it is damaged.
    fn decode<'s>(&'s mut self, packet: &Packet, samples: &'s mut Vec<f32>) -> Option<&'s [f32]> {
        match self {
            Self::Symphonia(decoder) => {
                decoder.decode(packet).ok()?.copy_to_vec_interleaved(samples);
                Some(samples)
            }
            Self::Opus(opus) => opus.decode(&packet.data),
            Self::Unknown => None,
        }
    }
}

/// What the packets added up to so far.
struct Tally<'s> {
    voice: Voice,
    loudness: Loudness,
    longest: Duration,
    time_base: Option<TimeBase>,
    channels: u64,
    enough: u64,
    on_samples: &'s mut dyn FnMut(&[f32]),
    samples: Vec<f32>,
    frames_decoded: u64,
    searched: u64,
    packets: u32,
    of_track: u32,
    listened: u32,
    damaged: u32,
    bytes_of_packets: usize,
    start: Option<Timestamp>,
    end: Timestamp,
}

impl<'s> Tally<'s> {
    fn new(
        track: &Track,
        params: &AudioCodecParameters,
        policy: &AudioPolicy,
        on_samples: &'s mut dyn FnMut(&[f32]),
    ) -> Result<Self, AudioError> {
        let channels = params.channels.as_ref().map_or(1, |channels| channels.count());
        let header = params.extra_data.as_ref().map_or(0, |header| header.len());
        let frames = params.max_frames_per_packet.unwrap_or(0);
        if channels > MAX_CHANNELS || header > MAX_CODEC_HEADER_BYTES || frames > MAX_FRAMES_PER_PACKET {
            return Err(AudioError::Undecodable);
        }
        let rate = params.sample_rate.unwrap_or(48_000).max(1);
        Ok(Self {
            voice: Voice::of(params, channels)?,
            loudness: Loudness::new(policy.quietest, rate, channels),
            longest: policy.longest,
            time_base: track.time_base,
            channels: channels.max(1) as u64,
            enough: DECODED.as_secs().saturating_mul(u64::from(rate)),
            on_samples,
            samples: Vec::new(),
            frames_decoded: 0,
            searched: 0,
            packets: 0,
            of_track: 0,
            listened: 0,
            damaged: 0,
            bytes_of_packets: 0,
            start: None,
            end: Timestamp::ZERO,
        })
    }

    fn drain(&mut self, reader: &mut dyn FormatReader, track: u32) -> Result<(), Error> {
        while self.packets < MAX_PACKETS && self.duration() <= self.longest {
            let Some(packet) = reader.next_packet()? else {
                return Ok(());
            };
            self.packets += 1;
            if packet.track_id == track {
                self.of_track += 1;
                self.bytes_of_packets += packet.data.len();
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

    fn is_enough(&self) -> bool {
        if self.loudness.is_heard() {
            self.frames_decoded >= self.enough || self.of_track > MAX_DECODED_PACKETS
        } else {
            self.searched >= MAX_SEARCHED
        }
    }

    fn decode(&mut self, packet: &Packet) {
        if matches!(self.voice, Voice::Unknown) || self.is_enough() {
            return;
        }
        self.listened += 1;
        self.searched += LEAST_SEARCHED;
        // One damaged packet does not damn a file: players skip it, and so does the provider.
        let Some(samples) = self.voice.decode(packet, &mut self.samples) else {
            self.damaged += 1;
            return;
        };
        let decoded = samples.len() as u64;
        self.searched += decoded.saturating_sub(LEAST_SEARCHED);
        if self.frames_decoded < self.enough {
            (self.on_samples)(samples);
        }
        self.frames_decoded += decoded / self.channels;
        self.loudness.listen(samples);
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
        match (&self.voice, self.frames_decoded, self.packets) {
            (Voice::Unknown, _, 1..) => Ok(Depth::Parsed),
            (_, 1.., _) => Ok(Depth::Decoded),
            // Nothing to play: an honest but empty file is too short, not damaged.
            (_, _, 0) => Err(AudioError::TooShort),
            _ => Err(AudioError::Undecodable),
        }
    }

    /// Whether all of it was listened to, and nothing heard. What is damaged in many places was not.
    fn is_silent(&mut self, read_to_the_end: bool) -> bool {
        let all = read_to_the_end && self.packets < MAX_PACKETS && self.listened == self.of_track;
        let whole = u64::from(self.damaged) * 10 <= u64::from(self.of_track);
        all && whole && self.frames_decoded > 0 && !self.loudness.was_heard()
    }
}
