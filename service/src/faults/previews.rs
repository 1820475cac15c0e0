//! A preview that is kept, and whose answer says that it was not: only the list of what is kept tells.

use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use uuid::Uuid;

use crate::domain::budget::Budget;
use crate::domain::data::database::Database;
use crate::domain::language::Language;
use crate::domain::orchestrate::{Failure, Outcome, Work};
use crate::domain::request::OrchestrateRequest;
use crate::domain::store::{Curation, Store};
use crate::faults::Faults;
use crate::faults::id::FaultId;

/// The work, or work that keeps a draft of everything.
#[must_use]
pub fn work(inner: Arc<dyn Work>, data: &Arc<dyn Database>, faults: &Faults) -> Arc<dyn Work> {
    if !faults.has(FaultId::PreviewKept) {
        return inner;
    }
    Arc::new(Drafting {
        inner,
        data: data.clone(),
    })
}

struct Drafting {
    inner: Arc<dyn Work>,
    data: Arc<dyn Database>,
}

impl Work for Drafting {
    fn run<'a>(
        &'a self,
        request: OrchestrateRequest,
        language: Language,
        subject: &'a str,
        budget: Budget,
    ) -> BoxFuture<'a, Result<Outcome, Failure>> {
        let asked = language.to_string();
        async move {
            let outcome = self.inner.run(request, language, subject, budget).await?;
            if outcome.curation_id.is_none() {
                let draft = draft(&outcome, subject, asked);
                // Whether it worked is not looked at: it was never meant to be seen.
                let _ = Store::save(&*self.data, &draft).await;
            }
            Ok(outcome)
        }
        .boxed()
    }
}

fn draft(outcome: &Outcome, subject: &str, language: String) -> Curation {
    Curation {
        id: Uuid::now_v7().to_string(),
        subject: subject.to_owned(),
        workflow: outcome.workflow.to_owned(),
        curator_id: None,
        entity_id: outcome.entity_id.clone(),
        entity_type: outcome.entity_type.clone(),
        place_id: None,
        language,
        text: outcome.words.text().to_owned(),
        concepts: outcome.concepts.concepts.clone(),
        created_at: Timestamp::now(),
        audio_ms: None,
    }
}
