//! Whether the service can be reached at all.

pub mod answers;
pub mod every_address_answers;
pub mod every_request_answered;
pub mod http2_works;
pub mod resolvers_agree;
