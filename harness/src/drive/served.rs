//! Reading the contract that a service serves, before anything else is asked: from its likeliest place on, one request at a
//! time, until one holds it.

use jiff::Timestamp;

use crate::check::driver::{Asked, Driver, News, Next};
use crate::check::served;
use crate::contract::load::Contract;
use crate::model::exchange::Asker;
use crate::model::probe::{Ask, Probe};
use crate::model::target::Target;

/// Who asks, as far as the recording tells.
const ASKER: &str = "contract/served";

/// Drives the reading.
#[derive(Debug)]
pub struct Reading<'t> {
    target: &'t Target,
    left: Vec<Probe>,
    contract: Option<Contract>,
}

impl<'t> Reading<'t> {
    /// Reads what this target serves.
    pub fn new(target: &'t Target) -> Reading<'t> {
        let mut left = served::probes(target);
        left.reverse();
        Reading {
            target,
            left,
            contract: None,
        }
    }

    /// The contract, when there was one.
    pub fn found(self) -> Option<Contract> {
        self.contract
    }
}

impl Driver for Reading<'_> {
    fn next(&mut self, news: News<'_>, _now: Timestamp) -> Next {
        self.contract = served::contract(self.target, news.exchanges);
        match self.left.pop().filter(|_| self.contract.is_none()) {
            Some(probe) => Next::Ask(vec![Asked {
                asker: Asker(ASKER.to_owned()),
                ask: Ask::One(probe),
            }]),
            None => Next::Done,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{answered, target};
    use crate::model::exchange::Exchange;

    const DOCUMENT: &str = r#"{"openapi":"3.1.0","info":{"title":"x","version":"1"},"paths":{}}"#;

    /// What is asked after these answers.
    fn asked(reading: &mut Reading<'_>, exchanges: &[Exchange]) -> Option<Probe> {
        let news = News {
            exchanges,
            refused: &[],
            raw: &[],
        };
        match reading.next(news, Timestamp::UNIX_EPOCH) {
            Next::Ask(asked) => asked[0].ask.probes().first().map(|probe| Probe::clone(probe)),
            Next::Until(_) | Next::Done => None,
        }
    }

    #[test]
    fn the_next_place_is_asked_until_one_holds_a_contract() {
        let mut target = target();
        target.routes.contract = None;
        let mut reading = Reading::new(&target);
        let first = asked(&mut reading, &[]).unwrap();
        let second = asked(&mut reading, &[answered(1, &first, 404, &[], "{}")]).unwrap();
        assert_ne!(first, second);
        assert_eq!(
            asked(&mut reading, &[answered(2, &second, 200, &[], DOCUMENT)]),
            None
        );
        assert!(reading.found().is_some());
        let mut reading = Reading::new(&target);
        asked(&mut reading, &[]);
        let held = answered(1, &first, 200, &[], DOCUMENT);
        assert_eq!(asked(&mut reading, &[held]), None);
    }

    #[test]
    fn a_service_that_serves_none_is_asked_at_each_place_once() {
        let target = target();
        let mut reading = Reading::new(&target);
        let mut seen = Vec::new();
        while let Some(probe) = asked(&mut reading, &seen) {
            seen = vec![answered(1, &probe, 404, &[], "{}")];
        }
        assert!(reading.found().is_none());
    }
}
