//! What the service is for.

pub mod proofs;
