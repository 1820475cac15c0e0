//! Logging in from a page: `GET /auth/login` to the provider, `GET /auth/callback` back from it, and `POST /auth/token` for the
//! tokens.
//!
//! A login ends at an address that is configured and nowhere else, whatever anybody sends (the original sent people, with their
//! tokens in the address, wherever a parameter said). No cookie is needed, so no browser can lose one on the way (the
//! original's logins went round in circles in Safari).

use std::sync::Arc;
use std::time::Duration;

use poem::Request;
use poem::http::StatusCode;
use poem::http::header::HOST;
use poem_openapi::param::Query;
use poem_openapi::payload::Json;
use poem_openapi::{ApiResponse, Object, OpenApi};
use serde_json::Value;
use url::Url;

use crate::auth::gate::Refusal;
use crate::http::api::{PREFIX, Tag};
use crate::http::credential::challenge;
use crate::http::fields::Fields;
use crate::http::payload::{FromJson, JsonBody};
use crate::http::problem::{FieldError, Problem};
use crate::http::tokens::{MAX_BODY, NO_STORE, TokensBody, no_tokens};
use crate::login::flow::{Answer, Login, LoginError, Start};
use crate::login::provider::ProviderTrouble;

/// The longest code or verifier, in characters (RFC 7636 §4.1 has 128 for a verifier).
const MAX_CODE: usize = 256;

/// The resource.
pub struct LoginApi {
    /// How people log in; none when that is not configured.
    pub login: Option<Arc<Login>>,
}

/// The code that a login ended with.
#[derive(Debug, Clone, Object)]
#[oai(rename = "TokenRequest", skip_serializing_if_is_none)]
pub struct CodeBody {
    /// The `code` of the address that the login ended at.
    #[oai(validator(min_length = "1", max_length = "256"))]
    pub code: String,
    /// What the `code_challenge` of the login was made of; needed when there was one.
    #[oai(validator(max_length = "256"))]
    pub code_verifier: Option<String>,
}

/// The code that was sent, and what proves whose it is.
pub struct Code(String, Option<String>);

impl FromJson for Code {
    type Schema = CodeBody;

    const MAX_BYTES: usize = MAX_BODY;

    fn from_json(value: Value) -> Result<Self, Vec<FieldError>> {
        let mut fields = Fields::of(value)?;
        let code = fields.needed("code", MAX_CODE).unwrap_or_default();
        let verifier = fields.text("code_verifier", MAX_CODE);
        fields.finish(Self(code, verifier))
    }
}

/// Every answer of the operation that a login begins with.
#[derive(ApiResponse)]
pub enum SentOn {
    /// Go there.
    #[oai(status = 302)]
    Found(
        /// Where.
        #[oai(header = "Location")]
        String,
        /// Always `no-store`.
        #[oai(header = "Cache-Control")]
        String,
        /// Always `no-referrer`: the address holds what is nobody else's.
        #[oai(header = "Referrer-Policy")]
        String,
    ),
    /// The login may not end there, or nobody began it.
    #[oai(status = 400)]
    BadRequest(Problem),
    /// Nobody can log in here: no provider is configured.
    #[oai(status = 404)]
    Off(Problem),
    /// The login provider gave no usable answer.
    #[oai(status = 502, header(name = "Retry-After", ty = "u32"))]
    BadGateway(Problem),
    /// The login provider or the database is not available, or too much is being worked on.
    #[oai(status = 503, header(name = "Retry-After", ty = "u32"))]
    Unavailable(Problem),
    /// The login provider took too long.
    #[oai(status = 504, header(name = "Retry-After", ty = "u32"))]
    TimedOut(Problem),
}

impl SentOn {
    fn to(address: &Url) -> Self {
        Self::Found(address.to_string(), NO_STORE.to_owned(), "no-referrer".to_owned())
    }
}

impl From<Problem> for SentOn {
    fn from(problem: Problem) -> Self {
        match problem.status.as_u16() {
            404 => Self::Off(problem),
            502 => Self::BadGateway(problem),
            503 => Self::Unavailable(problem),
            504 => Self::TimedOut(problem),
            _ => Self::BadRequest(problem),
        }
    }
}

/// Every answer of the operation that a login comes back to. What the provider gets wrong by then, the page is told.
#[derive(ApiResponse)]
pub enum SentBack {
    /// Go there.
    #[oai(status = 302)]
    Found(
        /// Where.
        #[oai(header = "Location")]
        String,
        /// Always `no-store`.
        #[oai(header = "Cache-Control")]
        String,
        /// Always `no-referrer`: the address holds what is nobody else's.
        #[oai(header = "Referrer-Policy")]
        String,
    ),
    /// Nobody began this login, or it may no longer end where it began.
    #[oai(status = 400)]
    BadRequest(Problem),
    /// Nobody can log in here: no provider is configured.
    #[oai(status = 404)]
    Off(Problem),
    /// The database is not available, or too much is being worked on.
    #[oai(status = 503, header(name = "Retry-After", ty = "u32"))]
    Unavailable(Problem),
}

impl From<Problem> for SentBack {
    fn from(problem: Problem) -> Self {
        match problem.status.as_u16() {
            404 => Self::Off(problem),
            503 => Self::Unavailable(problem),
            _ => Self::BadRequest(problem),
        }
    }
}

/// Every answer of the exchange.
#[derive(ApiResponse)]
pub enum TokenResponse {
    /// The tokens of a new session.
    #[oai(status = 200)]
    Begun(
        Json<TokensBody>,
        /// Always `no-store`.
        #[oai(header = "Cache-Control")]
        String,
    ),
    /// The body is not JSON, or the code is not good.
    #[oai(status = 400)]
    BadRequest(Problem),
    /// Nobody can log in here: no provider is configured.
    #[oai(status = 404)]
    Off(Problem),
    /// The body did not arrive in time.
    #[oai(status = 408)]
    TooSlow(Problem),
    /// The body is too large.
    #[oai(status = 413)]
    TooLarge(Problem),
    /// The body is not declared as JSON.
    #[oai(status = 415)]
    UnsupportedMediaType(Problem),
    /// There is no code in the body.
    #[oai(status = 422)]
    Unprocessable(Problem),
    /// The database is not available, or too much is being worked on.
    #[oai(status = 503, header(name = "Retry-After", ty = "u32"))]
    Unavailable(Problem),
}

impl From<Problem> for TokenResponse {
    fn from(problem: Problem) -> Self {
        match problem.status.as_u16() {
            404 => Self::Off(problem),
            503 => Self::Unavailable(problem),
            _ => Self::BadRequest(problem),
        }
    }
}

impl LoginApi {
    fn login(&self) -> Result<&Login, Problem> {
        self.login.as_deref().ok_or_else(off)
    }

    async fn begin(&self, start: Start<'_>, here: Option<Url>) -> Result<Url, Problem> {
        let begun = self.login()?.start(start, here).await;
        begun.map_err(|error| problem(&error))
    }

    async fn back(&self, answer: Answer<'_>) -> Result<Url, Problem> {
        let done = self.login()?.back(answer).await;
        done.map_err(|error| problem(&error))
    }

    async fn redeem(&self, code: &str, verifier: Option<&str>) -> Result<TokensBody, Problem> {
        let redeemed = self.login()?.redeem(code, verifier).await;
        redeemed.map(TokensBody::from).map_err(|error| problem(&error))
    }
}

#[OpenApi]
impl LoginApi {
    /// Login
    ///
    /// Sends the browser to the login provider. The login ends at `redirect_uri` with a `code`, which is taken for tokens at
    /// `/auth/token` within a minute, or with an `error`.
    #[oai(
        path = "/auth/login",
        method = "get",
        operation_id = "login",
        tag = "Tag::Auth"
    )]
    async fn start(
        &self,
        request: &Request,
        /// Where the login ends: one of the configured addresses, to the letter. The first of them when absent.
        redirect_uri: Query<Option<String>>,
        /// The SHA-256 of a secret of the page's in base64url (RFC 7636 §4.2). With it, only who knows the secret gets the
        /// tokens.
        code_challenge: Query<Option<String>>,
    ) -> SentOn {
        let start = Start {
            redirect: redirect_uri.0.as_deref(),
            challenge: code_challenge.0.as_deref(),
        };
        match self.begin(start, here(request)).await {
            Ok(address) => SentOn::to(&address),
            Err(problem) => problem.into(),
        }
    }

    /// Callback
    ///
    /// Where the login provider sends the browser back to, and nobody else. Sends it on to where the login ends.
    #[oai(
        path = "/auth/callback",
        method = "get",
        operation_id = "loginCallback",
        tag = "Tag::Auth"
    )]
    async fn callback(
        &self,
        /// Which login it answers.
        state: Query<Option<String>>,
        /// The provider's code.
        code: Query<Option<String>>,
        /// What went wrong at the provider.
        error: Query<Option<String>>,
        /// The provider (RFC 9207).
        iss: Query<Option<String>>,
    ) -> SentBack {
        let answer = Answer {
            state: state.0.as_deref(),
            code: code.0.as_deref(),
            error: error.0.as_deref(),
            issuer: iss.0.as_deref(),
        };
        match self.back(answer).await {
            Ok(address) => {
                SentBack::Found(address.to_string(), NO_STORE.to_owned(), "no-referrer".to_owned())
            }
            Err(problem) => problem.into(),
        }
    }

    /// Tokens
    ///
    /// Takes the code that a login ended with, which is good once and for a minute, for the tokens of a new session.
    #[oai(
        path = "/auth/token",
        method = "post",
        operation_id = "redeemLogin",
        tag = "Tag::Auth"
    )]
    async fn token(&self, body: JsonBody<Code>) -> TokenResponse {
        let (Code(code, verifier), _turn) = body.into_parts();
        match self.redeem(&code, verifier.as_deref()).await {
            Ok(tokens) => TokenResponse::Begun(Json(tokens), NO_STORE.to_owned()),
            Err(problem) => problem.into(),
        }
    }
}

/// Our callback as this browser reached us. Only development goes by it: who may log in where is configured elsewhere.
fn here(request: &Request) -> Option<Url> {
    let host = request.headers().get(HOST)?.to_str().ok()?;
    Url::parse(&format!("http://{host}{PREFIX}/auth/callback")).ok()
}

/// The answer when nobody can log in.
pub(super) fn off() -> Problem {
    let detail = "Nobody can log in here: no login provider is configured.";
    Problem::new(StatusCode::NOT_FOUND, "login_not_configured", detail)
}

/// The answer when a login fails.
pub(super) fn problem(error: &LoginError) -> Problem {
    let detail = sentence(error);
    match error {
        LoginError::Redirect => Problem::bad_request("login_redirect_refused", detail),
        LoginError::Challenge => Problem::bad_request("login_challenge_invalid", detail),
        LoginError::State => Problem::bad_request("login_state_unknown", detail),
        LoginError::Code => Problem::bad_request("login_code_invalid", detail),
        LoginError::Provider(why) => {
            tracing::warn!(?why, "a login could not be begun");
            of_provider(why)
        }
        LoginError::Store(error) => challenge(Refusal::Unavailable(*error)),
        LoginError::Session(error) => no_tokens(error),
        LoginError::Random(_) => trouble(StatusCode::SERVICE_UNAVAILABLE, "signing_unavailable", detail),
    }
}

/// The answer when the login provider is of no help.
pub(super) fn of_provider(why: &ProviderTrouble) -> Problem {
    let (status, code) = match why {
        ProviderTrouble::Away => (StatusCode::SERVICE_UNAVAILABLE, "login_provider_unavailable"),
        ProviderTrouble::Slow => (StatusCode::GATEWAY_TIMEOUT, "login_provider_timeout"),
        ProviderTrouble::Odd(_) | ProviderTrouble::Refused => {
            (StatusCode::BAD_GATEWAY, "login_provider_failed")
        }
    };
    trouble(status, code, sentence(why))
}

fn trouble(status: StatusCode, code: &'static str, detail: String) -> Problem {
    Problem::new(status, code, detail).with_retry_after(Some(Duration::from_secs(10)))
}

/// An error's words as a sentence.
fn sentence(error: &impl std::fmt::Display) -> String {
    let words = format!("{error}.");
    let first = words.get(..1).map(str::to_uppercase).unwrap_or_default();
    format!("{first}{}", words.get(1..).unwrap_or_default())
}
