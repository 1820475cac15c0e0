//! Exports of browsers, copied calls and bundles that mean harm, or are none: a message and exit 2, never a fault of our own.

use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::binary::{greenlight, ran};
use crate::held;

const WITHIN: Duration = Duration::from_secs(45);

/// Runs a command on a file of these bytes, and says what is wrong with how it ended.
async fn wrong(directory: &Path, command: &[&str], bytes: &[u8]) -> Vec<String> {
    std::fs::write(directory.join("x"), bytes).unwrap();
    let again = || ran(greenlight(directory, command.iter().copied().chain(["x"])));
    let mut ran = again().await;
    // One that ends at once may end before its memory was looked at.
    for _ in 0..20 {
        if ran.peak > 0 {
            break;
        }
        ran = again().await;
    }
    let mut wrong = held::ended(&ran, &[2], WITHIN);
    if !(ran.err.starts_with("error: ") && ran.err.contains("next:")) {
        wrong.push(format!(
            "it does not say what is wrong and what to do: {}",
            ran.err
        ));
    }
    if ran.err.len() > 2_000 || ran.err.contains('\u{1b}') {
        wrong.push(format!("it says {} bytes", ran.err.len()));
    }
    wrong
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut out = GzEncoder::new(Vec::new(), Compression::fast());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

/// A bundle with this for its recording.
fn bundled(recording: &[u8]) -> Vec<u8> {
    let mut header = tar::Header::new_ustar();
    header.set_size(recording.len() as u64);
    let mut archive = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    archive
        .append_data(&mut header, "greenlight-bundle/recording.json", recording)
        .unwrap();
    archive.into_inner().unwrap().finish().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_har_is_refused_with_a_message() {
    let directory = tempfile::tempdir().unwrap();
    let deep = format!("{{\"log\":{{\"entries\":[{}", "[".repeat(100_000));
    for (what, bytes) in [
        ("empty", &b""[..]),
        ("no JSON", b"\x1b[2J not a har \xff"),
        ("an array", b"[]"),
        ("no log", b"{\"lag\":{}}"),
        ("no entries", b"{\"log\":{}}"),
        ("text for entries", b"{\"log\":{\"entries\":\"\\u001b[2J\"}}"),
        ("no calls", b"{\"log\":{\"entries\":[]}}"),
        ("an entry without a request", b"{\"log\":{\"entries\":[{}]}}"),
        ("deep", deep.as_bytes()),
        ("too large", &vec![b' '; (32 << 20) + 1]),
    ] {
        for command in [&["diagnose", "--har"][..], &["replay"]] {
            let wrong = wrong(directory.path(), command, bytes).await;
            assert!(wrong.is_empty(), "{what}, {command:?}: {wrong:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_copied_call_is_refused_with_a_message() {
    let directory = tempfile::tempdir().unwrap();
    let long = format!("curl https://x.example --data '{}'", "x".repeat(9 << 20));
    for (what, bytes) in [
        ("empty", &b""[..]),
        ("no text", b"curl \xff\xfe"),
        ("escapes", b"curl \x1b[2J\x1b[2J x"),
        ("another command", b"rm -rf /"),
        ("a substitution", b"curl `id`"),
        ("two commands", b"curl https://x.example && id"),
        ("a quote without end", b"curl \"https://x.example"),
        ("too long", long.as_bytes()),
    ] {
        let wrong = wrong(directory.path(), &["diagnose", "--curl"], bytes).await;
        assert!(wrong.is_empty(), "{what}: {wrong:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_bundle_is_refused_with_a_message() {
    let directory = tempfile::tempdir().unwrap();
    let bomb = packed(&vec![0; 300 << 20]);
    for (what, bytes) in [
        ("gzip without an end", packed(b"x")[..12].to_vec()),
        ("gzip of text", packed(b"hello")),
        ("a bomb", bomb),
        ("a bundle in a bundle", packed(&bundled(b"{}"))),
        ("no recording", bundled(b"{}")),
        ("no JSON", bundled(b"\x1b[2J")),
        ("a HAR", bundled(b"{\"log\":{\"entries\":[]}}")),
        ("deep", bundled("[".repeat(1 << 20).as_bytes())),
        ("a bomb for a recording", bundled(&vec![b' '; (32 << 20) + 1])),
    ] {
        let wrong = wrong(directory.path(), &["replay"], &bytes).await;
        assert!(wrong.is_empty(), "{what}: {wrong:?}");
    }
}
