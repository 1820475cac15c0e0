//! Who may call. A credential that is good must be accepted, every other must be refused, and nobody may crash it.

pub mod around;
pub mod challenge;
pub mod claims_checked;
pub mod control;
pub mod credential_before_input;
pub mod credential_not_in_url;
pub mod expired_credential_refused;
pub mod good_credential_accepted;
pub mod guesses;
pub mod guessing_limited;
pub mod headers_grant_nothing;
pub mod limit_not_evaded;
pub mod login_returns_home;
pub mod logout_ends_session;
pub mod lower_case_scheme_accepted;
pub mod missing_credential_refused;
pub mod no_development_login;
pub mod objects_guarded;
pub mod path_variants_refused;
pub mod place;
pub mod published_key_is_no_secret;
pub mod readers_cannot_write;
pub mod refresh_refuses;
pub mod refresh_renews;
pub mod refresh_reuse_noticed;
pub mod refusal_says_little;
pub mod renewing;
pub mod spoilt_credential_refused;
pub mod stance;
pub mod trial;

#[cfg(test)]
mod renewing_tests;
