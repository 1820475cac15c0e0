//! From findings to causes: "these nine failures have one cause". One file a cause, tried in the order of the registry,
//! which is the order of diagnosis: what hides other things comes first.

pub mod answer_cut;
pub mod answers_mixed;
pub mod any_token_accepted;
pub mod auth_crashes;
pub mod auth_not_enforced;
pub mod browser;
pub mod case;
pub mod certificate_runs_out;
pub mod config_missing_500;
pub mod connection_dropped;
pub mod contract_drift;
#[cfg(test)]
mod cors_faults_tests;
pub mod cors_filter_crashes;
pub mod cors_missing_everywhere;
pub mod cors_missing_on_errors;
pub mod cors_missing_on_route;
#[cfg(test)]
mod cors_policy_tests;
#[cfg(test)]
mod cors_rig_tests;
pub mod crash_loop;
pub mod crashes;
pub mod credential_refused;
pub mod credential_stripped;
pub mod credentials_not_allowed;
pub mod database_behind;
pub mod dead_address;
pub mod development_server;
pub mod doors;
pub mod duplicate_cors_headers;
pub mod edge_answers_options;
pub mod edge_blocks_content;
pub mod edge_challenge;
pub mod edge_error_page;
pub mod edge_limit;
#[cfg(test)]
mod edge_tests;
pub mod edge_timeout;
pub mod error_handler_echoes_origin;
pub mod expired_accepted;
pub mod first_call_fails;
pub mod health_lies;
pub mod http2_broken;
pub mod input_crashes;
pub mod intermittent_failure;
pub mod keepalive_race;
pub mod large_body_reset;
pub mod look_alike_trusted;
pub mod loop_blocked;
pub mod marker;
pub mod masked_server_error;
pub mod mixed_versions;
pub mod no_drain;
pub mod null_origin_trusted;
pub mod old_version_live;
pub mod origin_not_listed;
pub mod origin_reflected;
pub mod plain_http;
pub mod pool_exhausted;
pub mod preflight_misses_headers;
pub mod preflight_refused;
pub mod redirect_astray;
pub mod registry;
pub mod replica_uneven;
pub mod secret_leaked;
pub mod server_error;
pub mod signature_unchecked;
pub mod split;
pub mod stack_trace_leaked;
pub mod stale_health;
pub mod successions;
#[cfg(test)]
pub(crate) mod tests;
pub mod too_slow;
pub mod transcript_canned;
pub mod transcript_empty;
pub mod unreachable;
pub mod upstream_failing;
pub mod vary_missing;
#[cfg(test)]
pub(crate) mod whole_tests;
pub mod wildcard_with_credentials;
pub mod words;
pub mod worker_timeout;
pub mod wrong_url;
