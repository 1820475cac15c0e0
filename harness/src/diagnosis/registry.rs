//! Every cause, in the order of diagnosis.

use crate::diagnosis::case::Cause;
use crate::diagnosis::masked_server_error::MaskedServerError;

/// The causes. Earlier ones hide later ones.
pub const CAUSES: &[&dyn Cause] = &[&MaskedServerError];
