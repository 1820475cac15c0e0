//! What is known of a cause before anything was seen: where it stands in the order of diagnosis, what must be seen to
//! name it, where it usually comes from, and in whose hands it is. `greenlight explain`, the documentation and the report
//! derive from it.

use crate::model::diagnosis::Blame;

/// Where causes stand: whatever is wrong at an earlier stage explains what looks wrong at a later one. From the name up,
/// with one thing early: when another build answers, everything else is about that build.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Stage {
    /// A service that the run started itself is gone.
    Process,
    /// The checker is cut off or kept out, so nothing is known.
    Checker,
    /// Whether the build that was deployed answers at all: if not, everything else is about another one.
    Build,
    /// Name, address, connection, TLS, and whether it is this API at all.
    Reach,
    /// Whether all of it is one build.
    Version,
    /// Whether it stayed the same during the run.
    Steadiness,
    /// What stands before and behind the service.
    Around,
    /// A call crashes inside the service.
    Crash,
    /// No answer, or not the whole of one.
    Silence,
    /// What good answers hide: the log, waiting, lost connections.
    Hidden,
    /// Whether the calls of a page are sent at all.
    Page,
    /// What a browser's page may do.
    Browser,
    /// Somebody is let in who must not be.
    OpenDoor,
    /// Somebody is kept out who must not be.
    ShutDoor,
    /// Answers that are not what was promised.
    Answers,
    /// What is said of health.
    Health,
    /// What does not hurt yet.
    Later,
    /// What is given away.
    Given,
    /// What costs more than it should.
    Cost,
    /// What goes wrong where a cache is.
    Cache,
    /// What was not seen because this run asked too much.
    Limits,
}

impl Stage {
    /// Every stage, in order.
    pub const ALL: [Stage; 21] = [
        Stage::Process,
        Stage::Checker,
        Stage::Build,
        Stage::Reach,
        Stage::Version,
        Stage::Steadiness,
        Stage::Around,
        Stage::Crash,
        Stage::Silence,
        Stage::Hidden,
        Stage::Page,
        Stage::Browser,
        Stage::OpenDoor,
        Stage::ShutDoor,
        Stage::Answers,
        Stage::Health,
        Stage::Later,
        Stage::Given,
        Stage::Cost,
        Stage::Cache,
        Stage::Limits,
    ];

    /// The question of the stage, as the documentation prints it.
    pub fn title(self) -> &'static str {
        match self {
            Stage::Process => "Does the service that was started run?",
            Stage::Checker => "Could the checker see anything?",
            Stage::Build => "Is it the build that was deployed?",
            Stage::Reach => "Is it there, and is it this API?",
            Stage::Version => "Is it one build?",
            Stage::Steadiness => "Did it stay the same?",
            Stage::Around => "Did something before or behind it fail?",
            Stage::Crash => "Does a call crash?",
            Stage::Silence => "Does an answer come whole?",
            Stage::Hidden => "What do good answers hide?",
            Stage::Page => "Do the calls of the page leave it?",
            Stage::Browser => "Can pages use it?",
            Stage::OpenDoor => "Who is let in?",
            Stage::ShutDoor => "Who is kept out?",
            Stage::Answers => "Are the answers what was promised?",
            Stage::Health => "Does health tell the truth?",
            Stage::Later => "What will hurt later?",
            Stage::Given => "What is given away?",
            Stage::Cost => "What costs more than it should?",
            Stage::Cache => "What goes wrong where a cache is?",
            Stage::Limits => "What did this run ask too much of?",
        }
    }
}

/// What is known of a cause without a recording.
#[derive(Debug, Clone, Copy)]
pub struct Leaf {
    /// Its place in the order of diagnosis.
    pub stage: Stage,
    /// In whose hands it usually is, the likeliest first. A diagnosis names one of these, or says that it does not know.
    pub blames: &'static [Blame],
    /// The evidence that it needs: what must have been seen before it is named. Whole sentences.
    pub needs: &'static str,
    /// Where it comes from in production, the likeliest first: one to five short items without a full stop.
    pub likely: &'static [&'static str],
}
