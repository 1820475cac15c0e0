//! Failures that somebody answers for, for a time.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

/// So many days ahead a waiver may reach: what nobody mends in a quarter is no exception any more.
pub const MOST_DAYS: i32 = 90;

/// A failure that its owner accepted for a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Waiver {
    /// The check.
    pub check: String,
    /// The subject, as findings name it.
    pub subject: String,
    /// Why.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// The last day (UTC), as `YYYY-MM-DD`.
    pub until: String,
}

impl Waiver {
    /// Whether its last day is over. One whose day cannot be read never held.
    pub fn is_over(&self, now: Timestamp) -> bool {
        let last: Option<Date> = self.until.parse().ok();
        last.is_none_or(|last| TimeZone::UTC.to_datetime(now).date() > last)
    }
}

/// What a waiver came to in a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Standing {
    /// What it names was found, and does not fail the run.
    Holds,
    /// What it names was not found.
    Unused,
    /// Its check saw nothing this time, so that nobody knows whether it is still needed.
    Unseen,
    /// Its last day is over: what it names fails again.
    Expired,
    /// What it names cannot be waived: a server error, a door that stands open, or what must be proven.
    Refused,
}

impl Standing {
    /// The word that reports print.
    pub fn word(self) -> &'static str {
        match self {
            Standing::Holds => "waived",
            Standing::Unused => "not needed any more",
            Standing::Unseen => "not looked at this time",
            Standing::Expired => "expired",
            Standing::Refused => "cannot be waived",
        }
    }
}

/// A waiver, and what it came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Waived {
    /// As declared.
    #[serde(flatten)]
    pub waiver: Waiver,
    /// What it came to.
    pub standing: Standing,
    /// How many findings it names.
    pub findings: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_waiver_holds_to_the_end_of_its_last_day() {
        let until = |until: &str| Waiver {
            check: "cors/vary-on-origin".into(),
            subject: "GET /me".into(),
            reason: "r".into(),
            owner: "o".into(),
            until: until.into(),
        };
        let now: Timestamp = "2026-11-27T23:59:59Z".parse().unwrap();
        assert!(!until("2026-11-27").is_over(now));
        assert!(until("2026-11-26").is_over(now));
        assert!(until("some day").is_over(now));
    }
}
