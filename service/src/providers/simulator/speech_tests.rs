//! Tests of [`crate::providers::simulator::speech`], and of the two samples that everything else sends.

use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::domain::audio::tests::tone;

const KITCHEN: &[u8] = include_bytes!("../../../../scenarios/samples/kitchen.wav");
const TERRACE: &[u8] = include_bytes!("../../../../scenarios/samples/terrace.wav");
const OPUS: &[u8] = include_bytes!("../../../tests/audio/opus.ogg");
const MP3: &[u8] = include_bytes!("../../../tests/audio/tone.mp3");

#[test]
fn the_samples_are_short_speech_that_carries_its_words_before_its_data() {
    for (bytes, words) in [
        (KITCHEN, "The kitchen closes at ten."),
        (TERRACE, "The terrace serves grilled fish at sunset."),
    ] {
        let (text, facts) = hear(bytes).unwrap();
        assert_eq!(text, words);
        assert_eq!((facts.container, facts.depth), (Container::Wav, Depth::Decoded));
        assert_eq!((facts.sample_rate, facts.channels), (Some(16_000), Some(1)));
        assert!(facts.duration > Duration::from_secs(1) && facts.duration <= Duration::from_secs(3));
        let names: Vec<&[u8]> = chunks(&bytes[12..]).map(|(name, _)| name).collect();
        assert_eq!(names, [&b"fmt "[..], b"LIST", b"data"]);
        let mut ear = Ear::default();
        audio::inspect_with(bytes, &mut |samples| ear.listen(samples)).unwrap();
        assert!(!ear.is_silence());
    }
}

#[test]
fn hears_different_words_in_different_sounds_and_the_same_in_the_same() {
    let low = tone(Duration::from_secs(2), 220.0, 0.5);
    let high = tone(Duration::from_secs(2), 880.0, 0.5);
    assert_eq!(hear(&low).unwrap().0, hear(&low).unwrap().0);
    assert_ne!(hear(&low).unwrap().0, hear(&high).unwrap().0);
    assert_eq!(hear(&low).unwrap().0.split(' ').count(), 5);
    let longer = hear(&tone(Duration::from_secs(20), 220.0, 0.5)).unwrap().0;
    assert_eq!(longer.split(' ').count(), 50);
    assert!(!hear(MP3).unwrap().0.is_empty());
    assert!(!hear(OPUS).unwrap().0.is_empty());
}

#[test]
fn hears_nothing_in_silence() {
    assert_eq!(hear(&tone(Duration::from_secs(2), 220.0, 0.0)).unwrap().0, "");
    assert_ne!(hear(&tone(Duration::from_secs(2), 220.0, 0.01)).unwrap().0, "");
}

#[test]
fn reads_no_comment_where_there_is_none() {
    assert_eq!(info_comment(&tone(Duration::from_secs(1), 220.0, 0.5)), None);
    assert_eq!(info_comment(b""), None);
    assert_eq!(info_comment(b"RIFF\0\0\0\0WAVELIST\xff\xff\xff\xffINFO"), None);
    let empty = b"RIFF\x1c\0\0\0WAVELIST\x10\0\0\0INFOICMT\x04\0\0\0\0\0\0\0";
    assert_eq!(info_comment(empty), None);
    let bare = b"RIFF\x1b\0\0\0WAVELIST\x0f\0\0\0INFOICMT\x03\0\0\0Oi.";
    assert_eq!(info_comment(bare).as_deref(), Some("Oi."));
}

proptest! {
    #[test]
    fn arbitrary_bytes_hold_a_bounded_comment_or_none(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let riff = [b"RIFF\0\0\0\0WAVELIST\x40\0\0\0INFO".to_vec(), bytes].concat();
        prop_assert!(info_comment(&riff).is_none_or(|text| text.len() <= 3 * MAX_COMMENT_BYTES));
    }
}
