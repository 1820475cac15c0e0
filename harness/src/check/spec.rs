//! The declaration of a check. `list`, `explain`, the documentation, JUnit and JSON are derived from it.

use crate::model::exchange::Exchange;
use crate::model::finding::{Finding, Layer, Severity, Verdict};

/// What `--suite` selects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Suite {
    /// Safe on production.
    Smoke,
    /// What the service promised.
    Contract,
    /// Whole journeys, local or staging.
    Integration,
}

impl Suite {
    /// All of them, in order.
    pub const ALL: &[Suite] = &[Suite::Smoke, Suite::Contract, Suite::Integration];

    /// The name as flags spell it.
    pub fn name(self) -> &'static str {
        match self {
            Suite::Smoke => "smoke",
            Suite::Contract => "contract",
            Suite::Integration => "integration",
        }
    }
}

/// Law 1: a 5xx is never acceptable.
const NEVER_WAIVED: &str = "errors/no-server-error";

/// What a check is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spec {
    /// `room/name`, stable for ever: its file is `checks/room/name.rs`, dashes as underscores.
    pub id: &'static str,
    /// The layer that it looks at.
    pub layer: Layer,
    /// A positive claim: "the server never answers with a 5xx".
    pub title: &'static str,
    /// How much its failure matters.
    pub severity: Severity,
    /// Where it belongs.
    pub suites: &'static [Suite],
    /// Ids of checks that must not have failed before this one is asked.
    pub needs: &'static [&'static str],
    /// Whether the run is unproven when it judged nothing.
    pub must_run: bool,
    /// Why it matters in production, a paragraph.
    pub explanation: &'static str,
    /// What to do when it fails.
    pub hint: &'static str,
}

impl Spec {
    /// Whether somebody may answer for its failure for a time. Not for a server error, for a door that stands open, or for
    /// what must be seen working.
    pub fn may_be_waived(&self) -> bool {
        let open_door = self.layer == Layer::Auth && self.severity == Severity::Blocker;
        !self.must_run && !open_door && self.id != NEVER_WAIVED
    }

    /// Begins a finding about this subject: what is wrong, in one plain sentence.
    pub fn finds(&self, subject: impl Into<String>, title: impl Into<String>) -> Found {
        Found(Finding {
            check: self.id.to_owned(),
            outcome: Verdict::Fail,
            severity: self.severity,
            layer: self.layer,
            subject: subject.into(),
            title: title.into(),
            expected: String::new(),
            actual: String::new(),
            hint: self.hint.to_owned(),
            exchanges: Vec::new(),
            count: 1,
            explained_by: None,
            waived: None,
            help: None,
        })
    }
}

/// A finding in the making.
#[derive(Debug, Clone)]
#[must_use = "a finding that is not reported is a miss"]
pub struct Found(Finding);

impl Found {
    /// What should have been.
    pub fn expected(mut self, expected: impl Into<String>) -> Self {
        self.0.expected = expected.into();
        self
    }

    /// What was.
    pub fn actual(mut self, actual: impl Into<String>) -> Self {
        self.0.actual = actual.into();
        self
    }

    /// A more exact piece of advice than the check's own.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = hint.into();
        self
    }

    /// Another severity than the check's own.
    pub fn severity(mut self, severity: Severity) -> Self {
        self.0.severity = severity;
        self
    }

    /// Another outcome than a failure.
    pub fn outcome(mut self, outcome: Verdict) -> Self {
        self.0.outcome = outcome;
        self
    }

    /// The finding, shown by these exchanges.
    pub fn shown_by<'a>(mut self, exchanges: impl IntoIterator<Item = &'a Exchange>) -> Finding {
        self.0.exchanges = exchanges.into_iter().map(|exchange| exchange.id).collect();
        self.0.exchanges.dedup();
        self.0
    }
}
