//! `docker compose run --rm verify` without an engine: the service with what `compose.yaml` gives it, and Greenlight with the command
//! and the variables that it gives that. Only the database is another, and the name that Compose would resolve.
#![cfg(feature = "lab")]
#![expect(clippy::unwrap_used, reason = "a test whose setup fails has failed")]

use std::path::Path;
use std::process::Output;

use orchestrate::app::Running;
use orchestrate::auth::mint::{TokenRequest, mint};
use orchestrate::config::Settings;
use orchestrate::config::read::{Configuration, Typed};
use orchestrate::faults::id::FaultId;
use orchestrate::storage::sqlite::Location;
use serde_json::Value;
use tokio::process::Command;

const SECRET: &str = "2pJ7Yk0s5cVw8Q1nZx4Lr6Tb9Hd3Gf+EaMuKiOoPq1R2s3T4u5V6w7X8y9Z0aBcD";

fn service(name: &str) -> Value {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../compose.yaml");
    let text = std::fs::read_to_string(file).unwrap();
    let compose: Value = serde_saphyr::from_str(&text).unwrap();
    compose["services"][name].clone()
}

/// What a variable of the service is, when `.env` holds the two secrets and nothing else.
fn variable(service: &Value, name: &str) -> Option<String> {
    let text = service["environment"][name].as_str()?;
    let given = regex::Regex::new(r"\$\{(\w+):([-?])([^}]*)\}").unwrap();
    let put = |found: &regex::Captures<'_>| match (&found[1], &found[2]) {
        ("ORCHESTRATE_AUTH_SECRET", _) => SECRET.to_owned(),
        ("POSTGRES_PASSWORD", _) => "0f1e2d3c".to_owned(),
        (_, "-") => found[3].to_owned(),
        (name, _) => panic!("{name} must be given"),
    };
    Some(given.replace_all(text, put).into_owned())
}

/// The settings of the composed service, with a database of its own.
fn settings() -> Settings {
    let composed = service("orchestrate");
    let find = |name: &str| variable(&composed, name);
    let read = Configuration::read(&find, None, Typed::default())
        .checked()
        .unwrap();
    Settings {
        database: Location::Memory.into(),
        ..read.settings
    }
}

/// Greenlight as it is composed, against this address.
async fn verify(address: &str, token: &str) -> Output {
    let verify = service("verify");
    let directory = tempfile::tempdir().unwrap();
    // The other binary of that image.
    let orchestrate = directory.path().join("orchestrate");
    std::fs::write(
        &orchestrate,
        "#!/bin/sh\n[ \"$1\" = token ] && echo \"$MINTED\"\n",
    )
    .unwrap();
    std::fs::set_permissions(&orchestrate, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let path = std::env::var("PATH").unwrap();
    let words: Vec<String> = serde_json::from_value(verify["command"].clone()).unwrap();
    assert_eq!(words[0], "greenlight");
    let words = words[1..]
        .iter()
        .map(|word| word.replace("http://orchestrate:8080", address));
    let names = verify["environment"].as_object().unwrap().keys();
    let variables = names.map(|name| (name.clone(), variable(&verify, name).unwrap()));
    Command::new(env!("CARGO_BIN_EXE_greenlight"))
        .args(words)
        .current_dir(directory.path())
        .env_clear()
        .envs(variables)
        .env("PATH", format!("{}:{path}", directory.path().display()))
        .env("MINTED", token)
        .output()
        .await
        .unwrap()
}

async fn verified(settings: Settings) -> (Option<i32>, String) {
    let token = mint(
        &settings.auth,
        &TokenRequest::access("developer@orchestrate.example"),
    )
    .unwrap();
    let running = Running::start(settings).await.unwrap();
    let output = verify(&format!("http://{}", running.address()), &token).await;
    running.shutdown().await.unwrap();
    let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    (output.status.code(), said.concat())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_composed_service_is_verified_green_by_the_composed_command() {
    let (code, said) = verified(settings()).await;
    assert_eq!(code, Some(0), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_one_is_not() {
    let mut settings = settings();
    settings.faults = [FaultId::MissingAwait].into_iter().collect();
    let (code, said) = verified(settings).await;
    assert_eq!(code, Some(1), "{said}");
}
