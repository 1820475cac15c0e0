//! The kill matrix: what became of every known fault, and of every healthy service that only looks odd.

use serde::{Deserialize, Serialize};

use crate::model::recording::Tool;

/// The schema of the matrix as JSON. It only grows.
pub const SCHEMA: &str = "greenlight.matrix/1";

/// What one row is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A fault, which must be found and named.
    Fault,
    /// Several faults at once, of which the right one must be named first.
    Compound,
    /// A healthy service, of which nothing may be said.
    LookAlike,
}

impl Kind {
    /// The heading of its rows.
    pub fn heading(self) -> &'static str {
        match self {
            Kind::Fault => "Faults",
            Kind::Compound => "Faults that hide one another",
            Kind::LookAlike => "Healthy look-alikes",
        }
    }
}

/// What became of one of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Its id.
    pub id: String,
    /// What it is, in one sentence.
    pub sentence: String,
    /// What it is.
    pub kind: Kind,
    /// The group of faults that it belongs to; none for a look-alike.
    pub group: Option<String>,
    /// The entries of the catalogue of faults that it shows.
    pub shows: Vec<String>,
    /// What is wrong with how it was judged. Empty: killed and named, or spared.
    pub wrong: Vec<String>,
    /// The checks that found it.
    pub found: Vec<String>,
    /// The causes that were named, the first first.
    pub causes: Vec<String>,
    /// Whether the cause that must be named first was; none for what is too light to have one, and for a look-alike.
    #[serde(default)]
    pub first_cause: Option<bool>,
    /// Whether a run with the default flags of production finds it too; unknown when that was not tried.
    pub in_production: Option<bool>,
}

/// What kind of reason there is that an entry of the catalogue is not shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Why {
    /// No service on one machine can show it.
    CannotBe,
    /// It takes an endpoint that no service of the lab has.
    NoEndpoint,
    /// It can be shown, and is not yet.
    ToDo,
}

impl Why {
    /// What is said of such entries.
    pub fn words(self) -> &'static str {
        match self {
            Why::CannotBe => "cannot be shown on one machine",
            Why::NoEndpoint => "needs an endpoint that no service of the lab has",
            Why::ToDo => "to do",
        }
    }
}

/// An entry of the catalogue that no row shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotShown {
    /// The entry.
    pub id: String,
    /// What kind of reason there is.
    pub why: Why,
    /// Why not.
    pub reason: String,
}

/// A bug that the system had which the reference service stands for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Story {
    /// Its number in that system's history.
    pub number: u8,
    /// The commit that mended it.
    pub commit: String,
    /// What happened, in one sentence.
    pub sentence: String,
    /// The faults that show it; none when `not_shown` says why.
    pub shown_by: Vec<String>,
    /// Why no fault shows it.
    #[serde(default)]
    pub not_shown: Option<String>,
}

/// The whole matrix.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Matrix {
    /// Always [`SCHEMA`].
    pub schema: String,
    /// The build that made it.
    pub tool: Tool,
    /// Every row, faults first.
    pub rows: Vec<Row>,
    /// Entries of the catalogue that no row shows.
    pub not_shown: Vec<NotShown>,
    /// Those of them that are still to be shown.
    pub backlog: Vec<String>,
    /// How many entries the catalogue has.
    pub catalogue: usize,
    /// The bugs of the system that the reference service stands for.
    #[serde(default)]
    pub stories: Vec<Story>,
}

/// So many of so many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// So many.
    pub of: usize,
    /// Of so many.
    pub all: usize,
}

impl std::fmt::Display for Share {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} of {}", self.of, self.all)
    }
}

impl Matrix {
    /// Rows of one kind.
    pub fn of(&self, kind: Kind) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(move |row| row.kind == kind)
    }

    /// Whether every fault was found and named, and nothing healthy flagged.
    pub fn holds(&self) -> bool {
        self.rows.iter().all(|row| row.wrong.is_empty())
    }

    /// Faults, compounds included, that were found and named.
    pub fn killed(&self) -> Share {
        share(
            self.rows.iter().filter(|row| row.kind != Kind::LookAlike),
            |row| row.wrong.is_empty(),
        )
    }

    /// Faults, compounds included, of which the cause was named first that had to be, of those that have one.
    pub fn first_cause(&self) -> Share {
        let judged = self.rows.iter().filter(|row| row.first_cause.is_some());
        share(judged, |row| row.first_cause == Some(true))
    }

    /// Entries of the catalogue that are not shown for this kind of reason.
    pub fn unshown(&self, why: Why) -> usize {
        self.not_shown.iter().filter(|entry| entry.why == why).count()
    }

    /// Look-alikes that were not flagged.
    pub fn spared(&self) -> Share {
        share(self.of(Kind::LookAlike), |row| row.wrong.is_empty())
    }

    /// Faults that a run with the default flags of production finds; nothing when that was not tried.
    pub fn in_production(&self) -> Option<Share> {
        let tried = self.rows.iter().filter(|row| row.in_production.is_some());
        Some(share(tried, |row| row.in_production == Some(true))).filter(|share| share.all > 0)
    }

    /// Entries of the catalogue that a row shows.
    pub fn shown(&self) -> Share {
        let mut shown: Vec<&String> = self.rows.iter().flat_map(|row| &row.shows).collect();
        shown.sort();
        shown.dedup();
        Share {
            of: shown.len(),
            all: self.catalogue,
        }
    }
}

fn share<'r>(rows: impl Iterator<Item = &'r Row>, good: impl Fn(&Row) -> bool) -> Share {
    let (mut of, mut all) = (0, 0);
    for row in rows {
        all += 1;
        of += usize::from(good(row));
    }
    Share { of, all }
}
