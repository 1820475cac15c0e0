//! `orchestrate serve`: the service, until it is told to stop.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::oneshot;

use crate::app;
use crate::cli::config::Source;
use crate::cli::{CommandError, log, say};
use crate::config::ProviderChoice;
use crate::config::read::{Configuration, LogFormat, Typed};
use crate::http::api::PREFIX;
use crate::http::metrics;
use crate::telemetry::metrics::Metrics;
use crate::telemetry::otlp::{self, Described, Exporter};

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
    /// Where to serve /metrics for Prometheus, such as 127.0.0.1:9464, port 0 for a free one; nowhere by default
    #[arg(long, value_name = "ADDRESS")]
    metrics_listen: Option<SocketAddr>,
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
            metrics: self.metrics_listen,
            log: self.log,
        };
        #[cfg_attr(not(feature = "faults"), expect(unused_mut, reason = "only faults change it"))]
        let mut configuration = self.source.read(typed)?;
        #[cfg(feature = "faults")]
        {
            configuration.settings.faults = self.faults.iter().copied().collect();
            configuration.settings.faults.look_alike = self.look_alike;
        }
        let log = configuration.log;
        let configuration = configuration.checked()?;
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        let exporter = exporter(&configuration, runtime.handle())?;
        log::subscribe(log, exporter.as_ref().map(log::exported));
        let served = runtime.block_on(serve(configuration));
        if let Some(exporter) = exporter {
            exporter.stop(LAST_SPANS);
        }
        // What still runs has had its grace.
        runtime.shutdown_background();
        served
    }
}

/// How long the last spans may take to leave.
const LAST_SPANS: Duration = Duration::from_secs(5);

/// What exports spans, if that is wanted.
fn exporter(configuration: &Configuration, runtime: &Handle) -> Result<Option<Exporter>, CommandError> {
    if !configuration.export.wanted {
        return Ok(None);
    }
    let build = &configuration.settings.build;
    let described = Described {
        name: (!configuration.export.named).then(|| env!("CARGO_PKG_NAME").to_owned()),
        version: build.full_version(),
        instance: build.instance.clone(),
    };
    Ok(Some(otlp::start(described, runtime.clone())?))
}

/// Serves the metrics at this address until the process ends, and says where.
async fn serve_metrics(address: SocketAddr, metrics: Arc<Metrics>) -> Result<(), CommandError> {
    let listener = listen(address, "--metrics-listen").await?;
    say(&format!(
        "metrics: http://{}{}",
        listener.local_addr()?,
        metrics::PATH
    ));
    tokio::spawn(async move {
        if let Err(error) = metrics::serve(listener, metrics).await {
            tracing::error!(%error, "the metrics are no longer served");
        }
    });
    Ok(())
}

async fn listen(address: SocketAddr, flag: &'static str) -> Result<TcpListener, CommandError> {
    let listening = TcpListener::bind(address).await;
    listening.map_err(|source| CommandError::Listen {
        address,
        flag,
        source,
    })
}

async fn serve(configuration: Configuration) -> Result<(), CommandError> {
    let Configuration {
        settings,
        address,
        metrics,
        ..
    } = configuration;
    let provider = match &settings.provider {
        ProviderChoice::Simulator(_) => "simulated provider",
        ProviderChoice::OpenAi(_) => "real provider",
    };
    let app = app::build(settings).await?;
    let listener = listen(address, "--port").await?;
    if let Some(metrics) = metrics {
        serve_metrics(metrics, app.metrics()).await?;
    }
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
