//! What a diagnosis says that reproduced nothing: what was seen to work, what may be wrong all the same, and what would tell.

use crate::model::run::Run;
use crate::report::human::page::{Page, Paint, column};
use crate::report::human::{cause, found, tail};
use crate::report::text::{self, SENTENCE};

/// Hypotheses that are shown.
const MOST: usize = 5;

/// Writes the blocks.
pub fn not_reproduced(page: &mut Page, run: &Run) {
    if let Some(primary) = cause::primary(run) {
        let statement = text::line(&primary.statement, SENTENCE);
        page.entry("seen", (&statement, Paint::Plain));
        cause::more(page, primary);
    }
    tail::worked(page, run);
    for (at, one) in run.hypotheses.iter().take(MOST).enumerate() {
        let label = column(if at == 0 { "perhaps" } else { "" });
        let number = format!("{}  ", at + 1);
        let what = text::line(&one.what, SENTENCE);
        page.hang(
            &[(&label, Paint::Faint), (&number, Paint::Faint)],
            (&what, Paint::Plain),
        );
    }
    if let Some(command) = run.hypotheses.iter().find_map(|one| one.command.as_deref()) {
        let label = column("next");
        page.whole(
            &[(&label, Paint::Faint)],
            (&text::line(command, 1_500), Paint::Plain),
        );
    }
    tail::assumed(page, run);
    if !run.findings.is_empty() {
        page.blank();
        found::write(page, run);
        page.blank();
    }
    tail::ended(page, run);
}
