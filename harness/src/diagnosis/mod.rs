//! From findings to causes: "these nine failures have one cause". One file a cause, tried in the order of the registry,
//! which is the order of diagnosis: what hides other things comes first.

pub mod case;
pub mod masked_server_error;
pub mod registry;
pub mod words;
