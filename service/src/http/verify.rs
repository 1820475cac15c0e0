//! `GET /auth/verify`: is this token believed, and whose is it? It reads nothing else and costs nothing, so it is where
//! a client, or a verifier, tries a token before it is used for what is paid for.

use poem_openapi::payload::Json;
use poem_openapi::{ApiResponse, Object, OpenApi};

use crate::http::api::Tag;
use crate::http::credential::Credential;
use crate::http::problem::Problem;

/// The resource.
pub struct VerifyApi;

/// Whose token it is.
#[derive(Debug, Clone, Object)]
#[oai(rename = "VerifiedCaller")]
pub struct VerifiedBody {
    /// Always true: a token that is not believed is 401.
    pub valid: bool,
    /// The token's `sub`.
    pub subject: String,
}

/// Every answer of this operation.
#[derive(ApiResponse)]
pub enum VerifyResponse {
    /// The token is believed.
    #[oai(status = 200)]
    Believed(Json<VerifiedBody>),
    /// There is no token, or one that is not believed.
    #[oai(status = 401, header(name = "WWW-Authenticate", ty = "String"))]
    Unauthorized(Problem),
}

#[OpenApi]
impl VerifyApi {
    /// Verify
    ///
    /// Says whose the token is, or why it is not believed.
    #[oai(
        path = "/auth/verify",
        method = "get",
        operation_id = "verify",
        tag = "Tag::System"
    )]
    async fn verify(&self, caller: Credential) -> VerifyResponse {
        VerifyResponse::Believed(Json(VerifiedBody {
            valid: true,
            subject: caller.0.subject,
        }))
    }
}
