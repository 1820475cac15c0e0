//! From findings to causes: "these nine failures have one cause". One file a cause, tried in the order of the registry,
//! which is the order of diagnosis: what hides other things comes first.

pub mod answer_not_json;
pub mod any_token_accepted;
pub mod auth_crashes;
pub mod auth_not_enforced;
pub mod browser;
pub mod calls_repeated;
pub mod case;
pub mod concepts_canned;
pub mod concepts_empty;
pub mod config_missing_500;
pub mod connection_dropped;
pub mod container_mislabelled;
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
pub mod crashes;
pub mod credential_refused;
pub mod credentials_not_allowed;
pub mod doors;
pub mod duplicate_cors_headers;
pub mod edge_error_page;
pub mod error_handler_echoes_origin;
pub mod expired_accepted;
pub mod fetches_any_address;
pub mod foreign;
pub mod health_lies;
pub mod input_crashes;
pub mod input_hangs;
pub mod language_ignored;
pub mod look_alike_trusted;
pub mod marker;
pub mod markup_echoed;
pub mod masked_server_error;
pub mod mock_left_on;
pub mod null_origin_trusted;
pub mod old_version_live;
pub mod origin_not_listed;
pub mod origin_reflected;
pub mod outage_hidden;
pub mod partial_success;
pub mod plain;
pub mod preflight_misses_headers;
pub mod preflight_refused;
pub mod registry;
pub mod samples;
pub mod saves_unasked;
pub mod secret_leaked;
pub mod server_error;
pub mod signature_unchecked;
pub mod silence_transcribed;
pub mod size_limit_missing;
#[cfg(test)]
mod speech_tests;
pub mod speech_translated;
pub mod stack_trace_leaked;
pub mod stale_health;
pub mod tail_lost;
#[cfg(test)]
pub(crate) mod tests;
pub mod too_slow;
pub mod transcript_canned;
pub mod transcript_empty;
pub mod unreachable;
pub mod upstream_failing;
pub mod upstream_key_refused;
pub mod vary_missing;
#[cfg(test)]
pub(crate) mod whole_tests;
pub mod wildcard_with_credentials;
pub mod words;
pub mod wrong_url;
