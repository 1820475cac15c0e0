//! Compounds: one fault hides another. The one that hides must be named first, and what it explains marked so.

use crate::lab::fault::Fault;

/// The compounds.
pub const FAULTS: &[Fault] = &[];

/// Entries of the catalogue that cannot be shown here, and why.
pub const NOT_SHOWN: &[(&str, &str)] = &[];

/// Entries of the catalogue that are still to be shown.
pub const BACKLOG: &[&str] = &[];
