//! What the service is about, free of any transport: audio facts, concepts and the provider that turns one
//! into the other.
//!
//! Nothing here may know poem, reqwest or SQL: a judgement about audio or a provider's failure must be
//! testable without a socket.

pub mod audio;
pub mod audio_decode;
pub mod concepts;
pub mod language;
pub mod provider;
