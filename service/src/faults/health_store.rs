//! What a health route looks at: a database that is gone, or a provider that is paid for every look.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use poem::endpoint::EndpointExt;
use poem::{Endpoint as _, Request};

use crate::domain::budget::Budget;
use crate::domain::concepts::{ConceptRequest, Concepts, default_categories};
use crate::domain::language::Language;
use crate::domain::provider::{Clip, Provider, ProviderError, ProviderFacts, Transcript};
use crate::domain::store::{Curation, Store, StoreError};
use crate::faults::id::FaultId;
use crate::faults::{Endpoint, Faults};
use crate::http::api::PREFIX;

/// The store, or one that is broken.
#[must_use]
pub fn store(store: Arc<dyn Store>, faults: &Faults) -> Arc<dyn Store> {
    if faults.any(&[FaultId::HealthContradicts, FaultId::HealthUnhealthy]) {
        return Arc::new(Broken);
    }
    store
}

/// A health route that makes the call that costs money, each time that it is asked.
#[must_use]
pub fn paying(endpoint: Endpoint, provider: Arc<dyn Provider>, faults: &Faults) -> Endpoint {
    if !faults.has(FaultId::HealthPays) {
        return endpoint;
    }
    let health = format!("{PREFIX}/health");
    endpoint
        .around(move |endpoint, request: Request| {
            let (asked, provider) = (request.uri().path() == health, provider.clone());
            async move {
                if asked {
                    // Whether it answers is all that is wanted; that it costs is not thought of.
                    let _ = provider
                        .concepts(ping(), Budget::of(Duration::from_secs(30)))
                        .await;
                }
                endpoint.call(request).await
            }
        })
        .boxed()
}

fn ping() -> ConceptRequest {
    let categories = default_categories("restaurant").iter();
    ConceptRequest {
        text: "ping".to_owned(),
        entity_type: "restaurant".to_owned(),
        categories: categories.map(|name| (*name).to_owned()).collect(),
    }
}

/// The provider, as slow as one that really thinks, where that shows what a health poll costs.
#[must_use]
pub fn provider(provider: Arc<dyn Provider>, faults: &Faults) -> Arc<dyn Provider> {
    if !faults.has(FaultId::HealthPays) {
        return provider;
    }
    Arc::new(Thinking {
        provider,
        takes: faults.delay / 12,
    })
}

struct Broken;

impl Store for Broken {
    fn save<'a>(&'a self, _: &'a Curation) -> BoxFuture<'a, Result<(), StoreError>> {
        async { Err(StoreError::Failed) }.boxed()
    }

    fn find<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Option<Curation>, StoreError>> {
        async { Err(StoreError::Failed) }.boxed()
    }

    fn check(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        async { Err(StoreError::Failed) }.boxed()
    }
}

struct Thinking {
    provider: Arc<dyn Provider>,
    takes: Duration,
}

impl Provider for Thinking {
    fn transcribe(
        &self,
        clip: Clip,
        language: Option<Language>,
        budget: Budget,
    ) -> BoxFuture<'_, Result<Transcript, ProviderError>> {
        self.provider.transcribe(clip, language, budget)
    }

    fn concepts(
        &self,
        request: ConceptRequest,
        budget: Budget,
    ) -> BoxFuture<'_, Result<Concepts, ProviderError>> {
        async move {
            tokio::time::sleep(self.takes).await;
            self.provider.concepts(request, budget).await
        }
        .boxed()
    }

    fn describe(&self) -> ProviderFacts {
        self.provider.describe()
    }

    fn check(&self) -> BoxFuture<'_, Result<(), ProviderError>> {
        self.provider.check()
    }
}
