//! The browser's side of the WHATWG Fetch standard, as far as a page's cross-origin call of an HTTP API goes: which calls
//! need a preflight, whether its answer lets the call through, and what the page may read of the answer.
//!
//! A status code says nothing about that. A server may answer 200 to everything and still be unreachable for every
//! browser, so checks ask this room instead, and get either what a page sees or the reason a browser refuses, under
//! the name that DevTools shows.
//!
//! Pure: no I/O, no clock, no randomness. Only `crate::model` may be imported. Section numbers are those of the
//! standard's review draft of June 2026. Work is linear in the size of the headers, which whoever captured them bounds.
//!
//! Not modelled, since no API answer we judge depends on it: service workers, the HTTP cache (a 304 is judged as it
//! came), CSP, mixed content, Local Network Access, integrity metadata.

pub mod check;
pub mod header;
pub mod lookalike;
pub mod nearest;
pub mod origin;
pub mod preflight;
pub mod redirect;
pub mod refusal;
pub mod refusal_text;
pub mod request;
pub mod response;
pub mod sentence;
pub mod vary;
