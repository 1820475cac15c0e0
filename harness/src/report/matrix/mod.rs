//! The kill matrix, rendered: for people at a terminal, in the documentation, in a browser, and for machines.

mod html;
mod human;
mod markdown;

use std::fmt;
use std::str::FromStr;

use crate::model::matrix::{Matrix, Row, Why};

/// How the matrix is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For a terminal.
    Human,
    /// For machines.
    Json,
    /// For the documentation.
    Markdown,
    /// For a browser, whole in one file.
    Html,
}

/// Every format and its name.
const NAMES: [(&str, Format); 4] = [
    ("human", Format::Human),
    ("json", Format::Json),
    ("markdown", Format::Markdown),
    ("html", Format::Html),
];

/// What was typed is no format of the matrix.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no format of the matrix: there are human, json, markdown and html")]
pub struct Unknown(String);

impl FromStr for Format {
    type Err = Unknown;

    fn from_str(text: &str) -> Result<Format, Unknown> {
        let known = NAMES.iter().find(|(name, _)| *name == text);
        known
            .map(|(_, format)| *format)
            .ok_or_else(|| Unknown(text.to_owned()))
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = NAMES
            .iter()
            .find(|(_, format)| format == self)
            .map(|(name, _)| *name);
        f.write_str(name.unwrap_or_default())
    }
}

/// Renders a matrix.
pub fn render(matrix: &Matrix, format: Format) -> String {
    match format {
        Format::Human => human::render(matrix),
        Format::Json => serde_json::to_string_pretty(matrix)
            .map(|text| text + "\n")
            .unwrap_or_default(),
        Format::Markdown => markdown::render(matrix),
        Format::Html => html::render(matrix),
    }
}

/// The lines that sum it up.
fn summary(matrix: &Matrix) -> Vec<String> {
    let mut lines = vec![format!(
        "{} faults killed and named, {} look-alikes spared",
        matrix.killed(),
        matrix.spared()
    )];
    let first = matrix.first_cause();
    if first.all > 0 {
        lines.push(format!(
            "first cause right: {first}, of the faults that are heavy enough to have one"
        ));
    }
    if let Some(share) = matrix.in_production() {
        lines.push(format!(
            "{share} faults found by their own checks with the default flags of production, which neither pay nor write; \
             a run that proves nothing is never green"
        ));
    }
    let mut shown = format!("{} entries of the catalogue shown", matrix.shown());
    for why in [Why::CannotBe, Why::NoEndpoint, Why::ToDo] {
        match (matrix.unshown(why), why) {
            (0, _) => {}
            (many, Why::NoEndpoint) => {
                shown.push_str(&format!(
                    ", {many} would need an endpoint that no service of the lab has"
                ));
            }
            (many, why) => shown.push_str(&format!(", {many} {}", why.words())),
        }
    }
    lines.push(shown);
    let told = matrix.stories.iter().filter(|story| !story.shown_by.is_empty());
    if !matrix.stories.is_empty() {
        lines.push(format!(
            "{} of {} bugs of the system behind the reference service shown",
            told.count(),
            matrix.stories.len()
        ));
    }
    lines
}

/// What became of a row, in one word.
fn mark(row: &Row) -> &'static str {
    use crate::model::matrix::Kind;
    match (row.wrong.is_empty(), row.kind) {
        (true, Kind::LookAlike) => "spared",
        (false, Kind::LookAlike) => "FLAGGED",
        (true, Kind::Fault | Kind::Compound) => "killed",
        (false, Kind::Fault | Kind::Compound) => "MISSED",
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;
    use crate::model::matrix::{Kind, NotShown, SCHEMA, Story};
    use crate::model::recording::Tool;

    fn row(id: &str, kind: Kind, wrong: &[&str]) -> Row {
        let is_fault = kind != Kind::LookAlike;
        let listed = |text: &str| if is_fault { vec![text.to_owned()] } else { vec![] };
        Row {
            id: id.into(),
            sentence: format!("What {id} is, <b>in one</b> | sentence."),
            kind,
            group: is_fault.then(|| "cors".into()),
            shows: listed(&format!("{id}-entry")),
            wrong: wrong.iter().map(|text| (*text).to_owned()).collect(),
            found: listed("cors/readable"),
            causes: listed("cors-missing-everywhere"),
            first_cause: is_fault.then_some(wrong.is_empty()),
            in_production: is_fault.then_some(id != "second"),
        }
    }

    fn matrix() -> Matrix {
        Matrix {
            schema: SCHEMA.into(),
            tool: Tool {
                name: "greenlight".into(),
                version: "0.0.0".into(),
            },
            rows: vec![
                row("first", Kind::Fault, &[]),
                row("second", Kind::Fault, &["the cause is not vary-missing"]),
                row("both", Kind::Compound, &[]),
                row("odd", Kind::LookAlike, &[]),
                row("odder", Kind::LookAlike, &["cors/readable flags it: <script>"]),
            ],
            not_shown: vec![
                NotShown {
                    id: "dns".into(),
                    why: Why::CannotBe,
                    reason: "it takes a resolver".into(),
                },
                NotShown {
                    id: "later".into(),
                    why: Why::ToDo,
                    reason: "it takes <time>".into(),
                },
            ],
            backlog: vec!["later".into()],
            catalogue: 5,
            stories: vec![
                Story {
                    number: 1,
                    commit: "d51657d".into(),
                    sentence: "It crashed <at night>.".into(),
                    shown_by: vec!["first".into(), "both".into()],
                    not_shown: None,
                },
                Story {
                    number: 2,
                    commit: "70aadee".into(),
                    sentence: "The page did not start.".into(),
                    shown_by: vec![],
                    not_shown: Some("it is the front end's".into()),
                },
            ],
        }
    }

    #[test]
    fn each_format_is_what_its_readers_expect() {
        for format in [Format::Human, Format::Markdown, Format::Html, Format::Json] {
            assert_snapshot!(format!("matrix_as_{format}"), render(&matrix(), format));
        }
    }

    #[test]
    fn json_says_the_same_again() {
        let again: Matrix = serde_json::from_str(&render(&matrix(), Format::Json)).unwrap();
        assert_eq!(again, matrix());
        assert!(!again.holds());
    }

    #[test]
    fn nothing_in_a_row_becomes_markup() {
        let html = render(&matrix(), Format::Html);
        assert!(
            !html.contains("<b>in one") && !html.contains("<script>"),
            "{html}"
        );
        let markdown = render(&matrix(), Format::Markdown);
        assert!(
            !markdown.contains("</b> | sentence"),
            "a cell ends where it should not: {markdown}"
        );
    }

    #[test]
    fn formats_are_read_by_name() {
        for (name, format) in NAMES {
            assert_eq!((name.parse(), format.to_string().as_str()), (Ok(format), name));
        }
        assert!("yaml".parse::<Format>().is_err());
    }
}
