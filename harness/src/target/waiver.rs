//! Waivers as a profile writes them down, and what is wrong with one.

use jiff::civil::Date;
use serde::Deserialize;

use crate::model::waiver::{self, MOST_DAYS};
use crate::target::check::Faults;
use crate::target::fault::{Fault, quote};
use crate::target::problem::ProfileError;
use crate::target::read::Profile;
use crate::target::words::leaf;

/// The last day of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day(pub Date);

impl Day {
    /// Reads a day as RFC 3339 writes its date.
    pub fn parse(text: &str) -> Result<Day, Fault> {
        let day = text.parse().map(Day);
        day.map_err(|_| {
            Fault::new(
                format!("{} is no day", quote(text)),
                "a day is written as year, month and day",
                "write it like \"2026-12-31\"",
            )
        })
    }
}

leaf!(Day, "a day in quotes, such as \"2026-12-31\"");

/// A failure that somebody answers for, for a time.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Waiver {
    /// The check, such as `cors/vary-on-origin`. Server errors, open doors and what must be proven cannot be waived.
    pub check: String,
    /// What it is about, as the report names it: `GET /me`.
    pub subject: String,
    /// Why it may stand until then.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// The last day (UTC), at most 90 days from today.
    pub until: Day,
}

impl From<&Waiver> for waiver::Waiver {
    fn from(written: &Waiver) -> waiver::Waiver {
        waiver::Waiver {
            check: written.check.clone(),
            subject: written.subject.clone(),
            reason: written.reason.clone(),
            owner: written.owner.clone(),
            until: written.until.0.to_string(),
        }
    }
}

/// What is wrong with these waivers by themselves.
pub fn check(waivers: &[Waiver], faults: &mut Faults) {
    for (at, waiver) in waivers.iter().enumerate() {
        for (key, text) in [
            ("subject", &waiver.subject),
            ("reason", &waiver.reason),
            ("owner", &waiver.owner),
        ] {
            if text.trim().is_empty() {
                let fault = Fault::new(
                    format!(
                        "a waiver without {}",
                        if key == "owner" {
                            "an owner".to_owned()
                        } else {
                            format!("a {key}")
                        }
                    ),
                    "whoever meets it must know what stands, why, and whom to ask",
                    "fill it in",
                );
                faults.push((format!("/waiver/{at}/{key}"), fault));
            }
        }
        let same = |other: &Waiver| (&other.check, &other.subject) == (&waiver.check, &waiver.subject);
        if waivers[..at].iter().any(same) {
            let fault = Fault::new(
                format!("{} on {} is waived twice", waiver.check, quote(&waiver.subject)),
                "two waivers of one failure could end on different days",
                "take one out",
            );
            faults.push((format!("/waiver/{at}"), fault));
        }
    }
}

/// Refuses waivers that reach too far, and those that `refused` has something against: it knows the checks. A waiver whose
/// last day is over is none of these: what it names fails again.
pub fn checked(
    profile: &Profile,
    today: Date,
    refused: impl Fn(&str) -> Option<Fault>,
) -> Result<(), ProfileError> {
    let mut faults = Faults::new();
    for (at, waiver) in profile.document.waiver.iter().flatten().enumerate() {
        faults.extend(refused(&waiver.check).map(|fault| (format!("/waiver/{at}/check"), fault)));
        let too_far = reaches_too_far(waiver.until, today);
        faults.extend(too_far.map(|fault| (format!("/waiver/{at}/until"), fault)));
    }
    match (faults.is_empty(), profile.sources.first()) {
        (false, Some(source)) => Err(source.error(faults)),
        _ => Ok(()),
    }
}

/// What is wrong with a last day that lies so far ahead.
pub fn reaches_too_far(until: Day, today: Date) -> Option<Fault> {
    let last = today
        .checked_add(jiff::Span::new().days(MOST_DAYS))
        .unwrap_or(Date::MAX);
    (until.0 > last).then(|| {
        Fault::new(
            format!("{} is more than {MOST_DAYS} days away", until.0),
            "what stands longer than a quarter is no exception",
            format!("{last} is the last day that can be named today"),
        )
    })
}
