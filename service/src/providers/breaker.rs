//! A circuit breaker before the AI provider: when it has failed often enough in a row, callers are told so at once for a while,
//! instead of each waiting for a deadline and adding to what already does not work. Then one call tries.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::time::Instant;

use crate::domain::budget::Budget;
use crate::domain::concepts::{ConceptRequest, Concepts};
use crate::domain::language::Language;
use crate::domain::provider::{Circuit, Clip, Provider, ProviderError, ProviderFacts, Transcript};

/// When to stop asking, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BreakerPolicy {
    /// Failures in a row that open the circuit; at least 1.
    pub failures: u32,
    /// How long it stays open before one call may try.
    pub rest: Duration,
}

impl Default for BreakerPolicy {
    /// Ten failures in a row, and five seconds.
    fn default() -> Self {
        Self {
            failures: 10,
            rest: Duration::from_secs(5),
        }
    }
}

/// The breaker itself: pure, told the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Calls go out; so many in a row have failed.
    Closed(u32),
    /// No call goes out until then.
    Open(Instant),
    /// One call is out to see; the others are told to wait.
    Trying,
}

impl State {
    /// Lets a call out, or says how long to wait.
    fn admit(&mut self, now: Instant, policy: BreakerPolicy) -> Result<(), Duration> {
        match *self {
            Self::Closed(_) => Ok(()),
            Self::Open(until) if now < until => Err(until - now),
            Self::Open(_) => {
                *self = Self::Trying;
                Ok(())
            }
            Self::Trying => Err(policy.rest),
        }
    }

    /// Learns what came of a call that was let out; nothing is known of one that was given up.
    fn learn(&mut self, outcome: Option<bool>, now: Instant, policy: BreakerPolicy) {
        *self = match (*self, outcome) {
            (_, Some(true)) => Self::Closed(0),
            (Self::Closed(failures), Some(false)) if failures.saturating_add(1) < policy.failures => {
                Self::Closed(failures + 1)
            }
            // A call from before the circuit opened tells nothing new.
            (Self::Open(until), _) => Self::Open(until),
            (_, Some(false)) => Self::Open(now + policy.rest),
            (Self::Trying, None) => Self::Open(now),
            (closed, None) => closed,
        };
    }

    fn shown(self, now: Instant) -> Circuit {
        match self {
            Self::Closed(_) => Circuit::Closed,
            Self::Open(until) if now < until => Circuit::Open,
            Self::Open(_) | Self::Trying => Circuit::HalfOpen,
        }
    }
}

/// A provider behind a breaker. Checks, which cost nothing, pass it by.
pub struct Guarded {
    inner: Arc<dyn Provider>,
    policy: BreakerPolicy,
    state: Mutex<State>,
}

impl Guarded {
    /// Guards a provider.
    #[must_use]
    pub fn new(inner: Arc<dyn Provider>, policy: BreakerPolicy) -> Self {
        Self {
            inner,
            policy,
            state: Mutex::new(State::Closed(0)),
        }
    }

    fn state<T>(&self, with: impl FnOnce(&mut State) -> T) -> T {
        with(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn guard<T>(
        &self,
        call: impl Future<Output = Result<T, ProviderError>>,
    ) -> Result<T, ProviderError> {
        let admitted = self.state(|state| state.admit(Instant::now(), self.policy));
        admitted.map_err(|retry_after| ProviderError::CircuitOpen { retry_after })?;
        let mut turn = Turn {
            of: self,
            outcome: None,
        };
        let answer = call.await;
        turn.outcome = Some(!answer.as_ref().is_err_and(is_down));
        answer
    }
}

/// A call that is out. However it ends, dropped with its caller or by a panic, the breaker learns of it.
struct Turn<'g> {
    of: &'g Guarded,
    outcome: Option<bool>,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let policy = self.of.policy;
        let (before, after) = self.of.state(|state| {
            let now = Instant::now();
            let before = state.shown(now);
            state.learn(self.outcome, now, policy);
            (before, state.shown(now))
        });
        if before != after {
            tracing::warn!(
                from = before.word(),
                to = after.word(),
                "the circuit to the AI provider changed"
            );
        }
    }
}

/// Whether a failure says that the provider is down. A refusal is an answer, and nobody is helped by less of them.
fn is_down(error: &ProviderError) -> bool {
    matches!(error, ProviderError::Unavailable { .. } | ProviderError::Timeout)
}

impl Provider for Guarded {
    fn transcribe(
        &self,
        clip: Clip,
        language: Option<Language>,
        budget: Budget,
    ) -> BoxFuture<'_, Result<Transcript, ProviderError>> {
        self.guard(self.inner.transcribe(clip, language, budget)).boxed()
    }

    fn concepts(
        &self,
        request: ConceptRequest,
        budget: Budget,
    ) -> BoxFuture<'_, Result<Concepts, ProviderError>> {
        self.guard(self.inner.concepts(request, budget)).boxed()
    }

    fn describe(&self) -> ProviderFacts {
        ProviderFacts {
            circuit: self.state(|state| state.shown(Instant::now())),
            ..self.inner.describe()
        }
    }

    fn check(&self) -> BoxFuture<'_, Result<(), ProviderError>> {
        self.inner.check()
    }
}

#[cfg(test)]
#[path = "breaker_tests.rs"]
mod tests;
