//! Faults, injected on purpose, so that the harness can prove that it catches them.
//!
//! Each is put in where it really happens: in front of the service, inside its layers, at its gate, in its
//! provider. A build without the cargo feature `faults` holds none of this, and a production configuration
//! refuses it. One file a fault family; each function there reads as the mistake that somebody made.

pub mod address;
pub mod auth;
pub mod bare_errors;
pub mod caching;
pub mod closing;
pub mod contract;
pub mod cors;
pub mod cors_headers;
pub mod document;
pub mod doors;
pub mod edge;
pub mod errors;
pub mod exposure;
pub mod health;
pub mod health_store;
pub mod id;
pub mod input;
pub mod json;
pub mod keeping;
pub mod keys;
pub mod load;
pub mod look_alike;
pub mod look_alike_work;
pub mod origin_policy;
pub mod preflight;
pub mod previews;
pub mod provider;
pub mod renewal;
pub mod requests;
pub mod semantics;
pub mod shared_cache;
pub mod speech;
pub mod spelling;
pub mod upstream;
pub mod work;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use poem::Response;
use poem::endpoint::BoxEndpoint;

use crate::app::Parts;
use crate::auth::AuthSettings;
use crate::config::Settings;
use crate::domain::data::database::Database;
use crate::domain::orchestrate::{Orchestrator, Tools, Work};
use crate::faults::closing::Condemned;
use crate::faults::id::FaultId;
use crate::faults::look_alike::LookAlike;
use crate::faults::shared_cache::Key;
use crate::http::cors::AllowedOrigins;

/// Any endpoint of ours, wrapped or not.
pub type Endpoint = BoxEndpoint<'static, Response>;

/// Which faults are injected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Faults {
    ids: BTreeSet<FaultId>,
    /// A healthy service that looks different, if any: what no check may flag.
    pub look_alike: Option<LookAlike>,
    /// How long a slow answer takes. Beyond the harness's deadline by default; a lab scales it down.
    pub delay: Duration,
}

impl Default for Faults {
    fn default() -> Self {
        Self {
            ids: BTreeSet::new(),
            look_alike: None,
            delay: Duration::from_secs(45),
        }
    }
}

impl FromIterator<FaultId> for Faults {
    fn from_iter<I: IntoIterator<Item = FaultId>>(ids: I) -> Self {
        Self {
            ids: ids.into_iter().collect(),
            ..Self::default()
        }
    }
}

impl Faults {
    /// Whether this one is injected.
    #[must_use]
    pub fn has(&self, id: FaultId) -> bool {
        self.ids.contains(&id)
    }

    /// Whether any of these is injected.
    #[must_use]
    pub fn any(&self, ids: &[FaultId]) -> bool {
        ids.iter().any(|id| self.has(*id))
    }

    /// Whether the service is ours as it is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty() && self.look_alike.is_none()
    }
}

/// Faults of the configuration: a simulator that fails.
#[must_use]
pub fn settings(mut settings: Settings) -> Settings {
    provider::settings(&mut settings);
    settings
}

/// Faults of the list of origins.
#[must_use]
pub fn origins(origins: AllowedOrigins, settings: &Settings) -> AllowedOrigins {
    cors::origins(origins, settings)
}

/// Faults of whoever keeps things for the service.
#[must_use]
pub fn data(data: Arc<dyn Database>, settings: &Settings) -> Arc<dyn Database> {
    keeping::data(data, &settings.faults)
}

/// Faults of what the service stands on: its gate, its provider, its store, its work.
#[must_use]
pub fn parts(parts: Parts, auth: &AuthSettings, faults: &Faults) -> Parts {
    let provider = upstream::provider(speech::provider(parts.provider.clone(), faults), faults);
    let audio = speech::audio(parts.audio.clone(), faults);
    let work: Arc<dyn Work> = if Arc::ptr_eq(&provider, &parts.provider) && audio == parts.audio {
        parts.work
    } else {
        Arc::new(Orchestrator::new(Tools {
            provider: provider.clone(),
            store: parts.store.clone(),
            categories: parts.data.clone(),
            fetch: parts.fetch.clone(),
            audio: audio.clone(),
        }))
    };
    let provider = health_store::provider(provider::wrap(provider, faults), faults);
    Parts {
        stand_in: parts.stand_in,
        fetch: parts.fetch,
        audio,
        metrics: parts.metrics,
        store: health_store::store(parts.store, faults),
        data: parts.data.clone(),
        provider,
        gate: auth::gate(parts.gate, auth, faults),
        work: previews::work(
            load::work(work::wrap(speech::work(work, faults), faults), faults),
            &parts.data,
            faults,
        ),
    }
}

/// Faults inside the service's layers: what they do can still be made presentable outside.
#[must_use]
pub fn inside(endpoint: Endpoint, auth: &AuthSettings, faults: &Faults) -> Endpoint {
    let endpoint = renewal::inside(endpoint, auth, faults);
    let endpoint = input::inside(endpoint, faults);
    let endpoint = speech::inside(endpoint, faults);
    let endpoint = upstream::inside(endpoint, faults);
    let endpoint = health::inside(doors::inside(endpoint, faults), faults);
    let endpoint = requests::inside(endpoint, faults);
    let endpoint = document::inside(endpoint, faults);
    let endpoint = semantics::inside(endpoint, faults);
    preflight::inside(errors::inside(endpoint, faults), faults)
}

/// Faults outside of all layers, and in front of the service. Nearest to the service first.
#[must_use]
pub fn outside(endpoint: Endpoint, faults: &Faults, condemned: &Arc<Condemned>) -> Endpoint {
    if faults.has(FaultId::NoContentWithLength) {
        condemned.announce_lengths();
    }
    let endpoint = contract::outside(endpoint, faults);
    let endpoint = document::outside(endpoint, faults);
    let endpoint = semantics::outside(endpoint, faults);
    let endpoint = exposure::outside(endpoint, faults);
    let endpoint = caching::outside(endpoint, faults);
    let endpoint = health::outside(endpoint, faults);
    let endpoint = cors::outside(endpoint, faults);
    let endpoint = origin_policy::outside(endpoint, faults);
    let endpoint = cors_headers::outside(endpoint, faults);
    let endpoint = preflight::outside(endpoint, faults);
    let endpoint = input::outside(endpoint, faults);
    let endpoint = bare_errors::outside(endpoint, faults);
    let endpoint = errors::outside(endpoint, faults, condemned);
    let endpoint = load::outside(edge::outside(endpoint, faults), faults);
    let endpoint = if faults.has(FaultId::CachedForFirstOrigin) {
        shared_cache::outside(endpoint, Key::Path)
    } else {
        endpoint
    };
    match faults.look_alike {
        Some(look_alike) => look_alike::outside(endpoint, look_alike),
        None => endpoint,
    }
}
