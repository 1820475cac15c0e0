//! Whether the service says that it is well, and whether what it says can be believed.

pub mod ai_healthy;
pub mod cheap;
pub mod consistent;
pub mod discloses_little;
pub mod fresh;
pub mod head;
pub mod healthy;
pub mod independent;
pub mod quick;
pub mod ready;
pub mod steady;
pub mod time;
pub mod truthful;
