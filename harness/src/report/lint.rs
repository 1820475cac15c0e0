//! What is wrong with scenarios: for people as compilers tell it, for machines, and as annotations of GitHub Actions.

use unicode_width::UnicodeWidthChar;

use crate::model::lint::{Level, Lint, Linted, Remark, SCHEMA};
use crate::report::github::{data, property};
use crate::report::human::page::{Page, Paint, Style};
use crate::report::json;
use crate::report::text::{self, NAME, SENTENCE, VALUE, count};

/// What is shown in place of a character that would steer a terminal; it takes one column.
const HIDDEN: char = '\u{fffd}';

/// All remarks with their lines, and the verdict, for people at a terminal.
pub fn human(lint: &Lint, style: Style) -> String {
    let mut page = Page::new(style);
    tell_all(&mut page, lint);
    let (word, paint) = match (lint.fails(), lint.count(Level::Warning)) {
        (true, _) => ("FAIL", Paint::Bad),
        (false, 0) => ("PASS", Paint::Good),
        (false, _) => ("PASS", Paint::Doubt),
    };
    page.hang(
        &[(word, paint), ("  ", Paint::Plain)],
        (&headline(lint), Paint::Strong),
    );
    page.finish()
}

/// The remarks alone, for whoever goes on to something else.
pub fn remarks(lint: &Lint, style: Style) -> String {
    let mut page = Page::new(style);
    tell_all(&mut page, lint);
    page.finish()
}

fn tell_all(page: &mut Page, lint: &Lint) {
    if page.quiet() {
        return;
    }
    for file in &lint.files {
        for remark in &file.remarks {
            tell(page, file, remark);
        }
        for note in &file.notes {
            page.hang(
                &[("note", Paint::Faint), (": ", Paint::Plain)],
                (&text::line(note, SENTENCE), Paint::Plain),
            );
            page.blank();
        }
    }
}

/// The remarks for machines: schema `greenlight.lint/1`.
pub fn json(lint: &Lint) -> String {
    json::document(lint, SCHEMA)
}

/// One annotation a remark, at its line. A step shows ten of a kind, so the errors come first.
pub fn github(lint: &Lint) -> String {
    let remarks = lint
        .files
        .iter()
        .flat_map(|file| file.remarks.iter().map(move |remark| (file, remark)));
    let mut remarks: Vec<_> = remarks.collect();
    remarks.sort_by_key(|(_, remark)| remark.level);
    let command = |(file, remark): (&Linted, &Remark)| {
        let Remark {
            rule,
            what,
            why,
            next,
            line,
            column,
            ..
        } = remark;
        let end = column + remark.length;
        let lines = [what.clone(), format!("why: {why}"), format!("next: {next}")];
        let lines = lines.map(|line| text::line(&line, SENTENCE));
        format!(
            "::{} file={},line={line},col={column},endColumn={end},title={}::{}\n",
            remark.level.word(),
            property(&text::line(&file.file, VALUE)),
            property(&text::line(rule, NAME)),
            data(&lines.join("\n"))
        )
    };
    remarks.into_iter().map(command).collect()
}

fn tell(page: &mut Page, file: &Linted, remark: &Remark) {
    let paint = match remark.level {
        Level::Error => Paint::Bad,
        Level::Warning => Paint::Doubt,
    };
    let rule = format!("{}[{}]", remark.level.word(), text::line(&remark.rule, NAME));
    page.hang(
        &[(&rule, paint), (": ", Paint::Plain)],
        (&text::line(&remark.what, SENTENCE), Paint::Strong),
    );
    let number = remark.line.to_string();
    let gutter = " ".repeat(number.len());
    let place = format!(
        "{}:{}:{}",
        text::line(&file.file, VALUE),
        remark.line,
        remark.column
    );
    page.whole(
        &[(&format!("{gutter}--> "), Paint::Faint)],
        (&place, Paint::Plain),
    );
    page.whole(&[(&format!("{gutter} |"), Paint::Faint)], ("", Paint::Plain));
    let excerpt: String = remark.excerpt.chars().map(shown).collect();
    page.whole(
        &[(&format!("{number} | "), Paint::Faint)],
        (&excerpt, Paint::Plain),
    );
    let columns = |from: usize, most: usize| {
        excerpt
            .chars()
            .skip(from)
            .take(most)
            .filter_map(UnicodeWidthChar::width)
            .sum::<usize>()
    };
    let caret = "^".repeat(columns(remark.before, remark.length).max(1));
    let lead = format!("{gutter} | ");
    let indent = " ".repeat(columns(0, remark.before));
    page.whole(&[(&lead, Paint::Faint), (&indent, Paint::Plain)], (&caret, paint));
    for (label, said) in [("why:  ", &remark.why), ("next: ", &remark.next)] {
        let lead = format!("{gutter} = {label}");
        page.hang(
            &[(&lead, Paint::Faint)],
            (&text::line(said, SENTENCE), Paint::Plain),
        );
    }
    page.blank();
}

fn shown(c: char) -> char {
    match c {
        '\t' => ' ',
        c if text::is_plain(c) => c,
        _ => HIDDEN,
    }
}

fn headline(lint: &Lint) -> String {
    let sum = |of: fn(&Linted) -> usize| lint.files.iter().map(of).sum::<usize>() as u64;
    let number = |n: usize, one: &str, many: &str| count(n as u64, one, many);
    let looked = format!(
        "{}, {}, {}",
        number(lint.files.len(), "file", "files"),
        count(sum(|file| file.workflows), "workflow", "workflows"),
        count(sum(|file| file.steps), "step", "steps")
    );
    let found = match (lint.count(Level::Error), lint.count(Level::Warning)) {
        (0, 0) => "nothing is wrong".to_owned(),
        (errors, 0) => number(errors, "error", "errors"),
        (0, warnings) => number(warnings, "warning", "warnings"),
        (errors, warnings) => format!(
            "{} and {}",
            number(errors, "error", "errors"),
            number(warnings, "warning", "warnings")
        ),
    };
    format!("{found}: {looked}")
}

#[cfg(test)]
#[path = "lint_tests.rs"]
mod tests;
