//! What the service is about, free of any transport: audio facts, concepts and the provider that turns one
//! into the other, the store that keeps both, and the orchestration of all that.
//!
//! Nothing here may know poem, reqwest or SQL: a judgement about audio or a provider's failure must be
//! testable without a socket.

pub mod address;
pub mod audio;
pub mod budget;
pub mod concepts;
pub mod data;
pub mod fetch;
pub mod intake;
pub mod language;
pub mod orchestrate;
pub mod provider;
pub mod request;
pub mod store;
pub mod workflow;
