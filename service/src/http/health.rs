//! `GET /health`: can this process do its work, right now? It needs its database and its provider for that.
//!
//! Both are measured, and an answer is at most [`REMEMBERED`] old, so that no number of probes becomes a number of
//! questions to the provider. Being unwell is no reason for a restart, since a restart mends no provider: platforms
//! should restart by `/livez` and send traffic by `/ready`.

use std::sync::Arc;
use std::time::Duration;

use poem_openapi::payload::Json;
use poem_openapi::{ApiResponse, Object, OpenApi};

use crate::http::api::Tag;
use crate::http::checkup::{Checkup, database_word, provider_word};
use crate::http::moment::Moment;

/// For how long a measurement is told again.
pub const REMEMBERED: Duration = Duration::from_secs(1);

/// The resource.
pub struct HealthApi {
    /// What is measured.
    pub checkup: Arc<Checkup>,
    /// The version that is said.
    pub version: String,
    /// The instance that is said.
    pub instance: String,
}

/// Whether this process can do its work.
#[derive(Debug, Clone, Object)]
#[oai(rename = "Health")]
pub struct HealthBody {
    /// `healthy` or `unhealthy`; the HTTP status says the same.
    pub status: String,
    /// When this was measured (RFC 3339, UTC): at most a second ago, and the time that measuring took.
    pub timestamp: Moment,
    /// `connected`, or one word for what is wrong.
    pub database: String,
    /// `reachable`, or a stable name for what is wrong.
    pub provider: String,
    /// How long each took to answer, in milliseconds.
    pub latency_ms: LatencyBody,
    /// The version that answers.
    pub version: String,
    /// The process that answers.
    pub instance: String,
}

/// How long each took to answer, in milliseconds.
#[derive(Debug, Clone, Object)]
#[oai(rename = "HealthLatency")]
pub struct LatencyBody {
    /// The database, for reading a real table.
    pub database: f64,
    /// The AI provider, for an unpaid question.
    pub provider: f64,
}

/// Every answer of this operation.
#[derive(ApiResponse)]
pub enum HealthResponse {
    /// Well.
    #[oai(status = 200)]
    Healthy(Json<HealthBody>),
    /// Not well: the body says what is wrong.
    #[oai(status = 503)]
    Unhealthy(Json<HealthBody>),
}

#[OpenApi]
impl HealthApi {
    /// Health
    ///
    /// Reads a real table of the database and asks the AI provider an unpaid question, at most once a second. For people and
    /// monitors: platforms restart by `/livez`, since a restart mends neither, and send traffic by `/ready`.
    #[oai(
        path = "/health",
        method = "get",
        operation_id = "health",
        tag = "Tag::System"
    )]
    async fn health(&self) -> HealthResponse {
        let (database, provider) = tokio::join!(
            self.checkup.database.within(REMEMBERED),
            self.checkup.provider.within(REMEMBERED)
        );
        let healthy = database.answer.is_ok() && provider.answer.is_ok();
        let body = HealthBody {
            status: if healthy { "healthy" } else { "unhealthy" }.to_owned(),
            timestamp: Moment(database.at.min(provider.at)),
            database: database_word(database.answer),
            provider: provider_word(provider.answer),
            latency_ms: LatencyBody {
                database: database.latency_ms(),
                provider: provider.latency_ms(),
            },
            version: self.version.clone(),
            instance: self.instance.clone(),
        };
        if healthy {
            HealthResponse::Healthy(Json(body))
        } else {
            HealthResponse::Unhealthy(Json(body))
        }
    }
}
