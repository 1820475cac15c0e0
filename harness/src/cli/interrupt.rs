//! Somebody wants us to stop: Ctrl-C at a terminal, SIGTERM from a CI runner, SIGHUP from a terminal that is gone.

use tokio::sync::watch;

/// Listens for the wish to stop, from the moment that it is made; none is lost until somebody asks.
#[derive(Debug, Clone)]
pub struct Interrupt(watch::Receiver<bool>);

impl Interrupt {
    /// Begins to listen. From then on none of the signals ends the process by itself.
    pub fn listen() -> Interrupt {
        let (tell, told) = watch::channel(false);
        let signals = Signals::new();
        tokio::spawn(async move {
            signals.first().await;
            tell.send_replace(true);
        });
        Interrupt(told)
    }

    /// Resolves once somebody wants us to stop.
    pub async fn asked(&self) {
        if self.0.clone().wait_for(|asked| *asked).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(unix)]
struct Signals(Vec<tokio::signal::unix::Signal>);

#[cfg(unix)]
impl Signals {
    fn new() -> Signals {
        use tokio::signal::unix::{SignalKind, signal};
        let mut kinds = vec![SignalKind::interrupt(), SignalKind::terminate()];
        if hears_hangup() {
            kinds.push(SignalKind::hangup());
        }
        Signals(kinds.into_iter().filter_map(|kind| signal(kind).ok()).collect())
    }

    async fn first(mut self) {
        let any = self.0.iter_mut().map(|signal| Box::pin(signal.recv()));
        let any: Vec<_> = any.collect();
        if any.is_empty() {
            std::future::pending::<()>().await;
        }
        futures_util::future::select_all(any).await;
    }
}

/// Whether a terminal that is gone ends this process: not when it was started to go on then, as `nohup` does. Only Linux tells;
/// where nobody does, it goes on.
pub fn hears_hangup() -> bool {
    std::fs::read_to_string("/proc/self/status").is_ok_and(|status| !ignores_hangup(&status))
}

/// Whether SIGHUP, the lowest bit, is among the ignored signals of a `/proc/PID/status`.
fn ignores_hangup(status: &str) -> bool {
    let mut ignored = status.lines().filter_map(|line| line.strip_prefix("SigIgn:"));
    let mask = ignored
        .next()
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask & 1 == 1)
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> Signals {
        Signals
    }

    async fn first(self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nohup_is_told_from_the_mask_of_ignored_signals() {
        let status = |mask: &str| format!("Name:\tgreenlight\nSigBlk:\t0000000000000001\nSigIgn:\t{mask}\n");
        assert!(ignores_hangup(&status("0000000000001001")));
        assert!(!ignores_hangup(&status("0000000000001000")));
        assert!(!ignores_hangup("no Linux"));
        if std::path::Path::new("/proc/self/status").exists() {
            let told = |trap: &str| {
                let mut shell = std::process::Command::new("sh");
                let told = shell
                    .args(["-c", &format!("{trap} cat /proc/self/status")])
                    .output();
                ignores_hangup(&String::from_utf8(told.unwrap().stdout).unwrap())
            };
            assert!(told("trap '' HUP;"));
        }
    }
}
