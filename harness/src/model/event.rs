//! What a run says while it is under way. Progress displays consume it; nothing is decided by it.

use crate::model::exchange::Exchange;

/// One step of a run.
#[derive(Debug, Clone, PartialEq)]
pub enum Event<'e> {
    /// So many probes are about to be sent.
    Planned {
        /// How many.
        probes: usize,
    },
    /// A probe goes out, and is waited for until it is answered.
    Asked {
        /// `METHOD path`.
        operation: String,
    },
    /// A probe was answered, or failed.
    Answered {
        /// `METHOD path`.
        operation: String,
        /// The status, when there is one.
        status: Option<u16>,
        /// Its attempts, the last one last; none when it could not be sent after all.
        attempts: &'e [Exchange],
    },
}
