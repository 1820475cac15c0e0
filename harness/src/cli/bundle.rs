//! Bundles: what a run is handed on as, and what `replay` reads of one. Nothing of an archive is ever written anywhere.

use std::io::Read;
use std::path::Path;

use flate2::read::GzDecoder;

use crate::cli::complaint::Complaint;
use crate::cli::inputs;
use crate::cli::output;
use crate::model::recording::Tool;
use crate::report::bundle::{Environment, RECORDING, render};
use crate::report::format::Finished;

/// An archive is read no further than this, uncompressed.
const UNPACKED: u64 = 4 * inputs::LARGEST;
/// Entries of one archive.
const ENTRIES: usize = 100;

const NEXT: &str = "name a file that `--bundle FILE.tar.gz` wrote";

/// Beginnings of the names of variables that a run looks at.
const LOOKED_AT: &[&str] = &[
    "GREENLIGHT_",
    "HTTPS_PROXY",
    "https_proxy",
    "http_proxy",
    "ALL_PROXY",
    "all_proxy",
    "NO_PROXY",
    "no_proxy",
    "SSL_CERT_",
    "NO_COLOR",
    "CI",
    "GITHUB_ACTIONS",
];

/// Writes the bundle of a finished run: readable to its owner alone, and whole or not at all.
pub fn write(path: Option<&Path>, finished: Finished<'_>) -> Result<(), Complaint> {
    let Some(path) = path else { return Ok(()) };
    let bytes = render(finished, &environment())
        .map_err(|error| Complaint::lost(&path.display().to_string(), &error))?;
    output::write_private(path, &bytes)
}

fn environment() -> Environment {
    let known = |name: &String| {
        LOOKED_AT
            .iter()
            .any(|known| known == name || (known.ends_with('_') && name.starts_with(known)))
    };
    let mut variables: Vec<String> = std::env::vars_os()
        .filter_map(|(name, _)| name.into_string().ok())
        .filter(known)
        .collect();
    variables.sort_unstable();
    let typed = std::env::args_os()
        .skip(1)
        .filter_map(|argument| argument.into_string().ok());
    Environment {
        tool: Tool::this(),
        system: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
        command: said(typed),
        variables,
    }
}

/// The command and its options, without a value of any.
fn said(typed: impl Iterator<Item = String>) -> Vec<String> {
    let option = |(at, word): (usize, String)| match word.split_once('=') {
        _ if at == 0 => Some(word),
        _ if !word.starts_with("--") || word == "--" => None,
        Some((name, _)) => Some(name.to_owned()),
        None => Some(word),
    };
    typed.enumerate().filter_map(option).collect()
}

/// Whether a file begins as gzip does (RFC 1952 §2.3.1). A pipe is taken for none.
pub fn is_one(path: &str) -> Result<bool, Complaint> {
    // What was read of a pipe is gone.
    if !std::fs::metadata(path).is_ok_and(|facts| facts.is_file()) {
        return Ok(false);
    }
    let mut magic = Vec::new();
    inputs::reader("the recording", path, NEXT)?
        .take(2)
        .read_to_end(&mut magic)
        .map_err(|error| Complaint::unreadable("the recording", path, &error, NEXT))?;
    Ok(magic == [0x1f, 0x8b])
}

/// The recording in a bundle, as bytes.
pub fn recording(path: &str) -> Result<Vec<u8>, Complaint> {
    let packed = inputs::reader("the bundle", path, NEXT)?;
    within(packed).map_err(|why| Complaint::usage(format_args!("{path} is not a bundle"), why, NEXT))
}

/// The bytes of the one entry that is wanted. Links are not followed, long names and other extensions are not read, and what
/// unpacks to more than any bundle ends the reading.
fn within(packed: impl Read) -> Result<Vec<u8>, String> {
    let told = |error: std::io::Error| error.to_string();
    let mut archive = tar::Archive::new(GzDecoder::new(packed).take(UNPACKED));
    for entry in archive.entries().map_err(told)?.raw(true).take(ENTRIES) {
        let entry = entry.map_err(told)?;
        if *entry.path_bytes() != *RECORDING.as_bytes() {
            continue;
        }
        if !entry.header().entry_type().is_file() {
            return Err(format!("{RECORDING} in it is no plain file"));
        }
        let size = entry.size();
        if size > inputs::LARGEST {
            return Err(format!(
                "{RECORDING} in it has {size} bytes, and more than {} are not read",
                inputs::LARGEST
            ));
        }
        let mut bytes = Vec::new();
        entry
            .take(inputs::LARGEST)
            .read_to_end(&mut bytes)
            .map_err(told)?;
        if bytes.len() as u64 != size {
            return Err(format!("it ends within {RECORDING}"));
        }
        return Ok(bytes);
    }
    Err(format!(
        "there is no {RECORDING} among its first {ENTRIES} entries"
    ))
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::GzEncoder;
    use proptest::prelude::*;

    use super::*;

    fn packed(entries: &[(&str, tar::EntryType, &[u8], u64)]) -> Vec<u8> {
        let mut out = GzEncoder::new(Vec::new(), Compression::fast());
        for (name, kind, bytes, size) in entries {
            let mut header = tar::Header::new_ustar();
            header.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes());
            header.set_entry_type(*kind);
            header.set_size(*size);
            header.set_cksum();
            out.write_all(header.as_bytes()).unwrap();
            out.write_all(bytes).unwrap();
            out.write_all(&vec![0; (512 - bytes.len() % 512) % 512]).unwrap();
        }
        out.write_all(&[0; 1024]).unwrap();
        out.finish().unwrap()
    }

    const FILE: tar::EntryType = tar::EntryType::Regular;

    #[test]
    fn the_recording_is_found_wherever_it_stands() {
        let bytes = packed(&[("../../x", FILE, b"no", 2), (RECORDING, FILE, b"{}", 2)]);
        assert_eq!(within(&*bytes), Ok(b"{}".to_vec()));
    }

    #[test]
    fn what_means_harm_is_refused() {
        let many: Vec<_> = (0..ENTRIES).map(|_| ("x", FILE, &b""[..], 0)).collect();
        let many = [many, vec![(RECORDING, FILE, &b"{}"[..], 2)]].concat();
        for (what, bytes, why) in [
            ("nothing in it", packed(&[]), "there is no"),
            ("another file", packed(&[("a", FILE, b"", 0)]), "there is no"),
            (
                "a link",
                packed(&[(RECORDING, tar::EntryType::Symlink, b"", 0)]),
                "no plain file",
            ),
            ("too many entries", packed(&many), "there is no"),
            (
                "a size beyond all",
                packed(&[(RECORDING, FILE, b"", u64::MAX >> 8)]),
                "are not read",
            ),
            (
                "cut short",
                packed(&[(RECORDING, FILE, b"{}", 1 << 20)]),
                "it ends within",
            ),
            (
                "no tar",
                {
                    let mut out = GzEncoder::new(Vec::new(), Compression::fast());
                    out.write_all(&[7; 2048]).unwrap();
                    out.finish().unwrap()
                },
                "numeric",
            ),
        ] {
            let told = within(&*bytes).unwrap_err();
            assert!(told.contains(why), "{what}: {told}");
        }
    }

    #[test]
    fn what_unpacks_without_end_is_read_to_the_bound() {
        let name = "a";
        let mut out = GzEncoder::new(Vec::new(), Compression::fast());
        let mut header = tar::Header::new_ustar();
        header.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes());
        header.set_size(UNPACKED * 2);
        header.set_cksum();
        out.write_all(header.as_bytes()).unwrap();
        let block = vec![0; 1 << 20];
        for _ in 0..(UNPACKED >> 20) + 1 {
            out.write_all(&block).unwrap();
        }
        let bytes = out.finish().unwrap();
        assert!(bytes.len() < 8 << 20, "{}", bytes.len());
        assert!(within(&*bytes).is_err());
    }

    #[test]
    fn a_command_is_told_without_a_value() {
        let typed = [
            "verify",
            "https://me:secret@x.example",
            "--token-command=echo secret",
            "--suite",
            "smoke",
            "-v",
            "--",
            "--x",
        ];
        let told = said(typed.iter().map(ToString::to_string));
        assert!(!told.concat().contains("secret"), "{told:?}");
        assert_eq!(told[..3], ["verify", "--token-command", "--suite"]);
    }

    proptest! {
        #[test]
        fn no_archive_makes_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..2048), gzip in any::<bool>()) {
            let bytes = if gzip {
                let mut out = GzEncoder::new(Vec::new(), Compression::fast());
                out.write_all(&bytes).unwrap();
                out.finish().unwrap()
            } else {
                bytes
            };
            let _ = within(&*bytes);
        }
    }
}
