//! The work itself: words from a recording, concepts from words, and keeping both when asked.
//!
//! No HTTP here: a request in, an [`Outcome`] or a [`Failure`] out.

use std::num::NonZero;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::domain::audio::AudioPolicy;
use crate::domain::budget::Budget;
use crate::domain::concepts::{ConceptRequest, Concepts, default_categories};
use crate::domain::data::categories::{Categories, EVERY_OTHER};
use crate::domain::fetch::{Fetch, FetchError};
use crate::domain::intake::{self, IntakeError};
use crate::domain::language::Language;
use crate::domain::provider::{Clip, Provider, ProviderError, Transcript};
use crate::domain::request::{OrchestrateRequest, Output};
use crate::domain::store::{Curation, Store, StoreError};
use crate::domain::workflow::{self, PlanError, Source};

/// The work of an accepted request, as a seam: the fault lab puts a crash in its place.
pub trait Work: Send + Sync {
    /// Does what a request asks for, on behalf of `subject` and within the budget.
    fn run<'a>(
        &'a self,
        request: OrchestrateRequest,
        language: Language,
        subject: &'a str,
        budget: Budget,
    ) -> BoxFuture<'a, Result<Outcome, Failure>>;
}

impl Work for Orchestrator {
    fn run<'a>(
        &'a self,
        request: OrchestrateRequest,
        language: Language,
        subject: &'a str,
        budget: Budget,
    ) -> BoxFuture<'a, Result<Outcome, Failure>> {
        self.orchestrate(request, language, subject, budget).boxed()
    }
}

/// What the work is done with.
#[derive(Clone)]
pub struct Tools {
    /// Who transcribes and finds concepts.
    pub provider: Arc<dyn Provider>,
    /// Where curations are kept.
    pub store: Arc<dyn Store>,
    /// Which concepts are looked for.
    pub categories: Arc<dyn Categories>,
    /// Who fetches a recording that was only named.
    pub fetch: Arc<dyn Fetch>,
    /// Which recordings are taken.
    pub audio: AudioPolicy,
}

/// Does the work, with the tools that it was given.
#[derive(Clone)]
pub struct Orchestrator {
    tools: Tools,
    /// One permit for each recording that may be looked at, at once.
    lookers: Arc<Semaphore>,
}

/// How many recordings are looked at at once: on all cores but one, which is left to whoever only asks something. A recording
/// that waits for its turn is let go of when its deadline comes; one that is being looked at is so to the end.
fn lookers() -> usize {
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    cores.saturating_sub(1).max(1)
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

    /// How long their recording plays, in milliseconds; none when they were written.
    #[must_use]
    pub fn audio_ms(&self) -> Option<u64> {
        let Self::Spoken(_, transcript) = self else {
            return None;
        };
        let plays = Duration::try_from_secs_f64(transcript.duration).unwrap_or_default();
        u64::try_from(plays.as_millis()).ok()
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
    /// The recording could not be fetched.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// The provider failed.
    #[error(transparent)]
    Provider(#[from] ProviderError),
    /// The run could not be kept.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Orchestrator {
    /// An orchestrator with these tools.
    #[must_use]
    pub fn new(tools: Tools) -> Self {
        let lookers = Arc::new(Semaphore::new(lookers()));
        Self { tools, lookers }
    }

    /// Does what a request asks for, on behalf of `subject`. The budget is for all that is paid; what was paid for in time
    /// is kept.
    ///
    /// # Errors
    /// Says whose fault it is that nothing came of it, and why. Nothing is kept then.
    pub async fn orchestrate(
        &self,
        mut request: OrchestrateRequest,
        language: Language,
        subject: &str,
        budget: Budget,
    ) -> Result<Outcome, Failure> {
        let started = Instant::now();
        let plan = workflow::plan(&request)?;
        let unused = request.audio_file.take_if(|_| plan.source == Source::Text);
        if let Some(unused) = unused {
            // The text wins; a caller whose recording is broken should learn of it all the same.
            self.elsewhere(move || intake::decode(&unused).map(drop)).await?;
        }
        if request.output.save_to_db {
            // Asked before anybody is paid: a run that cannot be kept is not worth its price.
            self.tools.store.check().await?;
        }
        let words = match plan.source {
            Source::Text => Words::Written(request.text.take().unwrap_or_default()),
            Source::File => {
                let audio = request.audio_file.take().unwrap_or_default();
                self.sent(audio, &language, budget).await?
            }
            Source::Url => {
                let url = request.audio_url.take().unwrap_or_default();
                self.fetched(url, &language, budget).await?
            }
        };
        request.heard.add(words.audio_ms().unwrap_or(0));
        let concepts = self.concepts(words.text(), &request.entity_type, budget).await?;
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

    /// The words of a recording that was sent.
    async fn sent(&self, audio: String, language: &Language, budget: Budget) -> Result<Words, Failure> {
        let policy = self.tools.audio.clone();
        let clip = self.elsewhere(move || intake::take(&audio, &policy)).await?;
        self.transcribe(clip, language, budget).await
    }

    /// The words of a recording that is to be fetched.
    async fn fetched(&self, url: String, language: &Language, budget: Budget) -> Result<Words, Failure> {
        let fetched = budget.within(self.tools.fetch.fetch(url)).await;
        let bytes = fetched.unwrap_or(Err(FetchError::TooSlow))?;
        let policy = self.tools.audio.clone();
        let looked = self.elsewhere(move || intake::examine(bytes, &policy)).await;
        let clip = looked.map_err(IntakeError::Audio)?;
        self.transcribe(clip, language, budget).await
    }

    async fn transcribe(&self, clip: Clip, language: &Language, budget: Budget) -> Result<Words, Failure> {
        let transcript = self
            .tools
            .provider
            .transcribe(clip, Some(language.clone()), budget)
            .await?;
        Ok(Words::Spoken(Uuid::now_v7().to_string(), transcript))
    }

    async fn concepts(&self, text: &str, entity_type: &str, budget: Budget) -> Result<Concepts, Failure> {
        if text.trim().is_empty() {
            // Silence says nothing about a place, and asking would be paid for.
            return Ok(Concepts {
                concepts: Vec::new(),
                model: self.tools.provider.describe().concept_model,
            });
        }
        let request = ConceptRequest {
            text: text.to_owned(),
            entity_type: entity_type.to_owned(),
            categories: self.categories(entity_type).await,
        };
        Ok(self.tools.provider.concepts(request, budget).await?)
    }

    /// What is looked for in words about such an entity. Without its database, a run that keeps nothing works as it always did.
    async fn categories(&self, entity_type: &str) -> Vec<String> {
        for kind in [entity_type, EVERY_OTHER] {
            match self.tools.categories.of(kind).await {
                Ok(Some(own)) => return own.categories,
                Ok(None) => {}
                Err(error) => {
                    tracing::warn!(
                        why = error.word(),
                        "the categories could not be read: the usual ones are asked for"
                    );
                    break;
                }
            }
        }
        let usual = default_categories(entity_type);
        usual.iter().map(|category| (*category).to_owned()).collect()
    }

    async fn save(
        &self,
        request: OrchestrateRequest,
        outcome: &Outcome,
        language: &Language,
        subject: &str,
    ) -> Result<String, StoreError> {
        let curation = Curation {
            id: request.kept_as.unwrap_or_else(|| Uuid::now_v7().to_string()),
            subject: subject.to_owned(),
            workflow: outcome.workflow.to_owned(),
            curator_id: request.curator_id,
            entity_id: request.entity_id,
            entity_type: request.entity_type,
            place_id: request.place_id,
            language: language.as_str().to_owned(),
            text: outcome.words.text().to_owned(),
            concepts: outcome.concepts.concepts.clone(),
            created_at: Timestamp::now(),
            audio_ms: outcome.words.audio_ms(),
        };
        self.tools.store.save(&curation).await?;
        Ok(curation.id)
    }

    /// Does what takes time in proportion to a recording, off the event loop and in turn.
    async fn elsewhere<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> T {
        // Nobody closes it, so there is a turn for everybody.
        let turn = self.lookers.clone().acquire_owned().await;
        let span = tracing::Span::current();
        let looking = move || {
            let _turn = turn;
            span.in_scope(work)
        };
        joined(tokio::task::spawn_blocking(looking)).await
    }
}

/// What a task came to that nobody aborts. A panic over there is a panic here, where it is caught and answered.
pub async fn joined<T>(task: JoinHandle<T>) -> T {
    match task.await {
        Ok(done) => done,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // The runtime ends, and this with it.
            Err(_) => std::future::pending().await,
        },
    }
}

#[cfg(test)]
#[path = "orchestrate_tests.rs"]
mod tests;
