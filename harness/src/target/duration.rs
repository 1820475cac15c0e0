//! How long, as people write it: `10s`, `1m 30s`, `250ms`, `5 min`. The grammar is jiff's; the bounds are ours.

use crate::target::fault::{Fault, quote};
use crate::target::words::leaf;

/// The longest duration that a profile may name: one day.
pub const LONGEST_MS: u64 = 24 * 60 * 60 * 1000;

/// A length of time in whole milliseconds, at most [`LONGEST_MS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Millis(pub u64);

impl Millis {
    /// Reads `10s`, `1m 30s`, `250ms`, `5 min` or `PT10S`.
    pub fn parse(text: &str) -> Result<Millis, Fault> {
        let next = "write a number with its unit, such as \"250ms\", \"10s\" or \"1m 30s\"";
        let refuse = |why: &str| Fault::new(format!("{} is not a duration", quote(text)), why, next);
        let parsed: jiff::SignedDuration = match text.trim().parse() {
            Ok(duration) => duration,
            Err(_) if text.trim().parse::<f64>().is_ok() => return Err(refuse("the unit is missing")),
            Err(_) => return Err(refuse("it cannot be read as one")),
        };
        let millis = u64::try_from(parsed.as_millis()).map_err(|_| refuse("it is negative"))?;
        if millis > LONGEST_MS {
            return Err(refuse("it is longer than a day (24h)"));
        }
        Ok(Millis(millis))
    }
}

impl std::fmt::Display for Millis {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            0 => write!(f, "0s"),
            ms if ms % 60_000 == 0 => write!(f, "{}m", ms / 60_000),
            ms if ms % 1000 == 0 => write!(f, "{}s", ms / 1000),
            ms => write!(f, "{ms}ms"),
        }
    }
}

leaf!(Millis, "a duration in quotes, such as \"10s\"");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_durations_as_people_write_them() {
        for (text, millis) in [
            ("10s", 10_000),
            ("250ms", 250),
            ("1m 30s", 90_000),
            ("5 min", 300_000),
            ("PT2S", 2_000),
            ("0s", 0),
        ] {
            assert_eq!(Millis::parse(text).map(|read| read.0), Ok(millis), "{text}");
        }
    }

    #[test]
    fn refuses_what_is_no_duration_and_says_why() {
        for (text, why) in [
            ("10", "the unit is missing"),
            ("-3s", "it is negative"),
            ("25h", "it is longer than a day (24h)"),
            ("soon", "it cannot be read as one"),
            ("", "it cannot be read as one"),
        ] {
            assert_eq!(
                Millis::parse(text).map_err(|fault| fault.why),
                Err(why.to_owned()),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_shown_can_be_read_again() {
        for millis in [0, 1, 999, 1000, 60_000, 90_000, LONGEST_MS] {
            assert_eq!(Millis::parse(&Millis(millis).to_string()), Ok(Millis(millis)));
        }
    }
}
