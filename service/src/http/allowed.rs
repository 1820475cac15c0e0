//! A caller who was let in and may do what the operation does. Both are settled before a byte of the body is read: nobody uploads
//! a recording to be told that they may not.

use std::marker::PhantomData;
use std::ops::Deref;

use poem::{Request, RequestBody, Result};
use poem_openapi::registry::Registry;
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};

use crate::auth::caller::{Caller, Scope};
use crate::http::credential::{Credential, lacks};

/// Something that takes a scope.
pub trait Deed {
    /// The scope that it takes.
    const SCOPE: Scope;
}

/// Having words and recordings worked on.
pub struct Orchestrating;
/// Reading kept runs.
pub struct ReadingCurations;
/// Deleting kept runs.
pub struct DeletingCurations;
/// Reading what was used.
pub struct ReadingUsage;
/// Changing the categories of everybody's concepts.
pub struct ChangingCategories;

impl Deed for Orchestrating {
    const SCOPE: Scope = Scope::Orchestrate;
}

impl Deed for ReadingCurations {
    const SCOPE: Scope = Scope::CurationsRead;
}

impl Deed for DeletingCurations {
    const SCOPE: Scope = Scope::CurationsWrite;
}

impl Deed for ReadingUsage {
    const SCOPE: Scope = Scope::UsageRead;
}

impl Deed for ChangingCategories {
    const SCOPE: Scope = Scope::CategoriesWrite;
}

/// A caller who may do it. As the first argument of an operation it is checked before the body is read; who may not is
/// answered 403 with the scope that is missing (RFC 6750 §3.1).
pub struct Allowed<D>(Caller, PhantomData<fn() -> D>);

impl<D> Deref for Allowed<D> {
    type Target = Caller;

    fn deref(&self) -> &Caller {
        &self.0
    }
}

impl<'a, D: Deed> ApiExtractor<'a> for Allowed<D> {
    const TYPES: &'static [ApiExtractorType] = Credential::TYPES;

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        Credential::register(registry);
    }

    fn security_schemes() -> Vec<&'static str> {
        Credential::security_schemes()
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        options: ExtractParamOptions<()>,
    ) -> Result<Self> {
        let Credential(caller) = Credential::from_request(request, body, options).await?;
        if !caller.scopes.has(D::SCOPE) {
            return Err(lacks(D::SCOPE).into());
        }
        Ok(Self(caller, PhantomData))
    }
}
