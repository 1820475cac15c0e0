//! `GET /health`: is this process well, right now? Measured when asked, never remembered.

use std::sync::Arc;

use poem_openapi::payload::Json;
use poem_openapi::{ApiResponse, Object, OpenApi};

use crate::domain::store::Store;
use crate::http::api::Tag;
use crate::http::moment::Moment;

/// The resource.
pub struct HealthApi {
    /// The database that is measured.
    pub store: Arc<dyn Store>,
    /// The version that is said.
    pub version: String,
    /// The instance that is said.
    pub instance: String,
}

/// Whether this process is well.
#[derive(Debug, Clone, Object)]
#[oai(rename = "Health")]
pub struct HealthBody {
    /// `healthy` or `unhealthy`; the HTTP status says the same.
    pub status: String,
    /// When this was measured (RFC 3339, UTC).
    pub timestamp: Moment,
    /// `connected`, or one word for what is wrong.
    pub database: String,
    /// The version that answers.
    pub version: String,
    /// The process that answers.
    pub instance: String,
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
    /// Reads a real table of the database before it answers.
    #[oai(
        path = "/health",
        method = "get",
        operation_id = "health",
        tag = "Tag::System"
    )]
    async fn health(&self) -> HealthResponse {
        let database = self.store.check().await;
        let body = HealthBody {
            status: if database.is_ok() { "healthy" } else { "unhealthy" }.to_owned(),
            timestamp: Moment::now(),
            database: database
                .map_or_else(|error| error.word(), |()| "connected")
                .to_owned(),
            version: self.version.clone(),
            instance: self.instance.clone(),
        };
        match database {
            Ok(()) => HealthResponse::Healthy(Json(body)),
            Err(_) => HealthResponse::Unhealthy(Json(body)),
        }
    }
}
