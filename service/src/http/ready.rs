//! `GET /ready`: may this process be sent traffic? It asks nobody outside: a provider that is down for all
//! replicas is no reason to send traffic to none of them. A process that was told to stop says no first of all, so that
//! whoever sends it traffic has the longest time to notice.

use std::sync::Arc;
use std::time::Duration;

use poem_openapi::payload::Json;
use poem_openapi::{ApiResponse, Object, OpenApi};

use crate::http::api::Tag;
use crate::http::checkup::{Checkup, database_word};
use crate::http::moment::Moment;
use crate::http::stopping::Stopping;

/// The resource.
pub struct ReadyApi {
    /// What is measured.
    pub checkup: Arc<Checkup>,
    /// Whether the process was told to stop.
    pub stopping: Stopping,
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
    /// Whether the process was told to stop, and is not ready for that reason alone.
    pub stopping: bool,
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
    ///
    /// For whoever sends traffic: no while the database is away, and no as soon as the process was told to stop.
    #[oai(path = "/ready", method = "get", operation_id = "ready", tag = "Tag::System")]
    async fn ready(&self) -> ReadyResponse {
        let (database, stopping) = (
            self.checkup.database.within(Duration::ZERO).await,
            self.stopping.told(),
        );
        let ready = database.answer.is_ok() && !stopping;
        let body = ReadyBody {
            status: if ready { "ready" } else { "not_ready" }.to_owned(),
            timestamp: Moment(database.at),
            database: database_word(database.answer),
            provider: "configured".to_owned(),
            stopping,
        };
        if ready {
            ReadyResponse::Ready(Json(body))
        } else {
            ReadyResponse::NotReady(Json(body))
        }
    }
}
