//! `orchestrate probe`: asks the service of the same configuration how it is, for a container's health check: an image that holds
//! nothing else has no other client.

use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use clap::{Args, ValueEnum};

use crate::cli::CommandError;
use crate::cli::config::Source;
use crate::config::read::Typed;
use crate::http::api::PREFIX;

/// How long an answer may take. A container's health check should be given longer.
const PATIENCE: Duration = Duration::from_secs(3);

/// What to ask, and whom.
#[derive(Debug, Args)]
pub struct Probe {
    /// Which of the three questions
    #[arg(value_enum, default_value = "ready")]
    question: Question,
    /// The port where it listens; else $ORCHESTRATE_PORT, $PORT, the file or 8080
    #[arg(long)]
    port: Option<u16>,
    #[command(flatten)]
    source: Source,
}

/// What can be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Question {
    /// Does the process answer at all?
    Livez,
    /// May it be sent traffic?
    Ready,
    /// Can it do its work, its provider included?
    Health,
}

impl Question {
    fn path(self) -> &'static str {
        match self {
            Self::Livez => "/livez",
            Self::Ready => "/ready",
            Self::Health => "/health",
        }
    }
}

impl Probe {
    /// Asks, and prints what was answered.
    ///
    /// # Errors
    /// When nobody answers in three seconds, or the answer is no.
    pub fn run(self) -> Result<(), CommandError> {
        let typed = Typed {
            dev: self.source.dev,
            port: self.port,
            ..Typed::default()
        };
        let address = reachable(self.source.read(typed)?.address);
        let url = format!("http://{address}{PREFIX}{}", self.question.path());
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let (good, answer) = runtime
            .block_on(ask(&url))
            .map_err(|error| CommandError::Unwell {
                url: url.clone(),
                why: format!("does not answer ({})", innermost(&error)),
            })?;
        if good {
            writeln!(std::io::stdout(), "{answer}")?;
            return Ok(());
        }
        Err(CommandError::Unwell {
            url,
            why: format!("answers: {answer}"),
        })
    }
}

/// Where a service that listens there can be reached from this machine.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

/// Whether the answer is a good one, and the answer.
async fn ask(url: &str) -> Result<(bool, String), reqwest::Error> {
    // A proxy of the environment is for the world outside.
    let client = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build()?;
    let response = client.get(url).send().await?;
    let status = response.status();
    Ok((
        status.is_success(),
        format!("{status} {}", response.text().await?),
    ))
}

/// What was really wrong: reqwest tells it last.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_listens_everywhere_is_asked_on_loopback() {
        for (listens, asked) in [
            ("0.0.0.0:80", "127.0.0.1:80"),
            ("[::]:80", "[::1]:80"),
            ("10.1.2.3:80", "10.1.2.3:80"),
        ] {
            assert_eq!(reachable(listens.parse().unwrap()).to_string(), asked);
        }
    }
}
