//! The real `greenlight`, with its memory watched while it runs.

use std::ffi::OsString;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use tokio::io::AsyncReadExt as _;
use tokio::process::{Child, Command};

/// Longer than any run here may take; what hangs fails its test instead of blocking all.
const PATIENCE: Duration = Duration::from_secs(90);

/// How often the memory of a process is looked at.
const GLANCE: Duration = Duration::from_millis(4);

/// What a process left behind.
#[derive(Debug)]
pub(crate) struct Ran {
    /// The exit code; -1 when a signal ended it.
    pub(crate) code: i32,
    /// Standard output.
    pub(crate) out: String,
    /// Standard error.
    pub(crate) err: String,
    /// The most memory that it took, in KiB; 0 where the system does not tell.
    pub(crate) peak: u64,
    /// How long it took.
    pub(crate) took: Duration,
}

/// Names another build to hold instead of the one that the tests were built with, such as the one that ships.
const ANOTHER: &str = "GREENLIGHT_HOSTILE_BIN";

/// The build that is held.
fn build() -> OsString {
    std::env::var_os(ANOTHER).unwrap_or_else(|| env!("CARGO_BIN_EXE_greenlight").into())
}

/// The binary, in this directory, in an environment that says nothing.
pub(crate) fn greenlight<'a>(directory: &Path, arguments: impl IntoIterator<Item = &'a str>) -> Command {
    let mut command = Command::new(build());
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

/// How often a process is started again that was over before this one had its turn to look at its memory.
const TURNS: usize = 3;

/// Runs it to its end.
pub(crate) async fn ran(mut command: Command) -> Ran {
    for _ in 1..TURNS {
        let ran = once(&mut command).await;
        if ran.peak > 0 || !cfg!(target_os = "linux") {
            return ran;
        }
    }
    once(&mut command).await
}

async fn once(command: &mut Command) -> Ran {
    let begun = Instant::now();
    let mut child = command.spawn().unwrap();
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut stdout = child.stdout.take().unwrap();
    let mut stderr = child.stderr.take().unwrap();
    let ended = tokio::time::timeout(PATIENCE, async {
        let (_, _, watched) = tokio::join!(
            stdout.read_to_end(&mut out),
            stderr.read_to_end(&mut err),
            watch(&mut child)
        );
        watched
    })
    .await;
    let Ok((status, peak)) = ended else {
        panic!("it did not end within {PATIENCE:?}: {:?}", command.as_std())
    };
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("what greenlight prints is UTF-8");
    Ran {
        code: status.code().unwrap_or(-1),
        out: text(out),
        err: text(err),
        peak,
        took: begun.elapsed(),
    }
}

/// Waits for the end of a process, and tells the most memory that it had.
async fn watch(child: &mut Child) -> (std::process::ExitStatus, u64) {
    let id = child.id().unwrap();
    let mut memory = Memory::default();
    loop {
        memory.look(id);
        match tokio::time::timeout(GLANCE, child.wait()).await {
            Ok(status) => return (status.unwrap(), memory.peak()),
            Err(_) => continue,
        }
    }
}

/// What was seen of a process's memory, in KiB (proc(5)).
#[derive(Debug, Default)]
struct Memory {
    /// The kernel's own peak of all that is resident (`VmHWM`).
    all: u64,
    /// The most that was seen of what it took itself (`RssAnon`).
    own: u64,
    seen: bool,
}

impl Memory {
    fn look(&mut self, id: u32) {
        let Ok(status) = std::fs::read_to_string(format!("/proc/{id}/status")) else {
            return;
        };
        let field = |name: &str| -> Option<u64> {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            line.trim().strip_suffix("kB")?.trim().parse().ok()
        };
        if let (Some(all), Some(own)) = (field("VmHWM:"), field("RssAnon:")) {
            (self.all, self.own) = (self.all.max(all), self.own.max(own));
            self.seen = true;
        }
    }

    /// The peak; 0 where the system does not tell. A debug build's own code is several times that of a release build, comes and goes
    /// as the kernel likes, and no server can make it grow: there only what the process took itself counts, as it was seen at each
    /// glance, since the kernel keeps no peak of that alone. The build that ships is held to the kernel's peak of all.
    fn peak(&self) -> u64 {
        let is_debug = cfg!(debug_assertions) && std::env::var_os(ANOTHER).is_none();
        match (self.seen, is_debug) {
            (false, _) => 0,
            // A process that was seen in its first moment has nothing but its code yet, and was measured all the same.
            (true, true) => self.own.max(1),
            (true, false) => self.all.max(1),
        }
    }
}
