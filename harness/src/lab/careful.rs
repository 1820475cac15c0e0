//! How much a run of the lab may do: everything, or what the default flags allow against production.
//!
//! A fault may need a target of its own (another environment, leave to pay). What production allows is applied after that,
//! or the rate of production would be the rate of whatever each fault asked for.

use crate::lab::subject::Subject;
use crate::model::target::{Bounds, Environment};

/// Whether a run may do everything, or only what it may with the default flags of production.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Careful {
    /// Everything may run.
    No,
    /// Only reads, and what could never be accepted.
    AsProduction,
}

impl Careful {
    /// Takes from a subject whatever nobody may do to production without saying so, whatever was allowed before. Its
    /// deadlines stay: they are the lab's, and as short as its services are near.
    pub fn apply(self, subject: &mut Subject) {
        if self == Careful::No {
            return;
        }
        let target = &mut subject.target;
        let (deadline_ms, paid_deadline_ms) = (target.bounds.deadline_ms, target.bounds.paid_deadline_ms);
        target.environment = Environment::Production;
        target.bounds = Bounds {
            deadline_ms,
            paid_deadline_ms,
            ..Bounds::of(Environment::Production)
        };
        target.allow = Vec::new();
        target.ours = false;
        target.keep_bodies = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::subject::concierge;
    use crate::model::probe::Effect;

    #[test]
    fn what_a_fault_asked_for_is_taken_back() {
        let mut subject = concierge().unwrap();
        subject.target.environment = Environment::Local;
        subject.target.allow = vec![Effect::Paid, Effect::Writes];
        subject.target.ours = true;
        subject.target.keep_bodies = true;
        subject.target.bounds.deadline_ms = 7;
        let before = subject.target.clone();
        Careful::No.apply(&mut subject);
        assert_eq!(subject.target, before);
        Careful::AsProduction.apply(&mut subject);
        let target = subject.target;
        assert_eq!(target.environment, Environment::Production);
        assert_eq!(
            (target.allow, target.ours, target.keep_bodies),
            (vec![], false, false)
        );
        let production = Bounds::of(Environment::Production);
        assert_eq!(target.bounds.deadline_ms, 7);
        assert_eq!(
            Bounds {
                deadline_ms: production.deadline_ms,
                paid_deadline_ms: production.paid_deadline_ms,
                ..target.bounds
            },
            production
        );
    }
}
