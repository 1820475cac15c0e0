//! What is wrong with scenarios before anything is sent.

use serde::{Deserialize, Serialize};

use crate::model::recording::Tool;

/// The schema of what `greenlight lint --format json` prints. It only grows.
pub const SCHEMA: &str = "greenlight.lint/1";

/// How bad a remark is. Ordered from worst to mildest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Level {
    /// The document cannot be run, or proves less than it claims.
    Error,
    /// It can be run, and says less than it could.
    Warning,
}

impl Level {
    /// The word that reports print.
    pub fn word(self) -> &'static str {
        match self {
            Level::Error => "error",
            Level::Warning => "warning",
        }
    }
}

/// One thing to say about a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Remark {
    /// The rule's id. It is stable.
    pub rule: String,
    /// How bad it is.
    pub level: Level,
    /// What is wrong, in one sentence without a full stop.
    pub what: String,
    /// Why that matters.
    pub why: String,
    /// What to do next.
    pub next: String,
    /// The line, counted from 1.
    pub line: usize,
    /// The column, counted from 1, in characters.
    pub column: usize,
    /// How many characters of the line it concerns, one at least.
    pub length: usize,
    /// The line, or the part of a long one around the column.
    pub excerpt: String,
    /// How many characters of the excerpt stand before the column.
    pub before: usize,
}

/// What was found in one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Linted {
    /// The file, as it was named.
    pub file: String,
    /// How many workflows it has.
    pub workflows: usize,
    /// How many steps they have.
    pub steps: usize,
    /// What there is to say, in the order of the text.
    pub remarks: Vec<Remark>,
    /// What was not looked at, and is no fault: a source on the network.
    pub notes: Vec<String>,
}

/// What was found in all files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Lint {
    /// Always [`SCHEMA`].
    pub schema: String,
    /// The build that looked.
    pub tool: Tool,
    /// Whether warnings count as errors.
    pub strict: bool,
    /// The files, in the order in which they were named.
    pub files: Vec<Linted>,
}

impl Lint {
    /// What was found in these files.
    pub fn of(files: Vec<Linted>, strict: bool) -> Lint {
        Lint {
            schema: SCHEMA.to_owned(),
            tool: Tool::this(),
            strict,
            files,
        }
    }

    /// How many remarks are of this level.
    pub fn count(&self, level: Level) -> usize {
        let remarks = self.files.iter().flat_map(|file| &file.remarks);
        remarks.filter(|remark| remark.level == level).count()
    }

    /// Whether there is an error.
    pub fn fails(&self) -> bool {
        self.count(Level::Error) > 0
    }
}
