//! Who answers: the one client of the OpenAI HTTP API, and the simulator that speaks that API on loopback.
//!
//! With no key the service talks to the simulator over a real socket, so there is one code path.

pub mod breaker;
pub mod fetch;
pub mod openai;
pub mod simulator;
