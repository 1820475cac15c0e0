//! One application of one framework, started and verified by the real binary.

use std::path::{Path, PathBuf};

use serde_json::Value;
use tokio::process::Command;
use tokio::sync::Semaphore;

/// The frameworks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum App {
    FastApi,
    Flask,
    Django,
    Express,
    Fastify,
    Hono,
    Axum,
    Actix,
    Poem,
}

impl App {
    /// Its name, as Greenlight says it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            App::FastApi => "FastAPI",
            App::Flask => "Flask",
            App::Django => "Django",
            App::Express => "Express",
            App::Fastify => "Fastify",
            App::Hono => "Hono",
            App::Axum => "axum",
            App::Actix => "actix-web",
            App::Poem => "poem",
        }
    }

    /// What starts it, in the directory of the applications.
    fn command(self, stacks: &Path) -> String {
        let python = |file: &str| format!("exec '{}' {file}", stacks.join("python/bin/python").display());
        let rust = |name: &str| format!("exec '{}'", stacks.join("rust/debug").join(name).display());
        // Node looks for packages beside the file that imports them.
        let node = |file: &str| {
            let there = stacks.join("node").join(file);
            format!("cp {file} '{0}' && exec node '{0}'", there.display())
        };
        match self {
            App::FastApi => python("fastapi_app.py"),
            App::Flask => python("flask_app.py"),
            App::Django => python("django_app.py"),
            App::Express => node("express_app.js"),
            App::Fastify => node("fastify_app.js"),
            App::Hono => node("hono_app.js"),
            App::Axum => rust("axum_app"),
            App::Actix => rust("actix_app"),
            App::Poem => rust("poem_app"),
        }
    }
}

/// Where `scripts/stacks` installs: beside the binary under test.
pub(crate) fn stacks() -> PathBuf {
    let binary = Path::new(env!("CARGO_BIN_EXE_greenlight"));
    binary.ancestors().nth(2).unwrap().join("stacks")
}

/// Whether the frameworks are there. Skips aloud when not, and fails when they are required.
pub(crate) fn installed(marks: &[&str]) -> bool {
    let there = marks.iter().all(|name| stacks().join(name).exists());
    let required = std::env::var("GREENLIGHT_REQUIRE").unwrap_or_default();
    assert!(
        there || !required.split(',').any(|name| name == "stacks"),
        "GREENLIGHT_REQUIRE names stacks, and they are not installed: scripts/stacks does it"
    );
    #[expect(clippy::print_stderr, reason = "a test that skips says so")]
    if !there {
        eprintln!("skipped: no web frameworks are installed; scripts/stacks does it");
    }
    there
}

/// As many interpreters as boot at once without being late.
static AT_ONCE: Semaphore = Semaphore::const_new(3);

/// Starts the application in this variant, verifies it and returns the report; nothing when the frameworks are not there.
pub(crate) async fn verify(app: App, variant: &str) -> Option<Value> {
    if !installed(&["python.installed", "node.installed", "rust/debug/poem_app"]) {
        return None;
    }
    let mut command = greenlight(&app.command(&stacks()), "profile.toml", variant);
    command
        .env("APP_ORIGIN", "https://app.example")
        .env("APP_TOKEN", "a-token-that-only-tests-know");
    Some(report(command, &format!("{app:?} {variant}")).await)
}

/// The same for the FastAPI application that believes in an issuer, which is the run itself: without anybody's secret. The
/// profile is the one of this algorithm.
pub(crate) async fn verify_issued(algorithm: &str, variant: &str) -> Option<Value> {
    if !installed(&["python.installed"]) {
        return None;
    }
    let python = stacks().join("python/bin/python");
    let start = format!("exec '{}' oidc_app.py", python.display());
    let profile = format!("oidc-{}.toml", algorithm.to_ascii_lowercase());
    let mut command = greenlight(&start, &profile, variant);
    command.arg("--test-issuer").env("ALGORITHM", algorithm);
    Some(report(command, &format!("{algorithm} {variant}")).await)
}

/// The binary, about to start this service in this variant and to verify it.
fn greenlight(start: &str, profile: &str, variant: &str) -> Command {
    let apps = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stacks/apps");
    let mut command = Command::new(env!("CARGO_BIN_EXE_greenlight"));
    command.args([
        "verify",
        "--spawn",
        start,
        "--profile",
        profile,
        "--format",
        "json",
    ]);
    command
        .current_dir(apps)
        .env("VARIANT", variant)
        .kill_on_drop(true);
    command
}

async fn report(mut command: Command, what: &str) -> Value {
    let _turn = AT_ONCE.acquire().await.unwrap();
    let done = tokio::time::timeout(std::time::Duration::from_secs(90), command.output()).await;
    let done = done.unwrap().unwrap();
    let report = serde_json::from_slice(&done.stdout);
    report.unwrap_or_else(|error| panic!("{what}: {error}: {done:?}"))
}
