//! A headless Chromium with one page open, which performs whatever cases it is given until it is dropped.

use std::collections::BTreeMap;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::time::Duration;

use crate::case::{Case, Sent};
use crate::server::Server;

/// No batch of cases takes longer, or the browser is stuck.
const DEADLINE: Duration = Duration::from_secs(90);
/// The least that a browser remembers a preflight which does not say for how long (Fetch §4.8, step 7.9), less a margin: a
/// case that took longer shows nothing about remembering, and is asked anew.
const FRESH: Duration = Duration::from_secs(4);

/// What became of a case in the browser.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    /// Per call, what the page saw: `status names`, or `refused`.
    pub(crate) ends: Vec<String>,
    /// The requests that the servers got, in order.
    pub(crate) sent: Vec<Sent>,
}

/// The browser.
pub(crate) struct Browser {
    pub(crate) server: Arc<Server>,
    posted: Receiver<String>,
    child: Child,
    asked: usize,
    // Removed when dropped, after the child is dead.
    _profile: tempfile::TempDir,
}

impl Browser {
    /// Opens the page, or says aloud that there is no Chromium.
    pub(crate) fn open() -> Option<Browser> {
        let name = chromium()?;
        let (server, posted) = Server::start();
        let profile = tempfile::tempdir().unwrap();
        let child = Command::new(name)
            .args([
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--no-first-run",
            ])
            .args(["--no-proxy-server", "--disable-background-networking"])
            .args(["--disable-component-update", "--disable-dev-shm-usage"])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg(format!("{}/page", server.world.page))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Some(Browser {
            server,
            posted,
            child,
            asked: 0,
            _profile: profile,
        })
    }

    /// Performs the cases, and says of each under which number it ran and what became of it.
    pub(crate) fn perform(&mut self, cases: &[Case]) -> Vec<(usize, Seen)> {
        let (found, slow) = self.batch(cases);
        let mut found = found;
        // A busy machine: what took too long to show whether a preflight is remembered is asked by itself.
        for index in slow {
            for _ in 0..3 {
                let (again, slow) = self.batch(&cases[index..=index]);
                found[index] = again[0].clone();
                if slow.is_empty() {
                    break;
                }
            }
        }
        found
    }

    fn batch(&mut self, cases: &[Case]) -> (Vec<(usize, Seen)>, Vec<usize>) {
        let first = self.asked;
        self.asked += cases.len();
        let numbered: Vec<_> = (first..).zip(cases.iter().cloned()).collect();
        self.server.offer(&numbered);
        let posted = self.posted.recv_timeout(DEADLINE);
        let text = posted.expect("the page posts what it saw before the deadline");
        let mut ends: BTreeMap<usize, Vec<String>> = serde_json::from_str(&text).unwrap();
        let mut slow = Vec::new();
        let found = numbered.iter().enumerate().map(|(index, (number, case))| {
            let (sent, took) = self.server.finish(*number);
            if case.calls.len() > 1 && took > FRESH {
                slow.push(index);
            }
            let ends = ends.remove(number).expect("the page tells of every case");
            (*number, Seen { ends, sent })
        });
        (found.collect(), slow)
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Already dead is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Chromium's name, or `None` after saying that it is not there.
#[expect(clippy::print_stderr, reason = "a skipped test says so")]
fn chromium() -> Option<&'static str> {
    let quiet = |name: &str| {
        Command::new(name)
            .arg("--version")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
    };
    let found = ["chromium", "chromium-browser", "google-chrome"]
        .into_iter()
        .find(|name| quiet(name).is_ok());
    if found.is_none() {
        let required = std::env::var("GREENLIGHT_REQUIRE").unwrap_or_default();
        assert!(
            !required.contains("chromium"),
            "GREENLIGHT_REQUIRE names chromium, and it is not there"
        );
        eprintln!("SKIPPED: no chromium to compare with");
    }
    found
}
