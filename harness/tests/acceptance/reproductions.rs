//! Every command with which a report says "ask it again" really asks it again: pasted into a shell, with the credential in the
//! variable that it names, it gets the answer that the report tells of. What it names and nobody has is made as it says: a token
//! that is spoilt, a sample that is changed. Skipped aloud without curl; `GREENLIGHT_REQUIRE=curl` makes that a failure.

use std::path::Path;
use std::process::Stdio;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use orchestrate::faults::id::FaultId;
use serde_json::Value;
use tokio::process::Command;

use crate::binary::{greenlight, ran};
use crate::service::{Service, VARIABLE};

/// Whether there is a curl.
#[expect(clippy::print_stderr, reason = "a skipped test says so")]
fn there_is_curl() -> bool {
    let mut curl = std::process::Command::new("curl");
    let there = curl.arg("--version").stdout(Stdio::null()).status().is_ok();
    if !there {
        let required = std::env::var("GREENLIGHT_REQUIRE").unwrap_or_default();
        assert!(
            !required.contains("curl"),
            "GREENLIGHT_REQUIRE names curl, and it is not there"
        );
        eprintln!("SKIPPED: no curl to ask again with");
    }
    there
}

/// A directory to paste commands in: it holds the samples, and what was made of them.
fn workplace() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios");
    std::os::unix::fs::symlink(
        samples.canonicalize().unwrap(),
        directory.path().join("scenarios"),
    )
    .unwrap();
    directory
}

/// What a shell makes of a command.
async fn pasted(command: &str, token: &str, directory: &Path) -> String {
    make_samples(command, directory);
    let mut shell = Command::new("sh");
    shell.args(["-c", &command.replacen("curl -i ", "curl -i --silent ", 1)]);
    shell.current_dir(directory).env(VARIABLE, token);
    if let Some((_, recipe)) = command.split_once(&format!("# SPOILT_TOKEN: ${VARIABLE}, ")) {
        shell.env("SPOILT_TOKEN", spoilt(token, recipe));
    }
    let done = shell
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .await
        .unwrap();
    String::from_utf8_lossy(&done.stdout).into_owned()
}

/// A token that is spoilt as a remark says, by somebody who reads it.
fn spoilt(token: &str, recipe: &str) -> String {
    let parts: Vec<&str> = token.split('.').collect();
    let [head, claims, signature] = parts[..] else {
        panic!("a token of {} parts", parts.len())
    };
    let coded = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let changed = |text: &str| {
        let (before, after) = text.split_at(text.len() / 2);
        let other = if after.starts_with('A') { 'B' } else { 'A' };
        format!("{before}{other}{}", &after[1..])
    };
    if recipe.starts_with("cut to its first half") {
        return token[..token.len() / 2].to_owned();
    }
    if let Some((_, rest)) = recipe.split_once("with the header ") {
        let (header, _) = rest.split_once(" and no signature").unwrap();
        return format!("{}.{claims}.", coded(header));
    }
    if recipe.starts_with("with a claim added") {
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap();
        let more = text.replacen('{', "{\"greenlight\":true,", 1);
        return format!("{head}.{}.{signature}", coded(&more));
    }
    // By another key or under another name: no service here that minds the signature takes any of them.
    format!("{head}.{claims}.{}", changed(signature))
}

/// Makes each changed sample that a command reads and nobody has, as its name says.
fn make_samples(command: &str, directory: &Path) {
    let read = command
        .match_indices("base64 < ")
        .map(|(at, found)| &command[at + found.len()..]);
    for file in read.filter_map(|rest| rest.split(' ').next()) {
        let path = directory.join(file);
        if !path.exists() {
            std::fs::write(&path, made(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
        }
    }
}

fn made(file: &str) -> Vec<u8> {
    let sample = |name: &str| {
        let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios/samples");
        std::fs::read(samples.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    };
    if let Some(name) = file.strip_prefix("first-half-of-") {
        let whole = sample(name);
        return whole[..whole.len() / 2].to_vec();
    }
    if let Some((first, second)) = file.split_once("-then-") {
        let (head, first) = halves(&sample(first));
        return whole(&head, [first, halves(&sample(second)).1].concat());
    }
    if let Some((name, size)) = file.split_once("-grown-to-") {
        let size: usize = size.trim_end_matches("-bytes").parse().unwrap();
        let (head, mut data) = halves(&sample(name));
        data.resize(size - head.len() - 4, 0);
        return whole(&head, data);
    }
    match file {
        "one-second-of-silence.wav" => {
            let (head, _) = halves(&sample("kitchen.wav"));
            whole(&head, vec![0; 16_000])
        }
        "no-audio.bin" => b"This is no recording. \xfe\xdc\xba\x98".repeat(16),
        other => panic!("nobody knows how {other} is made"),
    }
}

/// A WAV up to the length of its data, and its data.
fn halves(wav: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let data = wav.windows(4).position(|four| four == b"data").unwrap();
    (wav[..data + 4].to_vec(), wav[data + 8..].to_vec())
}

fn whole(head: &[u8], data: Vec<u8>) -> Vec<u8> {
    let size = |bytes: usize| u32::try_from(bytes).unwrap().to_le_bytes();
    let mut wav = [head, &size(data.len()), &data].concat();
    let all = size(wav.len() - 8);
    wav[4..8].copy_from_slice(&all);
    wav
}

/// How many commands were asked, of which kinds, and those that were answered otherwise.
#[derive(Debug, Default)]
struct Asked {
    all: usize,
    spoilt: usize,
    changed: usize,
    piped: usize,
    wrong: Vec<String>,
}

impl Asked {
    /// Asks again what these exchanges asked.
    async fn again(&mut self, evidence: &[Value], token: &str, directory: &Path) {
        for one in evidence {
            let (line, curl) = (one["line"].as_str().unwrap(), one["curl"].as_str().unwrap());
            assert!(!curl.contains(token), "{curl}");
            if !curl.contains("curl -i ") {
                // No curl writes a handshake of old; nothing else goes untried.
                let handshake = curl.starts_with("openssl s_client ");
                assert!(handshake || curl.is_empty(), "no command to paste: {curl}");
                continue;
            }
            let answer = pasted(curl, token, directory).await;
            let (_, told) = line.split_once(" -> ").unwrap();
            let status = told.split(' ').next().unwrap();
            // A server may say first that it goes on listening.
            let last = answer
                .lines()
                .filter(|line| line.starts_with("HTTP/"))
                .find(|line| !line.contains(" 100"));
            let got = last.and_then(|line| line.split(' ').nth(1)).unwrap_or_default();
            if status.parse::<u16>().is_ok() && got != status {
                let said: String = answer.chars().take(300).collect();
                self.wrong.push(format!("{curl}\n{line}\n{said}"));
            }
            self.all += 1;
            self.spoilt += usize::from(curl.contains("SPOILT_TOKEN"));
            self.changed += usize::from(curl.contains("base64 < "));
            self.piped += usize::from(curl.starts_with("printf "));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_reproduction_is_answered_as_the_report_says() {
    if !there_is_curl() {
        return;
    }
    let directory = workplace();
    let (mut asked, mut silent) = (Asked::default(), Vec::new());
    for fault in [
        FaultId::MissingAwait,
        FaultId::DataUrlCrash,
        FaultId::OriginReflected,
        FaultId::AuthNotEnforced,
        FaultId::AlgNoneAccepted,
        FaultId::SignatureUnchecked,
        FaultId::TruncatedAccepted,
        FaultId::Base64Guessed,
        FaultId::LabelBelieved,
        FaultId::EmojiCrash,
        FaultId::OversizeCrash,
        FaultId::UnicodeMangled,
    ] {
        let service = Service::with(&[fault]).await;
        let command = service.verify_with_token(&["--environment", "local", "--format", "json"]);
        let report = ran(command).await.json();
        let before = asked.all;
        asked
            .again(
                report["evidence"].as_array().unwrap(),
                &service.token,
                directory.path(),
            )
            .await;
        if asked.all == before {
            silent.push(format!("{fault:?}: {}", report["headline"]));
        }
    }
    assert_eq!(silent, Vec::<String>::new(), "nothing to ask again");
    assert!(
        asked.wrong.is_empty(),
        "{} of {}: {:#?}",
        asked.wrong.len(),
        asked.all,
        asked.wrong
    );
    let kinds = [asked.spoilt, asked.changed, asked.piped];
    assert!(asked.all >= 30 && !kinds.contains(&0), "{asked:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_diagnosis_and_a_page_print_is_answered_as_they_say() {
    if !there_is_curl() {
        return;
    }
    let directory = workplace();
    let service = Service::with(&[FaultId::MissingAwait]).await;
    let page = directory.path().join("report.html");
    let url = service.url();
    let html = format!("html={}", page.display());
    let mut command = greenlight([
        "diagnose",
        &url,
        "--profile",
        "concierge",
        "--format",
        "json",
        "--format",
        &html,
    ]);
    command
        .args(["--token-env", VARIABLE, "--allow", "paid"])
        .env(VARIABLE, &service.token);
    let report = ran(command).await.json();
    let evidence = report["evidence"].as_array().unwrap();
    let mut asked = Asked::default();
    asked.again(evidence, &service.token, directory.path()).await;
    assert!(asked.all > 0 && asked.wrong.is_empty(), "{asked:#?}");

    let page = std::fs::read_to_string(page).unwrap();
    let blocks = page.split("<pre class=\"copy\"").skip(1).filter_map(|rest| {
        let (_, rest) = rest.split_once('>')?;
        Some(rest.split_once("</pre>")?.0)
    });
    let plain = |text: &str| {
        let text = text
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&quot;", "\"");
        text.replace("&#39;", "'").replace("&amp;", "&")
    };
    let shown: Vec<String> = blocks
        .map(plain)
        .filter(|text| text.contains("curl -i "))
        .collect();
    assert!(!shown.is_empty(), "the page has no command");
    for one in evidence
        .iter()
        .filter(|one| one["curl"].as_str().unwrap().contains("curl -i "))
    {
        let curl = one["curl"].as_str().unwrap();
        assert!(
            shown.iter().any(|shown| shown == curl),
            "{curl} is not on the page: {shown:#?}"
        );
    }
    // Nothing stands there that is no evidence, so that all of it was asked.
    let known = |shown: &&String| evidence.iter().any(|one| one["curl"] == ***shown);
    assert_eq!(shown.iter().find(|shown| !known(shown)), None);
}
