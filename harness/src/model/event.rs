//! What a run says while it is under way. Progress displays consume it; nothing is decided by it.

/// One step of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// So many probes are about to be sent.
    Planned {
        /// How many.
        probes: usize,
    },
    /// A probe was answered, or failed.
    Answered {
        /// `METHOD path`.
        operation: String,
        /// The status, when there is one.
        status: Option<u16>,
    },
}
