//! Whether HTTP is spoken as clients, caches and proxies understand it.

pub mod allow_on_405;
pub mod errors_have_error_status;
pub mod get_has_no_effect;
pub mod head_is_like_get;
pub mod idempotency_kept;
pub mod idempotency_scoped;
pub mod json_is_utf8;
pub mod keyed;
pub mod no_content_is_empty;
pub mod odd_headers_survived;
pub mod problem_details;
pub mod rate_limit_fields;
pub mod request_ids;
pub mod retry_after;
pub mod trace_refused;
pub mod unsupported_method_refused;
