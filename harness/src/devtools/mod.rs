//! What a browser's developer tools export of a failing call, as a recording: nothing is sent, and what somebody saw in a
//! browser is judged by the rules that judge our own exchanges.
//!
//! A browser knows what no other client can: the very call that failed, the answer that it hid from the page, the headers that the
//! page really sends. Pure: text in, recording out. An export holds a user's session, so everything passes the redactor of our own
//! captures, and what that does not know of is left out rather than kept.

mod absent;
pub mod calls;
pub mod curl;
mod entry;
pub mod har;
mod pick;
pub mod recording;
mod secrets;
mod shell;
pub mod words;

#[cfg(test)]
mod tests;
