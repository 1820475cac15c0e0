//! Spans to a collector (OTLP over HTTP, protobuf), as OpenTelemetry's standard variables say.
//!
//! The SDK reads the variables itself; `config` has looked at them before, so that a bad one is found at boot. Only the binary
//! starts this: one exporter a process. A collector that is away costs no request anything: spans wait in a bounded queue on
//! a thread of their own and are then dropped, and that is said once, not for each span.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use opentelemetry::KeyValue;
use opentelemetry::trace::TracerProvider;
use opentelemetry_http::{HttpClient, HttpError};
use opentelemetry_otlp::{SpanExporter, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};
use tokio::runtime::Handle;

/// How long a collector may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// What is said about the process with every span.
#[derive(Debug, Clone)]
pub struct Described {
    /// The service's name, unless a standard variable gives one.
    pub name: Option<String>,
    /// Its version.
    pub version: String,
    /// The process.
    pub instance: String,
}

/// Why nothing can be exported.
#[derive(Debug, thiserror::Error)]
#[error("spans cannot be exported: {0}")]
pub struct StartError(String);

/// What exports spans.
#[derive(Debug)]
pub struct Exporter(SdkTracerProvider);

/// Begins to export, on this runtime.
///
/// # Errors
/// When TLS cannot be set up, or a standard variable is not what it must be.
pub fn start(described: Described, runtime: Handle) -> Result<Exporter, StartError> {
    let client = reqwest::Client::builder()
        .timeout(PATIENCE)
        // A redirect would carry the headers, and a key in them, elsewhere.
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .map_err(|_| StartError("the TLS client could not be set up".to_owned()))?;
    let sender = Sender {
        client,
        runtime,
        away: Arc::default(),
    };
    let exporter = SpanExporter::builder().with_http().with_http_client(sender);
    let exporter = exporter.build().map_err(|error| StartError(error.to_string()))?;
    let resource = Resource::builder().with_attributes([
        KeyValue::new("service.version", described.version),
        KeyValue::new("service.instance.id", described.instance),
    ]);
    let resource = match described.name {
        Some(name) => resource.with_service_name(name),
        None => resource,
    };
    let provider = SdkTracerProvider::builder()
        .with_batch_exporter(exporter)
        .with_resource(resource.build());
    Ok(Exporter(provider.build()))
}

impl Exporter {
    /// What makes spans that are exported.
    #[must_use]
    pub fn tracer(&self) -> SdkTracer {
        self.0.tracer(env!("CARGO_PKG_NAME"))
    }

    /// Exports what is left, for at most so long. Not to be called on the runtime, whose thread it would hold.
    pub fn stop(self, longest: Duration) {
        // An error means that the collector is away, which was said.
        let _ = self.0.shutdown_with_timeout(longest);
    }
}

/// Our own HTTP client, as the exporter wants one. The exporter has a thread, and the client needs a runtime.
#[derive(Debug)]
struct Sender {
    client: reqwest::Client,
    runtime: Handle,
    /// Whether it was said that the collector is away.
    away: Arc<AtomicBool>,
}

impl HttpClient for Sender {
    fn send_bytes<'s, 'f>(
        &'s self,
        request: Request<Bytes>,
    ) -> Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'f>>
    where
        's: 'f,
        Self: 'f,
    {
        let (client, away) = (self.client.clone(), self.away.clone());
        let sending = self.runtime.spawn(async move {
            let sent = send(&client, request).await;
            tell(&away, &sent);
            sent
        });
        Box::pin(async move { Ok(sending.await??) })
    }
}

async fn send(client: &reqwest::Client, request: Request<Bytes>) -> Result<Response<Bytes>, reqwest::Error> {
    let mut answer = client.execute(request.try_into()?).await?;
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = answer.status();
    std::mem::swap(response.headers_mut(), answer.headers_mut());
    *response.body_mut() = answer.bytes().await?;
    Ok(response)
}

/// Says when the collector begins or ceases to be away: fixed words, since an address may hold a key.
fn tell(away: &AtomicBool, sent: &Result<Response<Bytes>, reqwest::Error>) {
    let why = match sent {
        Ok(response) if response.status().is_success() => None,
        Ok(response) => Some(format!("it answers {}", response.status().as_u16())),
        Err(error) if error.is_timeout() => Some("it does not answer in time".to_owned()),
        Err(_) => Some("it cannot be reached".to_owned()),
    };
    match why {
        Some(why) if !away.swap(true, Ordering::Relaxed) => {
            tracing::warn!(
                why,
                "the collector takes no spans; they are dropped until it does, and nothing else is"
            );
        }
        None if away.swap(false, Ordering::Relaxed) => tracing::info!("the collector takes spans again"),
        _ => {}
    }
}
