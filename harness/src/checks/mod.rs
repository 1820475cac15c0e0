//! Every check and rule, one file each: what it is, what it asks, how it judges, and its tests. Pure.

pub mod auth;
pub mod cors;
pub mod errors;
pub mod journey;
pub mod reach;
pub mod registry;
