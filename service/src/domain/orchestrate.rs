//! The work itself: words from a recording, concepts from words, and keeping both when asked.
//!
//! No HTTP here: a request in, an [`Outcome`] or a [`Failure`] out.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use uuid::Uuid;

use crate::domain::concepts::{ConceptRequest, Concepts, default_categories};
use crate::domain::intake::{self, IntakeError};
use crate::domain::language::Language;
use crate::domain::provider::{Provider, ProviderError, Transcript};
use crate::domain::request::{OrchestrateRequest, Output};
use crate::domain::store::{Curation, Store, StoreError};
use crate::domain::workflow::{self, PlanError, Source};

/// The work of an accepted request, as a seam: the fault lab puts a crash in its place.
pub trait Work: Send + Sync {
    /// Does what a request asks for, on behalf of `subject`.
    fn run<'a>(
        &'a self,
        request: OrchestrateRequest,
        language: Language,
        subject: &'a str,
    ) -> BoxFuture<'a, Result<Outcome, Failure>>;
}

impl Work for Orchestrator {
    fn run<'a>(
        &'a self,
        request: OrchestrateRequest,
        language: Language,
        subject: &'a str,
    ) -> BoxFuture<'a, Result<Outcome, Failure>> {
        self.orchestrate(request, language, subject).boxed()
    }
}

/// Does the work, with the provider and the store that it was given.
#[derive(Clone)]
pub struct Orchestrator {
    provider: Arc<dyn Provider>,
    store: Arc<dyn Store>,
}

/// What came of a request.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// The workflow that ran.
    pub workflow: &'static str,
    /// The words.
    pub words: Words,
    /// What was found in them.
    pub concepts: Concepts,
    /// What kind of entity was asked about.
    pub entity_type: String,
    /// The entity, as the caller named it.
    pub entity_id: Option<String>,
    /// The id under which the run was kept; none when it was not.
    pub curation_id: Option<String>,
    /// What the caller wants to see of it.
    pub output: Output,
    /// How long it took.
    pub took: Duration,
}

/// Where the words came from.
#[derive(Debug, Clone, PartialEq)]
pub enum Words {
    /// As sent.
    Written(String),
    /// As transcribed, under a fresh id.
    Spoken(String, Transcript),
}

impl Words {
    /// The words themselves.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Written(text) => text,
            Self::Spoken(_, transcript) => &transcript.text,
        }
    }
}

/// Why nothing came of a request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The request asks for nothing that can be done.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The recording is not one.
    #[error(transparent)]
    Intake(#[from] IntakeError),
    /// The provider failed.
    #[error(transparent)]
    Provider(#[from] ProviderError),
    /// The run could not be kept.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Orchestrator {
    /// An orchestrator over a provider and a store.
    #[must_use]
    pub fn new(provider: Arc<dyn Provider>, store: Arc<dyn Store>) -> Self {
        Self { provider, store }
    }

    /// Does what a request asks for, on behalf of `subject`.
    ///
    /// # Errors
    /// Says whose fault it is that nothing came of it, and why. Nothing is kept then.
    pub async fn orchestrate(
        &self,
        request: OrchestrateRequest,
        language: Language,
        subject: &str,
    ) -> Result<Outcome, Failure> {
        let started = Instant::now();
        let plan = workflow::plan(&request)?;
        if let (Source::Text(_), Some(unused)) = (&plan.source, &request.audio_file) {
            // The text wins; a caller whose recording is broken should learn of it all the same.
            intake::decode(unused)?;
        }
        if request.output.save_to_db {
            // Asked before anybody is paid: a run that cannot be kept is not worth its price.
            self.store.check().await?;
        }
        let words = self.words(plan.source, &language).await?;
        let concepts = self.concepts(words.text(), &request.entity_type).await?;
        let mut outcome = Outcome {
            workflow: plan.workflow,
            words,
            concepts,
            entity_type: request.entity_type.clone(),
            entity_id: request.entity_id.clone(),
            curation_id: None,
            output: request.output,
            took: Duration::ZERO,
        };
        if request.output.save_to_db {
            outcome.curation_id = Some(self.save(request, &outcome, &language, subject).await?);
        }
        outcome.took = started.elapsed();
        Ok(outcome)
    }

    async fn words(&self, source: Source, language: &Language) -> Result<Words, Failure> {
        let audio = match source {
            Source::Text(text) => return Ok(Words::Written(text)),
            Source::Audio(audio) => audio,
        };
        let span = tracing::Span::current();
        let taking = move || span.in_scope(|| intake::take(&audio));
        let clip = match tokio::task::spawn_blocking(taking).await {
            Ok(taken) => taken?,
            // A panic over there is a panic here, where it is caught and answered.
            Err(error) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_) => return Err(ProviderError::Timeout.into()),
            },
        };
        let transcript = self.provider.transcribe(clip, Some(language.clone())).await?;
        Ok(Words::Spoken(Uuid::now_v7().to_string(), transcript))
    }

    async fn concepts(&self, text: &str, entity_type: &str) -> Result<Concepts, Failure> {
        if text.trim().is_empty() {
            // Silence says nothing about a place, and asking would be paid for.
            return Ok(Concepts {
                concepts: Vec::new(),
                model: self.provider.describe().concept_model,
            });
        }
        let categories = default_categories(entity_type);
        let request = ConceptRequest {
            text: text.to_owned(),
            entity_type: entity_type.to_owned(),
            categories: categories.iter().map(|category| (*category).to_owned()).collect(),
        };
        Ok(self.provider.concepts(request).await?)
    }

    async fn save(
        &self,
        request: OrchestrateRequest,
        outcome: &Outcome,
        language: &Language,
        subject: &str,
    ) -> Result<String, StoreError> {
        let curation = Curation {
            id: Uuid::now_v7().to_string(),
            subject: subject.to_owned(),
            workflow: outcome.workflow.to_owned(),
            curator_id: request.curator_id,
            entity_id: request.entity_id,
            entity_type: request.entity_type,
            place_id: request.place_id,
            language: language.as_str().to_owned(),
            text: outcome.words.text().to_owned(),
            concepts: outcome.concepts.concepts.clone(),
        };
        self.store.save(&curation).await?;
        Ok(curation.id)
    }
}
