//! Whether the service says that it is well, and whether what it says can be believed.

pub mod ai_healthy;
pub mod consistent;
pub mod fresh;
pub mod healthy;
pub mod ready;
pub mod time;
pub mod truthful;
