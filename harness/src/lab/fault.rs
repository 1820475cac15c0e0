//! One fault of the lab: how it is injected, and what it must cost.

use orchestrate::faults::id::FaultId;

use crate::lab::edge::Edge;
use crate::lab::guarded::Guarded;
use crate::lab::notes::Quirk;
use crate::lab::pages::Page;
use crate::lab::shelf::Flaw;
use crate::lab::subject::Subject;
use crate::model::diagnosis::Blame;
use crate::model::finding::{Severity, Verdict};

/// A fault, and what it must cost.
#[derive(Debug, Clone, Copy)]
pub struct Fault {
    /// Its id.
    pub id: &'static str,
    /// What is wrong, in one sentence.
    pub sentence: &'static str,
    /// How it is injected.
    pub how: How,
    /// The entries of the catalogue that it shows.
    pub shows: &'static [&'static str],
    /// The checks that must find it. Any one that does not is a miss.
    pub checks: &'static [&'static str],
    /// How heavy their findings must be, at least.
    pub severity: Severity,
    /// What must become of the run.
    pub verdict: Verdict,
    /// The cause that must be named first. `None` only for what is too light to have one.
    pub cause: Option<&'static str>,
    /// Other causes that must be named, when the fault is one that hides behind a larger one.
    pub also: &'static [&'static str],
    /// Checks of which the first cause must explain a finding: what would be taken for the fault, and is its consequence.
    pub hides: &'static [&'static str],
    /// Who must be to blame by the first cause, where that is the point.
    pub blame: Option<Blame>,
    /// What is known of the target besides, such as another environment or client.
    pub prepare: Option<fn(&mut Subject)>,
}

/// How a fault is injected.
#[derive(Debug, Clone, Copy)]
pub enum How {
    /// In the reference service.
    Service(FaultId),
    /// In the reference service, several at once.
    Together(&'static [FaultId]),
    /// At an edge in front of it.
    Edge(Edge),
    /// Nowhere: it is a healthy service of which too much or something else is expected, or nothing listens at all.
    Expected,
    /// In the notes service.
    Notes(Quirk),
    /// In the service behind a guard.
    Guarded(Guarded),
    /// In the shelf, a service of resources that are created, read and searched.
    Shelf(Flaw),
    /// In the web page that uses the reference service.
    Page(Page),
}

impl Fault {
    /// A fault of the reference service, under its own id.
    pub const fn service(fault: FaultId) -> Fault {
        Fault::new(fault.id(), fault.sentence(), How::Service(fault))
    }

    /// A fault of the edge.
    pub const fn edge(id: &'static str, sentence: &'static str, edge: Edge) -> Fault {
        Fault::new(id, sentence, How::Edge(edge))
    }

    /// A fault that blocks, until it is said otherwise.
    pub const fn new(id: &'static str, sentence: &'static str, how: How) -> Fault {
        Fault {
            id,
            sentence,
            how,
            shows: &[],
            checks: &[],
            severity: Severity::Major,
            verdict: Verdict::Fail,
            cause: None,
            also: &[],
            hides: &[],
            blame: None,
            prepare: None,
        }
    }

    /// The entries of the catalogue that it shows.
    #[must_use]
    pub const fn shows(mut self, ids: &'static [&'static str]) -> Fault {
        self.shows = ids;
        self
    }

    /// The checks that must find it.
    #[must_use]
    pub const fn must_fail(mut self, checks: &'static [&'static str]) -> Fault {
        self.checks = checks;
        self
    }

    /// The checks that must find it, as something minor that decides nothing.
    #[must_use]
    pub const fn must_note(mut self, checks: &'static [&'static str]) -> Fault {
        self.checks = checks;
        self.severity = Severity::Minor;
        self.verdict = Verdict::Pass;
        self
    }

    /// The cause that must be named first.
    #[must_use]
    pub const fn named(mut self, cause: &'static str) -> Fault {
        self.cause = Some(cause);
        self
    }

    /// Causes that must be named as well.
    #[must_use]
    pub const fn and(mut self, causes: &'static [&'static str]) -> Fault {
        self.also = causes;
        self
    }

    /// What the first cause must be marked as explaining.
    #[must_use]
    pub const fn explaining(mut self, checks: &'static [&'static str]) -> Fault {
        self.hides = checks;
        self
    }

    /// Who must be to blame by the first cause.
    #[must_use]
    pub const fn blaming(mut self, blame: Blame) -> Fault {
        self.blame = Some(blame);
        self
    }

    /// What must become of the run, when it is not a failure.
    #[must_use]
    pub const fn ends(mut self, verdict: Verdict) -> Fault {
        self.verdict = verdict;
        self
    }

    /// What is known of the target besides.
    #[must_use]
    pub const fn with(mut self, prepare: fn(&mut Subject)) -> Fault {
        self.prepare = Some(prepare);
        self
    }

    /// The faults of the service that it takes.
    pub fn of_the_service(&self) -> Vec<FaultId> {
        match self.how {
            How::Service(fault) => vec![fault],
            How::Together(faults) => faults.to_vec(),
            How::Edge(edge) => edge.service.to_vec(),
            How::Expected | How::Notes(_) | How::Guarded(_) | How::Shelf(_) | How::Page(_) => Vec::new(),
        }
    }
}
