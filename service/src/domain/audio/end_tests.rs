//! Tests of [`crate::domain::audio::end`]: what was cut off is said to be, and what looks like it is not.

use std::time::Duration;

use proptest::prelude::*;

use super::{flac_is_cut, is_cut};
use crate::domain::audio::decode::after_id3;
use crate::domain::audio::made::*;
use crate::domain::audio::tests::tone;
use crate::domain::audio::{AudioError, AudioPolicy, Container, judge};

const FLAC: &[u8] = include_bytes!("../../../tests/audio/tone.flac");
const MP3: &[u8] = include_bytes!("../../../tests/audio/tone.mp3");
const VORBIS: &[u8] = include_bytes!("../../../tests/audio/vorbis.ogg");
const OPUS: &[u8] = include_bytes!("../../../tests/audio/opus.ogg");
const WEBM: &[u8] = include_bytes!("../../../tests/audio/opus.webm");
const LIVE_WEBM: &[u8] = include_bytes!("../../../tests/audio/live.webm");
const M4A: &[u8] = include_bytes!("../../../tests/audio/tone.m4a");
const KITCHEN: &[u8] = include_bytes!("../../../../scenarios/samples/kitchen.wav");
const GARDEN: &[u8] = include_bytes!("../../../../scenarios/samples/garden.webm");

fn judged(bytes: &[u8]) -> Result<Duration, AudioError> {
    judge(bytes, &AudioPolicy::default()).map(|facts| facts.duration)
}

fn wav(duration: u64) -> Vec<u8> {
    tone(Duration::from_millis(duration), 440.0, 0.5)
}

/// A WAV with something between its format and its data.
fn wav_with(chunk: &[u8]) -> Vec<u8> {
    let mut wav = wav(500);
    wav.splice(36..36, chunk.iter().copied());
    wav
}

fn wav_of_length(length: u32) -> Vec<u8> {
    let mut wav = wav(500);
    wav[40..44].copy_from_slice(&length.to_le_bytes());
    wav
}

/// Recordings that are whole, though each lacks or has something that others do not.
fn healthy() -> Vec<(&'static str, Vec<u8>)> {
    let opus = opus_packets(25, 0.5);
    let with = |head: &[u8], tail: &[u8]| [head, tail].concat();
    let void = element(&[0xec], &[0; 20]);
    vec![
        ("the samples", KITCHEN.to_vec()),
        ("the samples in WebM", GARDEN.to_vec()),
        (
            "a WAV with a list of odd length",
            wav_with(b"LIST\x05\0\0\0INFOx\0"),
        ),
        (
            "a WAV whose writer forgot to pad it",
            wav_with(b"LIST\x05\0\0\0INFOx"),
        ),
        (
            "a WAV with a chunk behind its data",
            with(&wav(500), b"LIST\x04\0\0\0INFO"),
        ),
        ("a WAV that was streamed", wav_of_length(u32::MAX)),
        ("a WAV of arecord, streamed", wav_of_length(0x8000_0000)),
        ("an MP3 as LAME writes it", MP3.to_vec()),
        (
            "an MP3 with an old tag behind",
            with(MP3, &[b"TAG".as_slice(), &[b' '; 125]].concat()),
        ),
        (
            "an MP3 with an APE tag behind",
            with(MP3, b"APETAGEX\xd0\x07\0\0and so on"),
        ),
        ("an MP3 with zeros behind", with(MP3, &[0; 1_000])),
        ("an MP3 with words behind", with(MP3, b"\r\n--boundary--\r\n")),
        ("an MP3 of two others", MP3.repeat(2)),
        ("a FLAC", FLAC.to_vec()),
        ("a FLAC that says its length", flac(4, 9_000, true)),
        ("a FLAC that does not", flac(4, 9_000, false)),
        (
            "a FLAC with a tag behind",
            with(
                &flac(4, 9_000, false),
                &[b"TAG".as_slice(), &[b' '; 125]].concat(),
            ),
        ),
        ("Vorbis", VORBIS.to_vec()),
        ("Opus", OPUS.to_vec()),
        ("Opus of our own making", ogg(&opus, true)),
        ("an Ogg with zeros behind", with(OPUS, &[0; 100])),
        (
            "an Ogg with a tag behind",
            with(VORBIS, &[b"TAG".as_slice(), &[b' '; 125]].concat()),
        ),
        ("a WebM", WEBM.to_vec()),
        ("a WebM that ffmpeg streamed", LIVE_WEBM.to_vec()),
        ("a WebM of a browser's recorder", live_webm(&opus)),
        ("a WebM with Vorbis", vorbis_webm(VORBIS)),
        ("a WebM with padding", with(&live_webm(&opus), &void)),
        ("an M4A", M4A.to_vec()),
        (
            "an M4A with free space behind",
            with(M4A, &mp4_box(b"free", &[0; 9])),
        ),
        ("an M4A with zeros behind", with(M4A, &[0; 40])),
        ("an MP4 in fragments", fragmented(M4A)),
    ]
}

#[test]
fn what_only_looks_cut_is_taken() {
    for (name, bytes) in healthy() {
        let duration = judged(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(duration > Duration::from_millis(400), "{name}: {duration:?}");
    }
}

#[test]
fn a_recording_that_ends_early_is_refused_wherever_it_was_cut() {
    let opus = opus_packets(25, 0.5);
    for (name, whole) in [
        ("wav", wav(500)),
        ("vorbis", VORBIS.to_vec()),
        ("opus", OPUS.to_vec()),
        ("our ogg", ogg(&opus, true)),
        ("webm", WEBM.to_vec()),
        ("m4a", M4A.to_vec()),
        ("flac", flac(4, 9_000, true)),
    ] {
        for cut in (0..whole.len()).step_by(37).skip(2) {
            let seen = judged(&whole[..cut]);
            assert_eq!(
                seen,
                Err(AudioError::Truncated),
                "{name} at {cut} of {}",
                whole.len()
            );
        }
    }
}

#[test]
fn a_recording_without_a_length_is_refused_when_it_was_cut_inside_of_something() {
    let opus = opus_packets(25, 0.5);
    for (name, whole) in [
        ("live webm", live_webm(&opus)),
        ("ffmpeg's live webm", LIVE_WEBM.to_vec()),
        ("mp3 without a count", silent_mp3(40)),
        ("mp3", MP3.to_vec()),
        ("two mp3 in one, each with its tag", MP3.repeat(2)),
        ("flac", flac(4, 9_000, false)),
        ("fragmented mp4", fragmented(M4A)),
    ] {
        let seen = judged(&whole[..whole.len() - 6]);
        assert_eq!(seen, Err(AudioError::Truncated), "{name}");
    }
}

#[test]
fn an_ogg_whose_last_page_never_came_is_cut() {
    let opus = opus_packets(25, 0.5);
    assert_eq!(judged(&ogg(&opus, false)), Err(AudioError::Truncated));
}

#[test]
fn an_mp3_with_fewer_frames_than_it_promises_is_cut() {
    let promising = |frames| [info_frame(frames), after_id3(MP3).to_vec()].concat();
    assert_eq!(judged(&promising(60)), Err(AudioError::Truncated));
    assert!(judged(&promising(20)).is_ok());
}

#[test]
fn an_mp4_that_lacks_what_it_describes_is_cut() {
    let without = |name: &[u8; 4]| {
        let body = find(M4A, &[name]);
        let mut left = M4A.to_vec();
        left.drain(body.start - 8..body.end);
        judged(&left)
    };
    assert_eq!(without(b"mdat"), Err(AudioError::Truncated));
    assert_eq!(without(b"moov"), Err(AudioError::Truncated));
}

#[test]
fn what_is_not_understood_is_not_judged() {
    for (container, bytes) in [
        (
            Container::Wav,
            &b"RIFF\0\0\0\0WAVE\xff\xff\xff\xff\xff\xff\xff\xff"[..],
        ),
        (Container::Mp3, b"ID3 and words"),
        (Container::Ogg, b"OggS no such version, and words behind"),
        (Container::Webm, b"\x1a\x45\xdf\xa3\x80 words"),
        (Container::Mp4, b"\0\0\0\x08ftyp\0\0\0\x40word"),
    ] {
        assert!(!is_cut(bytes, container), "{container:?}");
    }
}

#[test]
fn a_declared_length_is_believed_no_further_than_the_bytes_go() {
    let huge: [(Container, &[u8]); 4] = [
        (Container::Wav, b"RIFF\xff\xff\xff\xffWAVEfmt \xff\xff\xff\x70"),
        (
            Container::Webm,
            b"\x1a\x45\xdf\xa3\x01\x7f\xff\xff\xff\xff\xff\xff",
        ),
        (Container::Mp4, b"\0\0\0\x01ftyp\x7f\xff\xff\xff\xff\xff\xff\xff"),
        (Container::Mp4, b"\xff\xff\xff\xffftyp"),
    ];
    for (container, bytes) in huge {
        assert!(is_cut(bytes, container), "{container:?}");
    }
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(
        beginning in prop::sample::select(vec![KITCHEN, FLAC, MP3, VORBIS, WEBM, M4A]),
        kept in any::<prop::sample::Index>(),
        noise in prop::collection::vec(any::<u8>(), 0..600),
    ) {
        let mut bytes = beginning[..kept.index(beginning.len().min(400))].to_vec();
        bytes.extend(noise);
        for container in [Container::Wav, Container::Mp3, Container::Flac, Container::Ogg, Container::Webm, Container::Mp4] {
            let _ = is_cut(&bytes, container);
        }
        let _ = flac_is_cut(&bytes, kept.index(2_000));
    }

    #[test]
    fn what_is_cut_is_never_longer_than_what_is_whole(
        (name, whole) in prop::sample::select(healthy()),
        cut in any::<prop::sample::Index>(),
    ) {
        let kept = cut.index(whole.len());
        if let (Ok(part), Ok(all)) = (judged(&whole[..kept]), judged(&whole)) {
            prop_assert!(part <= all, "{}", name);
        }
    }
}
