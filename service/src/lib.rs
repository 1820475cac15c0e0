//! The reference service: words or a recording in, transcription and concepts out.
//!
//! A library without process globals: [`app::build`] installs no subscriber, no recorder and no panic
//! hook, and writes no environment variable, so that hundreds of services can run in one process.
//!
//! The layers, of which each may know only those to its right:
//! `app`, `config` → `http`, `storage`, `providers` → `login` → `auth` → `telemetry`, `domain`.

pub mod app;
pub mod auth;
pub mod cli;
pub mod config;
pub mod domain;
#[cfg(feature = "faults")]
pub mod faults;
pub mod http;
pub mod login;
pub mod providers;
pub mod secret;
pub mod storage;
pub mod telemetry;
