//! `/concept-categories`: which kinds of concepts are looked for, by kind of entity. Everybody reads them; who may change what
//! everybody has needs a scope of its own.

use std::sync::Arc;

use poem::http::StatusCode;
use poem_openapi::param::Path;
use poem_openapi::payload::Json;
use poem_openapi::{ApiResponse, Object, OpenApi};
use serde_json::Value;

use crate::domain::data::categories::{
    Categories, EVERY_OTHER, EntityCategories, LONGEST_CATEGORY, MOST_CATEGORIES,
};
use crate::http::allowed::{Allowed, ChangingCategories};
use crate::http::api::Tag;
use crate::http::ask::MAX_NAME;
use crate::http::credential::Credential;
use crate::http::fields::Fields;
use crate::http::payload::{FromJson, JsonBody};
use crate::http::problem::{FieldError, Problem};

/// The resource.
pub struct CategoriesApi {
    /// Where they are kept.
    pub categories: Arc<dyn Categories>,
}

/// A kind of entity and its categories.
#[derive(Debug, Clone, Object)]
#[oai(rename = "ConceptCategories")]
pub struct CategoriesBody {
    /// What kind of entity; `*` stands for every kind without categories of its own.
    pub entity_type: String,
    /// Its categories, in the order in which the AI provider is told of them.
    pub categories: Vec<String>,
}

impl From<EntityCategories> for CategoriesBody {
    fn from(of: EntityCategories) -> Self {
        Self {
            entity_type: of.entity_type,
            categories: of.categories,
        }
    }
}

/// All kinds of entities that have categories.
#[derive(Debug, Clone, Object)]
#[oai(rename = "ConceptCategoriesList")]
pub struct CategoriesListBody {
    /// Each kind, by name.
    pub items: Vec<CategoriesBody>,
}

/// The categories that a kind of entity is to have.
#[derive(Debug, Clone, Object)]
#[oai(rename = "ConceptCategoriesChange")]
pub struct ChangeBody {
    /// 1 to 32 names, each once: lower-case letters, digits and underscores, at most 40.
    #[oai(validator(min_items = 1, max_items = 32, unique_items))]
    pub categories: Vec<String>,
}

/// A change whose names are as they should be.
pub struct Change(Vec<String>);

impl FromJson for Change {
    type Schema = ChangeBody;

    fn from_json(value: Value) -> Result<Self, Vec<FieldError>> {
        let mut fields = Fields::of(value)?;
        let names = fields.strings("categories");
        if let Some(why) = names.as_deref().and_then(objection) {
            let _: Option<()> = fields.wrong("categories", why);
        }
        fields.finish(names.map(Self))?.ok_or_else(Vec::new)
    }
}

/// What is wrong with these names.
fn objection(names: &[String]) -> Option<String> {
    if names.is_empty() || names.len() > MOST_CATEGORIES {
        return Some(format!("needs 1 to {MOST_CATEGORIES} names"));
    }
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    let odd = names
        .iter()
        .position(|name| !(1..=LONGEST_CATEGORY).contains(&name.len()) || !name.bytes().all(plain));
    if let Some(at) = odd {
        return Some(format!(
            "entry {at} is no name: 1 to {LONGEST_CATEGORY} lower-case letters, digits and underscores"
        ));
    }
    let mut once = names.to_vec();
    once.sort_unstable();
    once.dedup();
    (once.len() != names.len()).then(|| "names a category twice".to_owned())
}

/// Every answer of the list.
#[derive(ApiResponse)]
pub enum ListResponse {
    /// All of them.
    #[oai(status = 200)]
    All(Json<CategoriesListBody>),
    /// There is no credential, or one that is not believed.
    #[oai(status = 401, header(name = "WWW-Authenticate", ty = "String"))]
    Unauthorized(Problem),
    /// Asked too often.
    #[oai(status = 429, header(name = "Retry-After", ty = "u32"))]
    TooOften(Problem),
    /// The database is not available, or too much is being worked on.
    #[oai(status = 503, header(name = "Retry-After", ty = "u32"))]
    Unavailable(Problem),
}

/// Every answer of reading those of one kind.
#[derive(ApiResponse)]
pub enum ReadResponse {
    /// Here they are.
    #[oai(status = 200)]
    Found(Json<CategoriesBody>),
    /// There is no credential, or one that is not believed.
    #[oai(status = 401, header(name = "WWW-Authenticate", ty = "String"))]
    Unauthorized(Problem),
    /// That kind has none of its own.
    #[oai(status = 404)]
    NotFound(Problem),
    /// Asked too often.
    #[oai(status = 429, header(name = "Retry-After", ty = "u32"))]
    TooOften(Problem),
    /// The database is not available, or too much is being worked on.
    #[oai(status = 503, header(name = "Retry-After", ty = "u32"))]
    Unavailable(Problem),
}

/// Every answer of putting those of one kind.
#[derive(ApiResponse)]
pub enum PutResponse {
    /// They are so from now on.
    #[oai(status = 200)]
    Put(Json<CategoriesBody>),
    /// The body is not JSON.
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
    /// The body is too large.
    #[oai(status = 413)]
    TooLarge(Problem),
    /// The body is not declared as JSON.
    #[oai(status = 415)]
    UnsupportedMediaType(Problem),
    /// The kind or a name has an impossible value.
    #[oai(status = 422)]
    Unprocessable(Problem),
    /// Asked too often.
    #[oai(status = 429, header(name = "Retry-After", ty = "u32"))]
    TooOften(Problem),
    /// The database is not available, or too much is being worked on.
    #[oai(status = 503, header(name = "Retry-After", ty = "u32"))]
    Unavailable(Problem),
}

/// Every answer of taking those of one kind away.
#[derive(ApiResponse)]
pub enum DeleteResponse {
    /// That kind has those of every other from now on.
    #[oai(status = 204)]
    Deleted,
    /// There is no credential, or one that is not believed.
    #[oai(status = 401, header(name = "WWW-Authenticate", ty = "String"))]
    Unauthorized(Problem),
    /// The credential may not do this.
    #[oai(status = 403, header(name = "WWW-Authenticate", ty = "String"))]
    Forbidden(Problem),
    /// That kind has none of its own.
    #[oai(status = 404)]
    NotFound(Problem),
    /// `*` is what every other kind falls back on, and stays.
    #[oai(status = 409)]
    Needed(Problem),
    /// Asked too often.
    #[oai(status = 429, header(name = "Retry-After", ty = "u32"))]
    TooOften(Problem),
    /// The database is not available, or too much is being worked on.
    #[oai(status = 503, header(name = "Retry-After", ty = "u32"))]
    Unavailable(Problem),
}

#[OpenApi]
impl CategoriesApi {
    /// List concept categories
    ///
    /// Every kind of entity that has categories of its own, and those of all others under `*`.
    #[oai(
        path = "/concept-categories",
        method = "get",
        operation_id = "listConceptCategories",
        tag = "Tag::Categories"
    )]
    async fn list(&self, _caller: Credential) -> poem::Result<ListResponse> {
        let all = self.categories.all().await.map_err(Problem::from)?;
        let items = all.into_iter().map(CategoriesBody::from).collect();
        Ok(ListResponse::All(Json(CategoriesListBody { items })))
    }

    /// Read the concept categories of a kind of entity
    ///
    /// Those of its own; a kind that has none has those of `*`, and is 404 here.
    #[oai(
        path = "/concept-categories/:entity_type",
        method = "get",
        operation_id = "readConceptCategories",
        tag = "Tag::Categories"
    )]
    async fn read(
        &self,
        _caller: Credential,
        /// The kind of entity.
        entity_type: Path<String>,
    ) -> poem::Result<ReadResponse> {
        let kind = kind(&entity_type.0).map_err(|_| none_of_its_own())?;
        let found = self.categories.of(kind).await.map_err(Problem::from)?;
        Ok(ReadResponse::Found(Json(
            found.ok_or_else(none_of_its_own)?.into(),
        )))
    }

    /// Put the concept categories of a kind of entity
    ///
    /// In place of those that it had. They are looked for from the next request on.
    #[oai(
        path = "/concept-categories/:entity_type",
        method = "put",
        operation_id = "putConceptCategories",
        tag = "Tag::Categories"
    )]
    async fn put(
        &self,
        _caller: Allowed<ChangingCategories>,
        /// The kind of entity.
        entity_type: Path<String>,
        body: JsonBody<Change>,
    ) -> poem::Result<PutResponse> {
        let (Change(categories), _turn) = body.into_parts();
        let wanted = EntityCategories {
            entity_type: kind(&entity_type.0)?.to_owned(),
            categories,
        };
        self.categories.put(&wanted).await.map_err(Problem::from)?;
        Ok(PutResponse::Put(Json(wanted.into())))
    }

    /// Delete the concept categories of a kind of entity
    ///
    /// It has those of every other kind from then on.
    #[oai(
        path = "/concept-categories/:entity_type",
        method = "delete",
        operation_id = "deleteConceptCategories",
        tag = "Tag::Categories"
    )]
    async fn delete(
        &self,
        _caller: Allowed<ChangingCategories>,
        /// The kind of entity.
        entity_type: Path<String>,
    ) -> poem::Result<DeleteResponse> {
        let kind = kind(&entity_type.0).map_err(|_| none_of_its_own())?;
        if kind == EVERY_OTHER {
            return Err(needed().into());
        }
        if self.categories.remove(kind).await.map_err(Problem::from)? {
            Ok(DeleteResponse::Deleted)
        } else {
            Err(none_of_its_own().into())
        }
    }
}

/// A kind of entity, as orchestrate takes it.
fn kind(text: &str) -> Result<&str, Problem> {
    if !text.is_empty() && text.chars().count() <= MAX_NAME && !text.chars().any(char::is_control) {
        return Ok(text);
    }
    let detail = format!("A kind of entity has 1 to {MAX_NAME} characters, none of which controls anything.");
    Err(Problem::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        "entity_type_invalid",
        detail,
    ))
}

/// The answer to whoever would take away what every other kind falls back on.
pub(super) fn needed() -> Problem {
    let detail = "The categories of * are what every other kind falls back on: put others in their place.";
    Problem::new(StatusCode::CONFLICT, "categories_needed", detail)
}

pub(super) fn none_of_its_own() -> Problem {
    let detail = "That kind of entity has no categories of its own: it has those of *.";
    Problem::new(StatusCode::NOT_FOUND, "categories_not_found", detail)
}
