//! The matrix at a terminal: one line a row, what is wrong below it.

use crate::model::matrix::{Kind, Matrix, Row};
use crate::report::matrix::{mark, summary};

pub(super) fn render(matrix: &Matrix) -> String {
    let width = matrix.rows.iter().map(|row| row.id.len()).max().unwrap_or(0);
    let causes = matrix.rows.iter().filter_map(|row| row.causes.first());
    let causes = causes.map(String::len).max().unwrap_or(0);
    let mut text = String::new();
    for kind in [Kind::Fault, Kind::Compound, Kind::LookAlike] {
        let mut rows = matrix.of(kind).peekable();
        if rows.peek().is_none() {
            continue;
        }
        text.push_str(&format!("{}\n", kind.heading()));
        rows.for_each(|row| text.push_str(&line(row, width, causes)));
        text.push('\n');
    }
    summary(matrix)
        .iter()
        .for_each(|line| text.push_str(&format!("{line}\n")));
    text
}

fn line(row: &Row, width: usize, causes: usize) -> String {
    let cause = row.causes.first().map_or("-", String::as_str);
    let found = match row.kind {
        Kind::LookAlike => row.sentence.clone(),
        Kind::Fault | Kind::Compound => format!("{cause:causes$}  {}", row.found.join(" ")),
    };
    let mut text = format!("  {:7}  {:width$}  {found}\n", mark(row), row.id);
    for wrong in &row.wrong {
        text.push_str(&format!("{:11}{:width$}  {wrong}\n", "", ""));
    }
    text
}
