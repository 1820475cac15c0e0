//! The real `greenlight`, run as a user would, in an environment that says nothing.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use tokio::process::Command;

/// Longer than any run here may take; a run that hangs fails its test instead of blocking all.
const PATIENCE: Duration = Duration::from_secs(120);

/// What a run left behind.
#[derive(Debug)]
pub(crate) struct Ran {
    /// The exit code; -1 when a signal ended it.
    pub(crate) code: i32,
    /// Standard output.
    pub(crate) out: String,
    /// Standard error.
    pub(crate) err: String,
}

impl Ran {
    /// Standard output as the JSON report that it must be.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:#?}"))
    }
}

/// The binary, in a directory without a profile.
pub(crate) fn greenlight<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Command {
    greenlight_in(Path::new(env!("CARGO_TARGET_TMPDIR")), arguments)
}

/// The binary, in this directory. What the developer's own shell says is not passed on.
pub(crate) fn greenlight_in<'a>(directory: &Path, arguments: impl IntoIterator<Item = &'a str>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_greenlight"));
    command.args(arguments).current_dir(directory).kill_on_drop(true);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("COLUMNS", "100");
    command
}

/// Runs it to its end.
pub(crate) async fn ran(mut command: Command) -> Ran {
    let done = tokio::time::timeout(PATIENCE, command.output()).await;
    let done = done.expect("greenlight did not end").unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("what greenlight prints is UTF-8");
    Ran {
        code: done.status.code().unwrap_or(-1),
        out: text(done.stdout),
        err: text(done.stderr),
    }
}

/// Runs the binary with these arguments.
pub(crate) async fn run<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Ran {
    ran(greenlight(arguments)).await
}

/// Text without what differs from run to run: addresses, times, builds, and where it ran.
pub(crate) fn redacted(text: &str) -> String {
    let rules = [
        (r"127\.0\.0\.1:\d+", "127.0.0.1:PORT"),
        (r"\b[0-9a-f]{40}\b", "COMMIT"),
        (r"\b\d+(\.\d+)? (ms|s)\b", "TIME"),
        (r"greenlight \d+\.\d+\.\d+", "greenlight VERSION"),
        (r"/[^\s`]*/\.tmp\w+", "DIR"),
    ];
    rules.iter().fold(text.to_owned(), |text, (pattern, to)| {
        regex::Regex::new(pattern)
            .unwrap()
            .replace_all(&text, *to)
            .into_owned()
    })
}

/// These signals, and the one that a terminal sends which is gone: but for where whoever started the tests had them ignore it,
/// as `nohup` does, for then it is ignored by whatever they start.
pub(crate) fn with_hangup(signals: &[&'static str]) -> Vec<&'static str> {
    if greenlight::cli::interrupt::hears_hangup() {
        return [signals, &["-HUP"]].concat();
    }
    #[expect(clippy::print_stderr, reason = "a test that skips says so")]
    {
        eprintln!("skipped: -HUP, which is ignored here, or nobody tells");
    }
    signals.to_vec()
}

/// Writes a service in Python, `service.py`, beside what all of them share.
pub(crate) fn write_service(directory: &Path, service: &str) {
    std::fs::write(directory.join("plain.py"), include_str!("plain.py")).unwrap();
    std::fs::write(directory.join("service.py"), service).unwrap();
}
