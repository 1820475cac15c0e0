//! What the service is for.

pub mod follows_the_audio;
pub mod proofs;
pub mod speech_is_transcribed;
pub mod text_is_understood;
pub mod transcript;
pub mod writes_cleaned_up;
