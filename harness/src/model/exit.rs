//! The one table of exit codes. It is the same whatever the report's format.

use crate::model::finding::Verdict;

/// Everything asked was seen, and is good.
pub const PASS: u8 = 0;
/// Something is wrong with the service.
pub const FAIL: u8 = 1;
/// A flag, a file or a URL is wrong. Nothing was sent.
pub const USAGE: u8 = 2;
/// It could not be found out, or was not proven, or nothing was checked.
pub const INCONCLUSIVE: u8 = 3;
/// Flaky or degraded, and `--fail-on` asked for that.
pub const DEGRADED: u8 = 4;
/// Waiting took too long: the expected build is not the only one that answers.
pub const WAITED: u8 = 5;
/// A fault of Greenlight's own, or a report or recording of a good run that could not be written.
pub const OURS: u8 = 70;
/// Interrupted; the partial report is still written.
pub const INTERRUPTED: u8 = 130;

/// Every code with its meaning, for `--help` and the documentation.
pub const TABLE: &[(u8, &str)] = &[
    (PASS, "pass: everything asked for was seen, and is good"),
    (FAIL, "fail: something is wrong with the service"),
    (USAGE, "usage: a flag, a file or a URL is wrong; nothing was sent"),
    (INCONCLUSIVE, "inconclusive, or unproven, or nothing was checked"),
    (DEGRADED, "flaky or degraded, when --fail-on asks for it"),
    (WAITED, "waiting timed out: the deploy is not through"),
    (
        OURS,
        "a fault of Greenlight's own (please report it), or a report that could not be written",
    ),
    (INTERRUPTED, "interrupted; the partial report is still written"),
];

/// The code of a verdict. `fail_on` is the mildest verdict below inconclusive that shall not give 0.
pub fn code(verdict: Verdict, fail_on: Option<Verdict>) -> u8 {
    match verdict {
        Verdict::Fail => FAIL,
        Verdict::Inconclusive => INCONCLUSIVE,
        Verdict::Flaky | Verdict::Degraded if fail_on.is_some_and(|least| verdict >= least) => DEGRADED,
        Verdict::Pass | Verdict::Flaky | Verdict::Degraded => PASS,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_flaky_and_degraded_are_negotiable() {
        assert_eq!(code(Verdict::Fail, None), FAIL);
        assert_eq!(code(Verdict::Inconclusive, None), INCONCLUSIVE);
        assert_eq!(code(Verdict::Degraded, None), PASS);
        assert_eq!(code(Verdict::Flaky, Some(Verdict::Degraded)), PASS);
        assert_eq!(code(Verdict::Degraded, Some(Verdict::Flaky)), DEGRADED);
        assert_eq!(code(Verdict::Pass, Some(Verdict::Flaky)), PASS);
    }
}
