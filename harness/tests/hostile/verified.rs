//! `greenlight verify` of every hostile server.

use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use greenlight::report::format::Format;

use crate::behaviours::{ALL, Behaviour};
use crate::binary::{greenlight, ran};
use crate::held;
use crate::server::Server;

/// What an owner of a small service would write, in a hurry.
const PROFILE: &str = r#"
[service]
name = "hostile"
health = "/health"

[bounds]
deadline = "300ms"
paid_deadline = "300ms"
run = "5s"
{bounds}

[auth]
kind = "bearer"
token_env = "TOKEN"

[[prove]]
call = "GET /me"

[[prove]]
call = "POST /notes"
body = { text = "hello" }
expect = { "/id" = "nonempty" }
effect = "write"
"#;

/// A run's own deadline, the longest request begun before it, and what judging and writing may take in a debug build on a
/// busy machine.
const WITHIN: Duration = Duration::from_secs(45);

/// Bounds that somebody with little memory would write. The bounds that nobody wrote are held to as well.
const TIGHT: &str = "body_keep = \"16KiB\"\nbody_read = \"1MiB\"\nrun_keep = \"256KiB\"";

/// How many servers are met at once.
const AT_ONCE: usize = 4;

/// What is wrong with a run against this server.
async fn met(behaviour: &Behaviour, bounds: &str, formats: &[Format], environment: &[&str]) -> Vec<String> {
    let server = Server::start(behaviour).await;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    std::fs::write(path.join("p.toml"), PROFILE.replace("{bounds}", bounds)).unwrap();
    let url = server.url();
    let fixed = [
        "verify",
        &url,
        "--profile",
        "p.toml",
        "--origin",
        "https://app.example",
        "--verbose",
        "--record",
        "run.json",
    ];
    let written = held::in_files(formats);
    let fixed = fixed.into_iter().chain(written.iter().map(String::as_str));
    let mut command = greenlight(path, fixed.chain(environment.iter().copied()));
    command.env("TOKEN", "a-token-of-nobody-0123456789");
    let live = ran(command).await;
    let mut wrong = held::ended(&live, &[1, 3], WITHIN);
    match held::reports(path, formats, live.code) {
        Err(more) => wrong.extend(more),
        Ok(report) => {
            let headline = report["headline"].as_str().unwrap_or_default();
            let size = std::fs::metadata(path.join("run.json")).map_or(0, |facts| facts.len());
            eprintln!(
                "{:36} exit {} {:>6} KiB {:>6} ms, recording {:>5} KiB: {headline}",
                behaviour.id,
                live.code,
                live.peak,
                live.took.as_millis(),
                size / 1024
            );
            wrong.extend(held::replays(path, &live, WITHIN).await);
        }
    }
    if !wrong.is_empty() {
        wrong.push(format!(
            "{} KiB, {:?}: {}",
            live.peak,
            live.took,
            live.err.chars().take(1500).collect::<String>()
        ));
    }
    wrong
        .iter()
        .map(|wrong| format!("{}: {wrong}", behaviour.id))
        .collect()
}

async fn all_met(bounds: &str, formats: &[Format], environment: &[&str]) {
    let only = std::env::var("HOSTILE").unwrap_or_default();
    let chosen = ALL.iter().filter(|behaviour| behaviour.id.contains(&only));
    let wrong: Vec<String> = stream::iter(chosen)
        .map(|behaviour| met(behaviour, bounds, formats, environment))
        .buffer_unordered(AT_ONCE)
        .flat_map(stream::iter)
        .collect()
        .await;
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn production_that_means_harm_gets_a_verdict() {
    all_met("", held::FEW, &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_local_service_that_means_harm_gets_a_verdict() {
    // Bodies are kept here, so that the reports hold as much of what a stranger wrote as they ever do.
    all_met(
        TIGHT,
        Format::ALL,
        &[
            "--environment",
            "local",
            "--allow",
            "writes,paid,hostile",
            "--keep-bodies",
        ],
    )
    .await;
}

#[test]
fn there_are_at_least_forty_behaviours_with_names_of_their_own() {
    let mut ids: Vec<&str> = ALL.iter().map(|behaviour| behaviour.id).collect();
    assert!(ids.len() >= 40, "{}", ids.len());
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), ALL.iter().count());
}
