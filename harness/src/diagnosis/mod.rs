//! From findings to causes: "these nine failures have one cause". One file a cause, tried in the order of the registry,
//! which is the order of diagnosis: what hides other things comes first.

pub mod any_token_accepted;
pub mod auth_crashes;
pub mod auth_not_enforced;
pub mod case;
pub mod config_missing_500;
pub mod crashes;
pub mod credential_refused;
pub mod doors;
pub mod expired_accepted;
pub mod input_crashes;
pub mod masked_server_error;
pub mod registry;
pub mod secret_leaked;
pub mod server_error;
pub mod signature_unchecked;
pub mod stack_trace_leaked;
#[cfg(test)]
pub(crate) mod tests;
pub mod words;
