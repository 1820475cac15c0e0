//! The real `greenlight wait`, and reference services that say which build they are.

use std::process::Stdio;

use orchestrate::app::Running;
use orchestrate::config::Settings;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::net::TcpListener;
use tokio::process::Command;

/// The build before the deploy.
pub(crate) const OLD: &str = "0123456789abcdef0123456789abcdef01234567";
/// The deployed build.
pub(crate) const NEW: &str = "fedcba9876543210fedcba9876543210fedcba98";

/// A reference service of this build.
pub(crate) async fn service(commit: Option<&str>) -> Running {
    let mut settings = Settings::development();
    settings.build.commit = commit.map(str::to_owned);
    Running::start(settings).await.unwrap()
}

/// The port of a base URL.
pub(crate) fn port(running: &Running) -> u16 {
    url::Url::parse(&running.base_url()).unwrap().port().unwrap()
}

/// Ports that were free a moment ago.
pub(crate) async fn free(many: usize) -> Vec<u16> {
    let mut held = Vec::new();
    for _ in 0..many {
        held.push(TcpListener::bind("127.0.0.1:0").await.unwrap());
    }
    held.iter()
        .map(|listener| listener.local_addr().unwrap().port())
        .collect()
}

/// `greenlight wait` at this port for the new build, with more arguments: its exit code, its JSON and its standard error.
pub(crate) async fn wait(port: u16, arguments: &[&str]) -> (i32, Value, String) {
    let url = format!("http://127.0.0.1:{port}/api/v3");
    wait_at(
        &url,
        &[
            &["--profile", "concierge", "--expect-version", &NEW[..9]],
            arguments,
        ]
        .concat(),
    )
    .await
}

/// The same anywhere.
pub(crate) async fn wait_at(url: &str, arguments: &[&str]) -> (i32, Value, String) {
    wait_and_then(url, arguments, "", || {}).await
}

/// The same, and something done as soon as this is said on standard error.
pub(crate) async fn wait_and_then(
    url: &str,
    arguments: &[&str],
    said: &str,
    then: impl FnOnce(),
) -> (i32, Value, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_greenlight"))
        .args(["wait", url, "--format", "json"])
        .args(arguments)
        .current_dir(env!("CARGO_TARGET_TMPDIR"))
        .env_clear()
        .env("CI", "true")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let (mut err, mut then) = (String::new(), Some(then));
    while let Some(line) = lines.next_line().await.unwrap() {
        if line.contains(said)
            && let Some(then) = then.take()
        {
            then();
        }
        err.push_str(&line);
        err.push('\n');
    }
    let done = child.wait_with_output().await.unwrap();
    let json = serde_json::from_slice(&done.stdout).unwrap_or_else(|error| panic!("{error}: {err}"));
    (done.status.code().unwrap_or(-1), json, err)
}
