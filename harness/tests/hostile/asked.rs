//! `greenlight diagnose` and `greenlight wait` at every hostile server: both end by their time with an answer.

use std::time::Duration;

use futures_util::{StreamExt as _, stream};

use crate::behaviours::{ALL, Behaviour};
use crate::binary::{greenlight, ran};
use crate::held;
use crate::server::Server;

/// Its own time, and what judging may take in a debug build on a busy machine.
const WITHIN: Duration = Duration::from_secs(60);

/// How many servers are met at once.
const AT_ONCE: usize = 4;

/// What somebody types who was just paged, with short deadlines beside it.
const PROFILE: &str = "[bounds]\ndeadline = \"300ms\"\npaid_deadline = \"300ms\"\nrun = \"5s\"\n";

async fn all(command: &str, arguments: &[&str], codes: &[i32]) {
    let only = std::env::var("HOSTILE").unwrap_or_default();
    let chosen = ALL.iter().filter(|behaviour| behaviour.id.contains(&only));
    let wrong: Vec<String> = stream::iter(chosen)
        .map(|behaviour| met(behaviour, command, arguments, codes))
        .buffer_unordered(AT_ONCE)
        .flat_map(stream::iter)
        .collect()
        .await;
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

async fn met(behaviour: &Behaviour, command: &str, arguments: &[&str], codes: &[i32]) -> Vec<String> {
    let server = Server::start(behaviour).await;
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("p.toml"), PROFILE).unwrap();
    let url = server.url();
    let fixed = [command, &url, "--profile", "p.toml"];
    let ran = ran(greenlight(
        directory.path(),
        fixed.into_iter().chain(arguments.iter().copied()),
    ))
    .await;
    eprintln!(
        "{command:9} {:36} exit {} {:>6} KiB {:>6} ms",
        behaviour.id,
        ran.code,
        ran.peak,
        ran.took.as_millis()
    );
    let mut wrong = held::ended(&ran, codes, WITHIN);
    wrong.extend(held::steers("standard output", &ran.out));
    wrong.extend(held::steers("standard error", &ran.err));
    wrong
        .iter()
        .map(|wrong| format!("{command} at {}: {wrong}", behaviour.id))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_diagnosis_of_a_server_that_means_harm_ends() {
    let arguments = ["--origin", "https://app.example", "--request", "POST /notes"];
    all("diagnose", &arguments, &[1, 3]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn waiting_for_a_server_that_means_harm_ends() {
    all("wait", &["--expect-version", "4f5a6b7", "--for", "2s"], &[5]).await;
}
