//! `greenlight verify --contract URL` of every hostile server: what is fetched before anything is sent.

use std::time::Duration;

use futures_util::{StreamExt as _, stream};

use crate::behaviours::{ALL, Behaviour};
use crate::binary::{greenlight, ran};
use crate::held;
use crate::server::Server;

const PROFILE: &str = "[bounds]\ndeadline = \"1s\"\npaid_deadline = \"1s\"\nrun = \"3s\"\n";

/// The deadline of the fetch and of the run, and what a debug build on a busy machine may take besides.
const WITHIN: Duration = Duration::from_secs(45);

/// Behaviours that say something that is a contract after all, so that the run goes on: what makes it one is in them.
const CONTRACTS: &[&str] = &[
    "a-contract-of-escapes",
    "a-contract-of-many-schemas",
    "a-contract-that-backtracks",
];

/// What is wrong with what is made of a contract from this server.
async fn fetched(behaviour: &Behaviour) -> Vec<String> {
    let server = Server::start(behaviour).await;
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("p.toml"), PROFILE).unwrap();
    let url = format!("{}/openapi.json", server.url());
    // Nothing listens at port 9 of loopback: only the contract is in question.
    let arguments = [
        "verify",
        "http://127.0.0.1:9",
        "--profile",
        "p.toml",
        "--contract",
        &url,
    ];
    let ran = ran(greenlight(directory.path(), arguments)).await;
    let codes: &[i32] = if CONTRACTS.contains(&behaviour.id) {
        &[1]
    } else {
        &[2]
    };
    let mut wrong = held::ended(&ran, codes, WITHIN);
    if ran.code == 2 && !(ran.err.starts_with("error: ") && ran.err.to_lowercase().contains("next:")) {
        wrong.push("it does not say what is wrong and what to do".to_owned());
    }
    if !wrong.is_empty() {
        wrong.push(ran.err.chars().take(600).collect());
    }
    eprintln!(
        "{:36} exit {} {:>6} KiB {:>6} ms: {}",
        behaviour.id,
        ran.code,
        ran.peak,
        ran.took.as_millis(),
        ran.err
            .lines()
            .take(2)
            .collect::<Vec<_>>()
            .join(" ")
            .chars()
            .take(200)
            .collect::<String>()
    );
    wrong
        .iter()
        .map(|wrong| format!("{}: {wrong}", behaviour.id))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contract_from_a_server_that_means_harm_is_refused_or_read() {
    let wrong: Vec<String> = stream::iter(ALL.iter())
        .map(fetched)
        .buffer_unordered(4)
        .flat_map(stream::iter)
        .collect()
        .await;
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}
