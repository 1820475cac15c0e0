//! What each fault must cost: the checks that must fail, and the cause that must be named first.

use orchestrate::faults::id::FaultId;

/// What a fault must cost.
#[derive(Debug, Clone, Copy)]
pub struct Expected {
    /// The fault.
    pub fault: FaultId,
    /// The checks that must find it. Any one that does not is a miss.
    pub checks: &'static [&'static str],
    /// The cause that must be named first.
    pub cause: &'static str,
}

const fn expect(fault: FaultId, checks: &'static [&'static str], cause: &'static str) -> Expected {
    Expected { fault, checks, cause }
}

/// Every fault of the service. A test compares this list with the service's own.
pub const EXPECTED: &[Expected] = &[expect(
    FaultId::MissingAwait,
    &["errors/no-server-error", "cors/readable", "journey/proofs"],
    "masked-server-error",
)];
