//! What a health route looks at: a database that is gone, or a provider that is paid for every look.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use crate::domain::budget::Budget;
use crate::domain::concepts::{ConceptRequest, Concepts, default_categories};
use crate::domain::language::Language;
use crate::domain::provider::{Clip, Provider, ProviderError, ProviderFacts, Transcript};
use crate::domain::store::{Curation, Store, StoreError};
use crate::faults::Faults;
use crate::faults::id::FaultId;

/// The store, or one that is broken, or one whose check makes the call that costs money.
#[must_use]
pub fn store(store: Arc<dyn Store>, provider: &Arc<dyn Provider>, faults: &Faults) -> Arc<dyn Store> {
    if faults.any(&[FaultId::HealthContradicts, FaultId::HealthUnhealthy]) {
        return Arc::new(Broken);
    }
    if faults.has(FaultId::HealthPays) {
        let provider = provider.clone();
        return Arc::new(Paying { store, provider });
    }
    store
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

struct Paying {
    store: Arc<dyn Store>,
    provider: Arc<dyn Provider>,
}

impl Store for Paying {
    fn save<'a>(&'a self, curation: &'a Curation) -> BoxFuture<'a, Result<(), StoreError>> {
        self.store.save(curation)
    }

    fn find<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Option<Curation>, StoreError>> {
        self.store.find(id)
    }

    fn check(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        async {
            let request = ConceptRequest {
                text: "ping".to_owned(),
                entity_type: "restaurant".to_owned(),
                categories: default_categories("restaurant")
                    .iter()
                    .map(|name| (*name).to_owned())
                    .collect(),
            };
            self.provider
                .concepts(request, Budget::of(Duration::from_secs(30)))
                .await
                .map_err(|_| StoreError::Failed)?;
            self.store.check().await
        }
        .boxed()
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
