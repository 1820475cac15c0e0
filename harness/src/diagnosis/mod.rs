//! From findings to causes: "these nine failures have one cause". One file a cause, tried in the order of the registry,
//! which is the order of diagnosis: what hides other things comes first.

pub mod answers_cacheable;
pub mod any_token_accepted;
pub mod auth_crashes;
pub mod auth_not_enforced;
pub mod browser;
pub mod case;
pub mod clock_off;
pub mod config_missing_500;
pub mod connection_dropped;
pub mod contract_drift;
pub mod contract_not_served;
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
pub mod debug_mode_on;
pub mod debug_route_public;
pub mod direct;
#[cfg(test)]
mod direct_tests;
pub mod documented_path_gone;
pub mod doors;
pub mod duplicate_cors_headers;
pub mod edge_error_page;
pub mod error_as_200;
pub mod error_cached;
pub mod error_handler_echoes_origin;
pub mod etag_wrong;
pub mod expired_accepted;
pub mod get_has_effects;
pub mod health_lies;
pub mod input_crashes;
pub mod invalid_input_accepted;
pub mod json_not_utf8;
pub mod look_alike_trusted;
pub mod malformed_header_crashes;
pub mod marker;
pub mod masked_server_error;
pub mod null_origin_trusted;
pub mod old_version_live;
pub mod origin_not_listed;
pub mod origin_reflected;
pub mod prefix_moved;
pub mod preflight_misses_headers;
pub mod preflight_refused;
pub mod registry;
pub mod request_field_ignored;
pub mod secret_file_served;
pub mod secret_leaked;
pub mod server_error;
pub mod session_cookie_not_sent;
pub mod session_cookie_unsafe;
pub mod signature_unchecked;
pub mod stack_trace_leaked;
pub mod stale_health;
#[cfg(test)]
pub(crate) mod tests;
pub mod too_slow;
pub mod trace_enabled;
pub mod transcript_canned;
pub mod transcript_empty;
pub mod unreachable;
pub mod upstream_failing;
pub mod valid_request_refused;
pub mod vary_missing;
#[cfg(test)]
pub(crate) mod whole_tests;
pub mod wildcard_with_credentials;
pub mod words;
pub mod wrong_url;
