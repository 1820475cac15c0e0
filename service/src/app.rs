//! The service put together, and running.
//!
//! Nothing here touches the process: no subscriber, recorder, panic hook or environment variable. So hundreds
//! of services, healthy and faulty, can run in one process, each with its own database and provider.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use poem::endpoint::{BoxEndpoint, EndpointExt};
use poem::http::HeaderValue;
use poem::{Response, Route};

use crate::auth::AuthSettings;
use crate::auth::gate::Gate;
use crate::auth::verify::Verifier;
use crate::config::{Mistakes, ProviderChoice, Settings};
use crate::domain::orchestrate::{Orchestrator, Work};
use crate::domain::provider::{Provider, ProviderKind};
use crate::domain::store::Store;
#[cfg(feature = "faults")]
use crate::faults::{self, closing::Condemned};
use crate::http::ai_health::AiHealthApi;
use crate::http::api::{self, Api, PAGES, PREFIX};
use crate::http::checkup::Checkup;
use crate::http::cors::{AllowedOrigins, Cors};
use crate::http::docs;
use crate::http::drain::Drain;
use crate::http::health::HealthApi;
use crate::http::identity::Identity;
use crate::http::info::{InfoApi, InfoBody};
use crate::http::limits::BodyPolicy;
use crate::http::livez::LivezApi;
use crate::http::measure::Measure;
use crate::http::orchestrate::OrchestrateApi;
use crate::http::panics::catch_panic;
use crate::http::preflight::Preflight;
use crate::http::problems::Problems;
use crate::http::ready::ReadyApi;
use crate::http::routes::RouteTable;
use crate::http::stand_in;
use crate::http::stopping::Stopping;
use crate::http::verify::VerifyApi;
use crate::providers::openai::settings::OpenAiSettings;
use crate::providers::openai::{self, OpenAi};
use crate::providers::simulator::{self, Counter, Simulator};
use crate::secret::Secret;
use crate::storage::sqlite::{OpenError, SqliteStore};
use crate::telemetry::metered::{MeteredProvider, MeteredStore};
use crate::telemetry::metrics::Metrics;

mod serve;

pub use self::serve::{Running, StartError};

/// Why no service could be built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The settings are refused.
    #[error(transparent)]
    Settings(#[from] Mistakes),
    /// The database cannot be opened.
    #[error(transparent)]
    Database(#[from] OpenError),
    /// The provider cannot be set up.
    #[error(transparent)]
    Provider(#[from] openai::settings::SettingsError),
    /// The simulator cannot listen.
    #[error("the provider simulator cannot listen on loopback: {0}")]
    Simulator(#[source] io::Error),
    /// A text of ours cannot be sent in a header.
    #[error("the {0} cannot be sent in a header: use printable ASCII")]
    Header(&'static str),
}

/// What the service stands on.
#[derive(Clone)]
pub struct Parts {
    /// Who transcribes and finds concepts.
    pub provider: Arc<dyn Provider>,
    /// Where curations are kept.
    pub store: Arc<dyn Store>,
    /// Who is let in.
    pub gate: Arc<dyn Gate>,
    /// What an accepted request is put to.
    pub work: Arc<dyn Work>,
    /// What is counted of all of it.
    pub metrics: Arc<Metrics>,
    /// What counts the provider's calls, when it is a simulator of ours.
    pub stand_in: Option<Counter>,
}

impl Parts {
    /// The usual gate and work, over this provider and store, whose calls are counted from now on.
    #[must_use]
    pub fn over(
        auth: &AuthSettings,
        provider: Arc<dyn Provider>,
        store: Arc<dyn Store>,
        metrics: Arc<Metrics>,
    ) -> Self {
        let provider: Arc<dyn Provider> = Arc::new(MeteredProvider::new(provider, metrics.clone()));
        let store: Arc<dyn Store> = Arc::new(MeteredStore::new(store, metrics.clone()));
        Self {
            metrics,
            gate: Arc::new(Verifier::new(auth)),
            work: Arc::new(Orchestrator::new(provider.clone(), store.clone())),
            provider,
            store,
            stand_in: None,
        }
    }
}

/// A service that could be served.
pub struct App {
    endpoint: BoxEndpoint<'static, Response>,
    metrics: Arc<Metrics>,
    simulator: Option<Simulator>,
    #[cfg(feature = "faults")]
    condemned: Arc<Condemned>,
    stopping: Stopping,
    idle: Duration,
    patience: Duration,
    linger: Duration,
    grace: Duration,
}

/// Puts a service together from its settings: opens the database, starts the simulator when there is no key.
///
/// # Errors
/// When the settings are refused, the database cannot be opened, or the provider cannot be set up.
pub async fn build(settings: Settings) -> Result<App, BuildError> {
    settings.check()?;
    let store = SqliteStore::open(&settings.database, settings.limits.database_deadline).await?;
    #[cfg(feature = "faults")]
    let settings = faults::settings(settings);
    let (provider, simulator) = provider(&settings.provider)?;
    let parts = Parts {
        stand_in: simulator.as_ref().map(Simulator::counter),
        ..Parts::over(
            &settings.auth,
            Arc::new(provider),
            Arc::new(store),
            Arc::new(Metrics::of(
                &settings.build.full_version(),
                &settings.build.instance,
            )),
        )
    };
    let app = assemble(&settings, parts)?;
    Ok(App { simulator, ..app })
}

/// Puts a service together from parts that are there already.
///
/// # Errors
/// When the settings are refused.
pub fn assemble(settings: &Settings, parts: Parts) -> Result<App, BuildError> {
    let origins = settings.check()?;
    #[cfg(feature = "faults")]
    let (origins, parts) = (
        faults::origins(origins, settings),
        faults::parts(parts, &settings.auth, &settings.faults),
    );
    let stand_in = parts.stand_in.iter().map(|_| stand_in::PATH);
    let pages: Vec<&str> = PAGES.into_iter().chain(stand_in).collect();
    let routes = RouteTable::of::<Api>(PREFIX, &pages);
    let (stopping, metrics) = (Stopping::default(), parts.metrics.clone());
    let resources = resources(settings, parts, stopping.clone());
    let endpoint = layers(settings, origins, &routes, resources)?;
    let endpoint = Measure::new(endpoint, routes, metrics.clone()).boxed();
    #[cfg(feature = "faults")]
    let condemned = Arc::default();
    #[cfg(feature = "faults")]
    let endpoint = faults::doors::outside(endpoint, &settings.auth, &settings.faults);
    #[cfg(feature = "faults")]
    let endpoint = faults::outside(endpoint, &settings.faults, &condemned);
    Ok(App {
        endpoint,
        metrics,
        simulator: None,
        #[cfg(feature = "faults")]
        condemned,
        stopping,
        idle: settings.limits.idle,
        patience: settings.limits.patience(),
        linger: settings.limits.linger,
        grace: settings.limits.shutdown_grace,
    })
}

/// The client of the provider, and the simulator behind it when there is no real one.
fn provider(choice: &ProviderChoice) -> Result<(OpenAi, Option<Simulator>), BuildError> {
    match choice {
        ProviderChoice::OpenAi(settings) => Ok((OpenAi::new(settings.clone())?, None)),
        ProviderChoice::Simulator(settings) => {
            let simulator = Simulator::start(settings.clone()).map_err(BuildError::Simulator)?;
            let key = Secret::new(simulator::KEY);
            let reach = OpenAiSettings::new(ProviderKind::Simulator, simulator.base_url(), key);
            Ok((OpenAi::new(reach)?, Some(simulator)))
        }
    }
}

/// The routes, with what their handlers need.
fn resources(settings: &Settings, parts: Parts, stopping: Stopping) -> BoxEndpoint<'static, Response> {
    let build = &settings.build;
    let checkup = Arc::new(Checkup::new(parts.store, parts.provider.clone()));
    let api = (
        HealthApi {
            checkup: checkup.clone(),
            version: build.version.clone(),
            instance: build.instance.clone(),
        },
        InfoApi {
            info: InfoBody {
                name: env!("CARGO_PKG_NAME").to_owned(),
                version: build.version.clone(),
                commit: build.commit.clone(),
                built_at: build.built_at.clone(),
                instance: build.instance.clone(),
            },
        },
        LivezApi,
        ReadyApi {
            checkup: checkup.clone(),
            stopping,
        },
        AiHealthApi {
            provider: parts.provider,
            checkup,
            remember: settings.remember_provider,
        },
        VerifyApi,
        OrchestrateApi {
            work: parts.work,
            deadline: settings.limits.work_deadline,
        },
    );
    let under_prefix = Route::new()
        .at("/docs", poem::get(docs::page()))
        .at("/openapi.json", poem::get(docs::document()))
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
        .map_to_response()
        .boxed()
}

/// The layers around the routes; `crate::http` says why in this order.
fn layers(
    settings: &Settings,
    origins: AllowedOrigins,
    routes: &RouteTable,
    resources: BoxEndpoint<'static, Response>,
) -> Result<BoxEndpoint<'static, Response>, BuildError> {
    let limits = &settings.limits;
    let header = |name, value: &str| HeaderValue::from_str(value).map_err(|_| BuildError::Header(name));
    let version = header("version", &settings.build.full_version())?;
    let instance = header("instance", &settings.build.instance)?;
    let endpoint = Preflight::new(resources, origins.clone(), routes.clone());
    let endpoint = endpoint.with(catch_panic());
    #[cfg(feature = "faults")]
    let endpoint = faults::inside(endpoint.boxed(), &settings.faults);
    let endpoint = Drain::new(
        endpoint,
        limits.body_bytes.saturating_mul(2),
        limits.body_deadline,
    );
    let endpoint = Problems::new(endpoint, routes.clone());
    let endpoint = Identity::new(endpoint, version, instance, routes.clone());
    Ok(Cors::new(endpoint, origins).boxed())
}
