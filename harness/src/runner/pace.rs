//! Keeping to a limit that the service enforces. A run asks much within a second, and a service that answers 429 to that is
//! healthy: what was refused is asked once more when the service says that it may be, and from then on one request goes out
//! at a time. A service that was never seen to limit anything is not slowed.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{MutexGuard, watch};
use tokio::time::Instant;

use crate::model::exchange::Reply;

/// A longer Retry-After is not waited for.
const MOST: Duration = Duration::from_secs(5);

/// How long a run waits for limits in all.
const MOST_IN_ALL: Duration = Duration::from_secs(60);

/// The pause after a limit that does not say when to come back.
const UNSAID: Duration = Duration::from_secs(1);

/// How many such pauses a run makes in all, and how many in a row that another refusal follows: nobody promised anything.
const MOST_UNSAID: (u8, u8) = (10, 3);

/// Retry-After is in whole seconds and may have been rounded down.
const MARGIN: Duration = Duration::from_millis(20);

/// After so many waits in a row that ended in another refusal no more are made: the service does not mean what it says.
const MOST_IN_VAIN: u8 = 3;

/// What is known of a service's limit.
#[derive(Debug, Default)]
struct Known {
    /// When it may be asked again; `None` until the first refusal.
    resume: Option<Instant>,
    /// How long was waited in all.
    waited: Duration,
    /// How many waits in a row were in vain.
    in_vain: u8,
    /// How many pauses were made that nobody asked for: in all, and since the last answer that was no refusal.
    unsaid: (u8, u8),
}

/// The pace of a run.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    known: Mutex<Known>,
    single: tokio::sync::Mutex<()>,
}

impl Pace {
    /// The turn to send: `None`, at once, while nothing was limited. Whoever holds it is alone, and keeps it until its probe
    /// is answered for good, so that nobody uses up what it waited for.
    pub(crate) async fn turn(&self) -> Option<MutexGuard<'_, ()>> {
        self.resume()?;
        Some(self.single.lock().await)
    }

    /// Waits until the service may be asked again, the run ends, or it is interrupted.
    pub(crate) async fn pause(&self, run_ends: Instant, stop: &watch::Sender<bool>) {
        let Some(resume) = self.resume().filter(|resume| *resume > Instant::now()) else {
            return;
        };
        let mut stop = stop.subscribe();
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => {}
            () = tokio::time::sleep_until(run_ends.min(resume)) => {}
        }
    }

    /// Notes a refusal, and says whether the same request is worth repeating after a pause: the service said when, and that
    /// is soon.
    pub(crate) fn refused(&self, reply: &Reply, now: Instant, run_ends: Instant) -> bool {
        let said = retry_after(reply);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let before = known.resume.map_or(now, |resume| resume.max(now));
        known.resume = Some(before);
        if said.is_some_and(|wait| wait > MOST) || known.in_vain >= MOST_IN_VAIN {
            return false;
        }
        if said.is_none() {
            let (all, row) = known.unsaid;
            if all >= MOST_UNSAID.0 || row >= MOST_UNSAID.1 {
                return false;
            }
            known.unsaid = (all + 1, row + 1);
        }
        let until = now + said.unwrap_or(UNSAID) + MARGIN;
        let more = until.saturating_duration_since(before);
        if known.waited + more > MOST_IN_ALL || until >= run_ends {
            return false;
        }
        known.waited += more;
        known.resume = Some(until.max(before));
        said.is_some()
    }

    /// Notes what became of a request that was repeated after a pause.
    pub(crate) fn repeated(&self, in_vain: bool) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.in_vain = if in_vain {
            known.in_vain.saturating_add(1)
        } else {
            0
        };
    }

    /// Notes an answer that is no refusal.
    pub(crate) fn answered(&self) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.unsaid.1 = 0;
    }

    fn resume(&self) -> Option<Instant> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.resume
    }
}

/// When to come back, as far as it is said in seconds (RFC 9110 §10.2.3). A date depends on two clocks, and is taken for unsaid.
fn retry_after(reply: &Reply) -> Option<Duration> {
    let seconds = reply.header("retry-after")?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::asks;
    use crate::check::testing::answered;

    fn limit(retry_after: Option<&str>) -> Reply {
        let headers: Vec<(&str, &str)> = retry_after.iter().map(|value| ("retry-after", *value)).collect();
        let exchange = answered(1, &asks::read("/health"), 429, &headers, "");
        exchange.answer().unwrap().clone()
    }

    fn refused(pace: &Pace, retry_after: Option<&str>) -> bool {
        let now = Instant::now();
        pace.refused(&limit(retry_after), now, now + Duration::from_secs(300))
    }

    #[tokio::test]
    async fn nobody_waits_before_anything_was_limited() {
        let pace = Pace::default();
        assert!(pace.turn().await.is_none());
        assert_eq!(pace.resume(), None);
    }

    #[tokio::test]
    async fn what_was_refused_is_repeated_when_the_service_says_so_and_one_at_a_time() {
        let pace = Pace::default();
        let now = Instant::now();
        assert!(refused(&pace, Some("1")));
        let resume = pace.resume().unwrap();
        assert!(resume >= now + Duration::from_secs(1), "{:?}", resume - now);
        let turn = pace.turn().await;
        assert!(turn.is_some());
        assert!(pace.single.try_lock().is_err());
    }

    #[test]
    fn a_long_wait_and_one_that_nobody_named_are_not_repeated() {
        assert!(!refused(&Pace::default(), Some("6")));
        assert!(!refused(&Pace::default(), Some("18446744073709551615")));
        assert!(!refused(&Pace::default(), None));
        assert!(!refused(&Pace::default(), Some("Sun, 06 Nov 2044 08:49:37 GMT")));
        let now = Instant::now();
        let soon = now + Duration::from_millis(500);
        assert!(!Pace::default().refused(&limit(Some("1")), now, soon));
    }

    #[test]
    fn waits_in_vain_are_given_up_and_so_is_waiting_for_ever() {
        let pace = Pace::default();
        (0..MOST_IN_VAIN).for_each(|_| pace.repeated(true));
        assert!(!refused(&pace, Some("1")));
        pace.repeated(false);
        assert!(refused(&pace, Some("1")));
        let pace = Pace::default();
        let start = Instant::now();
        let ends = start + Duration::from_secs(3_000);
        let times = (0..100_u64)
            .take_while(|n| pace.refused(&limit(Some("5")), start + Duration::from_secs(6 * n), ends))
            .count();
        assert_eq!(times, 11);
    }

    #[test]
    fn pauses_that_nobody_asked_for_are_few() {
        let start = Instant::now();
        let ends = start + Duration::from_secs(3_000);
        let paused = |pace: &Pace, n: u64| {
            let now = start + Duration::from_secs(10 * n);
            pace.refused(&limit(None), now, ends);
            pace.resume().is_some_and(|resume| resume > now)
        };
        let pace = Pace::default();
        let in_a_row: Vec<bool> = (0..5).map(|n| paused(&pace, n)).collect();
        assert_eq!(in_a_row, [true, true, true, false, false]);
        let pace = Pace::default();
        let answered = |n| {
            pace.answered();
            paused(&pace, n)
        };
        assert_eq!((0..20).filter(|n| answered(*n)).count(), 10);
    }
}
