//! What is asked beside a run, of the same budget: how many requests are kept for it, and once it is over, how many it took.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

/// Requests of a run's budget that somebody else may spend at the same time.
#[derive(Debug)]
pub struct Beside {
    requests: AtomicU32,
    over: AtomicBool,
}

impl Beside {
    /// So many may be spent. None is nobody who could.
    pub fn keeping(requests: u32) -> Beside {
        Beside {
            requests: AtomicU32::new(requests),
            over: AtomicBool::new(requests == 0),
        }
    }

    /// How many are kept, and from the end on, how many were spent.
    pub fn requests(&self) -> u32 {
        self.requests.load(Ordering::Acquire)
    }

    /// Whether nothing more is spent.
    pub fn is_over(&self) -> bool {
        self.over.load(Ordering::Acquire)
    }

    /// It is over, and so many were spent.
    pub fn ends(&self, spent: u32) {
        self.requests.store(spent, Ordering::Release);
        self.over.store(true, Ordering::Release);
    }
}
