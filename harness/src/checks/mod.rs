//! Every check and rule, one file each: what it is, what it asks, how it judges, and its tests. Pure.

pub mod auth;
pub mod caching;
pub mod contract;
pub mod cors;
pub mod errors;
pub mod exposure;
pub mod health;
pub mod http;
pub mod journey;
pub mod reach;
pub mod registry;
pub mod version;
