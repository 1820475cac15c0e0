//! A limit that the notes service enforces: so many requests in a window of time, whoever asks.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::lab::notes::Quirk;

/// A limit, and what of it is used up.
#[derive(Debug)]
pub struct Limit {
    most: u32,
    window: Duration,
    used: Mutex<Option<(Instant, u32)>>,
}

impl Limit {
    /// The limit of a quirk, when it has one.
    pub fn of(quirk: Quirk) -> Option<Limit> {
        let (most, window) = match quirk {
            Quirk::FairLimit | Quirk::BareLimit => (25, Duration::from_secs(1)),
            Quirk::TightLimit => (25, Duration::from_secs(60)),
            _ => return None,
        };
        Some(Limit {
            most,
            window,
            used: Mutex::new(None),
        })
    }

    /// Counts a request: after how many seconds to come back, when it is one too many.
    pub fn refuses(&self) -> Option<u64> {
        let now = Instant::now();
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        let (began, count) = used
            .filter(|(began, _)| now.duration_since(*began) < self.window)
            .unwrap_or((now, 0));
        *used = Some((began, count.saturating_add(1)));
        (count >= self.most).then_some(self.window.as_secs())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_much_is_refused_until_the_window_is_over() {
        let limit = Limit::of(Quirk::TightLimit).unwrap();
        assert!((0..25).all(|_| limit.refuses().is_none()));
        assert_eq!(limit.refuses(), Some(60));
        assert!(Limit::of(Quirk::None).is_none());
    }
}
