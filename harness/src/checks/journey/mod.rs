//! What the service is for.

pub mod deleted_is_gone;
pub mod follows_the_audio;
pub mod keeping;
pub mod kept_is_found;
pub mod kept_is_unaltered;
pub mod preview_keeps_nothing;
pub mod proofs;
pub mod speech_is_transcribed;
pub mod text_is_understood;
pub mod transcript;
pub mod writes_cleaned_up;

#[cfg(test)]
mod keeping_tests;
