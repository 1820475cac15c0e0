//! The matrix as a page of the documentation.

use crate::model::matrix::{Kind, Matrix, Row};
use crate::report::matrix::{mark, summary};

pub(super) fn render(matrix: &Matrix) -> String {
    let mut text = String::from(
        "# The kill matrix\n\nWhat `greenlight lab` must print; a test fails when this page is stale, another when a run differs. Each fault is \
         put into a real service over real sockets, and must be found by the named checks and explained by the named \
         cause. Each look-alike is healthy, and nothing above a remark may be said of it.\n\n",
    );
    for line in summary(matrix) {
        text.push_str(&format!("- {line}\n"));
    }
    for kind in [Kind::Fault, Kind::Compound, Kind::LookAlike] {
        let rows: Vec<&Row> = matrix.of(kind).collect();
        if rows.is_empty() {
            continue;
        }
        text.push_str(&format!("\n## {}\n\n", kind.heading()));
        if kind == Kind::LookAlike {
            text.push_str("| look-alike | | what it is |\n|---|---|---|\n");
        } else {
            text.push_str(
                "| fault | | what it is | named | found by | in production |\n|---|---|---|---|---|---|\n",
            );
        }
        rows.iter().for_each(|row| text.push_str(&line(row)));
    }
    if !matrix.not_shown.is_empty() {
        text.push_str("\n## Not shown here\n\n| entry | | why |\n|---|---|---|\n");
        for entry in &matrix.not_shown {
            let (id, reason) = (cell(&entry.id), cell(&entry.reason));
            text.push_str(&format!("| {id} | {} | {reason} |\n", entry.why.words()));
        }
    }
    stories(&mut text, matrix);
    text
}

/// The bugs that really happened, and the faults that show them.
fn stories(text: &mut String, matrix: &Matrix) {
    if matrix.stories.is_empty() {
        return;
    }
    text.push_str(
        "\n## The bugs that really happened\n\nThose of the system that the reference service stands for, each under the \
         commit that mended it.\n\n| | commit | what happened | shown by |\n|---|---|---|---|\n",
    );
    for story in &matrix.stories {
        let faults: Vec<String> = story.shown_by.iter().map(|id| format!("`{id}`")).collect();
        let shown = match &story.not_shown {
            Some(reason) => format!("not shown: {}", cell(reason)),
            None => faults.join(", "),
        };
        let (commit, sentence) = (cell(&story.commit), cell(&story.sentence));
        text.push_str(&format!(
            "| {} | {commit} | {sentence} | {shown} |\n",
            story.number
        ));
    }
}

fn line(row: &Row) -> String {
    let id = format!("`{}`", row.id);
    let sentence = cell(&[&row.sentence, row.wrong.join("; ").as_str()].join(" "));
    if row.kind == Kind::LookAlike {
        return format!("| {id} | {} | {sentence} |\n", mark(row));
    }
    let production = match row.in_production {
        Some(true) => "found",
        Some(false) => "unproven",
        None => "",
    };
    let cause = row.causes.first().map_or("", String::as_str);
    format!(
        "| {id} | {} | {sentence} | {cause} | {} | {production} |\n",
        mark(row),
        row.found.join(", ")
    )
}

/// Text that stays in its cell and is no markup.
fn cell(text: &str) -> String {
    text.trim()
        .replace('|', "\\|")
        .replace('<', "&lt;")
        .replace('\n', " ")
}
