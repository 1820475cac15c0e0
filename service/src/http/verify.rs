//! `GET /auth/verify`: is this credential believed, whose is it, and what may it be used for? It reads nothing else and costs nothing, so it is where
//! a client, or a verifier, tries a token before it is used for what is paid for.

use poem_openapi::payload::Json;
use poem_openapi::{ApiResponse, Object, OpenApi};

use crate::http::api::Tag;
use crate::http::credential::Credential;
use crate::http::problem::Problem;

/// The resource.
pub struct VerifyApi;

/// Whose credential it is.
#[derive(Debug, Clone, Object)]
#[oai(rename = "VerifiedCaller")]
pub struct VerifiedBody {
    /// Always true: a credential that is not believed is 401.
    pub valid: bool,
    /// The token's `sub`, or the subject of the API key.
    pub subject: String,
    /// What was shown: `token` or `api_key`.
    pub credential: String,
    /// What it may be used for.
    pub scopes: Vec<String>,
}

/// Every answer of this operation.
#[derive(ApiResponse)]
pub enum VerifyResponse {
    /// The credential is believed.
    #[oai(status = 200)]
    Believed(Json<VerifiedBody>),
    /// There is no credential, or one that is not believed.
    #[oai(status = 401, header(name = "WWW-Authenticate", ty = "String"))]
    Unauthorized(Problem),
    /// What credentials are checked with is not available, or too much is being worked on.
    #[oai(status = 503, header(name = "Retry-After", ty = "u32"))]
    Unavailable(Problem),
}

#[OpenApi]
impl VerifyApi {
    /// Verify
    ///
    /// Says whose the credential is and what it may be used for, or why it is not believed.
    #[oai(
        path = "/auth/verify",
        method = "get",
        operation_id = "verify",
        tag = "Tag::System"
    )]
    async fn verify(&self, Credential(caller): Credential) -> VerifyResponse {
        VerifyResponse::Believed(Json(VerifiedBody {
            valid: true,
            credential: caller.credential.kind().name().to_owned(),
            scopes: caller.scopes.names().map(str::to_owned).collect(),
            subject: caller.subject,
        }))
    }
}
