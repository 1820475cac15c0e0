//! From findings to causes: "these nine failures have one cause". One file a cause, tried in the order of the registry,
//! which is the order of diagnosis: what hides other things comes first.

pub mod any_token_accepted;
pub mod auth_crashes;
pub mod auth_not_enforced;
pub mod case;
pub mod config_missing_500;
pub mod connection_dropped;
pub mod contract_drift;
pub mod crashes;
pub mod credential_refused;
pub mod doors;
pub mod edge_error_page;
pub mod expired_accepted;
pub mod health_lies;
pub mod input_crashes;
pub mod marker;
pub mod masked_server_error;
pub mod old_version_live;
pub mod registry;
pub mod secret_leaked;
pub mod server_error;
pub mod signature_unchecked;
pub mod stack_trace_leaked;
pub mod stale_health;
#[cfg(test)]
pub(crate) mod tests;
pub mod too_slow;
pub mod transcript_canned;
pub mod transcript_empty;
pub mod unreachable;
pub mod upstream_failing;
#[cfg(test)]
pub(crate) mod whole_tests;
pub mod words;
pub mod wrong_url;
