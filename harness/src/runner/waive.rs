//! What waivers come to: a finding that somebody answers for is told and decides nothing. Pure.

use crate::check::spec::Spec;
use crate::check::view::View;
use crate::model::exchange::Exchange;
use crate::model::finding::{Finding, Severity};
use crate::model::run::CheckResult;
use crate::model::waiver::{Standing, Waived};

/// The waivers of a run, and what each has come to so far.
pub(crate) struct Waivers<'v> {
    view: &'v View<'v>,
    now: jiff::Timestamp,
    all: Vec<Waived>,
}

impl<'v> Waivers<'v> {
    /// Those of the target, on the day that the run began.
    pub(crate) fn new(view: &'v View<'v>, now: jiff::Timestamp) -> Waivers<'v> {
        let declared = view.target.waivers.iter().cloned();
        let all = declared.map(|waiver| Waived {
            waiver,
            standing: Standing::Unused,
            findings: 0,
        });
        Waivers {
            view,
            now,
            all: all.collect(),
        }
    }

    /// Makes a remark of each finding that is waived.
    pub(crate) fn apply(&mut self, spec: &Spec, findings: &mut [Finding]) {
        for finding in findings {
            let named = |waived: &&mut Waived| {
                waived.waiver.check == finding.check && waived.waiver.subject == finding.subject
            };
            let Some(waived) = self.all.iter_mut().find(named) else {
                continue;
            };
            waived.findings += 1;
            waived.standing = match () {
                () if !spec.may_be_waived() || shows_a_server_error(self.view, finding) => Standing::Refused,
                () if waived.waiver.is_over(self.now) => Standing::Expired,
                // One of several that it names may be what no waiver covers.
                () if waived.standing == Standing::Unused => Standing::Holds,
                () => waived.standing,
            };
            if waived.standing == Standing::Holds {
                finding.waived = Some(finding.severity);
                finding.severity = Severity::Advisory;
            }
        }
    }

    /// What became of each, these being the checks of the run.
    pub(crate) fn told(self, checks: &[CheckResult]) -> Vec<Waived> {
        let now = self.now;
        let looked = |waived: &Waived| {
            let its = |check: &CheckResult| check.check == waived.waiver.check && check.judged > 0;
            checks.iter().any(its)
        };
        let told = self.all.into_iter().map(|waived| Waived {
            standing: match waived.standing {
                Standing::Unused if waived.waiver.is_over(now) => Standing::Expired,
                // A diagnosis asks little, and a deploy that never came nothing: neither shows that it can go.
                Standing::Unused if !looked(&waived) => Standing::Unseen,
                standing => standing,
            },
            ..waived
        });
        told.collect()
    }
}

/// Law 1: whatever says so, a server error is never acceptable.
fn shows_a_server_error(view: &View<'_>, finding: &Finding) -> bool {
    let mut shown = view
        .exchanges
        .iter()
        .filter(|exchange| finding.exchanges.contains(&exchange.id));
    shown.any(Exchange::is_server_error)
}

#[cfg(test)]
#[path = "waive_tests.rs"]
mod tests;
