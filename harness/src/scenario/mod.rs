//! Scenarios: journeys that somebody wrote down as Arazzo documents (1.0.1, and the HTTP part of 1.1).
//!
//! The room exists so that a team's own journeys are read, checked and judged by a public standard. It is pure: text and
//! values go in, meanings and judgements come out. Nothing here opens a file, sends a request or reads a clock; what drives
//! a scenario is a driver in `drive`. A document may come from a stranger: everything is bounded, and no input panics.

pub mod call;
pub mod condition;
pub mod document;
pub mod expression;
pub mod judge;
pub mod lint;
pub mod read;
pub mod remark;
pub mod rule;
pub mod serialise;
pub mod source;
pub mod template;

mod parser;
mod scan;
mod truth;
