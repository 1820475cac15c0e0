//! Starting the service under test: on a free port, in a process group of its own, its words kept, and stopped whatever
//! happens.

use std::ffi::OsString;
use std::io;
use std::net::SocketAddr;
use std::process::Stdio;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use rustix::io::Errno;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
use tokio::process::{Child, Command};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::model::spawned::{Exit, Output, Spawned};
use crate::runner::log::Log;
use crate::transport::port;

/// How often a port is tried. Nothing tells one process that another has begun to listen.
const TRY_EVERY: Duration = Duration::from_millis(20);

/// How long a process that was asked to end may take before it is ended.
const GRACE: Duration = Duration::from_secs(5);

/// How long the rest of its output is waited for once it has ended; a grandchild may hold the pipe for ever.
const LAST_WORDS: Duration = Duration::from_millis(250);

/// Why the service could not be started.
#[derive(Debug, thiserror::Error)]
pub enum SpawnError {
    /// No port is free.
    #[error("no port of the loopback address is free: {0}")]
    Port(io::Error),
    /// Somebody listens on the port that was just free.
    #[error("something already answers on port {0}")]
    Taken(u16),
    /// There is no shell, or no process to be had.
    #[error("no process could be started: {0}")]
    Process(io::Error),
}

/// A service that this run started. Dropping it kills its whole process group.
#[derive(Debug)]
pub struct Started {
    command: String,
    port: u16,
    begun: Instant,
    group: Option<Pid>,
    exit: watch::Receiver<Option<Exit>>,
    log: Log,
    readers: JoinSet<()>,
    listened_after_ms: Option<u64>,
    stopped: bool,
}

/// What came of waiting for it to listen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readiness {
    /// It listens at this address.
    Listens(SocketAddr),
    /// It ended before it listened.
    Ended,
    /// It did not listen in time.
    TooLate,
}

impl Started {
    /// Runs a command through the shell, with the environment of this process but for what is `ours`, with these variables,
    /// and with `PORT` set to a free port of the loopback address.
    pub async fn start(
        command: &str,
        variables: &[(String, String)],
        ours: &[OsString],
    ) -> Result<Started, SpawnError> {
        let port = port::free().await.map_err(SpawnError::Port)?;
        Started::start_on(port, command, variables, ours).await
    }

    /// The same on this port, unless somebody listens there.
    async fn start_on(
        port: u16,
        command: &str,
        variables: &[(String, String)],
        ours: &[OsString],
    ) -> Result<Started, SpawnError> {
        if port::listening(port).await.is_some() {
            return Err(SpawnError::Taken(port));
        }
        let mut shell = Command::new("sh");
        ours.iter().for_each(|name| {
            shell.env_remove(name);
        });
        let told = variables.iter().map(|(name, value)| (name, value));
        shell
            .arg("-c")
            .arg(command)
            .envs(told)
            .env("PORT", port.to_string());
        shell
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = shell
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .map_err(SpawnError::Process)?;
        let group = child
            .id()
            .and_then(|id| i32::try_from(id).ok())
            .and_then(Pid::from_raw);
        let log = Log::default();
        let mut readers = JoinSet::new();
        if let Some(out) = child.stdout.take() {
            readers.spawn(log.clone().read(out, Output::Stdout));
        }
        if let Some(err) = child.stderr.take() {
            readers.spawn(log.clone().read(err, Output::Stderr));
        }
        Ok(Started {
            command: command.to_owned(),
            port,
            begun: Instant::now(),
            group,
            exit: watched(child),
            log,
            readers,
            listened_after_ms: None,
            stopped: false,
        })
    }

    /// The port that it was told to listen on.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Waits until it listens, ends, or has taken longer than this.
    pub async fn ready(&mut self, patience: Duration) -> Readiness {
        let mut exit = self.exit.clone();
        let port = self.port;
        let listens = async {
            loop {
                if let Some(address) = port::listening(port).await {
                    return address;
                }
                tokio::time::sleep(TRY_EVERY).await;
            }
        };
        tokio::select! {
            biased;
            _ = exit.wait_for(Option::is_some) => Readiness::Ended,
            address = listens => {
                let took = self.begun.elapsed().as_millis();
                self.listened_after_ms = Some(u64::try_from(took).unwrap_or(u64::MAX));
                Readiness::Listens(address)
            }
            () = tokio::time::sleep(patience) => Readiness::TooLate,
        }
    }

    /// Whether it has ended by itself.
    pub fn has_ended(&self) -> bool {
        self.exit.borrow().is_some()
    }

    /// Resolves when it has ended by itself.
    pub fn ended(&self) -> impl Future<Output = ()> + use<> {
        let mut exit = self.exit.clone();
        async move {
            if exit.wait_for(Option::is_some).await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }

    /// Stops it, and says what became of it. `redact` removes the secrets of the run from what it wrote.
    pub async fn stop(mut self, redact: impl Fn(&str) -> String) -> Spawned {
        if self.is_over() {
            self.ended().await;
        }
        let exit = self.exit.borrow().clone();
        self.stopped = true;
        self.signal(Signal::TERM);
        let over = tokio::time::timeout(GRACE, self.ended()).await;
        // Whoever else is left of the group has had its time too.
        self.signal(Signal::KILL);
        if over.is_err() {
            self.ended().await;
        }
        let last = async { while self.readers.join_next().await.is_some() {} };
        let _ = tokio::time::timeout(LAST_WORDS, last).await;
        let (lines, lines_lost) = self.log.take(&redact);
        Spawned {
            command: redact(&self.command),
            port: self.port,
            listened_after_ms: self.listened_after_ms,
            exit,
            lines,
            lines_lost,
        }
    }

    /// Whether it has ended as far as the system knows, which knows it before anybody here is told.
    fn is_over(&self) -> bool {
        let look = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        let seen = self.group.map(|leader| waitid(WaitId::Pid(leader), look));
        matches!(seen, Some(Ok(Some(_)) | Err(Errno::CHILD)))
    }

    fn signal(&self, signal: Signal) {
        if let Some(group) = self.group {
            // No such process: it has ended already, and that is what is wanted.
            let _ = kill_process_group(group, signal);
        }
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        if !self.stopped {
            self.signal(Signal::KILL);
        }
    }
}

/// Waits for a process, and tells when it has ended.
fn watched(mut child: Child) -> watch::Receiver<Option<Exit>> {
    let (tell, told) = watch::channel(None);
    tokio::spawn(async move {
        let how = match child.wait().await {
            Ok(status) => status.to_string(),
            Err(error) => error.to_string(),
        };
        tell.send_replace(Some(Exit {
            at: Timestamp::now(),
            how,
        }));
    });
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Duration = Duration::from_secs(10);

    fn as_is(text: &str) -> String {
        text.to_owned()
    }

    #[tokio::test]
    async fn a_server_is_ready_once_it_listens_on_the_port_that_it_was_given() {
        let serve = "exec python3 -c 'import os,socket; s=socket.create_server((\"127.0.0.1\", int(os.environ[\"PORT\"]))); print(\"up\", flush=True); s.accept(); s.accept()'";
        let mut started = Started::start(serve, &[], &[]).await.unwrap();
        let ready = started.ready(PATIENCE).await;
        assert_eq!(ready, Readiness::Listens(([127, 0, 0, 1], started.port()).into()));
        let spawned = started.stop(as_is).await;
        assert_eq!(spawned.exit, None, "it was stopped, it did not end");
        assert_eq!(spawned.lines[0].text, "up");
        assert!(spawned.listened_after_ms.is_some());
    }

    #[tokio::test]
    async fn one_that_ends_is_told_from_one_that_is_late() {
        let mut ends = Started::start("echo broken >&2; exit 3", &[], &[]).await.unwrap();
        assert_eq!(ends.ready(PATIENCE).await, Readiness::Ended);
        let spawned = ends.stop(|text| text.replace("broken", "mended")).await;
        assert_eq!(spawned.exit.unwrap().how, "exit status: 3");
        assert_eq!(spawned.lines[0].text, "mended");
        let mut late = Started::start("exec sleep 30", &[], &[]).await.unwrap();
        assert_eq!(late.ready(Duration::from_millis(60)).await, Readiness::TooLate);
    }

    /// A process that has started another, and the number of that one.
    async fn a_family() -> (Started, String) {
        let started = Started::start("sleep 300 & echo $!; wait", &[], &[])
            .await
            .unwrap();
        let pid = loop {
            let first = started.log.first();
            if let Some(line) = first {
                break line;
            }
            tokio::task::yield_now().await;
        };
        assert!(alive(&pid));
        (started, pid)
    }

    fn alive(pid: &str) -> bool {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        !stat.is_empty() && !stat.contains(") Z ")
    }

    /// It has been killed; the kernel may still be taking it down.
    async fn goes(pid: &str) -> bool {
        let gone = async {
            while alive(pid) {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), gone).await.is_ok()
    }

    #[tokio::test]
    async fn the_whole_group_is_stopped() {
        let (started, pid) = a_family().await;
        started.stop(as_is).await;
        assert!(goes(&pid).await, "a grandchild survived");
    }

    #[tokio::test]
    async fn a_port_where_somebody_listens_is_not_given_to_a_service() {
        // A server may have taken the other address of `localhost`.
        let v6 = tokio::net::TcpListener::bind((std::net::Ipv6Addr::LOCALHOST, 0));
        let v4 = tokio::net::TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, 0));
        // Not every machine has the first of them.
        for taken in v6.await.into_iter().chain([v4.await.unwrap()]) {
            let port = taken.local_addr().unwrap().port();
            let directory = tempfile::tempdir().unwrap();
            let mark = directory.path().join("started");
            let refused = Started::start_on(port, &format!("touch {}", mark.display()), &[], &[]).await;
            assert!(
                matches!(refused, Err(SpawnError::Taken(told)) if told == port),
                "{refused:?}"
            );
            assert!(!mark.exists(), "it was started all the same");
        }
    }

    #[tokio::test]
    async fn an_end_that_nobody_was_told_of_yet_is_an_end() {
        let started = Started::start("exit 3", &[], &[]).await.unwrap();
        // Nothing is awaited meanwhile, so that nobody here can be told.
        let pid = started.group.unwrap().as_raw_nonzero().to_string();
        while alive(&pid) {
            std::thread::yield_now();
        }
        assert!(!started.has_ended());
        let spawned = started.stop(as_is).await;
        assert_eq!(spawned.exit.unwrap().how, "exit status: 3");
    }

    #[tokio::test]
    async fn dropping_it_kills_the_group() {
        let started = Started::start("exec sleep 300", &[], &[]).await.unwrap();
        let mut exit = started.exit.clone();
        drop(started);
        exit.wait_for(Option::is_some).await.unwrap();
        assert!(exit.borrow().as_ref().unwrap().how.contains("SIGKILL"));
    }
}
