//! The whole API as one value, and the document that it is.

use std::collections::HashMap;

use poem::endpoint::BoxEndpoint;
use poem::http::Method;
use poem_openapi::registry::{MetaApi, Registry};
use poem_openapi::{ExtraHeader, LicenseObject, OpenApi, OpenApiService, Tags};

use crate::http::ai_health::AiHealthApi;
use crate::http::categories::CategoriesApi;
use crate::http::curations::CurationsApi;
use crate::http::health::HealthApi;
use crate::http::info::InfoApi;
use crate::http::livez::LivezApi;
use crate::http::login::LoginApi;
use crate::http::logout::LogoutApi;
use crate::http::orchestrate::OrchestrateApi;
use crate::http::ready::ReadyApi;
use crate::http::refresh::RefreshApi;
use crate::http::usage::UsageApi;
use crate::http::verify::VerifyApi;

/// The path under which everything lives.
pub const PREFIX: &str = "/api/v3";

/// The pages under [`PREFIX`] that are no operations.
pub const PAGES: [&str; 3] = ["/docs", "/openapi.json", "/openapi.yaml"];

/// Every resource.
pub type Api = (System, Auth, Ai, Kept);

/// Is it there, and is it well?
pub type System = (HealthApi, InfoApi, LivezApi, ReadyApi);

/// Who calls?
pub type Auth = (VerifyApi, RefreshApi, LogoutApi, LoginApi);

/// What it does.
pub type Ai = (AiHealthApi, OrchestrateApi, UsageApi);

/// What is kept.
pub type Kept = (CurationsApi, CategoriesApi);

/// The groups of operations in the document.
#[derive(Tags)]
pub enum Tag {
    /// Is it there, which build is it, is it well?
    System,
    /// Sessions: how they are begun, renewed and ended.
    Auth,
    /// What it does: words or a recording in, transcription and concepts out.
    Ai,
    /// What was kept, for whoever had it kept.
    Curations,
    /// What is looked for in words about each kind of entity.
    Categories,
}

/// The API as routes.
#[must_use]
pub fn routes(api: Api) -> impl poem::IntoEndpoint<Endpoint = poem::endpoint::BoxEndpoint<'static>> {
    described(api)
}

/// What the framework knows of the API, as an OpenAPI document in JSON; `crate::http::document` completes it.
#[must_use]
pub fn bare() -> String {
    described(Document).spec()
}

/// A page for people that shows this document, in JSON. It stands in a script there, which a `</script>` in any of its texts
/// would end.
#[must_use]
pub fn page(document: &str) -> String {
    let described = described(Document);
    let harmless = document.replace('<', "\\u003c");
    described.swagger_ui_html().replace(&described.spec(), &harmless)
}

fn described<T: OpenApi>(api: T) -> OpenApiService<T, ()> {
    let header = |name: &str, why: &str| ExtraHeader::new(name).description(why);
    OpenApiService::new(api, "Orchestrate", "3.0.0")
        .description(
            "Words or a recording in, transcription and concepts out.\n\nEvery error is problem details (RFC 9457) with a `code` \
             that never changes, and every answer names its request. A path that is not here is 404, and a method that a path \
             does not have is 405 with `Allow`. Answers can be read by pages of the origins that are configured, and by no others.",
        )
        .license(LicenseObject::new("MIT OR Apache-2.0").url("https://spdx.org/licenses/"))
        .server(PREFIX)
        .extra_response_header::<String, _>(header("X-Request-Id", "Names the request; a plain one that was sent is kept."))
        .extra_response_header::<String, _>(header("X-App-Version", "Names the build."))
        .extra_response_header::<String, _>(header("X-Instance-Id", "Names the process."))
}

/// The API as far as its document goes, for which nothing needs to be running.
#[derive(Clone, Copy)]
pub struct Document;

impl OpenApi for Document {
    fn meta() -> Vec<MetaApi> {
        Api::meta()
    }

    fn register(registry: &mut Registry) {
        Api::register(registry);
    }

    fn add_routes(self, _routes: &mut HashMap<String, HashMap<Method, BoxEndpoint<'static>>>) {}
}
