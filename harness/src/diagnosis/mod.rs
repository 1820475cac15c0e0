//! From findings to causes: "these nine failures have one cause". One file a cause, tried in the order of the registry,
//! which is the order of diagnosis: what hides other things comes first.

pub mod case;
pub mod connection_dropped;
pub mod contract_drift;
pub mod edge_error_page;
pub mod health_lies;
pub mod marker;
pub mod masked_server_error;
pub mod old_version_live;
pub mod registry;
pub mod stale_health;
pub mod too_slow;
pub mod transcript_canned;
pub mod transcript_empty;
pub mod unreachable;
pub mod upstream_failing;
#[cfg(test)]
pub(crate) mod whole_tests;
pub mod words;
pub mod wrong_url;
