//! How long a request may still take: one deadline for all that is done for it, instead of one for each step that add up.

use std::time::Duration;

use tokio::time::Instant;

/// The time that is left of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    ends: Instant,
}

impl Budget {
    /// This much from now. A span that no clock reaches is as good as a century.
    #[must_use]
    pub fn of(whole: Duration) -> Self {
        const CENTURY: Duration = Duration::from_secs(100 * 365 * 24 * 3600);
        Self {
            ends: Instant::now() + whole.min(CENTURY),
        }
    }

    /// What is left; nothing once it is over.
    #[must_use]
    pub fn left(self) -> Duration {
        self.ends.saturating_duration_since(Instant::now())
    }

    /// Whether nothing is left.
    #[must_use]
    pub fn is_over(self) -> bool {
        self.left().is_zero()
    }

    /// Does something within what is left; none when it was not done by then.
    pub async fn within<T>(self, work: impl Future<Output = T>) -> Option<T> {
        tokio::time::timeout_at(self.ends, work).await.ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn it_ends_once_and_for_every_step() {
        let budget = Budget::of(Duration::from_secs(3));
        let step = || tokio::time::sleep(Duration::from_secs(2));
        assert_eq!(budget.within(step()).await, Some(()));
        assert_eq!(budget.left(), Duration::from_secs(1));
        assert_eq!(budget.within(step()).await, None, "a second does not hold two");
        assert!(budget.is_over());
        assert!(!Budget::of(Duration::MAX).is_over());
    }
}
