//! The provider and the store, with every call counted and timed. Wrapped around the real ones, so that neither knows.

use std::sync::Arc;
use std::time::Instant;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use crate::domain::budget::Budget;
use crate::domain::concepts::{ConceptRequest, Concepts};
use crate::domain::language::Language;
use crate::domain::provider::{Clip, Provider, ProviderError, ProviderFacts, Transcript};
use crate::domain::store::{Curation, Store, StoreError};
use crate::telemetry::metrics::Metrics;

/// What came of a call that went well.
const OK: &str = "ok";

/// A provider whose calls are counted.
pub struct MeteredProvider {
    inner: Arc<dyn Provider>,
    metrics: Arc<Metrics>,
}

impl MeteredProvider {
    /// Counts the calls of `inner`.
    #[must_use]
    pub fn new(inner: Arc<dyn Provider>, metrics: Arc<Metrics>) -> Self {
        Self { inner, metrics }
    }

    fn count<'a, T: 'a>(
        &'a self,
        operation: &'static str,
        call: BoxFuture<'a, Result<T, ProviderError>>,
    ) -> BoxFuture<'a, Result<T, ProviderError>> {
        async move {
            let began = Instant::now();
            let answer = call.await;
            let outcome = answer.as_ref().map_or_else(ProviderError::code, |_| OK);
            self.metrics.provider_call(operation, outcome, began.elapsed());
            answer
        }
        .boxed()
    }
}

impl Provider for MeteredProvider {
    fn transcribe(
        &self,
        clip: Clip,
        language: Option<Language>,
        budget: Budget,
    ) -> BoxFuture<'_, Result<Transcript, ProviderError>> {
        self.count("transcribe", self.inner.transcribe(clip, language, budget))
    }

    fn concepts(
        &self,
        request: ConceptRequest,
        budget: Budget,
    ) -> BoxFuture<'_, Result<Concepts, ProviderError>> {
        self.count("concepts", self.inner.concepts(request, budget))
    }

    fn describe(&self) -> ProviderFacts {
        self.inner.describe()
    }

    fn check(&self) -> BoxFuture<'_, Result<(), ProviderError>> {
        self.count("check", self.inner.check())
    }
}

/// A store whose questions to the database are counted.
pub struct MeteredStore {
    inner: Arc<dyn Store>,
    metrics: Arc<Metrics>,
}

impl MeteredStore {
    /// Counts the questions of `inner`.
    #[must_use]
    pub fn new(inner: Arc<dyn Store>, metrics: Arc<Metrics>) -> Self {
        Self { inner, metrics }
    }

    fn count<'a, T: 'a>(
        &'a self,
        operation: &'static str,
        call: BoxFuture<'a, Result<T, StoreError>>,
    ) -> BoxFuture<'a, Result<T, StoreError>> {
        async move {
            let began = Instant::now();
            let answer = call.await;
            let outcome = answer.as_ref().map_or_else(|error| error.word(), |_| OK);
            self.metrics.database_call(operation, outcome, began.elapsed());
            answer
        }
        .boxed()
    }
}

impl Store for MeteredStore {
    fn save<'a>(&'a self, curation: &'a Curation) -> BoxFuture<'a, Result<(), StoreError>> {
        self.count("save", self.inner.save(curation))
    }

    fn find<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Option<Curation>, StoreError>> {
        self.count("find", self.inner.find(id))
    }

    fn check(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        self.count("check", self.inner.check())
    }
}
