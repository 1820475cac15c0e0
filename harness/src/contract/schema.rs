//! Schemas, compiled when they are first needed and kept with their contract.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use jsonschema::{Draft, PatternOptions, Validator};
use serde_json::Value;

use crate::contract::bundle::{self, Bundle};
use crate::contract::load::Contract;
use crate::contract::steps::Steps;
use crate::contract::violation::{self, Violation};
use crate::contract::{stack, steps, text};

/// The largest compiled pattern, in bytes.
const MAX_PATTERN: usize = 1 << 20;
/// How often a pattern may backtrack on one string before it is given up.
const MAX_BACKTRACK: usize = 100_000;

/// Which way a body goes. It decides which of `readOnly` and `writeOnly` properties are required.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// From the client to the service.
    Request,
    /// From the service to the client.
    Response,
}

/// Why a schema cannot be used to judge anything. Not a fault of what was to be judged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the contract's schema at {pointer} cannot be used: {why}")]
pub struct Unusable {
    /// JSON Pointer into the document.
    pub pointer: String,
    /// What is wrong with it.
    pub why: String,
}

impl Unusable {
    pub(crate) fn new(pointer: &str, why: impl AsRef<str>) -> Self {
        Unusable {
            pointer: text::message(pointer),
            why: text::message(why.as_ref()),
        }
    }
}

type Compiled = Result<Checker, Unusable>;

/// The compiled schemas of one contract, by place and direction.
#[derive(Default)]
pub(crate) struct SchemaCache(Mutex<BTreeMap<(String, Direction), Arc<Compiled>>>);

impl std::fmt::Debug for SchemaCache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SchemaCache")
    }
}

/// A compiled schema.
struct Checker {
    validator: Validator,
    origins: Vec<String>,
    /// Counts for one validation at a time, which whoever holds the lock is doing.
    steps: Mutex<Steps>,
}

impl Contract {
    /// What of `value` violates the schema at `pointer`, in order of the value's places. Empty when nothing does.
    /// What is only wrong because a placeholder stands at one of the `redacted` pointers is left out.
    ///
    /// # Errors
    /// When the schema itself is at fault.
    pub(crate) fn violations(
        &self,
        pointer: &str,
        direction: Direction,
        value: &Value,
        redacted: &[String],
    ) -> Result<Vec<Violation>, Unusable> {
        let judged = stack::deep(|| match &*self.compiled(pointer, direction) {
            Ok(checker) => Ok(self.check(checker, value, redacted)),
            Err(unusable) => Err(unusable.clone()),
        });
        judged.unwrap_or_else(|| {
            Err(Unusable::new(
                pointer,
                "it asks for more work than one body is worth, or the validator failed on it",
            ))
        })
    }

    fn check(&self, checker: &Checker, value: &Value, redacted: &[String]) -> Vec<Violation> {
        let steps = checker.steps.lock().unwrap_or_else(PoisonError::into_inner);
        steps.restart(value);
        let origin = |path: &str| bundle::origin(self.document(), &checker.origins, path);
        violation::collect(checker.validator.iter_errors(value), redacted, &origin)
    }

    fn compiled(&self, pointer: &str, direction: Direction) -> Arc<Compiled> {
        let key = (pointer.to_owned(), direction);
        let cache = || self.schemas.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(compiled) = cache().get(&key) {
            return Arc::clone(compiled);
        }
        // Compiled outside the lock: two threads may do it twice, and neither waits for the other's hard schema.
        let bundled = bundle::gather(self.document(), self.spec(), pointer, direction);
        let compiled = Arc::new(bundled.and_then(|bundle| compile(self.document(), bundle)));
        Arc::clone(cache().entry(key).or_insert(compiled))
    }
}

fn compile(document: &Value, bundle: Bundle) -> Compiled {
    let patterns = PatternOptions::fancy_regex()
        .backtrack_limit(MAX_BACKTRACK)
        .size_limit(MAX_PATTERN)
        .dfa_size_limit(MAX_PATTERN);
    let steps = Steps::default();
    let built = jsonschema::options()
        .with_draft(Draft::Draft202012)
        .offline()
        .should_validate_formats(true)
        .with_pattern_options(patterns)
        .with_keyword(steps::KEYWORD, steps.factory())
        .build(&bundle.schema);
    match built {
        Ok(validator) => Ok(Checker {
            validator,
            origins: bundle.origins,
            steps: Mutex::new(steps),
        }),
        // The library's error is about the bundle as an instance of the meta-schema: its place is one in the bundle.
        Err(error) => {
            let place = bundle::origin(document, &bundle.origins, error.instance_path().as_str());
            Err(Unusable::new(&place, error.to_string()))
        }
    }
}
