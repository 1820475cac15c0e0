//! Text that is safe in Markdown, and the few shapes that the pages are made of.

use crate::report::text;

/// Prose on one line: words with anything that could be markup are shown as code, all others as they are.
pub fn prose(text: &str, most: usize) -> String {
    let line = text::line(text, most);
    let mut out: Vec<String> = Vec::new();
    let mut held: Vec<&str> = Vec::new();
    for word in line.split(' ').filter(|word| !word.is_empty()) {
        let word = if word == "->" { "→" } else { word };
        if is_plain(word, out.is_empty() && held.is_empty()) {
            flush(&mut held, &mut out);
            out.push(word.to_owned());
        } else {
            held.push(word);
        }
    }
    flush(&mut held, &mut out);
    out.join(" ")
}

/// Words that stand beside one another are one piece of code.
fn flush(held: &mut Vec<&str>, out: &mut Vec<String>) {
    if !held.is_empty() {
        out.push(span(&held.join(" ")));
        held.clear();
    }
}

/// Whether no flavour of Markdown makes anything of a word. The first one could begin a list, a heading or a rule.
fn is_plain(word: &str, first: bool) -> bool {
    const DASHES: &str = "→·–—…";
    if !first && word.chars().all(|c| DASHES.contains(c)) {
        return true;
    }
    let letter = |c: char| c.is_alphanumeric();
    let mark = |c: char| ".,;:()/'\"’“”?=+±…·–—×%-".contains(c);
    let lower = word.to_ascii_lowercase();
    let link = ["://", "www.", "::", "mailto:", "xmpp:"]
        .iter()
        .any(|sign| lower.contains(sign));
    let begins = !first || (word.starts_with(letter) && !word.ends_with(['.', ')']));
    word.chars().all(|c| letter(c) || mark(c)) && word.chars().any(letter) && !link && begins
}

/// Text on one line as code (CommonMark §6.1): between more backticks than it has in a row.
pub fn code(text: &str, most: usize) -> String {
    span(&text::line(text, most))
}

fn span(line: &str) -> String {
    if line.trim().is_empty() {
        return String::new();
    }
    let fence = "`".repeat(longest(line) + 1);
    let pad = if line.starts_with('`') || line.ends_with('`') {
        " "
    } else {
        ""
    };
    format!("{fence}{pad}{line}{pad}{fence}")
}

/// The most backticks in a row.
fn longest(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or_default()
}

/// What goes into a cell of a table: a pipe ends a cell, within code as well (GFM §4.10).
pub fn cell(markdown: &str) -> String {
    markdown.replace('|', "\\|")
}

/// Lines as a block of code, which a shell's user copies whole.
pub fn block(language: &str, lines: &[String]) -> String {
    let fence = "`".repeat(
        lines
            .iter()
            .map(|line| longest(line))
            .max()
            .unwrap_or_default()
            .max(2)
            + 1,
    );
    format!("{fence}{language}\n{}\n{fence}\n", lines.join("\n"))
}

/// Where more is told, behind what it is told of: a link where there is a page, else the command.
pub fn aside(page: Option<String>, help: Option<&str>) -> String {
    match (page, help) {
        (Some(page), _) => format!(" ([more]({page}))"),
        (None, Some(help)) => format!(" ({})", code(help, text::VALUE)),
        (None, None) => String::new(),
    }
}

/// A list.
pub fn list(rows: impl IntoIterator<Item = String>) -> String {
    rows.into_iter().map(|row| format!("- {row}\n")).collect()
}
