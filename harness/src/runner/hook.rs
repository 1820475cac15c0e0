//! Running a command that the user hangs on the end of a run: through the shell, in a process group of its own, with the
//! report on standard input, and never longer than it may take.

use std::ffi::OsString;
use std::io;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::AsyncWriteExt as _;
use tokio::process::{Child, Command};

/// Why a command did not do its work.
#[derive(Debug, thiserror::Error)]
pub enum HookError {
    /// There is no shell, or no process to be had.
    #[error("it could not be started: {0}")]
    Process(#[from] io::Error),
    /// It ended with a failure of its own.
    #[error("it ended with {0}")]
    Failed(ExitStatus),
    /// It took too long, and was killed with all that it started.
    #[error("it was not done after {} ms, and was killed", .0.as_millis())]
    TooLong(Duration),
    /// Somebody stopped the run meanwhile, and it was killed with all that it started.
    #[error("it was killed, since the run was stopped")]
    Stopped,
}

/// Runs the command to its end, within `patience` and unless `stop` comes first. It gets this process's environment but for
/// what is `ours`; what it prints goes to standard error, since a report may be on standard output.
pub async fn run(
    command: &str,
    report: &str,
    ours: &[OsString],
    patience: Duration,
    stop: impl Future<Output = ()>,
) -> Result<(), HookError> {
    let mut shell = Command::new("sh");
    ours.iter().for_each(|name| {
        shell.env_remove(name);
    });
    let mut child = shell
        .arg("-c")
        .arg(command)
        .stdin(Stdio::piped())
        .stdout(Stdio::from(io::stderr()))
        .stderr(Stdio::inherit())
        .process_group(0)
        .kill_on_drop(true)
        .spawn()?;
    let group = Group::of(&child);
    let ended = async {
        let input = child.stdin.take();
        let fed = async {
            if let Some(mut input) = input {
                // A command that does not read the report closes the pipe, which is no error of its.
                let _ = input.write_all(report.as_bytes()).await;
            }
        };
        let ((), status) = tokio::join!(fed, child.wait());
        status
    };
    let status = tokio::select! {
        status = ended => status?,
        () = tokio::time::sleep(patience) => return Err(HookError::TooLong(patience)),
        () = stop => return Err(HookError::Stopped),
    };
    // What it left running on purpose, such as a rollout that it began, may go on.
    group.release();
    match status.success() {
        true => Ok(()),
        false => Err(HookError::Failed(status)),
    }
}

/// The process group of a command, killed unless the command came to its end by itself.
struct Group(Option<Pid>);

impl Group {
    fn of(child: &Child) -> Group {
        let id = child.id().and_then(|id| i32::try_from(id).ok());
        Group(id.and_then(Pid::from_raw))
    }

    fn release(mut self) {
        self.0 = None;
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(group) = self.0 {
            // No such process: it has ended already, and that is what is wanted.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    #[tokio::test]
    async fn it_reads_the_report() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("report");
        let report = "x".repeat(1 << 20);
        let command = format!("cat > {}", file.display());
        run(&command, &report, &[], LONG, pending()).await.unwrap();
        assert_eq!(std::fs::read_to_string(file).unwrap(), report);
    }

    #[tokio::test]
    async fn it_need_not_read_and_its_failure_is_told() {
        let report = "x".repeat(1 << 20);
        run("exec <&-; true", &report, &[], LONG, pending())
            .await
            .unwrap();
        let error = run("exit 3", &report, &[], LONG, pending()).await.unwrap_err();
        assert!(error.to_string().contains('3'), "{error}");
    }

    #[tokio::test]
    async fn it_ends_when_its_time_is_over() {
        let patience = Duration::from_millis(10);
        let error = run("sleep 600", "", &[], patience, pending()).await.unwrap_err();
        assert!(matches!(error, HookError::TooLong(_)), "{error}");
    }

    #[tokio::test]
    async fn its_children_end_with_it_when_the_run_is_stopped() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("child");
        let command = format!("sleep 600 > /dev/null 2>&1 & echo $! > {}; wait", file.display());
        let begun = async {
            while !std::fs::read_to_string(&file).is_ok_and(|text| text.ends_with('\n')) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let error = run(&command, "", &[], LONG, begun).await.unwrap_err();
        assert!(matches!(error, HookError::Stopped), "{error}");
        let child = std::fs::read_to_string(&file).unwrap();
        // A killed process is there until its parent, by then the first process, has looked at it.
        let lives = || {
            let state = std::fs::read_to_string(format!("/proc/{}/stat", child.trim()));
            state.is_ok_and(|state| !state.contains(") Z "))
        };
        let ended = async {
            while lives() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(LONG, ended)
            .await
            .expect("a child outlives its command");
    }
}
