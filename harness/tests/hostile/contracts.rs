//! What is fetched before anything is sent, from every hostile server: the contract of `greenlight verify --contract URL`, with
//! and without `--plan`, and the token of an OAuth client.

use std::time::Duration;

use futures_util::{StreamExt as _, stream};

use crate::behaviours::{ALL, Behaviour};
use crate::binary::{Ran, greenlight, ran};
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
async fn fetched(behaviour: &Behaviour, plan: bool) -> Vec<String> {
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
    let arguments = arguments.into_iter().chain(plan.then_some("--plan"));
    let ran = ran(greenlight(directory.path(), arguments)).await;
    let code = match (CONTRACTS.contains(&behaviour.id), plan) {
        (true, true) => 0,
        (true, false) => 1,
        (false, _) => 2,
    };
    refused_or(behaviour, &ran, code)
}

/// A client of an authorization server, whose two values must not come back.
const OAUTH: &str = r#"
[auth]
kind = "oauth2-client-credentials"
token_url = "URL/oauth/token"
client = { id_env = "ID", secret_env = "SECRET" }
"#;

/// What is wrong with how a token is asked for at this server.
async fn asked(behaviour: &Behaviour) -> Vec<String> {
    let server = Server::start(behaviour).await;
    let directory = tempfile::tempdir().unwrap();
    let profile = format!("{PROFILE}{}", OAUTH.replace("URL", &server.url()));
    std::fs::write(directory.path().join("p.toml"), profile).unwrap();
    let arguments = ["verify", "http://127.0.0.1:9", "--profile", "p.toml", "--verbose"];
    let mut command = greenlight(directory.path(), arguments);
    command
        .env("ID", "canary-client-of-ours")
        .env("SECRET", "canary-secret-of-ours");
    let ran = ran(command).await;
    let mut wrong = refused_or(behaviour, &ran, 2);
    if ran.err.contains("-of-ours") || ran.out.contains("-of-ours") {
        wrong.push(format!("{}: it shows who asked", behaviour.id));
    }
    wrong
}

/// What is wrong with a run that must end so.
fn refused_or(behaviour: &Behaviour, ran: &Ran, code: i32) -> Vec<String> {
    let mut wrong = held::ended(ran, &[code], WITHIN);
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

/// Every behaviour, so many at once.
async fn every<F: Future<Output = Vec<String>>>(at_once: usize, met: impl Fn(&'static Behaviour) -> F) {
    let wrong: Vec<String> = stream::iter(ALL.iter())
        .map(met)
        .buffer_unordered(at_once)
        .flat_map(stream::iter)
        .collect()
        .await;
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contract_from_a_server_that_means_harm_is_refused_or_read() {
    every(4, |behaviour| fetched(behaviour, false)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_by_a_contract_that_means_harm_is_made_or_refused() {
    every(4, |behaviour| fetched(behaviour, true)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_endpoint_that_means_harm_gives_no_token() {
    // Whoever says nothing is waited for, and many of them are.
    every(16, asked).await;
}
