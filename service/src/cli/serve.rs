//! `orchestrate serve`: the service, until it is told to stop.

use std::io::IsTerminal;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use clap::{Args, ValueEnum};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

use crate::app;
use crate::cli::{CommandError, say, variable};
use crate::config::{ProviderChoice, Settings, env};
use crate::http::api::PREFIX;

/// How to serve.
#[derive(Debug, Args)]
pub struct Serve {
    /// Serve for development: public secret, database in memory, simulated provider unless a key is set
    #[arg(long)]
    dev: bool,
    /// The address to listen on
    #[arg(long, env = "ORCHESTRATE_HOST", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    host: IpAddr,
    /// The port to listen on; 0 takes a free one
    #[arg(long, env = "ORCHESTRATE_PORT", default_value_t = 8080)]
    port: u16,
    /// How to write the log; RUST_LOG says how much of it
    #[arg(long, env = "ORCHESTRATE_LOG", value_enum, default_value_t = LogFormat::Pretty)]
    log: LogFormat,
    /// Inject a fault, for proving that it is caught (repeatable; see `orchestrate faults`)
    #[cfg(feature = "faults")]
    #[arg(long = "fault", value_name = "ID")]
    faults: Vec<crate::faults::id::FaultId>,
    /// Look different and be healthy, for proving that nobody minds
    #[cfg(feature = "faults")]
    #[arg(long, value_name = "ID")]
    look_alike: Option<crate::faults::look_alike::LookAlike>,
}

/// How the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum LogFormat {
    /// For people.
    Pretty,
    /// One JSON object a line.
    Json,
}

impl Serve {
    /// Serves until SIGTERM or SIGINT.
    ///
    /// # Errors
    /// When the settings are refused, or nobody can listen there.
    pub fn run(self) -> Result<(), CommandError> {
        subscribe(self.log);
        let settings = self.settings()?;
        settings.check()?;
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(self.serve(settings))
    }

    fn settings(&self) -> Result<Settings, CommandError> {
        #[cfg_attr(
            not(feature = "faults"),
            expect(unused_mut, reason = "only faults change them")
        )]
        let mut settings = env::read(variable, self.dev)?;
        #[cfg(feature = "faults")]
        {
            settings.faults = self.faults.iter().copied().collect();
            settings.faults.look_alike = self.look_alike;
        }
        Ok(settings)
    }

    async fn serve(&self, settings: Settings) -> Result<(), CommandError> {
        let address = SocketAddr::new(self.host, self.port);
        let provider = match &settings.provider {
            ProviderChoice::Simulator(_) => "simulated provider",
            ProviderChoice::OpenAi(_) => "real provider",
        };
        let app = app::build(settings).await?;
        let listener = TcpListener::bind(address)
            .await
            .map_err(|source| CommandError::Listen { address, source })?;
        let (mut terminate, mut interrupt) =
            (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        say(&format!(
            "ready: http://{}{PREFIX} ({provider})",
            listener.local_addr()?
        ));
        let stop = async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            tracing::info!("stopping: requests in flight may finish");
        };
        app.serve(listener, stop).await?;
        Ok(())
    }
}

/// Writes the log to stderr. Here and not in the library: a subscriber is a process global.
fn subscribe(format: LogFormat) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("orchestrate=info"));
    let colours = std::io::stderr().is_terminal() && variable("NO_COLOR").is_none_or(|set| set.is_empty());
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(colours)
        .with_writer(std::io::stderr);
    // An error means that somebody subscribed before us, and then they get the log.
    let _ = match format {
        LogFormat::Pretty => log.try_init(),
        LogFormat::Json => log.json().try_init(),
    };
}
