//! Who may call. A credential that is good must be accepted, every other must be refused, and nobody may crash it.

pub mod challenge;
pub mod control;
pub mod expired_credential_refused;
pub mod good_credential_accepted;
pub mod lower_case_scheme_accepted;
pub mod missing_credential_refused;
pub mod place;
pub mod spoilt_credential_refused;
pub mod stance;
pub mod trial;
