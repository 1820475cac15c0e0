//! `greenlight run` as people use it: the real binary, scenarios in files, and services on real sockets.
#![expect(clippy::unwrap_used, reason = "a test whose setup fails has failed")]

mod chosen;
mod documents;
mod drafts;
mod files;
mod flow;
mod hostile;
mod refused;
mod secret;
mod support;
mod values;
