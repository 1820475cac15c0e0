//! What is under test, as its owner wrote it down: the profile, and what a run takes from it.
//!
//! The room turns text into values and says precisely what is wrong with the text. It reads no file, no variable and
//! no clock: whoever calls it brings the text, and gets back values or problems with their place. No secret enters a
//! value made here; a profile names the variables that hold secrets, and a text that seems to hold one is refused
//! without repeating it.

pub mod body;
pub mod builtin;
pub mod check;
pub mod check_auth;
pub mod convert;
pub mod credential;
pub mod duration;
pub mod explain;
pub mod fault;
pub mod json;
pub mod keep;
pub mod mask;
pub mod merge;
pub mod origin;
pub mod place;
pub mod problem;
pub mod profile;
pub mod read;
pub mod resolve;
pub mod settings;
pub mod site;
pub mod size;
pub mod spending;
pub mod test_issuer;
pub mod waiver;
pub mod words;

#[cfg(test)]
mod broken_tests;
#[cfg(test)]
mod resolve_tests;
#[cfg(test)]
mod tests;
