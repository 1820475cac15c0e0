//! (built next)
