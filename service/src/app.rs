//! The service put together, and running.
//!
//! Nothing here touches the process: no subscriber, recorder, panic hook or environment variable. So hundreds
//! of services, healthy and faulty, can run in one process, each with its own database and provider.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use poem::Response;
use poem::endpoint::{BoxEndpoint, EndpointExt};
use poem::http::HeaderValue;
use tokio_util::task::TaskTracker;

use crate::auth::AuthSettings;
use crate::auth::doorman::Doorman;
use crate::auth::gate::Gate;
use crate::auth::keyring::KeySource;
use crate::auth::session::SessionBook;
use crate::config::{Mistakes, ProviderChoice, Settings};
use crate::domain::audio::AudioPolicy;
use crate::domain::data::database::Database;
use crate::domain::fetch::Fetch;
use crate::domain::orchestrate::{Orchestrator, Tools, Work};
use crate::domain::provider::{Provider, ProviderKind};
use crate::domain::store::Store;
#[cfg(feature = "faults")]
use crate::faults::{self, closing::Condemned};
use crate::http::admission::Admission;
use crate::http::api::{Api, PAGES, PREFIX};
use crate::http::cors::{AllowedOrigins, Cors};
use crate::http::drain::Drain;
use crate::http::identity::Identity;
use crate::http::measure::Measure;
use crate::http::panics::catch_panic;
use crate::http::patience::Patience;
use crate::http::preflight::Preflight;
use crate::http::problems::Problems;
use crate::http::routes::RouteTable;
use crate::http::stand_in;
use crate::http::stopping::Stopping;
use crate::providers::breaker::Guarded;
use crate::providers::fetch::Fetcher;
use crate::providers::jwks::HttpKeys;
use crate::providers::openai::settings::OpenAiSettings;
use crate::providers::openai::{self, OpenAi};
use crate::providers::simulator::{self, Counter, Simulator};
use crate::secret::Secret;
use crate::storage::{self, OpenError};
use crate::telemetry::metered::{MeteredProvider, MeteredStore};
use crate::telemetry::metrics::Metrics;

mod resources;
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
    /// Where curations are kept, and how health is measured.
    pub store: Arc<dyn Store>,
    /// Where everything is kept, curations too.
    pub data: Arc<dyn Database>,
    /// Who fetches recordings that are only named.
    pub fetch: Arc<dyn Fetch>,
    /// Which recordings are taken.
    pub audio: AudioPolicy,
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
    /// The usual gate, work and fetcher of these settings, over this provider and database, whose calls are counted from now on.
    #[must_use]
    pub fn over(settings: &Settings, provider: Arc<dyn Provider>, data: Arc<dyn Database>) -> Self {
        let build = &settings.build;
        let metrics = Arc::new(Metrics::of(&build.full_version(), &build.instance));
        let tools = Tools {
            provider: Arc::new(MeteredProvider::new(provider, metrics.clone())),
            store: Arc::new(MeteredStore::new(data.clone(), metrics.clone())),
            categories: data.clone(),
            fetch: Arc::new(Fetcher::new(settings.fetch.clone())),
            audio: settings.audio.clone(),
        };
        Self::of(settings, data, tools, metrics)
    }

    /// The usual gate of these settings, and the usual work with these tools.
    #[must_use]
    pub fn of(settings: &Settings, data: Arc<dyn Database>, tools: Tools, metrics: Arc<Metrics>) -> Self {
        Self {
            metrics,
            gate: gate(&settings.auth, &data),
            provider: tools.provider.clone(),
            store: tools.store.clone(),
            data,
            fetch: tools.fetch.clone(),
            audio: tools.audio.clone(),
            work: Arc::new(Orchestrator::new(tools)),
            stand_in: None,
        }
    }
}

/// The gate of these settings, which fetches another issuer's keys when one is configured.
fn gate(auth: &AuthSettings, data: &Arc<dyn Database>) -> Arc<dyn Gate> {
    let foreign = auth.foreign.as_ref();
    let source =
        foreign.map(|foreign| Arc::new(HttpKeys::new(foreign.jwks_url.clone())) as Arc<dyn KeySource>);
    Arc::new(Doorman::new(auth, source, data.clone(), data.clone()))
}

/// A service that could be served.
pub struct App {
    endpoint: BoxEndpoint<'static, Response>,
    metrics: Arc<Metrics>,
    sessions: Arc<SessionBook>,
    simulator: Option<Simulator>,
    #[cfg(feature = "faults")]
    condemned: Arc<Condemned>,
    stopping: Stopping,
    under_way: TaskTracker,
    patience: Patience,
    linger: Duration,
    grace: Duration,
}

/// Puts a service together from its settings: opens the database, starts the simulator when there is no key.
///
/// # Errors
/// When the settings are refused, the database cannot be opened, or the provider cannot be set up.
pub async fn build(settings: Settings) -> Result<App, BuildError> {
    settings.check()?;
    let data = storage::open(&settings.database, settings.limits.database_deadline).await?;
    #[cfg(feature = "faults")]
    let (data, settings) = (faults::data(data, &settings), faults::settings(settings));
    let (provider, simulator) = provider(&settings.provider)?;
    let provider = Guarded::new(Arc::new(provider), settings.breaker);
    let parts = Parts {
        stand_in: simulator.as_ref().map(Simulator::counter),
        ..Parts::over(&settings, Arc::new(provider), data)
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
    #[cfg(feature = "faults")]
    let payer = parts.provider.clone();
    let stand_in = parts.stand_in.iter().map(|_| stand_in::PATH);
    let pages: Vec<&str> = PAGES.into_iter().chain(stand_in).collect();
    let routes = RouteTable::of::<Api>(PREFIX, &pages);
    let (stopping, metrics) = (Stopping::default(), parts.metrics.clone());
    let sessions = Arc::new(SessionBook::new(&settings.auth, parts.data.clone()));
    let under_way = TaskTracker::new();
    let resources = resources::resources(settings, parts, stopping.clone(), under_way.clone());
    let endpoint = layers(settings, origins, &routes, resources)?;
    let endpoint = Measure::new(endpoint, routes, metrics.clone()).boxed();
    #[cfg(feature = "faults")]
    let condemned = Arc::default();
    #[cfg(feature = "faults")]
    let endpoint = faults::doors::outside(endpoint, &settings.auth, &settings.faults);
    #[cfg(feature = "faults")]
    let endpoint = faults::outside(endpoint, &settings.faults, &condemned);
    #[cfg(feature = "faults")]
    let endpoint = faults::health_store::paying(endpoint, payer, &settings.faults);
    Ok(App {
        endpoint,
        metrics,
        sessions,
        simulator: None,
        #[cfg(feature = "faults")]
        condemned,
        stopping,
        under_way,
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
    let endpoint = Admission::new(endpoint, PREFIX, limits);
    let endpoint = endpoint.with(catch_panic());
    #[cfg(feature = "faults")]
    let endpoint = faults::inside(endpoint.boxed(), &settings.auth, &settings.faults);
    let endpoint = Drain::new(
        endpoint,
        limits.body_bytes.saturating_mul(2),
        limits.body_deadline,
    );
    let endpoint = Problems::new(endpoint, routes.clone());
    let endpoint = Identity::new(endpoint, version, instance, routes.clone());
    Ok(Cors::new(endpoint, origins).boxed())
}

#[cfg(test)]
#[path = "app/layers_tests.rs"]
mod layers_tests;
