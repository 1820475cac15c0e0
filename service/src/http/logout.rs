//! `POST /auth/logout`: ends the session of the access token that is shown. From then on that token, its siblings and the
//! refresh token are 401, on every instance.
//!
//! A credential without a session cannot be ended here: such a token is good until it expires, and a key until it is revoked.
//! The answer to it is 409, because a 204 would be a lie that somebody may rely on.

use std::sync::Arc;

use poem::http::StatusCode;
use poem_openapi::{ApiResponse, OpenApi};

use crate::auth::gate::Refusal;
use crate::auth::session::SessionBook;
use crate::http::api::Tag;
use crate::http::credential::{Credential, challenge};
use crate::http::problem::Problem;

/// The resource.
pub struct LogoutApi {
    /// Where sessions are ended.
    pub sessions: Arc<SessionBook>,
}

/// Every answer of this operation.
#[derive(ApiResponse)]
pub enum LogoutResponse {
    /// The session has ended.
    #[oai(status = 204)]
    Ended,
    /// There is no credential, or one that is not believed.
    #[oai(status = 401, header(name = "WWW-Authenticate", ty = "String"))]
    Unauthorized(Problem),
    /// The credential belongs to no session, so there is nothing that could be ended.
    #[oai(status = 409)]
    NoSession(Problem),
    /// What credentials are checked with is not available, or too much is being worked on.
    #[oai(status = 503, header(name = "Retry-After", ty = "u32"))]
    Unavailable(Problem),
}

#[OpenApi]
impl LogoutApi {
    /// Logout
    ///
    /// Ends the session that the access token belongs to: that token, its siblings and the refresh token are refused from now
    /// on.
    #[oai(
        path = "/auth/logout",
        method = "post",
        operation_id = "logout",
        tag = "Tag::Auth"
    )]
    async fn logout(&self, caller: Credential) -> LogoutResponse {
        match self.sessions.end(&caller.0).await {
            Ok(true) => LogoutResponse::Ended,
            Ok(false) => LogoutResponse::NoSession(without_session()),
            Err(error) => LogoutResponse::Unavailable(challenge(Refusal::Unavailable(error))),
        }
    }
}

/// The answer to a credential that belongs to no session.
pub(super) fn without_session() -> Problem {
    let detail = "This credential belongs to no session, so nothing was ended. A token like it is good until it expires; \
                  a key is revoked with `orchestrate keys revoke`.";
    Problem::new(StatusCode::CONFLICT, "session_missing", detail)
}
