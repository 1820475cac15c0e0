//! What speech becomes, beyond that something comes back at all.

pub mod concepts_follow_the_text;
pub mod one_call_each;
pub mod preview_saves_nothing;
pub mod real_model_answers;
pub mod silence_is_silence;
pub mod size_limit_kept;
#[cfg(test)]
pub(in crate::checks) mod speech_tests;
pub mod spellings_heard_or_refused;
pub mod success_is_whole;
pub mod time_is_true;
pub mod unicode_kept;
pub mod whole_recording_heard;
pub mod words_are_right;
pub mod work;
