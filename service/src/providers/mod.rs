//! Whom we ask over HTTP: the one client of the OpenAI HTTP API, the simulator that speaks that API on loopback, and issuers
//! of tokens.
//!
//! With no key the service talks to the simulator over a real socket, so there is one code path.

pub mod breaker;
pub mod dev_oidc;
pub mod fetch;
pub mod jwks;
pub mod oidc;
pub mod openai;
pub(crate) mod reach;
pub mod simulator;
