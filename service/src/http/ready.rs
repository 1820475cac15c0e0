//! `GET /ready`: may this process be sent traffic? It asks nobody outside: a provider that is down for all
//! replicas is no reason to send traffic to none of them.

use std::sync::Arc;

use poem_openapi::payload::Json;
use poem_openapi::{ApiResponse, Object, OpenApi};

use crate::domain::store::Store;
use crate::http::api::Tag;
use crate::http::moment::Moment;

/// The resource.
pub struct ReadyApi {
    /// The database that is measured.
    pub store: Arc<dyn Store>,
}

/// Whether this process may be sent traffic.
#[derive(Debug, Clone, Object)]
#[oai(rename = "Ready")]
pub struct ReadyBody {
    /// `ready` or `not_ready`; the HTTP status says the same.
    pub status: String,
    /// When this was measured (RFC 3339, UTC).
    pub timestamp: Moment,
    /// `connected`, or one word for what is wrong.
    pub database: String,
    /// `configured`: the service does not start without a provider.
    pub provider: String,
}

/// Every answer of this operation.
#[derive(ApiResponse)]
pub enum ReadyResponse {
    /// Send traffic.
    #[oai(status = 200)]
    Ready(Json<ReadyBody>),
    /// Send none: the body says why.
    #[oai(status = 503)]
    NotReady(Json<ReadyBody>),
}

#[OpenApi]
impl ReadyApi {
    /// Ready
    #[oai(path = "/ready", method = "get", operation_id = "ready", tag = "Tag::System")]
    async fn ready(&self) -> ReadyResponse {
        let database = self.store.check().await;
        let body = ReadyBody {
            status: if database.is_ok() { "ready" } else { "not_ready" }.to_owned(),
            timestamp: Moment::now(),
            database: database
                .map_or_else(|error| error.word(), |()| "connected")
                .to_owned(),
            provider: "configured".to_owned(),
        };
        match database {
            Ok(()) => ReadyResponse::Ready(Json(body)),
            Err(_) => ReadyResponse::NotReady(Json(body)),
        }
    }
}
