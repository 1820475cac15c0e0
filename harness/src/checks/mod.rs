//! Every check and rule, one file each: what it is, what it asks, how it judges, and its tests. Pure.

pub mod auth;
pub mod caching;
pub mod contract;
pub mod cors;
pub mod edge;
pub mod errors;
pub mod exposure;
pub mod health;
pub mod http;
pub mod journey;
pub mod page;
pub mod process;
pub mod reach;
pub mod registry;
pub mod rollout;
pub mod tls;
pub mod transcription;
pub mod version;
