//! The log of the process: who writes it, and what a panic leaves in it. Here and not in the library, because a subscriber and
//! a panic hook belong to the whole process.

use std::io::IsTerminal;
use std::panic::PanicHookInfo;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, Registry};

use crate::cli::variable;
use crate::config::read::LogFormat;
use crate::http::panics::WITHHELD;
use crate::telemetry::otlp::Exporter;

/// A part of the subscriber beside the log.
pub type Further = Box<dyn Layer<Registry> + Send + Sync>;

/// The part that exports spans: ours, whatever of them is logged.
#[must_use]
pub fn exported(exporter: &Exporter) -> Further {
    let ours = Targets::new().with_target(env!("CARGO_CRATE_NAME"), LevelFilter::INFO);
    tracing_opentelemetry::layer()
        .with_tracer(exporter.tracer())
        .with_location(false)
        .with_threads(false)
        .with_tracked_inactivity(false)
        .with_filter(ours)
        .boxed()
}

/// Writes the log to stderr, one line a happening, and panics into it. `RUST_LOG` says how much of it.
pub fn subscribe(format: LogFormat, further: Option<Further>) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("orchestrate=info"));
    let colours = std::io::stderr().is_terminal() && variable("NO_COLOR").is_none_or(|set| set.is_empty());
    let log = tracing_subscriber::fmt::layer()
        .with_ansi(colours)
        .with_writer(std::io::stderr);
    let log = match format {
        LogFormat::Pretty => log.boxed(),
        // The spans' list holds the current one already.
        LogFormat::Json => log.json().flatten_event(true).with_current_span(false).boxed(),
    };
    let subscriber = tracing_subscriber::registry()
        .with(further)
        .with(log.with_filter(filter));
    // An error means that somebody subscribed before us, and then they get the log.
    let _ = subscriber.try_init();
    std::panic::set_hook(Box::new(panicked));
}

/// A panic as a line of the log, within the span of the request that it happened in.
fn panicked(panic: &PanicHookInfo<'_>) {
    let place = panic.location().map(ToString::to_string).unwrap_or_default();
    let payload = panic.payload();
    let why = payload
        .downcast_ref::<&'static str>()
        .map_or(WITHHELD, |said| said);
    tracing::error!(place, why, "panicked");
}
