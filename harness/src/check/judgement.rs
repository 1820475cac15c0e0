//! What a check makes of what was seen, and the tally that keeps it honest: a judgement names the exchanges that it
//! judged, and says what it could not see.

use crate::check::view::{Seen, View};
use crate::model::exchange::{Exchange, Reply, Xid};
use crate::model::finding::Finding;
use crate::model::probe::Probe;
use crate::model::refusal::Why;

/// Something that a check wanted to see and did not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unseen {
    /// Why not.
    pub reason: String,
    /// The flag that would show it, when one would.
    pub flag: Option<String>,
    /// Whether it was left out on purpose (skipped), or could not be found out (inconclusive).
    pub on_purpose: bool,
}

/// What a check makes of a recording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Judgement {
    /// It judged these exchanges.
    Judged {
        /// Which. None at all is inconclusive, never a pass.
        exchanges: Vec<Xid>,
        /// What it found wrong.
        findings: Vec<Finding>,
        /// What it would have judged besides.
        unseen: Vec<Unseen>,
    },
    /// It does not concern this target, for this reason.
    NotApplicable(String),
    /// It does, and could not be judged.
    Unable(Unseen),
}

impl Judgement {
    /// It was left out on purpose.
    pub fn skipped(reason: impl Into<String>, flag: Option<&str>) -> Judgement {
        Judgement::Unable(Unseen {
            reason: reason.into(),
            flag: flag.map(str::to_owned),
            on_purpose: true,
        })
    }

    /// It could not be found out.
    pub fn unknown(reason: impl Into<String>) -> Judgement {
        Judgement::Unable(Unseen {
            reason: reason.into(),
            flag: None,
            on_purpose: false,
        })
    }
}

/// What a refusal for having asked too much leaves unseen.
fn limited(exchange: &Exchange) -> Unseen {
    Unseen {
        reason: words_of_a_limit(exchange),
        flag: None,
        on_purpose: false,
    }
}

/// Why nothing is known of what a limit refused, for people.
pub fn words_of_a_limit(exchange: &Exchange) -> String {
    format!(
        "{} was refused because this run asked too much (HTTP 429), so it was not seen",
        exchange.probe.operation()
    )
}

/// Collects a judgement.
#[derive(Debug)]
pub struct Tally<'v> {
    view: &'v View<'v>,
    exchanges: Vec<Xid>,
    findings: Vec<Finding>,
    unseen: Vec<Unseen>,
}

impl<'v> Tally<'v> {
    /// A tally over this view.
    pub fn new(view: &'v View<'v>) -> Tally<'v> {
        Tally {
            view,
            exchanges: Vec::new(),
            findings: Vec::new(),
            unseen: Vec::new(),
        }
    }

    /// The answer to a probe, counted as judged; `None`, and noted as unseen, when there is none.
    pub fn answer(&mut self, probe: &Probe) -> Option<(&'v Exchange, &'v Reply)> {
        match self.view.seen(probe) {
            Seen::Answered(exchange, reply) => {
                self.exchanges.push(exchange.id);
                Some((exchange, reply))
            }
            Seen::Failed(exchange, error) => {
                let reason = format!("{}: no answer ({})", exchange.probe.operation(), error.detail);
                self.unseen.push(Unseen {
                    reason,
                    flag: None,
                    on_purpose: false,
                });
                None
            }
            Seen::Limited(exchange, _) => {
                self.unseen.push(limited(exchange));
                None
            }
            Seen::Refused(refusal) => {
                let reason = refusal.reason.clone();
                self.unseen.push(Unseen {
                    reason,
                    flag: refusal.flag.clone(),
                    on_purpose: refusal.why != Why::GaveUp,
                });
                None
            }
            Seen::NotAsked => None,
        }
    }

    /// Counts an exchange as judged.
    pub fn judged(&mut self, exchange: &Exchange) {
        self.exchanges.push(exchange.id);
    }

    /// Adds a finding.
    pub fn find(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    /// Notes something that was left out on purpose, or for want of something that the user can supply.
    pub fn missing(&mut self, reason: impl Into<String>, flag: Option<&str>) {
        self.unseen.push(Unseen {
            reason: reason.into(),
            flag: flag.map(str::to_owned),
            on_purpose: true,
        });
    }

    /// Notes something that could not be found out.
    pub fn unknown(&mut self, reason: impl Into<String>, flag: Option<&str>) {
        self.unseen.push(Unseen {
            reason: reason.into(),
            flag: flag.map(str::to_owned),
            on_purpose: false,
        });
    }

    /// Whether anything was found wrong.
    pub fn found_any(&self) -> bool {
        !self.findings.is_empty()
    }

    /// The judgement. Without a single exchange it is the first thing that was not seen.
    pub fn done(mut self) -> Judgement {
        self.exchanges.sort_unstable();
        self.exchanges.dedup();
        self.unseen.dedup();
        if !self.exchanges.is_empty() {
            let Tally {
                exchanges,
                findings,
                unseen,
                ..
            } = self;
            return Judgement::Judged {
                exchanges,
                findings,
                unseen,
            };
        }
        self.unseen.sort_by_key(|unseen| unseen.on_purpose);
        let first = self.unseen.into_iter().next();
        first.map_or_else(|| Judgement::unknown("nothing was asked"), Judgement::Unable)
    }
}
