//! TLS: the certificate, and whether the API is reachable without.

pub mod certificate_lasts;
pub mod hsts;
pub mod old_versions_refused;
pub mod only_tls;
