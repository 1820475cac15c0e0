//! Tests of [`crate::domain::audio`]: real files of each container, damaged ones, and arbitrary bytes.

use std::f32::consts::TAU;

use proptest::prelude::*;

use super::*;

const KITCHEN: &[u8] = include_bytes!("../../../../scenarios/samples/kitchen.wav");
const FLAC: &[u8] = include_bytes!("../../../tests/audio/tone.flac");
const MP3: &[u8] = include_bytes!("../../../tests/audio/tone.mp3");
const VORBIS: &[u8] = include_bytes!("../../../tests/audio/vorbis.ogg");
const OPUS: &[u8] = include_bytes!("../../../tests/audio/opus.ogg");
const WEBM: &[u8] = include_bytes!("../../../tests/audio/opus.webm");
const LIVE_WEBM: &[u8] = include_bytes!("../../../tests/audio/live.webm");
const M4A: &[u8] = include_bytes!("../../../tests/audio/tone.m4a");

/// A 16 kHz mono 16-bit WAV of a tone.
pub(crate) fn tone(duration: Duration, hertz: f32, loudness: f32) -> Vec<u8> {
    let frames = (duration.as_secs_f32() * 16_000.0) as u32;
    let samples: Vec<u8> = (0..frames)
        .flat_map(|frame| {
            let wave = (TAU * hertz * frame as f32 / 16_000.0).sin() * loudness;
            ((wave * 32_767.0) as i16).to_le_bytes()
        })
        .collect();
    let mut wav = Vec::from(*b"RIFF");
    wav.extend((36 + samples.len() as u32).to_le_bytes());
    wav.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0\x80\x3e\0\0\0\x7d\0\0\x02\0\x10\0data");
    wav.extend((samples.len() as u32).to_le_bytes());
    wav.extend(samples);
    wav
}

fn near(facts: &AudioFacts, wanted: Duration) -> bool {
    facts.duration.abs_diff(wanted) < Duration::from_millis(100) // AAC adds 64 ms of priming
}

#[test]
fn knows_each_container_by_its_content_and_how_long_it_plays() {
    let half = Duration::from_millis(500);
    for (name, bytes, container, depth) in [
        ("flac", FLAC, Container::Flac, Depth::Decoded),
        ("mp3", MP3, Container::Mp3, Depth::Decoded),
        ("vorbis", VORBIS, Container::Ogg, Depth::Decoded),
        ("m4a", M4A, Container::Mp4, Depth::Decoded),
        ("opus", OPUS, Container::Ogg, Depth::Decoded),
        ("webm", WEBM, Container::Webm, Depth::Decoded),
        ("live webm", LIVE_WEBM, Container::Webm, Depth::Decoded),
    ] {
        let facts = inspect(bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!((facts.container, facts.depth), (container, depth), "{name}");
        assert!(near(&facts, half), "{name}: {:?}", facts.duration);
        assert_eq!(facts.channels, Some(1), "{name}");
    }
}

#[test]
fn measures_a_wav_exactly() {
    let facts = inspect(&tone(Duration::from_millis(1_250), 440.0, 0.5)).unwrap();
    assert_eq!(facts.duration, Duration::from_millis(1_250));
    assert_eq!((facts.sample_rate, facts.channels), (Some(16_000), Some(1)));
}

#[test]
fn hands_out_the_samples_it_decoded() {
    let mut peak = 0.0_f32;
    let mut count = 0;
    let facts = inspect_with(&tone(Duration::from_secs(1), 440.0, 0.5), &mut |samples| {
        count += samples.len();
        peak = samples.iter().fold(peak, |peak, sample| peak.max(sample.abs()));
    });
    assert!(facts.is_ok());
    assert_eq!(count, 16_000);
    assert!((peak - 0.5).abs() < 0.01, "{peak}");
}

#[test]
fn decodes_only_the_beginning_of_a_long_recording_but_measures_all_of_it() {
    let mut count = 0_u64;
    let long = tone(Duration::from_secs(60), 440.0, 0.5);
    let facts = inspect_with(&long, &mut |samples| count += samples.len() as u64).unwrap();
    assert_eq!(facts.duration, Duration::from_secs(60));
    assert!(count < 11 * 16_000, "{count}");
}

#[test]
fn decodes_no_more_of_a_recording_whose_header_trims_it_to_nothing() {
    // The header of the first copy says half a second, so that every later frame is decoded to no samples.
    let repeated = MP3.repeat(400);
    let mut packets = 0;
    inspect_with(&repeated, &mut |_| packets += 1).unwrap();
    assert!(packets <= 4_000, "{packets}");
}

/// A second of nothing in each container, as its usual writer makes it.
fn silences() -> Vec<(&'static str, Vec<u8>)> {
    let opus = made::opus_packets(50, 0.0);
    let mut streamed = tone(Duration::from_secs(1), 440.0, 0.0);
    streamed[40..44].copy_from_slice(&u32::MAX.to_le_bytes());
    vec![
        ("wav", tone(Duration::from_secs(1), 440.0, 0.0)),
        ("wav, streamed", streamed),
        ("wav, almost", tone(Duration::from_secs(1), 440.0, 0.000_2)),
        ("wav, long", tone(Duration::from_secs(40), 440.0, 0.0)),
        ("mp3", made::silent_mp3(40)),
        ("flac", made::flac(4, 0, true)),
        ("flac without a length", made::flac(4, 0, false)),
        ("vorbis", made::silent_vorbis(VORBIS, 200)),
        ("opus in ogg", made::ogg(&opus, true)),
        ("opus in webm", made::live_webm(&opus)),
        ("m4a", made::silent_m4a(M4A)),
        ("m4a in fragments", made::fragmented(&made::silent_m4a(M4A))),
    ]
}

#[test]
fn silence_is_refused_in_every_container_unless_the_policy_takes_it() {
    let takes_all = AudioPolicy {
        quietest: None,
        ..AudioPolicy::default()
    };
    for (name, bytes) in silences() {
        let silent = judge(&bytes, &AudioPolicy::default());
        assert_eq!(silent, Err(AudioError::Silent), "{name}");
        assert!(judge(&bytes, &takes_all).is_ok(), "{name}");
        assert!(inspect(&bytes).is_ok(), "{name}");
    }
}

#[test]
fn one_word_after_a_long_silence_is_no_silence() {
    let mut late = tone(Duration::from_secs(30), 440.0, 0.0);
    let word = tone(Duration::from_millis(200), 440.0, 0.05);
    let at = late.len() - 60_000;
    late[at..at + word.len() - 44].copy_from_slice(&word[44..]);
    assert!(judge(&late, &AudioPolicy::default()).is_ok());
    let opus = [made::opus_packets(600, 0.0), made::opus_packets(10, 0.05)].concat();
    assert!(judge(&made::ogg(&opus, true), &AudioPolicy::default()).is_ok());
    assert!(judge(&made::live_webm(&opus), &AudioPolicy::default()).is_ok());
}

#[test]
fn a_whisper_is_no_silence() {
    let whisper = tone(Duration::from_secs(1), 440.0, 0.001);
    assert!(judge(&whisper, &AudioPolicy::default()).is_ok());
}

#[test]
fn what_is_damaged_throughout_is_not_called_silent() {
    // Packets that are too short to hold what they announce.
    let mut packets = made::opus_packets(50, 0.0);
    packets
        .iter_mut()
        .skip(20)
        .for_each(|packet| *packet = vec![0x0b]);
    let seen = judge(&made::ogg(&packets, true), &AudioPolicy::default());
    assert_ne!(seen, Err(AudioError::Silent));
}

#[test]
fn too_long_and_too_large_are_the_policy_s_to_say() {
    let policy = AudioPolicy {
        longest: Duration::from_secs(1),
        most_bytes: 100_000,
        ..AudioPolicy::default()
    };
    let longest = policy.longest;
    assert!(judge(&tone(longest, 440.0, 0.5), &policy).is_ok());
    let longer = tone(Duration::from_millis(1_100), 440.0, 0.5);
    assert_eq!(judge(&longer, &policy), Err(AudioError::TooLong { longest }));
    // Silent as well: its length says so sooner.
    let opus = made::live_webm(&made::opus_packets(60, 0.0));
    assert_eq!(judge(&opus, &policy), Err(AudioError::TooLong { longest }));
    let large = vec![0; 100_001];
    assert_eq!(
        judge(&large, &policy),
        Err(AudioError::TooLarge { bytes: 100_001 })
    );
    let lavish = AudioPolicy {
        most_bytes: usize::MAX,
        shortest: Duration::ZERO,
        ..policy
    };
    let bytes = MAX_BYTES + 1;
    assert_eq!(
        judge(&vec![0; bytes], &lavish),
        Err(AudioError::TooLarge { bytes })
    );
    let short = tone(Duration::from_millis(90), 440.0, 0.5);
    assert_eq!(judge(&short, &lavish), Err(AudioError::TooShort));
}

#[test]
fn every_error_has_a_code_of_its_own_and_a_sentence() {
    let longest = Duration::from_secs(7_200);
    let errors = [
        AudioError::Empty,
        AudioError::TooLarge { bytes: 26_214_401 },
        AudioError::UnknownContainer,
        AudioError::Truncated,
        AudioError::Undecodable,
        AudioError::TooShort,
        AudioError::TooLong { longest },
        AudioError::Silent,
    ];
    let lines: Vec<String> = errors
        .iter()
        .map(|error| format!("{}: {error}", error.code()))
        .collect();
    insta::assert_snapshot!(lines.join("\n"));
}

/// Files that announce more than there is: of samples, of bytes, of tables.
fn boasts() -> Vec<(&'static str, Vec<u8>)> {
    let put = |file: &[u8], at: usize, bytes: &[u8]| {
        let mut file = file.to_vec();
        file[at..at + bytes.len()].copy_from_slice(bytes);
        file
    };
    let of_m4a = |name: &[u8; 4]| made::find(M4A, &[b"moov", b"trak", b"mdia", b"minf", b"stbl", name]).start;
    let huge = &[0x7f, 0xff, 0xff, 0xff];
    let private = WEBM.windows(2).position(|id| id == [0x63, 0xa2]).unwrap() + 2;
    vec![
        ("data of a WAV", put(KITCHEN, 40, &[0xff, 0xff, 0xff, 0x7e])),
        (
            "an ID3 tag of 256 MiB",
            [b"ID3\x04\0\0\x7f\x7f\x7f\x7f".as_slice(), MP3].concat(),
        ),
        ("a picture in a FLAC", put(FLAC, 42, &[0x06, 0xff, 0xff, 0xff])),
        ("the samples of a FLAC", put(FLAC, 21, &[0xff; 5])),
        (
            "a codec's header in a WebM",
            put(WEBM, private, &[0x08, 0x7f, 0xff, 0xff, 0xff]),
        ),
        ("the sizes of an MP4", put(M4A, of_m4a(b"stsz") + 8, huge)),
        (
            "samples of one size in an MP4",
            put(M4A, of_m4a(b"stsz") + 4, &[0, 0, 0, 1, 0x7f, 0xff, 0xff, 0xff]),
        ),
        ("the times of an MP4", put(M4A, of_m4a(b"stts") + 4, huge)),
        ("the chunks of an MP4", put(M4A, of_m4a(b"stsc") + 4, huge)),
        ("the places of an MP4", put(M4A, of_m4a(b"stco") + 4, huge)),
        ("a time of an MP4", put(M4A, of_m4a(b"stts") + 12, &[0xff; 4])),
    ]
}

#[test]
fn what_a_file_announces_costs_nothing_and_is_not_believed() {
    for (name, bytes) in boasts() {
        let seen = judge(&bytes, &AudioPolicy::default());
        let believed = seen
            .as_ref()
            .is_ok_and(|facts| facts.duration > Duration::from_secs(10));
        assert!(!believed, "{name}: {seen:?}");
    }
}

#[test]
fn says_what_is_wrong_with_what_is_no_recording() {
    assert_eq!(inspect(b""), Err(AudioError::Empty));
    assert_eq!(inspect(b"Hello World"), Err(AudioError::UnknownContainer));
    assert_eq!(inspect(b"<html><body>"), Err(AudioError::UnknownContainer));
    assert_eq!(
        inspect(&vec![0; MAX_BYTES + 1]),
        Err(AudioError::TooLarge { bytes: MAX_BYTES + 1 })
    );
    assert_eq!(
        inspect(&tone(Duration::from_millis(90), 440.0, 0.5)),
        Err(AudioError::TooShort)
    );
    assert!(inspect(&tone(Duration::from_millis(100), 440.0, 0.5)).is_ok());
    assert_eq!(
        inspect(&tone(Duration::ZERO, 440.0, 0.5)),
        Err(AudioError::TooShort)
    );
}

#[test]
fn says_when_a_recording_is_cut_short() {
    assert_eq!(inspect(&KITCHEN[..KITCHEN.len() / 2]), Err(AudioError::Truncated));
    assert_eq!(inspect(&KITCHEN[..40]), Err(AudioError::Truncated));
    assert_eq!(inspect(&FLAC[..FLAC.len() / 4]), Err(AudioError::Truncated));
}

#[test]
fn takes_a_wav_whose_writer_did_not_know_its_length() {
    let mut streamed = tone(Duration::from_secs(1), 440.0, 0.5);
    streamed[4..8].copy_from_slice(&u32::MAX.to_le_bytes());
    streamed[40..44].copy_from_slice(&u32::MAX.to_le_bytes());
    let facts = inspect(&streamed).unwrap();
    assert!(near(&facts, Duration::from_secs(1)), "{:?}", facts.duration);
}

#[test]
fn refuses_a_known_beginning_with_nothing_playable_behind_it() {
    for beginning in [
        &b"fLaC"[..],
        b"OggS",
        b"\x1a\x45\xdf\xa3",
        b"\0\0\0\x18ftypM4A ",
        b"ID3\x04\0\0\0\0\0\0",
        b"\xff\xfb",
    ] {
        let mut bytes = beginning.to_vec();
        bytes.extend(std::iter::repeat_n(b"no audio here ", 400).flatten());
        let seen = inspect(&bytes);
        let damaged = matches!(seen, Err(AudioError::Undecodable | AudioError::Truncated));
        assert!(damaged, "{beginning:?}: {seen:?}");
    }
}

#[test]
fn refuses_a_header_that_trips_the_decoder_s_own_arithmetic() {
    // 65,535 channels of 16 bits: symphonia 0.6.1 multiplies them in 16 bits, and a debug build panics.
    let mut wav = tone(Duration::from_secs(1), 440.0, 0.5);
    wav[22..24].copy_from_slice(&u16::MAX.to_le_bytes());
    assert_eq!(inspect(&wav), Err(AudioError::Undecodable));
}

#[test]
fn reads_an_mp3_behind_its_tag() {
    // ID3v2.4, 300 bytes of padding: 300 = 2 * 128 + 44.
    let mut tagged = b"ID3\x04\0\0\0\0\x02\x2c".to_vec();
    tagged.extend([0; 300]);
    tagged.extend(MP3.strip_prefix(b"ID3").map_or(MP3, |_| decode::after_id3(MP3)));
    assert_eq!(inspect(&tagged).map(|facts| facts.container), Ok(Container::Mp3));
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..4_096)) {
        let _ = inspect(&bytes);
    }

    #[test]
    fn a_known_beginning_before_noise_never_panics(
        beginning in prop::sample::select(vec![
            KITCHEN[..44].to_vec(), FLAC[..42].to_vec(), VORBIS[..58].to_vec(), WEBM[..200].to_vec(),
            M4A[..48].to_vec(), b"\xff\xfb\x90\xc4".to_vec(),
        ]),
        noise in prop::collection::vec(any::<u8>(), 0..4_096),
    ) {
        let _ = inspect(&[beginning, noise].concat());
    }

    #[test]
    fn a_damaged_file_is_read_or_refused_and_never_longer_than_its_bytes_allow(
        whole in prop::sample::select(vec![&KITCHEN[..4_096], FLAC, MP3, VORBIS, OPUS, WEBM, M4A]),
        wounds in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
        head in any::<bool>(),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut bytes = whole.to_vec();
        let reach = if head { 64 } else { bytes.len() };
        for (place, value) in wounds {
            bytes[place.index(reach)] = value;
        }
        bytes.truncate(cut.index(bytes.len()) + 1);
        if let Ok(facts) = inspect(&bytes) {
            prop_assert!(facts.duration >= MIN_DURATION);
        }
    }
}
