//! Every cause, in the order of diagnosis.

use crate::diagnosis::case::Cause;

/// The causes. Earlier ones hide later ones.
pub const CAUSES: &[&dyn Cause] = &[];
