//! The resources, each with what its handlers need.

use std::sync::Arc;

use poem::endpoint::{BoxEndpoint, EndpointExt};
use poem::{Response, Route};
use poem_openapi::error::ParseParamError;
use tokio_util::task::TaskTracker;

use crate::app::Parts;
use crate::auth::session::SessionBook;
use crate::config::Settings;
use crate::domain::data::database::Database;
use crate::http::ai_health::AiHealthApi;
use crate::http::api::{self, Ai, Auth, Kept, PREFIX, System};
use crate::http::categories::CategoriesApi;
use crate::http::checkup::Checkup;
use crate::http::curations::{CurationsApi, unreadable};
use crate::http::docs;
use crate::http::health::HealthApi;
use crate::http::idempotency::Idempotency;
use crate::http::info::{InfoApi, InfoBody};
use crate::http::limits::BodyPolicy;
use crate::http::livez::LivezApi;
use crate::http::login::LoginApi;
use crate::http::logout::LogoutApi;
use crate::http::orchestrate::OrchestrateApi;
use crate::http::ready::ReadyApi;
use crate::http::refresh::RefreshApi;
use crate::http::run::Runner;
use crate::http::stand_in;
use crate::http::stopping::Stopping;
use crate::http::usage::UsageApi;
use crate::http::verify::VerifyApi;
use crate::login::flow::Login;
use crate::login::provider::IdentityProvider;
use crate::login::{LoginSettings, ProviderAt};
use crate::providers::dev_oidc::Embedded;
use crate::providers::oidc::OpenIdProvider;

/// The routes, with what their handlers need.
pub(super) fn resources(
    settings: &Settings,
    parts: Parts,
    stopping: Stopping,
    under_way: TaskTracker,
) -> BoxEndpoint<'static, Response> {
    let checkup = Arc::new(Checkup::new(parts.store.clone(), parts.provider.clone()));
    let api = (
        system(settings, checkup.clone(), stopping),
        auth(settings, &parts.data),
        ai(settings, &parts, checkup, under_way),
        kept(&parts.data),
    );
    let under_prefix = Route::new()
        .at("/docs", poem::get(docs::page()))
        .at("/openapi.json", poem::get(docs::json()))
        .at("/openapi.yaml", poem::get(docs::yaml()))
        .nest("/", api::routes(api));
    let under_prefix = match parts.stand_in {
        Some(counter) => under_prefix.at(
            stand_in::PATH,
            poem::get(stand_in::page(move || {
                let calls = counter.calls();
                (calls.transcriptions, calls.completions)
            })),
        ),
        None => under_prefix,
    };
    Route::new()
        .nest(PREFIX, under_prefix)
        .data(parts.gate)
        .data(BodyPolicy::new(&settings.limits))
        .catch_error(|error: ParseParamError| async move { unreadable(&error) })
        .map_to_response()
        .boxed()
}

fn system(settings: &Settings, checkup: Arc<Checkup>, stopping: Stopping) -> System {
    let build = &settings.build;
    let info = InfoBody {
        name: env!("CARGO_PKG_NAME").to_owned(),
        version: build.version.clone(),
        commit: build.commit.clone(),
        built_at: build.built_at.clone(),
        instance: build.instance.clone(),
    };
    (
        HealthApi {
            checkup: checkup.clone(),
            version: build.version.clone(),
            instance: build.instance.clone(),
        },
        InfoApi { info },
        LivezApi,
        ReadyApi { checkup, stopping },
    )
}

fn auth(settings: &Settings, data: &Arc<dyn Database>) -> Auth {
    let sessions = Arc::new(SessionBook::new(&settings.auth, data.clone()));
    let login = settings.login.as_ref();
    (
        VerifyApi,
        RefreshApi {
            sessions: sessions.clone(),
        },
        LogoutApi {
            sessions: sessions.clone(),
        },
        LoginApi {
            login: login.map(|login| self::login(login, data, sessions)),
        },
    )
}

/// How people log in; the provider is asked when the first of them does.
fn login(settings: &LoginSettings, data: &Arc<dyn Database>, sessions: Arc<SessionBook>) -> Arc<Login> {
    let provider: Arc<dyn IdentityProvider> = match &settings.provider {
        ProviderAt::Embedded => Arc::new(Embedded::default()),
        ProviderAt::Issuer(issuer) => {
            let secret = settings.client_secret.clone();
            Arc::new(OpenIdProvider::new(issuer, &settings.client_id, secret))
        }
    };
    Arc::new(Login::new(settings.clone(), provider, data.clone(), sessions))
}

fn ai(settings: &Settings, parts: &Parts, checkup: Arc<Checkup>, under_way: TaskTracker) -> Ai {
    let limits = &settings.limits;
    (
        AiHealthApi {
            provider: parts.provider.clone(),
            checkup,
            remember: settings.remember_provider,
        },
        OrchestrateApi {
            runner: Runner {
                work: parts.work.clone(),
                usage: parts.data.clone(),
                deadline: limits.work_deadline,
                paid_deadline: limits.paid_deadline(),
                under_way,
            },
            idempotency: Idempotency::new(parts.data.clone(), limits.work_deadline),
        },
        UsageApi {
            usage: parts.data.clone(),
        },
    )
}

fn kept(data: &Arc<dyn Database>) -> Kept {
    (
        CurationsApi {
            curations: data.clone(),
        },
        CategoriesApi {
            categories: data.clone(),
        },
    )
}
