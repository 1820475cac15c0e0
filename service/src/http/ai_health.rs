//! `GET /ai/health`: can the AI provider be used, and which one is it? It asks the provider, without paying,
//! and remembers the answer for a few seconds, so that anybody who polls this cannot make us poll the provider.

use std::sync::Arc;
use std::time::Duration;

use poem_openapi::payload::Json;
use poem_openapi::{ApiResponse, Enum, Object, OpenApi};

use crate::domain::provider::{Provider, ProviderKind};
use crate::http::api::Tag;
use crate::http::checkup::{Checkup, database_word, provider_word};
use crate::http::moment::Moment;

/// The resource.
pub struct AiHealthApi {
    /// Who answers for us.
    pub provider: Arc<dyn Provider>,
    /// What is measured.
    pub checkup: Arc<Checkup>,
    /// For how long what the provider said is told again.
    pub remember: Duration,
}

/// Whether the AI side works.
#[derive(Debug, Clone, Object)]
#[oai(rename = "AiHealth")]
pub struct AiHealthBody {
    /// The service that is judged.
    pub service: String,
    /// `healthy` or `unhealthy`; the HTTP status says the same.
    pub status: String,
    /// When this was measured (RFC 3339, UTC).
    pub timestamp: Moment,
    /// Who answers for us.
    pub provider: ProviderBody,
    /// What was looked at.
    pub checks: ChecksBody,
}

/// Who answers for us. Never a key, nor a part of one.
#[derive(Debug, Clone, Object)]
#[oai(rename = "AiProvider")]
pub struct ProviderBody {
    /// Whether the answers are simulated.
    pub kind: KindBody,
    /// Its host name.
    pub host: String,
    /// The model that transcribes.
    pub transcription_model: String,
    /// The model that finds concepts.
    pub concept_model: String,
}

/// Which kind of provider answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "AiProviderKind", rename_all = "lowercase")]
pub enum KindBody {
    /// The embedded simulator: nothing is paid, nothing is understood.
    Simulator,
    /// Something that speaks the OpenAI HTTP API.
    OpenAi,
}

/// What was looked at.
#[derive(Debug, Clone, Object)]
#[oai(rename = "AiChecks")]
pub struct ChecksBody {
    /// `reachable`, or a stable name for what is wrong.
    pub provider: String,
    /// `connected`, or one word for what is wrong.
    pub database: String,
    /// Whether calls go out to the provider: `closed` when they do, `open` while it is left alone after repeated failures,
    /// `half_open` when one tries. It says nothing of health by itself.
    pub circuit: String,
}

/// Every answer of this operation.
#[derive(ApiResponse)]
pub enum AiHealthResponse {
    /// Works.
    #[oai(status = 200)]
    Healthy(Json<AiHealthBody>),
    /// Does not work: the body says what is wrong.
    #[oai(status = 503)]
    Unhealthy(Json<AiHealthBody>),
}

#[OpenApi]
impl AiHealthApi {
    /// AI health
    ///
    /// Asks the AI provider an unpaid question, at most every few seconds, and says which provider it is.
    #[oai(
        path = "/ai/health",
        method = "get",
        operation_id = "aiHealth",
        tag = "Tag::Ai"
    )]
    async fn ai_health(&self) -> AiHealthResponse {
        let (provider, database) = tokio::join!(
            self.checkup.provider.within(self.remember),
            self.checkup.database.within(Duration::ZERO)
        );
        let facts = self.provider.describe();
        let healthy = provider.answer.is_ok() && database.answer.is_ok();
        let body = AiHealthBody {
            service: "AI Orchestrator".to_owned(),
            status: if healthy { "healthy" } else { "unhealthy" }.to_owned(),
            timestamp: Moment(provider.at.min(database.at)),
            provider: ProviderBody {
                kind: match facts.kind {
                    ProviderKind::Simulator => KindBody::Simulator,
                    ProviderKind::OpenAi => KindBody::OpenAi,
                },
                host: facts.host,
                transcription_model: facts.transcription_model,
                concept_model: facts.concept_model,
            },
            checks: ChecksBody {
                provider: provider_word(provider.answer),
                database: database_word(database.answer),
                circuit: facts.circuit.word().to_owned(),
            },
        };
        if healthy {
            AiHealthResponse::Healthy(Json(body))
        } else {
            AiHealthResponse::Unhealthy(Json(body))
        }
    }
}
