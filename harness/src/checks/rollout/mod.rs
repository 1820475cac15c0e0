//! Several processes behind one address: do they run the same build, and do they do the same?

pub mod answers_not_mixed;
pub mod first_answer_in_time;
pub mod kept_everywhere;
pub mod light_beside_heavy;
pub mod one_build;
pub mod production_server;
pub mod replicas_agree;
pub mod same_every_time;
