//! What the service promised.

pub mod responses_conform;
pub mod served;
pub mod served_is_pinned;
