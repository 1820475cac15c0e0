//! `POST /ai/orchestrate`: words or a recording in, transcription and concepts out.

use poem::Request;
use poem::http::HeaderName;
use poem_openapi::param::Header;
use poem_openapi::payload::Json;
use poem_openapi::{ApiResponse, OpenApi};

use crate::domain::data::replays::StoredAnswer;
use crate::http::allowed::{Allowed, Orchestrating};
use crate::http::answer::{Answered, ResponseBody};
use crate::http::api::Tag;
use crate::http::ask::Ask;
use crate::http::idempotency::{self, Entry, Idempotency, REPLAYED, slot};
use crate::http::payload::JsonBody;
use crate::http::problem::Problem;
use crate::http::run::{Accepted, Runner};

/// The resource.
pub struct OrchestrateApi {
    /// Who carries requests out.
    pub runner: Runner,
    /// What was answered before.
    pub idempotency: Idempotency,
}

/// Every answer of this operation. There is no 500: that would be a bug, and a bug is not documented.
#[derive(ApiResponse)]
pub enum OrchestrateResponse {
    /// Done.
    #[oai(status = 200)]
    Done(
        Json<ResponseBody>,
        /// Where the run was kept, when it was.
        #[oai(header = "Location")]
        Option<String>,
        /// `true` when this was answered before, under the same `Idempotency-Key`; absent otherwise.
        #[oai(header = "Idempotency-Replayed")]
        Option<bool>,
    ),
    /// The body is not JSON, holds nothing to work on, or holds or names a recording that cannot be taken: `code` says why.
    #[oai(status = 400)]
    BadRequest(Problem),
    /// There is no credential, or one that is not believed.
    #[oai(status = 401, header(name = "WWW-Authenticate", ty = "String"))]
    Unauthorized(Problem),
    /// The credential may not do this.
    #[oai(status = 403, header(name = "WWW-Authenticate", ty = "String"))]
    Forbidden(Problem),
    /// The body did not arrive in time.
    #[oai(status = 408)]
    TooSlow(Problem),
    /// A request with this `Idempotency-Key` is still being worked on.
    #[oai(status = 409, header(name = "Retry-After", ty = "u32"))]
    InUse(Problem),
    /// The body or the recording is too large.
    #[oai(status = 413)]
    TooLarge(Problem),
    /// The body is not declared as JSON.
    #[oai(status = 415)]
    UnsupportedMediaType(Problem),
    /// A field has the wrong type or an impossible value, or the `Idempotency-Key` was used for another body.
    #[oai(status = 422)]
    Unprocessable(Problem),
    /// Asked too often.
    #[oai(status = 429, header(name = "Retry-After", ty = "u32"))]
    TooOften(Problem),
    /// The AI provider refused us, or gave an answer that cannot be used.
    #[oai(status = 502, header(name = "Retry-After", ty = "u32"))]
    BadGateway(Problem),
    /// The AI provider or the database is not available, or too much is being worked on.
    #[oai(status = 503, header(name = "Retry-After", ty = "u32"))]
    Unavailable(Problem),
    /// The AI provider, or the whole of the work, took too long.
    #[oai(status = 504, header(name = "Retry-After", ty = "u32"))]
    TimedOut(Problem),
}

#[OpenApi]
impl OrchestrateApi {
    /// Orchestrate
    ///
    /// Transcribes a recording, or takes words as they are, and finds concepts in them. The caller pays the
    /// AI provider's price for every accepted request; one that is sent again under its `Idempotency-Key` is paid for once.
    #[oai(
        path = "/ai/orchestrate",
        method = "post",
        operation_id = "orchestrate",
        tag = "Tag::Ai"
    )]
    async fn orchestrate(
        &self,
        caller: Allowed<Orchestrating>,
        /// Any fresh name of this request, such as a UUID: the same request under the same name, within 24 hours, is answered as
        /// it was and not done again.
        #[oai(name = "Idempotency-Key", validator(min_length = 1, max_length = 255))]
        #[expect(
            unused_variables,
            reason = "it documents the header, which is read whole below"
        )]
        key: Header<Option<String>>,
        request: &Request,
        body: JsonBody<Ask>,
    ) -> poem::Result<OrchestrateResponse> {
        let turn = match idempotency::sent(request.headers())? {
            None => None,
            Some(key) => {
                let slot = slot(&caller.credential, "orchestrate", key)?;
                let fingerprint = body.fingerprint().unwrap_or_default();
                match self.idempotency.enter(slot, fingerprint).await? {
                    Entry::Ours(turn) => Some(turn),
                    Entry::Again(stored) => return again(&stored),
                }
            }
        };
        let (Ask { request, language }, held) = body.into_parts();
        let accepted = Accepted {
            request,
            language,
            subject: caller.subject.clone(),
            held,
        };
        let answered = self.runner.run(accepted, turn).await?;
        Ok(OrchestrateResponse::Done(
            Json(answered.body),
            answered.location,
            None,
        ))
    }
}

/// An answer that was given before.
fn again(stored: &StoredAnswer) -> poem::Result<OrchestrateResponse> {
    match Answered::restored(stored) {
        Ok(answered) => Ok(OrchestrateResponse::Done(
            Json(answered.body),
            answered.location,
            Some(true),
        )),
        Err(problem) => Err(replayed(problem).into()),
    }
}

fn replayed(problem: Problem) -> Problem {
    match HeaderName::try_from(REPLAYED) {
        Ok(name) => problem.with_header(name, "true"),
        Err(_) => problem,
    }
}
