//! `GET /livez`: does this process answer at all? It touches nothing, so that nothing outside of the process makes a
//! platform restart it: a restart mends no database and no provider.

use poem_openapi::payload::Json;
use poem_openapi::{ApiResponse, Object, OpenApi};

use crate::http::api::Tag;

/// The resource.
pub struct LivezApi;

/// That this process answers.
#[derive(Debug, Clone, Object)]
#[oai(rename = "Livez")]
pub struct LivezBody {
    /// `alive`.
    pub status: String,
}

/// Every answer of this operation.
#[derive(ApiResponse)]
pub enum LivezResponse {
    /// It answers.
    #[oai(status = 200)]
    Alive(Json<LivezBody>),
}

#[OpenApi]
impl LivezApi {
    /// Alive
    ///
    /// For liveness probes: it looks at neither the database nor the AI provider.
    #[oai(path = "/livez", method = "get", operation_id = "livez", tag = "Tag::System")]
    async fn livez(&self) -> LivezResponse {
        LivezResponse::Alive(Json(LivezBody {
            status: "alive".to_owned(),
        }))
    }
}
