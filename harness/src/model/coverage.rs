//! Which operations of the contract a run saw, and which of them it saw succeed. A rejected call is no proof that an accepted
//! one works, so an operation that nobody ever called with success may be broken, whatever else is green.

use serde::{Deserialize, Serialize};

/// What a run saw of a contract.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Coverage {
    /// Every operation of the contract, in its order: by path, then by method.
    pub operations: Vec<Covered>,
}

/// What a run saw of one operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Covered {
    /// Its method and path, such as `GET /notes/{id}`.
    pub operation: String,
    /// Its `operationId`, when it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation_id: Option<String>,
    /// The statuses that the contract documents, as it writes them: `200`, `4XX`, `default`.
    pub documented: Vec<String>,
    /// The statuses that it was answered with, each once, in order.
    pub seen: Vec<SeenStatus>,
    /// Whether it was seen to succeed: answered with a 2xx, or with a redirect that the contract names.
    pub succeeded: bool,
}

/// A status, and how often it was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct SeenStatus {
    /// The status.
    pub status: u16,
    /// How often; at least once.
    pub count: u32,
}

impl Coverage {
    /// How many operations were answered, whatever the answer.
    pub fn answered(&self) -> usize {
        self.operations.iter().filter(|one| !one.seen.is_empty()).count()
    }

    /// How many operations were seen to succeed.
    pub fn succeeded(&self) -> usize {
        self.operations.iter().filter(|one| one.succeeded).count()
    }

    /// The share of operations that were seen to succeed, in percent, rounded down; of none all of them were.
    pub fn percent(&self) -> u8 {
        let share = (self.succeeded() * 100).checked_div(self.operations.len());
        share.and_then(|share| u8::try_from(share).ok()).unwrap_or(100)
    }

    /// The operations that were never seen to succeed.
    pub fn never(&self) -> impl Iterator<Item = &Covered> {
        self.operations.iter().filter(|one| !one.succeeded)
    }
}

/// What must be covered, or the run fails.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct CoverageGate {
    /// The least share of operations that must be seen to succeed, in percent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub least: Option<u8>,
    /// Which operations must: `all`, an `operationId`, or a method and a path; `*` stands for anything.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub required: Vec<String>,
}

impl CoverageGate {
    /// Whether nothing is asked.
    pub fn is_empty(&self) -> bool {
        self.least.is_none() && self.required.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn coverage(succeeded: &[bool]) -> Coverage {
        let one = |succeeded: &bool| Covered {
            operation: "GET /x".into(),
            operation_id: None,
            documented: vec![],
            seen: vec![],
            succeeded: *succeeded,
        };
        Coverage {
            operations: succeeded.iter().map(one).collect(),
        }
    }

    #[test]
    fn a_share_is_rounded_down_and_of_none_it_is_all() {
        for (succeeded, percent) in [
            (&[][..], 100),
            (&[false], 0),
            (&[true, true, false], 66),
            (&[true], 100),
        ] {
            assert_eq!(coverage(succeeded).percent(), percent);
        }
        let almost = [&[true; 199][..], &[false]].concat();
        assert_eq!(coverage(&almost).percent(), 99);
    }
}
