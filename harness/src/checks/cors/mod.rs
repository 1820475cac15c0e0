//! What a browser may do.

pub mod readable;
