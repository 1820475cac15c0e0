//! A bound on the work of one validation.
//!
//! A schema whose branches meet again below a step into the value makes a validator's work double with every level of
//! the body: forty levels of a stranger's making would keep it busy for years. So every schema that leads to others
//! counts, by a keyword of our own, how often it is applied, and the validation is abandoned when the count is used up.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use jsonschema::paths::Location;
use jsonschema::{Keyword, ValidationError};
use serde_json::{Map, Value};

/// The keyword that counts.
pub(crate) const KEYWORD: &str = "x-greenlight-step";
/// How many applications of schemas one validation may take, whatever the body: some seconds in a debug build.
const MAX_STEPS: u64 = 2_000_000;
/// How many of them every body may take, and how many more for each value in it. A list whose items are tried against
/// fifty variants takes about twelve for each value.
const STEPS: u64 = 50_000;
const STEPS_PER_VALUE: u64 = 32;

/// The steps that one compiled schema has left in the validation under way.
#[derive(Debug, Default)]
pub(crate) struct Steps(Arc<AtomicU64>);

type Counting<'a> = Result<Box<dyn for<'i> Keyword<'i>>, ValidationError<'a>>;

impl Steps {
    /// The allowance for a validation of `body`.
    pub(crate) fn restart(&self, body: &Value) {
        let allowance = STEPS_PER_VALUE.saturating_mul(count(body)).saturating_add(STEPS);
        self.0.store(allowance.min(MAX_STEPS), Ordering::Relaxed);
    }

    /// What makes [`KEYWORD`] count here.
    pub(crate) fn factory(
        &self,
    ) -> impl for<'a> Fn(&'a Map<String, Value>, &'a Value, Location) -> Counting<'a> + Send + Sync + 'static
    {
        let steps = Arc::clone(&self.0);
        move |_: &Map<String, Value>, _: &Value, _: Location| Ok(Box::new(Step(Arc::clone(&steps))))
    }
}

/// The values in a body, itself included.
fn count(body: &Value) -> u64 {
    let mut open = vec![body];
    let mut values = 0;
    while let Some(value) = open.pop() {
        values += 1;
        match value {
            Value::Array(items) => open.extend(items),
            Value::Object(members) => open.extend(members.values()),
            _ => {}
        }
    }
    values
}

struct Step(Arc<AtomicU64>);

impl Step {
    /// Validators cannot be stopped from inside but by unwinding. This starts no panic hook, so nothing is printed, and
    /// ends with the thread that [`crate::contract::stack::deep`] made for the validation.
    fn take(&self) {
        let left = self
            .0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
        if left.is_err() {
            std::panic::resume_unwind(Box::new("the steps of a validation are used up"));
        }
    }
}

impl<'i> Keyword<'i> for Step {
    fn validate(&self, _: &'i Value) -> Result<(), ValidationError<'i>> {
        self.take();
        Ok(())
    }

    fn is_valid(&self, _: &'i Value) -> bool {
        self.take();
        true
    }
}
