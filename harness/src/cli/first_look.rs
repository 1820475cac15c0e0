//! The first thing that somebody who was paged is told, while the rest is still asked.

use crate::check::wire::is_silent;
use crate::cli::inputs::Inputs;
use crate::cli::resolvers::Named;
use crate::cli::session;
use crate::model::exchange::Exchange;
use crate::model::finding::Verdict;
use crate::model::recording::Recording;
use crate::runner::execute::Executed;

/// The first look is told after so many exchanges.
const FIRST_LOOK: usize = 8;

/// Tells the headline as soon as there is one, once. It looks a few times only: judging is not free, and a server may make
/// it dear.
#[derive(Debug, Default)]
pub struct FirstLook {
    seen: Vec<Exchange>,
    looks: usize,
}

/// Looks at most.
const LOOKS: usize = 3;

impl FirstLook {
    /// The headline of what was seen so far, when it is time to look and something is wrong.
    pub fn look(&mut self, inputs: &Inputs, named: &Named, fresh: &[Exchange], seed: u64) -> Option<String> {
        if self.looks >= LOOKS {
            return None;
        }
        self.seen.extend_from_slice(fresh);
        // One route that hangs is not yet a service that does.
        let silent = fresh
            .iter()
            .any(|exchange| exchange.answer().is_none() && !is_silent(exchange));
        if self.seen.len() < FIRST_LOOK * (self.looks + 1) && !silent {
            return None;
        }
        self.looks += 1;
        let done = Executed {
            exchanges: self.seen.clone(),
            ..Executed::default()
        };
        let run = session::judged(&Recording {
            diagnosis: Some(String::new()),
            names: named.lookups.clone(),
            ..session::recording(inputs, seed, done)
        });
        let found = run.verdict == Verdict::Fail;
        if found {
            self.looks = LOOKS;
        }
        found.then_some(run.headline)
    }
}
