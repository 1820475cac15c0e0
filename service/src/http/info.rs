//! `GET /info`: which build answers, and which process. The original said the same version for a year.

use poem_openapi::payload::Json;
use poem_openapi::{Object, OpenApi};

use crate::http::api::Tag;

/// The resource.
pub struct InfoApi {
    /// What it says.
    pub info: InfoBody,
}

/// Which build answers, and which process.
#[derive(Debug, Clone, Object)]
#[oai(rename = "Info", skip_serializing_if_is_none)]
pub struct InfoBody {
    /// The service.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The commit it was built from, in full; absent when the build did not know it.
    pub commit: Option<String>,
    /// When it was built (RFC 3339, UTC).
    pub built_at: String,
    /// The process that answers; another one after every start.
    pub instance: String,
}

#[OpenApi]
impl InfoApi {
    /// Info
    ///
    /// Which build answers, and which process: what tells one deploy from the next.
    #[oai(path = "/info", method = "get", operation_id = "info", tag = "Tag::System")]
    async fn info(&self) -> Json<InfoBody> {
        Json(self.info.clone())
    }
}
