//! What caches may keep, and what they gave.

pub mod errors_not_cached;
pub mod one_answer_per_user;
pub mod private_answers;
pub mod validators_follow_content;
