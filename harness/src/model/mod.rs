//! The words everything else is written in: probes, exchanges, recordings, findings, runs.
//!
//! The room exists so that every other room can speak to every other without knowing it. Data only:
//! nothing here sends, judges, reads a clock or touches a file, and serde is its only dependency of weight.

pub mod about;
pub mod auth;
pub mod body;
pub mod capture;
pub mod checkup;
pub mod copied;
pub mod coverage;
pub mod diagnosis;
pub mod diff;
pub mod event;
pub mod exchange;
pub mod exit;
pub mod exported;
pub mod finding;
pub mod heard;
pub mod issuer;
pub mod journey;
pub mod keep;
pub mod line;
pub mod lint;
pub mod matrix;
pub mod mutation;
pub mod names;
pub mod page;
pub mod probe;
pub mod recording;
pub mod refusal;
pub mod rollout;
pub mod run;
pub mod sealed;
pub mod spawned;
pub mod target;
pub mod waiver;
pub mod weight;
