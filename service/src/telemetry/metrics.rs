//! What is counted, in the text format that Prometheus reads.
//!
//! A registry belongs to one service. Every label has few values, whatever anybody sends: routes as they are documented,
//! methods that are known, classes of status, codes of ours.

use std::sync::atomic::AtomicU64;
use std::time::{Duration, SystemTime};

use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

/// The media type of what [`Metrics::text`] gives.
pub const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The route of a path that is documented nowhere.
pub const NO_ROUTE: &str = "none";
/// The method of a request whose method is none that HTTP defines.
pub const OTHER_METHOD: &str = "other";
/// The status of a request whose client went away before it was answered.
pub const NO_STATUS: &str = "none";

/// From a question to SQLite to a transcription, in seconds.
const BUCKETS: [f64; 14] = [
    0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 15.0, 60.0,
];

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    method: &'static str,
    route: String,
    status: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CallLabels {
    operation: &'static str,
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct BuildLabels {
    version: String,
    instance: String,
}

/// Calls to somebody else, by operation and outcome, and how long they took.
type Calls = Family<CallLabels, Histogram, fn() -> Histogram>;

/// Everything that one service counts.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    durations: Family<RequestLabels, Histogram, fn() -> Histogram>,
    in_flight: Gauge,
    provider: Calls,
    database: Calls,
}

fn histogram() -> Histogram {
    Histogram::new(BUCKETS)
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("orchestrate");
        let metrics = Self {
            requests: Family::default(),
            durations: Family::new_with_constructor(histogram),
            in_flight: Gauge::default(),
            provider: Calls::new_with_constructor(histogram),
            database: Calls::new_with_constructor(histogram),
            registry: Registry::default(),
        };
        registry.register("http_requests", "Requests that ended", metrics.requests.clone());
        registry.register_with_unit(
            "http_request_duration",
            "From a request's head to its answer's",
            Unit::Seconds,
            metrics.durations.clone(),
        );
        registry.register(
            "http_requests_in_flight",
            "Requests that are being answered",
            metrics.in_flight.clone(),
        );
        registry.register_with_unit(
            "provider_call_duration",
            "Calls to the AI provider, by what came of them",
            Unit::Seconds,
            metrics.provider.clone(),
        );
        registry.register_with_unit(
            "database_call_duration",
            "Questions to the database, by what came of them",
            Unit::Seconds,
            metrics.database.clone(),
        );
        let started = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let since: Gauge<f64, AtomicU64> = Gauge::default();
        since.set(started.unwrap_or_default().as_secs_f64());
        registry.register_with_unit(
            "start_time",
            "When this service was built, in Unix time",
            Unit::Seconds,
            since,
        );
        Self { registry, ..metrics }
    }
}

impl Metrics {
    /// Metrics of a service of this build, as this process.
    #[must_use]
    pub fn of(version: &str, instance: &str) -> Self {
        let mut metrics = Self::default();
        let labels = BuildLabels {
            version: version.to_owned(),
            instance: instance.to_owned(),
        };
        metrics
            .registry
            .register("build", "The build and the process", Info::new(labels));
        metrics
    }

    /// A request has come. What is given here must be told how it ended.
    #[must_use]
    pub fn request(&self, method: &str, route: Option<&str>) -> InFlight<'_> {
        self.in_flight.inc();
        InFlight {
            metrics: self,
            began: std::time::Instant::now(),
            labels: RequestLabels {
                method: known_method(method),
                route: route.unwrap_or(NO_ROUTE).to_owned(),
                status: NO_STATUS,
            },
        }
    }

    /// A call to the provider has ended, with `ok` or one of our codes.
    pub fn provider_call(&self, operation: &'static str, outcome: &'static str, took: Duration) {
        let labels = CallLabels { operation, outcome };
        self.provider.get_or_create(&labels).observe(took.as_secs_f64());
    }

    /// A question to the database has ended, with `ok` or one of our words.
    pub fn database_call(&self, operation: &'static str, outcome: &'static str, took: Duration) {
        let labels = CallLabels { operation, outcome };
        self.database.get_or_create(&labels).observe(took.as_secs_f64());
    }

    /// All of it, as of now, as [`MEDIA_TYPE`] says.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a text does not fail.
        let _ = text::encode(&mut text, &self.registry);
        text
    }
}

/// A request that is being answered. Dropped without an answer, its client went away.
pub struct InFlight<'m> {
    metrics: &'m Metrics,
    began: std::time::Instant,
    labels: RequestLabels,
}

impl InFlight<'_> {
    /// It was answered with this status.
    pub fn answered(mut self, status: u16) {
        self.labels.status = match status / 100 {
            1 => "1xx",
            2 => "2xx",
            3 => "3xx",
            4 => "4xx",
            _ => "5xx",
        };
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.metrics.in_flight.dec();
        self.metrics.requests.get_or_create(&self.labels).inc();
        let took = self.began.elapsed().as_secs_f64();
        self.metrics.durations.get_or_create(&self.labels).observe(took);
    }
}

/// The methods of RFC 9110 and PATCH (RFC 5789); every other one is one.
fn known_method(method: &str) -> &'static str {
    const KNOWN: [&str; 9] = [
        "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT",
    ];
    KNOWN
        .into_iter()
        .find(|known| *known == method)
        .unwrap_or(OTHER_METHOD)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_counted_is_written_as_prometheus_reads_it() {
        let metrics = Metrics::of("1.2.3", "one");
        metrics.request("GET", Some("/health")).answered(200);
        drop(metrics.request("BREW", None));
        metrics.provider_call("concepts", "provider_timeout", Duration::from_secs(2));
        metrics.database_call("save", "ok", Duration::from_millis(2));
        let waiting = metrics.request("POST", Some("/work"));
        let text = metrics.text();
        drop(waiting);
        for line in [
            "orchestrate_http_requests_total{method=\"GET\",route=\"/health\",status=\"2xx\"} 1",
            "orchestrate_http_requests_total{method=\"other\",route=\"none\",status=\"none\"} 1",
            "orchestrate_http_requests_in_flight 1",
            "orchestrate_provider_call_duration_seconds_sum{operation=\"concepts\",outcome=\"provider_timeout\"} 2.0",
            "orchestrate_database_call_duration_seconds_count{operation=\"save\",outcome=\"ok\"} 1",
            "orchestrate_build_info{version=\"1.2.3\",instance=\"one\"} 1",
        ] {
            assert!(text.lines().any(|written| written == line), "{line}\n{text}");
        }
        assert!(text.ends_with("# EOF\n"));
    }
}
