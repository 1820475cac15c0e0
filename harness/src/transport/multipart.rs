//! Forms in parts, as bytes (RFC 7578, and HTML's "multipart/form-data encoding algorithm" for what stands in the names). Pure.
//!
//! The forms of client libraries are bodies of their own requests, read once; this one is bytes, as all that is sent here.

use std::hash::BuildHasher as _;

use bytes::Bytes;

use crate::model::probe::{Content, Part};
use crate::transport::request::{self, Filling, Unfillable};

/// The media type, with what stands between the parts, and the bytes.
pub(super) fn written(parts: &[Part], filling: &Filling<'_>) -> Result<(String, Bytes), Unfillable> {
    // Nobody who writes a file knows what a run takes at random, so it stands in none.
    let boundary = format!("greenlight-{:016x}", filling.run.hash_one("boundary"));
    let mut bytes = Vec::new();
    for part in parts {
        let mut head = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"{}\"",
            quotable(&part.name)
        );
        if let Content::File(sample) = &part.content {
            let name = quotable(Content::file_name(sample));
            head.push_str(&format!("; filename=\"{name}\""));
        }
        if let Some(media_type) = &part.media_type {
            head.push_str(&format!("\r\nContent-Type: {}", one_line(media_type)));
        }
        head.push_str("\r\n\r\n");
        bytes.extend_from_slice(head.as_bytes());
        match &part.content {
            Content::Text(text) => bytes.extend_from_slice(request::text(text, filling)?.as_bytes()),
            Content::File(sample) => bytes.extend_from_slice(request::sample(sample, filling)?),
        }
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    Ok((format!("multipart/form-data; boundary={boundary}"), bytes.into()))
}

/// A name as it stands between quotes (HTML §4.10.21.8: `"`, CR and LF are percent-encoded).
fn quotable(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}

fn one_line(text: &str) -> String {
    text.replace(['\r', '\n'], " ")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::hash::RandomState;

    use super::*;
    use crate::model::probe::Text;
    use crate::transport::secret::Vault;

    #[test]
    fn parts_are_written_as_browsers_write_them() {
        let samples = BTreeMap::from([("a/b \"c\".wav".to_owned(), Bytes::from_static(b"RIFF\xff\x00"))]);
        let (vault, run) = (Vault::empty(), RandomState::new());
        let filling = Filling {
            base: "http://host:1",
            vault: &vault,
            samples: &samples,
            run: &run,
            captures: &BTreeMap::new(),
            request_id: "gl-1",
        };
        let part = |name: &str, media_type: Option<&str>, content| Part {
            name: name.to_owned(),
            media_type: media_type.map(str::to_owned),
            content,
        };
        let parts = [
            part("lang\r\nX: y", None, Content::Text(Text::Lit("p\u{e3}o".into()))),
            part(
                "file",
                Some("audio/wav\r\nX: y"),
                Content::File("a/b \"c\".wav".into()),
            ),
        ];
        let (media_type, bytes) = written(&parts, &filling).unwrap();
        let boundary = media_type.strip_prefix("multipart/form-data; boundary=").unwrap();
        let expected = [
            format!("--{boundary}\r\nContent-Disposition: form-data; name=\"lang%0D%0AX: y\"\r\n\r\np\u{e3}o\r\n").as_bytes(),
            format!("--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"b %22c%22.wav\"\r\n").as_bytes(),
            b"Content-Type: audio/wav  X: y\r\n\r\nRIFF\xff\x00\r\n",
            format!("--{boundary}--\r\n").as_bytes(),
        ]
        .concat();
        assert_eq!(
            bytes.escape_ascii().to_string(),
            expected.escape_ascii().to_string()
        );
        let missing = [part("file", None, Content::File("gone.wav".into()))];
        assert_eq!(
            written(&missing, &filling).unwrap_err(),
            Unfillable::Sample("gone.wav".into())
        );
    }
}
