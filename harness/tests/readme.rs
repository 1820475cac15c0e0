//! The README says what is: its commands are understood, its table is the table, and the output that it shows is what a
//! newcomer sees. `GREENLIGHT_BLESS=1 cargo test -p greenlight --test readme` writes output and table anew.
#![cfg(feature = "lab")]
#![expect(clippy::unwrap_used, reason = "a test whose setup fails has failed")]

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use clap::{CommandFactory as _, Parser as _};
use greenlight::cli::args::Cli;
use greenlight::model::exit;
use orchestrate::app::Running;
use orchestrate::auth::mint::{TokenRequest, mint};
use orchestrate::config::Settings;
use orchestrate::faults::id::FaultId;

const FIRST: &str = "cargo run -- verify\n";
const BROKEN: &str = "cargo run -- verify http://127.0.0.1:8000/api/v3";
const BLESS: &str = "GREENLIGHT_BLESS=1 cargo test -p greenlight --test readme";

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

/// Changes the README when that was asked for, and returns it.
fn blessed(change: impl FnOnce(&str) -> String) -> String {
    // Tests of one file run at the same time, and each changes a part of the same text.
    static ONE_AT_A_TIME: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let _alone = ONE_AT_A_TIME.lock().unwrap();
    let text = read("README.md");
    if std::env::var_os("GREENLIGHT_BLESS").is_none() {
        return text;
    }
    let text = change(&text);
    fs::write(root().join("README.md"), &text).unwrap();
    text
}

/// The fenced blocks of a kind.
fn blocks(text: &str, kind: &str) -> Vec<String> {
    let open = format!("```{kind}\n");
    let inside = |part: &str| part.split("```").next().unwrap_or_default().to_owned();
    text.split(&open).skip(1).map(inside).collect()
}

/// What stands between backticks on one line, outside fenced blocks.
fn spans(text: &str) -> Vec<String> {
    let mut fenced = false;
    let mut spans = Vec::new();
    let prose = text.lines().filter(|line| {
        let fence = line.starts_with("```");
        fenced ^= fence;
        !fenced && !fence
    });
    for line in prose {
        spans.extend(line.split('`').skip(1).step_by(2).map(str::to_owned));
    }
    spans
}

/// Splits a command as a shell does, as far as the README needs: blanks, and quotes of both kinds.
fn words(command: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = None;
    for c in command.trim().chars() {
        match c {
            '"' | '\'' if quoted == Some(c) => quoted = None,
            '"' | '\'' if quoted.is_none() => quoted = Some(c),
            ' ' if quoted.is_none() => words.push(String::new()),
            c => words.last_mut().unwrap().push(c),
        }
    }
    words
}

/// What is wrong with a command, by the parser of the program that it calls.
fn refused(command: &str) -> Option<String> {
    let words = words(command);
    let all: Vec<&str> = words.iter().map(String::as_str).collect();
    let told = |refusal: clap::Error| Some(format!("{command}\n{refusal}"));
    match all.as_slice() {
        ["greenlight" | "target/debug/greenlight", rest @ ..] | ["cargo", "run", "--", rest @ ..] => {
            let line = ["greenlight"].iter().chain(rest);
            Cli::try_parse_from(line).err().and_then(told)
        }
        ["target/debug/orchestrate" | "orchestrate", rest @ ..]
        | [
            "cargo",
            "run",
            "-p",
            "orchestrate",
            "--features",
            "faults",
            "--",
            rest @ ..,
        ] => {
            let line = ["orchestrate"].iter().chain(rest);
            orchestrate::cli::Cli::try_parse_from(line).err().and_then(told)
        }
        ["scripts/smoke", rest @ ..] => {
            let line = ["greenlight", "verify"].iter().chain(rest);
            Cli::try_parse_from(line).err().and_then(told)
        }
        [script, ..] if script.starts_with("scripts/") || script.starts_with(".ci/") => {
            (!root().join(script).is_file()).then(|| format!("{script} is not there"))
        }
        ["cargo", "test" | "build" | "bench" | "install", ..] => None,
        ["GREENLIGHT_BLESS=1", "cargo", "test", ..] => None,
        _ => Some(format!("{command}\nnobody here knows this program")),
    }
}

/// Every command that the texts for newcomers show, in blocks and in prose.
fn commands(text: &str) -> Vec<String> {
    let blocks = blocks(text, "sh");
    let lines = blocks.iter().flat_map(|block| block.lines()).map(str::to_owned);
    let is_command = |span: &String| {
        let first = span.split(' ').next().unwrap_or_default();
        let programs = [
            "greenlight",
            "cargo",
            "orchestrate",
            "target/debug/orchestrate",
            "scripts/smoke",
        ];
        span.contains(' ') && programs.contains(&first)
    };
    lines.chain(spans(text).into_iter().filter(is_command)).collect()
}

#[test]
fn every_command_shown_is_understood() {
    let texts = [
        read("README.md"),
        read("docs/architecture.md"),
        read("docs/a-first-gate.md"),
        read("docs/at-two-in-the-morning.md"),
        read("docs/ci.md"),
        read("docs/configuration.md"),
        read("docs/deployment.md"),
        read("docs/scenarios.md"),
        read("docs/testing-guide.md"),
        read("docs/troubleshooting.md"),
    ];
    let shown: Vec<String> = texts.iter().flat_map(|text| commands(text)).collect();
    assert!(shown.len() > 15, "only these were found: {shown:?}");
    let wrong: Vec<String> = shown.iter().filter_map(|command| refused(command)).collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    assert!(refused("greenlight verify --no-such-flag").is_some());
    assert!(refused("cargo run -p orchestrate --features faults -- serve --fault no-such-fault").is_some());
}

/// The flags of every command of Greenlight and the service, as typed.
fn flags(command: &clap::Command) -> Vec<String> {
    let own = command.get_arguments().filter_map(|argument| argument.get_long());
    let own = own.map(|long| format!("--{long}"));
    own.chain(command.get_subcommands().flat_map(flags)).collect()
}

#[test]
fn every_flag_named_in_prose_exists_and_what_is_not_there_does_not() {
    let text = read("README.md");
    let (before, rest) = text.split_once("### Not there yet").unwrap();
    let (missing, after) = rest.split_once("\n## ").unwrap();
    let known = [flags(&Cli::command()), flags(&orchestrate::cli::Cli::command())].concat();
    let has = |flag: &str| known.iter().any(|known| known == flag);
    for span in spans(before).into_iter().chain(spans(after)) {
        let flag = span.split([' ', '=']).next().unwrap_or_default();
        assert!(
            !flag.starts_with("--") || has(flag),
            "the README names {flag}, which is no flag"
        );
    }
    let command = Cli::command();
    let names: Vec<&str> = command.get_subcommands().map(clap::Command::get_name).collect();
    let absent = spans(missing);
    assert!(absent.len() > 4, "only these were found: {absent:?}");
    for word in absent {
        let there = has(&word) || names.contains(&word.as_str());
        assert!(
            !there,
            "`{word}` is there now: take it out of \"Not there yet\" and say what it does"
        );
    }
    for name in names {
        let shown = commands(&text)
            .iter()
            .any(|command| command.contains(&format!(" {name}")));
        assert!(shown, "the README shows no `greenlight {name}`");
    }
}

#[test]
fn the_table_of_exit_codes_is_the_table() {
    const HEAD: &str = "| code | meaning |\n|---|---|\n";
    let rows = exit::TABLE
        .iter()
        .map(|(code, meaning)| format!("| {code} | {meaning} |\n"));
    let table: String = rows.collect();
    let text = blessed(|text| {
        let (before, rest) = text.split_once(HEAD).unwrap();
        let after = rest.find("\n## ").map(|end| &rest[end..]).unwrap_or_default();
        format!("{before}{HEAD}{table}{after}")
    });
    assert!(
        text.contains(&format!("{HEAD}{table}\n")),
        "the table differs; {BLESS}\n{table}"
    );
}

#[test]
fn links_point_to_files() {
    for (file, folder) in [
        ("README.md", ""),
        ("SECURITY.md", ""),
        ("docs/architecture.md", "docs/"),
        ("docs/configuration.md", "docs/"),
        ("docs/deployment.md", "docs/"),
        ("docs/scenarios.md", "docs/"),
    ] {
        for link in read(file).split("](").skip(1) {
            let link = link.split([')', '#']).next().unwrap_or_default();
            assert!(
                root().join(folder).join(link).is_file(),
                "{file} links {link}, which is not there"
            );
        }
    }
}

/// Runs the program that was built with this test, with nothing of this machine's settings.
fn greenlight(arguments: &[&str], token: &str) -> (Option<i32>, String) {
    let elsewhere = tempfile::tempdir().unwrap();
    run_in(elsewhere.path(), arguments, token)
}

fn run_in(folder: &std::path::Path, arguments: &[&str], token: &str) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_greenlight"))
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("API_TOKEN", token)
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(!said.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    (output.status.code(), said)
}

/// Where the output that follows a command begins and ends.
fn shown(text: &str, command: &str) -> std::ops::Range<usize> {
    const OPEN: &str = "```text\n";
    let command = text.find(command).unwrap();
    let from = command + text[command..].find(OPEN).unwrap() + OPEN.len();
    from..from + text[from..].find("```").unwrap()
}

/// Holds the output shown after a command against a real one: the headline and the exit code. The rest is this machine's
/// and this minute's.
fn compare(command: &str, real: &str) {
    let text = blessed(|text| {
        let range = shown(text, command);
        let whole = |line: &str| format!("{}\n", line.trim_end());
        let output: String = real.trim().lines().map(whole).collect();
        format!("{}{output}{}", &text[..range.start], &text[range.end..])
    });
    let shown = &text[shown(&text, command)];
    let telling = |output: &str| -> Vec<String> {
        let headline = output.lines().next().unwrap_or_default().to_owned();
        let exit = output.lines().filter(|line| line.starts_with("exit "));
        [headline].into_iter().chain(exit.map(str::to_owned)).collect()
    };
    assert_eq!(
        telling(shown),
        telling(real),
        "the README shows another output; {BLESS}\n{real}"
    );
}

#[test]
fn the_first_command_says_what_the_readme_shows() {
    let (code, said) = greenlight(&["verify"], "");
    assert_eq!(code, Some(0), "{said}");
    compare(FIRST, &said);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_broken_service_is_told_as_the_readme_shows() {
    let mut settings = Settings::development();
    settings.faults = [FaultId::MissingAwait].into_iter().collect();
    let token = mint(&settings.auth, &TokenRequest::access("readme")).unwrap();
    let service = Running::start(settings).await.unwrap();
    let url = service.base_url();
    let told = tokio::task::spawn_blocking(move || {
        let command = ["--token-command", "printenv API_TOKEN"];
        let flags = ["verify", &url, "--profile", "concierge", "--environment", "local"];
        let (code, said) = greenlight(&[&flags[..], &command].concat(), &token);
        (code, said.replace(&url, "http://127.0.0.1:8000/api/v3"))
    });
    let (code, said) = told.await.unwrap();
    service.shutdown().await.unwrap();
    assert_eq!(code, Some(1), "{said}");
    compare(BROKEN, &said);
}

#[test]
fn the_profile_shown_is_one_and_its_commands_plan() {
    let text = read("README.md");
    let [profile] = blocks(&text, "toml").try_into().unwrap();
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("greenlight.toml"), profile).unwrap();
    let (code, said) = run_in(folder.path(), &["verify", "--plan"], "a-token");
    assert_eq!(code, Some(0), "{said}");
    for part in [
        "https://api.acme.example/v1 (production)",
        "not sent  paid",
        "needs --allow paid",
    ] {
        assert!(said.contains(part), "{part:?} is not in\n{said}");
    }
    let (code, said) = run_in(folder.path(), &["verify", "--plan", "--allow", "paid"], "a-token");
    assert!(code == Some(0) && said.contains("send      paid"), "{said}");
}
