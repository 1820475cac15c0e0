//! Waivers in words. A run may be good only because somebody answers for what it found, so every report says who, for what,
//! why and until when.

use crate::model::finding::Finding;
use crate::model::run::Run;
use crate::model::waiver::{Standing, Waived};
use crate::report::text::{self, NAME, VALUE};

/// The longest that a waiver's words can be.
pub const WORDS: usize = 4 * NAME + VALUE + 100;

/// A waiver in one line: what it is for, until when, who answers for it, and why. One that does not hold begins with what it
/// came to.
pub fn line(Waived { waiver, standing, .. }: &Waived) -> String {
    let but = match standing {
        Standing::Holds => String::new(),
        other => format!("{}: ", other.word()),
    };
    format!(
        "{but}{} on {} until {}, {} answers for it: {}",
        text::line(&waiver.check, NAME),
        text::line(&waiver.subject, NAME),
        text::line(&waiver.until, NAME),
        text::line(&waiver.owner, NAME),
        text::line(&waiver.reason, VALUE),
    )
}

/// Every waiver of a run, a line each; none when there is none.
pub fn lines(run: &Run) -> Vec<String> {
    run.waivers.iter().map(line).collect()
}

/// The waiver that names a finding, whatever it came to.
pub fn of<'r>(run: &'r Run, finding: &Finding) -> Option<&'r Waived> {
    run.waivers
        .iter()
        .find(|waived| waived.waiver.check == finding.check && waived.waiver.subject == finding.subject)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixtures;

    #[test]
    fn one_that_does_not_hold_says_so_first() {
        let mut run = fixtures::odd::many_findings();
        let holds = "cors/vary on OPTIONS /me until 2026-04-30, ana answers for it: the cache in front keys on Origin";
        assert_eq!(lines(&run), [holds]);
        run.waivers[0].standing = Standing::Expired;
        assert_eq!(lines(&run), [format!("expired: {holds}")]);
        assert_eq!(lines(&fixtures::healthy()), [""; 0]);
    }

    #[test]
    fn nobody_can_make_one_longer_than_a_report_holds() {
        let run = fixtures::odd::filled(&"w".repeat(9_000));
        assert!(lines(&run)[0].chars().count() <= WORDS);
    }
}
