//! `orchestrate serve`: the service, until it is told to stop.

use std::net::IpAddr;

use clap::Args;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::oneshot;

use crate::app;
use crate::cli::config::Source;
use crate::cli::{CommandError, log, say};
use crate::config::ProviderChoice;
use crate::config::read::{Configuration, LogFormat, Typed};
use crate::http::api::PREFIX;

/// How to serve.
#[derive(Debug, Args)]
pub struct Serve {
    #[command(flatten)]
    source: Source,
    /// The address to listen on; 127.0.0.1 when neither flag, $ORCHESTRATE_HOST nor the file says
    #[arg(long)]
    host: Option<IpAddr>,
    /// The port to listen on, 0 for a free one; else $ORCHESTRATE_PORT, $PORT, the file or 8080
    #[arg(long)]
    port: Option<u16>,
    /// How to write the log; RUST_LOG says how much of it
    #[arg(long, value_enum)]
    log: Option<LogFormat>,
    /// Inject a fault, for proving that it is caught (repeatable; see `orchestrate faults`)
    #[cfg(feature = "faults")]
    #[arg(long = "fault", value_name = "ID")]
    faults: Vec<crate::faults::id::FaultId>,
    /// Look different and be healthy, for proving that nobody minds
    #[cfg(feature = "faults")]
    #[arg(long, value_name = "ID")]
    look_alike: Option<crate::faults::look_alike::LookAlike>,
}

impl Serve {
    /// Serves until SIGTERM or SIGINT, and then until requests in flight have finished, or a second such signal.
    ///
    /// # Errors
    /// When the settings are refused, nobody can listen there, or a second signal ended it.
    pub fn run(self) -> Result<(), CommandError> {
        let typed = Typed {
            dev: self.source.dev,
            host: self.host,
            port: self.port,
            log: self.log,
        };
        #[cfg_attr(not(feature = "faults"), expect(unused_mut, reason = "only faults change it"))]
        let mut configuration = self.source.read(typed)?;
        log::subscribe(configuration.log, None);
        #[cfg(feature = "faults")]
        {
            configuration.settings.faults = self.faults.iter().copied().collect();
            configuration.settings.faults.look_alike = self.look_alike;
        }
        let configuration = configuration.checked()?;
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        let served = runtime.block_on(serve(configuration));
        // What still runs has had its grace.
        runtime.shutdown_background();
        served
    }
}

async fn serve(configuration: Configuration) -> Result<(), CommandError> {
    let Configuration {
        settings, address, ..
    } = configuration;
    let provider = match &settings.provider {
        ProviderChoice::Simulator(_) => "simulated provider",
        ProviderChoice::OpenAi(_) => "real provider",
    };
    let app = app::build(settings).await?;
    let listener = TcpListener::bind(address)
        .await
        .map_err(|source| CommandError::Listen { address, source })?;
    let mut signals = Signals::new()?;
    say(&format!(
        "ready: http://{}{PREFIX} ({provider})",
        listener.local_addr()?
    ));
    let (tell, told) = oneshot::channel::<()>();
    let serving = app.serve(listener, async {
        let _ = told.await;
    });
    tokio::pin!(serving);
    tokio::select! {
        served = &mut serving => return Ok(served?),
        () = signals.next() => {}
    }
    tracing::info!("stopping: requests in flight may finish; another signal ends them");
    let _ = tell.send(());
    tokio::select! {
        served = &mut serving => Ok(served?),
        () = signals.next() => Err(CommandError::Impatient),
    }
}

/// What tells us to stop.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
