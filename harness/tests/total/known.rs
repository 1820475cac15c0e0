//! What arbitrary recordings do not reach, and why.

/// Checks and rules that judge nothing in them.
pub(crate) const UNREACHED: &[(&str, &str)] = &[];

/// Causes that are asked and never found in them.
pub(crate) const UNNAMED: &[(&str, &str)] = &[];
