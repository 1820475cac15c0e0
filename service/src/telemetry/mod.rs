//! What can be seen of the service from outside of it: which trace a request belongs to, what is counted, what is exported.
//!
//! No web framework, no database and no configuration file here. [`context`] is pure but for the task that it follows;
//! [`metrics`] counts into a registry that belongs to one service, never to the process; [`otlp`] alone talks to the network,
//! and only the binary starts it.

pub mod context;
pub mod metered;
pub mod metrics;
pub mod otlp;
