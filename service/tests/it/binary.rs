//! The real binary: started, listened to, told to stop.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};

use serde_json::Value;

/// A running `orchestrate serve`. Dropping it ends it.
pub(crate) struct Binary {
    child: Child,
    lines: Receiver<String>,
    /// What it wrote to stderr before it was ready.
    pub(crate) said: Vec<String>,
    /// Where it listens.
    pub(crate) address: SocketAddr,
}

impl Binary {
    /// Starts `serve --dev` with a JSON log on a free port, with further arguments and variables, and waits until it is ready.
    pub(crate) fn start(arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        Self::logging("json", arguments, variables)
    }

    /// The same with a log of this format.
    pub(crate) fn logging(format: &str, arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_orchestrate"))
            .args(["serve", "--dev", "--port", "0", "--log", format])
            .args(arguments)
            .env_clear()
            .envs(variables.iter().copied())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let (tell, lines) = channel();
        std::thread::spawn(move || {
            for line in stderr.lines() {
                let _ = tell.send(line.unwrap());
            }
        });
        let mut binary = Self {
            child,
            lines,
            said: Vec::new(),
            address: SocketAddr::from(([0, 0, 0, 0], 0)),
        };
        loop {
            let line = binary.line();
            let line = line.unwrap_or_else(|| panic!("it ended before it was ready: {:?}", binary.said));
            if let Some(ready) = line.strip_prefix("ready: http://") {
                binary.address = ready.split('/').next().unwrap().parse().unwrap();
                return binary;
            }
            binary.said.push(line);
        }
    }

    /// The most memory that it has held so far, in MiB (`VmHWM` of proc_pid_status(5)).
    #[cfg(target_os = "linux")]
    pub(crate) fn peak_mib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib: u64 = peak.unwrap().trim().trim_end_matches(" kB").parse().unwrap();
        kib / 1024
    }

    /// Sends it a signal, such as `TERM`.
    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill")
            .args([&format!("-{name}"), &self.child.id().to_string()])
            .status()
            .unwrap();
        assert!(sent.success());
    }

    /// The next line that it writes to stderr; none when it has ended.
    pub(crate) fn line(&self) -> Option<String> {
        self.lines.recv().ok()
    }

    /// Waits for its end, and gives how it ended and what it wrote until then.
    pub(crate) fn end(mut self) -> (ExitStatus, Vec<String>) {
        let rest: Vec<String> = self.lines.iter().collect();
        (self.child.wait().unwrap(), rest)
    }

    /// The base URL of the API.
    pub(crate) fn base_url(&self) -> String {
        format!("http://{}/api/v3", self.address)
    }
}

impl Drop for Binary {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A line of the log as JSON.
pub(crate) fn logged(line: &str) -> Value {
    serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))
}
