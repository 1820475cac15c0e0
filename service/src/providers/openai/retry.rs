//! When a call may be made again: pure. A paid call is repeated only when it is certain that nobody worked on it.

use std::time::Duration;

use crate::domain::provider::ProviderError;

/// How often and how patiently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Attempts in all, the first included; 1 never repeats.
    pub attempts: u32,
    /// About how long to wait after the first connection that failed; twice as long after each further one.
    pub first_pause: Duration,
    /// The longest wait, whoever asks for it: a caller waits too.
    pub longest_pause: Duration,
}

impl Default for RetryPolicy {
    /// Three attempts, pauses of about 50 and 100 ms, and never more than 2 s.
    fn default() -> Self {
        Self {
            attempts: 3,
            first_pause: Duration::from_millis(50),
            longest_pause: Duration::from_secs(2),
        }
    }
}

/// An attempt that came to nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Missed {
    /// Why.
    pub error: ProviderError,
    /// Whether any of the request may have left us: if so somebody may have worked on it, and wants to be paid.
    pub sent: bool,
}

impl RetryPolicy {
    /// How long to wait before the next attempt; none when this was the last. `attempt` counts from 1, `left` is what the
    /// request may still take, and `chance` (0 to 1) spreads callers who failed together.
    #[must_use]
    pub fn pause(&self, missed: &Missed, attempt: u32, left: Duration, chance: f64) -> Option<Duration> {
        if attempt >= self.attempts {
            return None;
        }
        let pause = match missed.error {
            // A connection that was never made.
            _ if !missed.sent => {
                let doubled = self.first_pause.saturating_mul(1 << (attempt - 1).min(16));
                doubled.mul_f64(0.5 + chance.clamp(0.0, 1.0))
            }
            // A refusal that says when to come back.
            ProviderError::RateLimited {
                retry_after: Some(wait),
            }
            | ProviderError::Unavailable {
                upstream_status: Some(503),
                retry_after: Some(wait),
            } => wait,
            _ => return None,
        };
        (pause <= self.longest_pause && pause < left).then_some(pause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEFT: Duration = Duration::from_secs(30);

    fn pause(error: ProviderError, sent: bool, attempt: u32, left: Duration) -> Option<Duration> {
        RetryPolicy::default().pause(&Missed { error, sent }, attempt, left, 0.5)
    }

    fn unavailable(upstream_status: Option<u16>, wait: Option<u64>) -> ProviderError {
        ProviderError::Unavailable {
            upstream_status,
            retry_after: wait.map(Duration::from_secs),
        }
    }

    #[test]
    fn a_connection_that_was_never_made_is_tried_again_a_little_later() {
        let never = unavailable(None, None);
        assert_eq!(pause(never, false, 1, LEFT), Some(Duration::from_millis(50)));
        assert_eq!(pause(never, false, 2, LEFT), Some(Duration::from_millis(100)));
        assert_eq!(pause(never, false, 3, LEFT), None, "three attempts in all");
        assert_eq!(
            pause(never, false, 1, Duration::from_millis(50)),
            None,
            "no time left for an answer"
        );
    }

    #[test]
    fn whoever_refused_and_said_when_to_come_back_is_asked_again_then() {
        let limited = |wait: Option<u64>| ProviderError::RateLimited {
            retry_after: wait.map(Duration::from_secs),
        };
        assert_eq!(
            pause(limited(Some(1)), true, 1, LEFT),
            Some(Duration::from_secs(1))
        );
        assert_eq!(
            pause(unavailable(Some(503), Some(2)), true, 2, LEFT),
            Some(Duration::from_secs(2))
        );
        assert_eq!(
            pause(limited(Some(3)), true, 1, LEFT),
            None,
            "longer than a caller waits"
        );
        assert_eq!(pause(limited(None), true, 1, LEFT), None);
        assert_eq!(pause(limited(Some(1)), true, 1, Duration::from_secs(1)), None);
    }

    #[test]
    fn what_somebody_may_have_worked_on_is_never_paid_twice() {
        for error in [
            unavailable(None, None),
            unavailable(Some(500), Some(1)),
            unavailable(Some(502), Some(1)),
            unavailable(Some(503), None),
            ProviderError::Timeout,
            ProviderError::QuotaExhausted,
            ProviderError::CredentialsRefused,
            ProviderError::AudioRefused,
        ] {
            assert_eq!(pause(error, true, 1, LEFT), None, "{error:?}");
        }
    }
}
