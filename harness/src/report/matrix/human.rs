//! The matrix at a terminal: one line a row. What did not come out as it must comes last, where it is read first.

use crate::model::matrix::{Kind, Matrix, Row};
use crate::report::matrix::{mark, summary};

pub(super) fn render(matrix: &Matrix) -> String {
    let width = matrix.rows.iter().map(|row| row.id.len()).max().unwrap_or(0);
    let causes = matrix.rows.iter().filter_map(|row| row.causes.first());
    let causes = causes.map(String::len).max().unwrap_or(0);
    let mut text = String::new();
    let mut group = |heading: &str, rows: Vec<&Row>| {
        if !rows.is_empty() {
            text.push_str(&format!("{heading}\n"));
            rows.iter()
                .for_each(|row| text.push_str(&line(row, width, causes)));
            text.push('\n');
        }
    };
    for kind in [Kind::Fault, Kind::Compound, Kind::LookAlike] {
        group(
            kind.heading(),
            matrix.of(kind).filter(|row| row.wrong.is_empty()).collect(),
        );
    }
    let wrong = matrix.rows.iter().filter(|row| !row.wrong.is_empty());
    group("Not as it must be", wrong.collect());
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
