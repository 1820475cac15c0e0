//! What changed since an earlier run, or between two contracts: for people, for machines, and as Markdown.

use crate::model::diff::{Baseline, Cost, Diff, Failed, SCHEMA, Side};
use crate::model::run::Run;
use crate::report::human::page::{Page, Paint, Style};
use crate::report::markdown::words::prose;
use crate::report::text::{self, NAME, SENTENCE, VALUE, count};
use crate::report::{github, json};

/// More lines than this under one label are counted and not shown.
const MOST: usize = 10;
/// What is said when nothing differs.
const NOTHING: &str = "Nothing changed that is more than what differs from run to run";

/// One line of a comparison, fit to be shown.
pub struct Told {
    /// What kind of line it is, in a word or two.
    pub label: &'static str,
    /// The line.
    pub text: String,
    /// What it means.
    pub paint: Paint,
}

/// How a run compares with its baseline, line by line.
pub fn told(baseline: &Baseline) -> Vec<Told> {
    match baseline {
        Baseline::Absent(path) => {
            let text = format!(
                "none yet: {} is not there, so nothing was compared",
                text::line(path, VALUE)
            );
            vec![line("baseline", text, Paint::Plain)]
        }
        Baseline::Compared(diff) => {
            let mut lines = vec![line("baseline", side(&diff.before), Paint::Plain)];
            lines.extend(lines_of(diff));
            if lines.len() == 1 {
                lines.push(line("changed", NOTHING.to_owned(), Paint::Good));
            }
            lines
        }
    }
}

/// The difference for people at a terminal.
pub fn human(diff: &Diff, style: Style) -> String {
    let mut page = Page::new(style);
    let (word, paint) = word(diff);
    page.hang(
        &[(word, paint), ("  ", Paint::Plain)],
        (&headline(diff), Paint::Strong),
    );
    if page.quiet() {
        return page.finish();
    }
    put(&mut page, &sides(diff));
    put(&mut page, &lines_of(diff));
    page.finish()
}

/// The difference for machines: schema `greenlight.diff/1`.
pub fn json(diff: &Diff) -> String {
    json::document(diff, SCHEMA)
}

/// The difference as a page of Markdown.
pub fn markdown(diff: &Diff) -> String {
    let lines = sides(diff).into_iter().chain(lines_of(diff));
    format!(
        "# {}: {}\n\n{}",
        word(diff).0,
        prose(&headline(diff), SENTENCE),
        items(lines)
    )
}

/// The difference as annotations of GitHub Actions: what breaks as errors, what may as warnings, after the headline of both;
/// nothing when there is neither. At most as many as a step shows.
pub fn github(diff: &Diff) -> String {
    let level = |paint| match paint {
        Paint::Bad => Some("error"),
        Paint::Doubt => Some("warning"),
        Paint::Plain | Paint::Faint | Paint::Good | Paint::Strong => None,
    };
    let lines = lines_of(diff).into_iter();
    let mut commands: Vec<String> = lines
        .filter_map(|told| Some(github::command(level(told.paint)?, told.label, &[told.text])))
        .collect();
    if let (false, Some(level)) = (commands.is_empty(), level(word(diff).1)) {
        commands.insert(0, github::command(level, "Greenlight", &[headline(diff)]));
    }
    commands.truncate(github::MOST);
    commands.concat()
}

/// The part of a page of Markdown that compares the run; empty when nothing was asked for.
pub fn section(run: &Run) -> String {
    let lines = run.baseline.as_ref().map(told);
    lines.map_or_else(String::new, |lines| {
        format!("\n## Since the baseline\n\n{}", items(lines))
    })
}

/// Writes how a run compares with its baseline, when one was named.
pub fn write(page: &mut Page, run: &Run) {
    if let Some(baseline) = &run.baseline {
        put(page, &told(baseline));
    }
}

fn put(page: &mut Page, lines: &[Told]) {
    let mut last = "";
    for Told { label, text, paint } in lines {
        page.entry(if *label == last { "" } else { label }, (text, *paint));
        last = label;
    }
}

fn items(lines: impl IntoIterator<Item = Told>) -> String {
    let item = |told: Told| format!("- {}: {}\n", told.label, prose(&told.text, SENTENCE));
    lines.into_iter().map(item).collect()
}

fn line(label: &'static str, text: String, paint: Paint) -> Told {
    Told { label, text, paint }
}

fn word(diff: &Diff) -> (&'static str, Paint) {
    if diff.breaks() {
        ("BREAKING", Paint::Bad)
    } else if diff.is_empty() {
        ("SAME", Paint::Good)
    } else {
        ("CHANGED", Paint::Doubt)
    }
}

fn headline(diff: &Diff) -> String {
    let new = diff.failures.new.len() as u64;
    let broken = |change: &&crate::model::diff::Change| change.cost == Cost::Breaking;
    let breaking = diff.changes.iter().filter(broken).count() as u64;
    match (new, breaking) {
        (0, 0) if diff.is_empty() => {
            "Nothing changed that is more than what differs from run to run".to_owned()
        }
        (0, 0) => "Something changed, and nothing that breaks".to_owned(),
        (0, _) => count(breaking, "breaking change", "breaking changes"),
        (_, 0) => count(new, "new failure", "new failures"),
        _ => format!(
            "{} and {}",
            count(new, "new failure", "new failures"),
            count(breaking, "breaking change", "breaking changes")
        ),
    }
}

fn sides(diff: &Diff) -> Vec<Told> {
    vec![
        line("before", side(&diff.before), Paint::Plain),
        line("after", side(&diff.after), Paint::Plain),
    ]
}

/// Which run, or which document.
fn side(side: &Side) -> String {
    let mut facts = vec![text::line(&side.source, VALUE)];
    facts.extend(side.base.as_ref().map(|base| text::line(base, VALUE)));
    let version = side.version.as_ref();
    let what = if side.base.is_some() { "build" } else { "version" };
    facts.extend(version.map(|version| format!("{what} {}", text::line(version, NAME))));
    facts.extend(side.at.map(|at| at.strftime("%F %T UTC").to_string()));
    facts.extend(side.verdict.map(|verdict| verdict.word().to_owned()));
    facts.join(" · ")
}

/// What differs, the worst first.
fn lines_of(diff: &Diff) -> Vec<Told> {
    let mut lines: Vec<Told> = Vec::new();
    let unlike = diff.unlike.iter().map(|why| text::line(why, SENTENCE));
    lines.extend(bounded("unlike", unlike, Paint::Doubt));
    let failures = &diff.failures;
    lines.extend(bounded("new", failures.new.iter().map(failed), Paint::Bad));
    lines.extend(bounded("new?", failures.unknown.iter().map(failed), Paint::Doubt));
    lines.extend(bounded(
        "as before",
        failures.same.iter().map(failed),
        Paint::Plain,
    ));
    lines.extend(bounded("mended", failures.gone.iter().map(failed), Paint::Good));
    for (label, cost, paint) in [
        ("breaking", Cost::Breaking, Paint::Bad),
        ("worse", Cost::Worse, Paint::Doubt),
        ("changed", Cost::Nothing, Paint::Plain),
    ] {
        let changes = diff.changes.iter().filter(|change| change.cost == cost);
        let changes = changes.map(|change| {
            format!(
                "{}: {}",
                change.kind.word(),
                text::line(&change.statement, SENTENCE)
            )
        });
        lines.extend(bounded(label, changes, paint));
    }
    lines
}

fn failed(failure: &Failed) -> String {
    format!(
        "{} on {}: {}",
        text::line(&failure.check, NAME),
        text::line(&failure.subject, NAME),
        text::line(&failure.title, VALUE)
    )
}

/// The first of the lines, and how many more there are.
fn bounded(label: &'static str, texts: impl Iterator<Item = String>, paint: Paint) -> Vec<Told> {
    let texts: Vec<String> = texts.collect();
    let left = texts.len().saturating_sub(MOST);
    let shown = texts.into_iter().take(MOST);
    let mut lines: Vec<Told> = shown.map(|text| line(label, text, paint)).collect();
    if left > 0 {
        lines.push(line(label, format!("{left} more"), Paint::Faint));
    }
    lines
}

#[cfg(test)]
#[path = "diff_tests.rs"]
mod tests;
