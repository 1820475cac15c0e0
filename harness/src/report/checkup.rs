//! The checkup of the checker itself, for people and for programs.

use crate::model::checkup::{Checkup, Health, SCHEMA};
use crate::report::human::page::{Page, Paint, Style, column};
use crate::report::json;
use crate::report::text::{self, SENTENCE, VALUE};

/// For programs: `greenlight.checkup/1`.
pub fn json(checkup: &Checkup) -> String {
    json::document(checkup, SCHEMA)
}

/// For people: one line a part, and what to do under those that want something done.
pub fn human(checkup: &Checkup, style: Style) -> String {
    let mut page = Page::new(style);
    let (word, paint, said) = match checkup.worst() {
        Health::Good => ("GOOD", Paint::Good, "This machine can be believed"),
        Health::Unknown => (
            "GOOD",
            Paint::Good,
            "What was looked at of this machine can be believed",
        ),
        Health::Odd => (
            "ODD",
            Paint::Doubt,
            "Verdicts from this machine may be about something else than you think",
        ),
        Health::Broken => (
            "BROKEN",
            Paint::Bad,
            "Verdicts from this machine cannot be believed",
        ),
    };
    page.hang(&[(word, paint), ("  ", Paint::Plain)], (said, Paint::Strong));
    for part in &checkup.parts {
        let (mark, paint) = mark(part.health);
        let label = column(&part.name);
        let seen = text::line(&part.seen, VALUE);
        page.hang(
            &[(label.as_str(), Paint::Faint), (mark, paint)],
            (&seen, Paint::Plain),
        );
        if let Some(next) = &part.next {
            page.entry("", (&format!("  {}", text::line(next, SENTENCE)), Paint::Faint));
        }
    }
    page.finish()
}

fn mark(health: Health) -> (&'static str, Paint) {
    match health {
        Health::Good => ("✓ ", Paint::Good),
        Health::Unknown => ("· ", Paint::Faint),
        Health::Odd => ("~ ", Paint::Doubt),
        Health::Broken => ("× ", Paint::Bad),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::checkup::Part;

    fn checkup(parts: Vec<Part>) -> Checkup {
        Checkup {
            schema: SCHEMA.into(),
            parts,
        }
    }

    #[test]
    fn the_worst_part_decides_the_first_line() {
        let first = |parts| {
            human(&checkup(parts), Style::default())
                .lines()
                .next()
                .unwrap_or_default()
                .to_owned()
        };
        let good = || Part::good("terminal", "80 columns");
        assert_eq!(first(vec![good()]), "GOOD  This machine can be believed");
        assert!(
            first(vec![good(), Part::unknown("clock", "x", "y")]).starts_with("GOOD  What was looked at")
        );
        assert!(first(vec![Part::odd("proxy", "x", "y"), good()]).starts_with("ODD  "));
        assert!(
            first(vec![
                Part::odd("proxy", "x", "y"),
                Part::broken("clock", "x", "y")
            ])
            .starts_with("BROKEN  ")
        );
    }

    #[test]
    fn each_part_is_a_line_and_what_to_do_stands_under_it() {
        let parts = vec![
            Part::good("terminal", "80 columns"),
            Part::broken(
                "clock",
                "94 s ahead of api.acme.example\u{1b}[2J",
                "set it by NTP",
            ),
        ];
        let told = human(&checkup(parts), Style::default());
        assert!(told.contains("terminal    ✓ 80 columns\n"), "{told}");
        assert!(
            told.contains("clock       × 94 s ahead of api.acme.example\\u{1b}[2J\n"),
            "{told}"
        );
        assert!(told.contains("              set it by NTP\n"), "{told}");
    }
}
