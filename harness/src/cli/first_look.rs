//! Whether what was seen so far has a cause already, while the rest is still asked.

use crate::cli::inputs::Inputs;
use crate::cli::resolvers::Named;
use crate::cli::session;
use crate::model::exchange::Exchange;
use crate::model::finding::Verdict;
use crate::model::recording::Recording;
use crate::runner::execute::Executed;

/// It looks after so many exchanges, and after as many more.
const FIRST_LOOK: usize = 8;

/// Looks at most, unless somebody asks: judging is not free, and a server may make it dear.
const LOOKS: usize = 3;

/// What was seen, and how often it was looked at.
#[derive(Debug, Default)]
pub struct FirstLook {
    seen: Vec<Exchange>,
    looks: usize,
    /// Something came to its end without an answer since the last look.
    lost: bool,
    found: bool,
}

impl FirstLook {
    /// Takes what came of a request: `lost` when nothing did, though it was not for want of time. One route that hangs is not yet
    /// a service that does.
    pub fn note(&mut self, attempts: &[Exchange], lost: bool) {
        if self.found {
            return;
        }
        self.seen.extend_from_slice(attempts);
        self.lost |= lost;
    }

    /// What was seen, when it is time to look at it, and nothing was found yet.
    pub fn due(&mut self) -> Option<Vec<Exchange>> {
        let many = self.seen.len() >= FIRST_LOOK * (self.looks + 1);
        if self.found || self.looks >= LOOKS || !(many || self.lost) {
            return None;
        }
        self.looks += 1;
        self.lost = false;
        Some(self.in_order())
    }

    /// What was seen, for somebody who cannot wait until it is time, when nothing was found yet.
    pub fn at_once(&self) -> Option<Vec<Exchange>> {
        (!self.found && !self.seen.is_empty()).then(|| self.in_order())
    }

    /// It is found, and looked for no more.
    pub fn found(&mut self) {
        self.found = true;
        self.seen = Vec::new();
    }

    fn in_order(&self) -> Vec<Exchange> {
        let mut seen = self.seen.clone();
        seen.sort_by_key(|one| (one.id, one.step, one.copy, one.attempt));
        seen
    }
}

/// The headline of what was seen, when something is wrong.
pub fn headline(inputs: &Inputs, named: &Named, exchanges: Vec<Exchange>, seed: u64) -> Option<String> {
    let done = Executed {
        exchanges,
        ..Executed::default()
    };
    let run = session::judged(&Recording {
        diagnosis: Some(String::new()),
        names: named.lookups.clone(),
        ..session::recording(inputs, seed, done)
    });
    (run.verdict == Verdict::Fail).then_some(run.headline)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::asks::read;
    use crate::check::testing::answered;

    fn seen(id: u32) -> [Exchange; 1] {
        [answered(id, &read("/x"), 200, &[], "{}")]
    }

    #[test]
    fn it_looks_now_and_then_and_not_for_ever() {
        let mut look = FirstLook::default();
        let looked: Vec<u32> = (1..100)
            .filter(|id| {
                look.note(&seen(*id), false);
                look.due().is_some()
            })
            .collect();
        assert_eq!(looked, [8, 16, 24]);
    }

    #[test]
    fn it_looks_at_once_when_a_request_is_lost_and_at_what_was_seen_in_its_order() {
        let mut look = FirstLook::default();
        assert_eq!(look.at_once(), None);
        look.note(&seen(3), false);
        assert_eq!(look.due(), None);
        look.note(&seen(2), true);
        let ids = |seen: Vec<Exchange>| seen.iter().map(|one| one.id.0).collect::<Vec<_>>();
        assert_eq!(look.due().map(ids), Some(vec![2, 3]));
        assert_eq!(look.due(), None, "it was looked at already");
        assert_eq!(look.at_once().map(ids), Some(vec![2, 3]));
        look.found();
        assert_eq!(look.at_once(), None);
    }
}
