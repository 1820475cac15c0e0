//! What somebody sees who sits at a terminal: a real one, eighty columns wide.

use std::fs::File;
use std::io::Read as _;
use std::process::Stdio;

use orchestrate::faults::id::FaultId;
use rustix::fs::{Mode, OFlags};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};
use tokio::process::Command;
use unicode_width::UnicodeWidthStr as _;

use crate::binary::greenlight;
use crate::service::Service;

/// Which streams of the program are the terminal; the other is a pipe.
#[derive(Clone, Copy, PartialEq, Eq)]
enum On {
    Both,
    Out,
    Err,
}

/// What came of a run.
#[derive(Debug)]
struct Seen {
    code: Option<i32>,
    /// What the terminal was sent.
    screen: String,
    /// What went into the pipe, if one of the streams was one.
    piped: String,
}

/// A terminal of eighty columns: the side that shows it, and the side that a program has.
fn terminal() -> (File, File) {
    let shows = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&shows).unwrap();
    unlockpt(&shows).unwrap();
    let name = ptsname(&shows, Vec::new()).unwrap();
    let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
    let has = rustix::fs::open(name.as_c_str(), flags, Mode::empty()).unwrap();
    let size = Winsize {
        ws_row: 24,
        ws_col: 80,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    tcsetwinsize(&has, size).unwrap();
    (shows.into(), has.into())
}

/// Runs the program there. Nothing in its environment says how wide anything is.
async fn at(on: On, mut command: Command) -> Seen {
    let (mut shows, has) = terminal();
    command.env_remove("COLUMNS");
    let named = command.as_std().get_envs().any(|(name, _)| name == "TERM");
    if !named {
        command.env("TERM", "xterm-256color");
    }
    let there = || Stdio::from(has.try_clone().unwrap());
    command.stdout(if on == On::Err { Stdio::piped() } else { there() });
    command.stderr(if on == On::Out { Stdio::piped() } else { there() });
    let child = command.spawn().unwrap();
    // Whoever still has the terminal keeps its end from being seen.
    drop((command, has));
    let screen = tokio::task::spawn_blocking(move || {
        let (mut all, mut some) = (Vec::new(), [0; 4096]);
        // On Linux the end is an error.
        while let Ok(read) = shows.read(&mut some) {
            if read == 0 {
                break;
            }
            all.extend_from_slice(&some[..read]);
        }
        String::from_utf8_lossy(&all).into_owned()
    });
    let done = child.wait_with_output().await.unwrap();
    Seen {
        code: done.status.code(),
        screen: screen.await.unwrap(),
        piped: String::from_utf8([done.stdout, done.stderr].concat()).unwrap(),
    }
}

impl Seen {
    /// What stood on the terminal at some time, line by line, without what steers it.
    fn lines(&self) -> Vec<String> {
        let steers = regex::Regex::new("\u{1b}\\[[0-9;?]*[A-Za-z]").unwrap();
        let bare = steers.replace_all(&self.screen, "");
        let lines = bare.split(['\n', '\r']).map(|line| line.trim_end().to_owned());
        lines.filter(|line| !line.is_empty()).collect()
    }

    /// Whether the line that moves was shown.
    fn progress(&self) -> bool {
        self.lines().iter().any(|line| line.contains("answered, "))
    }

    fn color(&self) -> bool {
        self.screen.contains("\u{1b}[31m") || self.screen.contains("\u{1b}[1m")
    }
}

/// A command is never broken, so that it can be copied.
fn fits(line: &str) -> bool {
    line.width() <= 80 || line.contains("curl ") || line.contains("greenlight ")
}

#[tokio::test(flavor = "multi_thread")]
async fn eighty_columns_are_enough_and_the_cause_comes_before_the_rest() {
    let service = Service::with(&[FaultId::MissingAwait]).await;
    let seen = at(On::Both, service.verify_with_token(&["--environment", "local"])).await;
    assert_eq!(seen.code, Some(1), "{}", seen.screen);
    assert!(seen.progress() && seen.color(), "{}", seen.screen);
    let lines = seen.lines();
    let wide: Vec<&String> = lines.iter().filter(|line| !fits(line)).collect();
    assert!(wide.is_empty(), "{wide:#?}");
    assert!(
        lines.iter().any(|line| line.width() > 70),
        "the room is used: {lines:#?}"
    );
    let (before, page) = lines.split_at(lines.iter().position(|line| line.starts_with("FAIL  ")).unwrap());
    let calm = before.iter().all(|line| line.contains("verifying http://"));
    assert!(
        calm,
        "nothing but progress comes before the headline: {before:#?}"
    );
    let place = |label: &str| page.iter().position(|line| line.starts_with(label));
    let order = ["FAIL", "next", "explained", "sent"].map(place);
    assert!(
        order.is_sorted() && order.iter().all(Option::is_some),
        "{order:?} {page:#?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn no_colour_where_none_is_wanted() {
    let service = Service::with(&[FaultId::MissingAwait]).await;
    let painted = regex::Regex::new("\u{1b}\\[[0-9;]*m").unwrap();
    for (variable, value) in [("NO_COLOR", "1"), ("TERM", "dumb")] {
        let mut command = service.verify_with_token(&["--environment", "local"]);
        command.env(variable, value);
        let seen = at(On::Both, command).await;
        assert!(!painted.is_match(&seen.screen), "{variable}: {}", seen.screen);
        assert!(seen.lines().iter().any(|line| line.starts_with("FAIL  ")));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_stream_is_written_as_what_it_is() {
    let service = Service::with(&[FaultId::MissingAwait]).await;
    let local = ["--environment", "local"];
    let seen = at(On::Out, service.verify_with_token(&local)).await;
    assert!(seen.color() && !seen.progress(), "{}", seen.screen);
    assert_eq!(seen.piped, "", "nobody watches a pipe");

    let json = ["--environment", "local", "--format", "json"];
    let seen = at(On::Err, service.verify_with_token(&json)).await;
    assert!(seen.color() && seen.progress(), "{}", seen.screen);
    assert!(seen.lines().iter().all(|line| fits(line)), "{}", seen.screen);
    serde_json::from_str::<serde_json::Value>(&seen.piped).unwrap();

    let url = service.url();
    let wait = [
        "wait",
        &url,
        "--expect-version",
        "abcdef012",
        "--profile",
        "concierge",
    ];
    let in_short = ["--for", "1s", "--format", "json"];
    let seen = at(On::Out, greenlight(wait.into_iter().chain(in_short))).await;
    assert!(seen.piped.contains("NOT SETTLED  "), "{seen:#?}");
    assert!(!seen.piped.contains('\u{1b}'), "colours in a log: {}", seen.piped);
    let seen = at(On::Both, greenlight(wait.into_iter().chain(["--for", "1s"]))).await;
    let lines = seen.lines();
    assert!(
        lines.iter().any(|line| line.contains("waiting for http://")),
        "{lines:#?}"
    );
    assert!(lines.iter().all(|line| fits(line)), "{lines:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_watches_in_ci_and_who_is_quiet_sees_the_headline_alone() {
    let service = Service::with(&[FaultId::MissingAwait]).await;
    let mut command = service.verify_with_token(&["--environment", "local"]);
    command.env("CI", "true");
    let seen = at(On::Both, command).await;
    assert!(!seen.progress() && seen.color(), "{}", seen.screen);
    let command = service.verify_with_token(&["--environment", "local", "--quiet"]);
    let seen = at(On::Both, command).await;
    let lines = seen.lines();
    assert!(lines[0].starts_with("FAIL  A server error"), "{lines:#?}");
    let hangs = lines[1..].iter().all(|line| line.starts_with("      "));
    assert!(hangs && lines.len() <= 3, "{lines:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_on_the_way_fits_and_the_doctor_tells_the_terminal() {
    let service = Service::with(&[FaultId::CorsMissingEverywhere]).await;
    let url = service.url();
    let seen = at(
        On::Both,
        greenlight(["diagnose", &url, "--origin", "http://localhost:3000"]),
    )
    .await;
    let lines = seen.lines();
    assert!(
        lines.iter().any(|line| line.starts_with("so far  ")),
        "{lines:#?}"
    );
    assert!(lines.iter().all(|line| fits(line)), "{lines:#?}");
    let seen = at(On::Both, greenlight(["doctor", &url])).await;
    let told = "a terminal, 80 columns, in colour, watched";
    assert!(
        seen.lines().iter().any(|line| line.contains(told)),
        "{}",
        seen.screen
    );
}
