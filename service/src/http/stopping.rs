//! Whether the process was told to stop. Told once, read by whoever behaves differently then: readiness, the listener, and
//! every answer, which says that its connection ends.

use tokio::sync::watch;

/// A flag that only ever goes up. Clones share it.
#[derive(Debug, Clone)]
pub struct Stopping(watch::Sender<bool>);

impl Default for Stopping {
    fn default() -> Self {
        Self(watch::Sender::new(false))
    }
}

impl Stopping {
    /// From now on the process is stopping.
    pub fn tell(&self) {
        self.0.send_replace(true);
    }

    /// Whether it was told.
    #[must_use]
    pub fn told(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until it is told.
    pub async fn wait(&self) {
        // An error would mean that nobody can tell any more, but `self` could.
        let _ = self.0.subscribe().wait_for(|told| *told).await;
    }
}
