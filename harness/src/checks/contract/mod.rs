//! What the service promised.
