//! What callers call a recording, beside what it is.
//!
//! The bytes decide. A label that names another container is refused all the same: one of the two is a mistake, and the caller
//! should know before a month of recordings was kept under the wrong name. A label that says nothing about the container, or
//! that nobody knows, is no contradiction.

use crate::domain::audio::Container;

/// The containers that a media type (RFC 9110 §8.3.1) may stand for, the usual one first; empty when it names none that is
/// known.
#[must_use]
pub fn named(media_type: &str) -> &'static [Container] {
    use Container::{Flac, Mp3, Mp4, Ogg, Wav, Webm};
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    match essence.to_ascii_lowercase().as_str() {
        "audio/wav" | "audio/x-wav" | "audio/wave" | "audio/x-pn-wav" | "audio/vnd.wave" => &[Wav],
        "audio/mpeg" | "audio/mp3" | "audio/x-mp3" | "audio/mpeg3" | "audio/x-mpeg-3" | "audio/x-mpeg"
        | "audio/mpg" | "audio/mpga" => &[Mp3],
        // FLAC travels in Ogg too (RFC 9639 §10.1).
        "audio/flac" | "audio/x-flac" => &[Flac, Ogg],
        "audio/ogg" | "video/ogg" | "application/ogg" | "audio/x-ogg" | "audio/vorbis" => &[Ogg],
        // A codec, and no container; browsers put it into either.
        "audio/opus" | "audio/x-opus" => &[Ogg, Webm],
        "audio/webm" | "video/webm" | "audio/matroska" | "audio/x-matroska" | "video/matroska"
        | "video/x-matroska" => &[Webm],
        "audio/mp4" | "video/mp4" | "audio/m4a" | "audio/x-m4a" | "audio/mp4a-latm" | "audio/aac"
        | "audio/x-aac" | "audio/3gpp" | "video/3gpp" | "audio/3gpp2" | "video/quicktime" => &[Mp4],
        _ => &[],
    }
}

/// Which container a label wrongly says; none when it is right, or says nothing.
#[must_use]
pub fn contradiction(media_type: &str, found: Container) -> Option<Container> {
    let named = named(media_type);
    let wrong = named.first().filter(|_| !named.contains(&found));
    wrong.copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_browsers_and_phones_write_contradicts_nothing() {
        for (label, found) in [
            ("audio/webm;codecs=opus", Container::Webm),
            ("video/webm", Container::Webm),
            ("audio/ogg; codecs=opus", Container::Ogg),
            ("application/ogg", Container::Ogg),
            ("audio/opus", Container::Webm),
            ("Audio/X-WAV", Container::Wav),
            ("audio/mp3", Container::Mp3),
            ("audio/x-m4a", Container::Mp4),
            ("audio/aac", Container::Mp4),
            ("audio/flac", Container::Ogg),
            ("application/octet-stream", Container::Mp3),
            ("audio/*", Container::Mp3),
            ("", Container::Wav),
            ("nonsense", Container::Wav),
        ] {
            assert_eq!(contradiction(label, found), None, "{label}");
        }
    }

    #[test]
    fn another_container_is_a_contradiction() {
        for (label, found, said) in [
            ("audio/wav", Container::Mp3, Container::Wav),
            ("AUDIO/WAV", Container::Webm, Container::Wav),
            ("audio/webm;codecs=opus", Container::Ogg, Container::Webm),
            ("audio/mpeg", Container::Mp4, Container::Mp3),
            ("audio/flac", Container::Wav, Container::Flac),
        ] {
            assert_eq!(contradiction(label, found), Some(said), "{label}");
        }
    }

    #[test]
    fn every_container_is_called_by_its_own_name() {
        use Container::{Flac, Mp3, Mp4, Ogg, Wav, Webm};
        for container in [Wav, Mp3, Flac, Ogg, Webm, Mp4] {
            assert_eq!(named(container.media_type()).first(), Some(&container));
        }
    }
}
