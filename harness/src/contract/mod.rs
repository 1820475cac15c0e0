//! What the API promised: OpenAPI 3.0, 3.1 and 3.2 documents, loaded, resolved, and held against what was seen.
//!
//! The room exists so that every answer of a run, whoever asked for it, can be judged by the same promise, and so that
//! two promises can be compared. It is pure: text, bytes and facts go in, judgements come out. Nothing here fetches a
//! document, follows a reference over the network, reads a clock or knows what a finding is. Both the document and the
//! body may come from a hostile peer: everything is bounded, and no input panics.

pub mod compare;
pub mod conform;
pub mod drift;
pub mod find;
pub mod guess;
pub mod load;
pub mod media;
pub mod operation;
pub mod sample;
pub mod schema;
pub mod security;

mod bundle;
mod compare_schema;
mod dialect;
mod fields;
mod in_place;
pub(crate) mod place;
mod read;
pub(crate) mod server;
mod shape;
pub(crate) mod stack;
mod steps;
mod text;
pub(crate) mod tree;
mod violation;

#[cfg(test)]
mod tests;
