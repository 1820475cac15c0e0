//! `/curations`: what was kept, read back and deleted by whoever had it kept.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use poem::http::StatusCode;
use poem_openapi::error::ParseParamError;
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::{ApiResponse, Object, OpenApi};

use crate::domain::data::curations::{Curations, Filter};
use crate::domain::store::Curation;
use crate::http::allowed::{Allowed, DeletingCurations, ReadingCurations};
use crate::http::answer::ConceptBody;
use crate::http::api::Tag;
use crate::http::moment::Moment;
use crate::http::problem::Problem;

/// The resource.
pub struct CurationsApi {
    /// Where they are kept.
    pub curations: Arc<dyn Curations>,
}

/// A kept run.
#[derive(Debug, Clone, Object)]
#[oai(rename = "Curation", skip_serializing_if_is_none)]
pub struct CurationBody {
    /// Its name: the `curation_id` of the answer with which it was kept.
    pub id: String,
    /// When it was kept (RFC 3339, UTC).
    pub created_at: Moment,
    /// The workflow that ran.
    pub workflow: String,
    /// Who curated.
    pub curator_id: Option<String>,
    /// The entity that the words are about.
    pub entity_id: Option<String>,
    /// What kind of entity it is.
    pub entity_type: String,
    /// The place that the words are about.
    pub place_id: Option<String>,
    /// The language that was asked for.
    pub language: String,
    /// The words, as transcribed or as sent.
    pub text: String,
    /// What was found in them.
    pub concepts: Vec<ConceptBody>,
    /// Seconds of audio that were transcribed; absent for written words.
    pub audio_seconds: Option<f64>,
}

impl From<Curation> for CurationBody {
    fn from(curation: Curation) -> Self {
        let seconds = |ms: u64| Duration::from_millis(ms).as_secs_f64();
        Self {
            id: curation.id,
            created_at: Moment(curation.created_at),
            workflow: curation.workflow,
            curator_id: curation.curator_id,
            entity_id: curation.entity_id,
            entity_type: curation.entity_type,
            place_id: curation.place_id,
            language: curation.language,
            text: curation.text,
            concepts: curation.concepts.into_iter().map(ConceptBody::from).collect(),
            audio_seconds: curation.audio_ms.map(seconds),
        }
    }
}

/// A part of what was kept, newest first.
#[derive(Debug, Clone, Object)]
#[oai(rename = "CurationPage", skip_serializing_if_is_none)]
pub struct CurationPageBody {
    /// The kept runs.
    pub items: Vec<CurationBody>,
    /// What to send as `cursor` for the next page; absent on the last.
    pub next_cursor: Option<String>,
}

/// Every answer of the list.
#[derive(ApiResponse)]
pub enum ListResponse {
    /// A page.
    #[oai(status = 200)]
    Page(Json<CurationPageBody>),
    /// There is no credential, or one that is not believed.
    #[oai(status = 401, header(name = "WWW-Authenticate", ty = "String"))]
    Unauthorized(Problem),
    /// The credential may not do this.
    #[oai(status = 403, header(name = "WWW-Authenticate", ty = "String"))]
    Forbidden(Problem),
    /// A parameter has an impossible value.
    #[oai(status = 422)]
    Unprocessable(Problem),
    /// Asked too often.
    #[oai(status = 429, header(name = "Retry-After", ty = "u32"))]
    TooOften(Problem),
    /// The database is not available, or too much is being worked on.
    #[oai(status = 503, header(name = "Retry-After", ty = "u32"))]
    Unavailable(Problem),
}

/// Every answer of reading one.
#[derive(ApiResponse)]
pub enum ReadResponse {
    /// Here it is.
    #[oai(status = 200)]
    Found(Json<CurationBody>),
    /// There is no credential, or one that is not believed.
    #[oai(status = 401, header(name = "WWW-Authenticate", ty = "String"))]
    Unauthorized(Problem),
    /// The credential may not do this.
    #[oai(status = 403, header(name = "WWW-Authenticate", ty = "String"))]
    Forbidden(Problem),
    /// There is none of that id, or it is somebody else's.
    #[oai(status = 404)]
    NotFound(Problem),
    /// Asked too often.
    #[oai(status = 429, header(name = "Retry-After", ty = "u32"))]
    TooOften(Problem),
    /// The database is not available, or too much is being worked on.
    #[oai(status = 503, header(name = "Retry-After", ty = "u32"))]
    Unavailable(Problem),
}

/// Every answer of deleting one.
#[derive(ApiResponse)]
pub enum DeleteResponse {
    /// It is gone.
    #[oai(status = 204)]
    Deleted,
    /// There is no credential, or one that is not believed.
    #[oai(status = 401, header(name = "WWW-Authenticate", ty = "String"))]
    Unauthorized(Problem),
    /// The credential may not do this.
    #[oai(status = 403, header(name = "WWW-Authenticate", ty = "String"))]
    Forbidden(Problem),
    /// There is none of that id, or it is somebody else's.
    #[oai(status = 404)]
    NotFound(Problem),
    /// Asked too often.
    #[oai(status = 429, header(name = "Retry-After", ty = "u32"))]
    TooOften(Problem),
    /// The database is not available, or too much is being worked on.
    #[oai(status = 503, header(name = "Retry-After", ty = "u32"))]
    Unavailable(Problem),
}

/// How many a page holds when nobody says.
fn usual_page() -> u32 {
    20
}

#[OpenApi]
impl CurationsApi {
    /// List curations
    ///
    /// What the caller had kept, newest first, page by page. A run that is kept meanwhile moves no page. A page of long texts may
    /// hold fewer than were asked for: only one without `next_cursor` is the last.
    #[oai(
        path = "/curations",
        method = "get",
        operation_id = "listCurations",
        tag = "Tag::Curations"
    )]
    async fn list(
        &self,
        caller: Allowed<ReadingCurations>,
        /// Only those about this entity.
        #[oai(validator(max_length = 256))]
        entity_id: Query<Option<String>>,
        /// Only those about this kind of entity.
        #[oai(validator(max_length = 256))]
        entity_type: Query<Option<String>>,
        /// How many at most.
        #[oai(
            default = "usual_page",
            validator(minimum(value = "1"), maximum(value = "100"))
        )]
        limit: Query<u32>,
        /// The `next_cursor` of the page before.
        #[oai(validator(max_length = 256))]
        cursor: Query<Option<String>>,
    ) -> poem::Result<ListResponse> {
        let after = cursor.0.as_deref().map(position).transpose()?;
        let filter = Filter {
            entity_id: storable("entity_id", entity_id.0)?,
            entity_type: storable("entity_type", entity_type.0)?,
        };
        let page = self
            .curations
            .list(&caller.subject, &filter, after.as_deref(), limit.0)
            .await
            .map_err(Problem::from)?;
        Ok(ListResponse::Page(Json(CurationPageBody {
            items: page.curations.into_iter().map(CurationBody::from).collect(),
            next_cursor: page.next.map(|id| URL_SAFE_NO_PAD.encode(id)),
        })))
    }

    /// Read a curation
    ///
    /// As it was kept, for whoever had it kept and nobody else.
    #[oai(
        path = "/curations/:id",
        method = "get",
        operation_id = "readCuration",
        tag = "Tag::Curations"
    )]
    async fn read(
        &self,
        caller: Allowed<ReadingCurations>,
        /// Its name.
        id: Path<String>,
    ) -> poem::Result<ReadResponse> {
        let id = known(&id.0)?;
        let found = self.curations.get(&caller.subject, id).await;
        let found = found.map_err(Problem::from)?.ok_or_else(not_found)?;
        Ok(ReadResponse::Found(Json(found.into())))
    }

    /// Delete a curation
    ///
    /// For good. Deleting it again is 404.
    #[oai(
        path = "/curations/:id",
        method = "delete",
        operation_id = "deleteCuration",
        tag = "Tag::Curations"
    )]
    async fn delete(
        &self,
        caller: Allowed<DeletingCurations>,
        /// Its name.
        id: Path<String>,
    ) -> poem::Result<DeleteResponse> {
        let id = known(&id.0)?;
        let deleted = self.curations.delete(&caller.subject, id).await;
        if deleted.map_err(Problem::from)? {
            Ok(DeleteResponse::Deleted)
        } else {
            Err(not_found().into())
        }
    }
}

/// An id that could be one of ours; no other is looked for.
fn known(id: &str) -> Result<&str, Problem> {
    let known = uuid::Uuid::try_parse(id).is_ok_and(|parsed| parsed.to_string() == id);
    if known { Ok(id) } else { Err(not_found()) }
}

/// The id in a cursor.
pub(super) fn position(cursor: &str) -> Result<String, Problem> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).unwrap_or_default();
    let id = String::from_utf8(bytes).unwrap_or_default();
    match known(&id) {
        Ok(_) => Ok(id),
        Err(_) => Err(query_invalid("cursor", "send a next_cursor as it was answered")),
    }
}

/// A text that databases take.
fn storable(name: &str, text: Option<String>) -> Result<Option<String>, Problem> {
    match text {
        Some(text) if text.contains('\0') => Err(query_invalid(name, "may not contain the NUL character")),
        text => Ok(text),
    }
}

/// The answer to a parameter that cannot be read.
#[must_use]
pub fn unreadable(error: &ParseParamError) -> Problem {
    query_invalid(error.name, &error.reason)
}

/// The answer to a parameter that has an impossible value.
fn query_invalid(name: &str, why: &str) -> Problem {
    let detail = format!("The parameter {name} is wrong: {why}.");
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "parameter_invalid", detail)
}

pub(super) fn not_found() -> Problem {
    let detail = "There is no curation of that id that is yours.";
    Problem::new(StatusCode::NOT_FOUND, "curation_not_found", detail)
}
