//! The wire: dialling, TLS, HTTP on hyper's connection level, bounded capture, redaction.
//!
//! A client library would re-dial a closed connection without saying so, hide the phases and undo content codings unseen;
//! this room sees every one of them. It sends what it is given, once, and says what happened. Whether to send, to send again,
//! and what any of it means is decided elsewhere.

pub(crate) mod answer;
mod audio;
mod base;
pub mod body;
pub(crate) mod calm;
pub(crate) mod decode;
pub mod dial;
pub(crate) mod failure;
pub(crate) mod forge;
pub(crate) mod forms;
pub(crate) mod hello;
pub mod http;
pub mod issuer;
mod multipart;
pub(crate) mod pool;
pub mod port;
pub mod proxy;
pub(crate) mod raw;
pub mod redact;
pub mod request;
pub mod resolvers;
pub mod secret;
pub mod signer;
pub mod skeleton;
pub(crate) mod spoil;
pub mod tls;
mod veiled;
pub mod wire;
