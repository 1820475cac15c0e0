//! The AI provider: a simulator that fails, and a client that says it does not.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use crate::config::{ProviderChoice, Settings};
use crate::domain::budget::Budget;
use crate::domain::concepts::{ConceptRequest, Concepts};
use crate::domain::language::Language;
use crate::domain::provider::{Clip, Provider, ProviderError, ProviderFacts, Transcript};
use crate::faults::Faults;
use crate::faults::id::FaultId;
use crate::faults::input::SCALED_LIMIT;
use crate::providers::simulator::mode::Mode;

/// What a transcription says that never listened.
const CANNED: &str = "Thank you for calling, please leave a message after the tone.";

/// What recognisers hear in silence, from the subtitles that they learnt on.
const INVENTED: &str = "Thank you for watching!";

/// Tells the simulator how to fail.
pub fn settings(settings: &mut Settings) {
    let modes = [
        (FaultId::EmptyTranscript, Mode::EmptyTranscript),
        (
            FaultId::CannedTranscript,
            Mode::CannedTranscript(CANNED.to_owned()),
        ),
        (FaultId::UpstreamDown, Mode::Unavailable),
        (FaultId::HealthLies, Mode::Unavailable),
        (FaultId::ProviderDownEmpty, Mode::Unavailable),
        (FaultId::RetryAfterMissing, Mode::Unavailable),
        (FaultId::ProviderKeyShownAs401, Mode::KeyRefused),
        (FaultId::ProviderTimeoutAs500, Mode::PaidHang),
        (FaultId::ProviderLate, Mode::PaidHang),
        (FaultId::ProviderQuotaGone, Mode::QuotaExhausted),
        (FaultId::RetryStorm, Mode::ServerError),
        (FaultId::ProviderKeyRefused, Mode::KeyRefused),
        (FaultId::ProviderAsksForMoney, Mode::PaymentRequired),
        (
            FaultId::ProviderLimits,
            Mode::RateLimited {
                retry_after: Some(Duration::from_secs(20)),
            },
        ),
        (FaultId::ProviderCrashes, Mode::ServerError),
        (FaultId::ProviderDrips, Mode::SlowDrip),
        (FaultId::ProviderCutShort, Mode::TruncatedJson),
        (FaultId::ProviderSendsPage, Mode::WrongContentType),
        (FaultId::ProviderModelGone, Mode::ModelRefused),
        (FaultId::ModelJsonCrash, Mode::NonJsonConcepts),
        (FaultId::ProviderLimitCrash, Mode::SmallUploads(SCALED_LIMIT)),
        (
            FaultId::SilenceInvented,
            Mode::InventsOnSilence(INVENTED.to_owned()),
        ),
        (FaultId::SpeechTranslated, Mode::Translates),
        (FaultId::TailLost, Mode::FirstSeconds(Duration::from_secs(3))),
        (FaultId::ConceptsEmpty, Mode::NoConcepts),
        (FaultId::ConceptsCanned, Mode::CannedConcepts),
        (
            FaultId::Upstream429As500,
            Mode::RateLimited {
                retry_after: Some(Duration::from_secs(20)),
            },
        ),
    ];
    if settings.faults.has(FaultId::RetryStorm) {
        // Who insists lets nothing hold it back.
        settings.breaker.failures = u32::MAX;
    }
    let mode = modes.into_iter().find(|(fault, _)| settings.faults.has(*fault));
    if let (Some((_, mode)), ProviderChoice::Simulator(simulator)) = (mode, &mut settings.provider) {
        simulator.mode = mode;
    }
}

/// The provider, or one whose check says that all is well.
#[must_use]
pub fn wrap(provider: Arc<dyn Provider>, faults: &Faults) -> Arc<dyn Provider> {
    if faults.has(FaultId::HealthLies) {
        Arc::new(SaysAllIsWell(provider))
    } else {
        provider
    }
}

struct SaysAllIsWell(Arc<dyn Provider>);

impl Provider for SaysAllIsWell {
    fn transcribe(
        &self,
        clip: Clip,
        language: Option<Language>,
        budget: Budget,
    ) -> BoxFuture<'_, Result<Transcript, ProviderError>> {
        self.0.transcribe(clip, language, budget)
    }

    fn concepts(
        &self,
        request: ConceptRequest,
        budget: Budget,
    ) -> BoxFuture<'_, Result<Concepts, ProviderError>> {
        self.0.concepts(request, budget)
    }

    fn describe(&self) -> ProviderFacts {
        self.0.describe()
    }

    fn check(&self) -> BoxFuture<'_, Result<(), ProviderError>> {
        async { Ok(()) }.boxed()
    }
}
