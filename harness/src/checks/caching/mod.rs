//! What caches may keep, and what they gave.

pub mod errors_not_cached;
pub mod private_answers;
pub mod validators_follow_content;
