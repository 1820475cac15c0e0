//! What is wrong with a profile, with the place in its text, as a person reads it.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource, SourceCode};

use crate::target::fault::Fault;
use crate::target::mask::mask;

/// Columns that a rendered problem may take.
const WIDTH: usize = 100;

/// The most problems of one file that are told at once; more would bury the first.
pub const MOST: usize = 20;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file, as it was named.
    pub file: String,
    /// The line, counted from 1.
    pub line: usize,
    /// The column, counted from 1, in characters.
    pub column: usize,
    /// Where, in bytes.
    pub span: Range<usize>,
    /// What is wrong.
    pub what: String,
    /// Why that cannot be accepted; may be empty.
    pub why: String,
    /// What to do next; may be empty.
    pub next: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.file, self.line, self.column, self.what)?;
        for part in [&self.why, &self.next]
            .into_iter()
            .filter(|part| !part.is_empty())
        {
            write!(f, "; {part}")?;
        }
        Ok(())
    }
}

/// Everything that is wrong with one profile, in the order of its text.
#[derive(Debug, Clone)]
pub struct ProfileError {
    problems: Vec<Problem>,
    /// The text without what may be secret.
    source: Arc<NamedSource<String>>,
    /// How many problems more were found; reading stops at some point.
    untold: usize,
}

impl ProfileError {
    /// Puts faults and their spans together with the text. A span outside the text is moved to its end; the first
    /// fault of a place is kept.
    pub fn new(
        file: &str,
        text: &str,
        mut faults: Vec<(Range<usize>, Fault)>,
        hidden: &[Range<usize>],
    ) -> Self {
        faults.sort_by_key(|(span, _)| span.start);
        faults.dedup_by(|later, first| later.0 == first.0);
        let untold = faults.len().saturating_sub(MOST);
        let problems = faults
            .into_iter()
            .take(MOST)
            .map(|(span, fault)| place(file, text, span, fault))
            .collect();
        let source = Arc::new(NamedSource::new(file, mask(text, hidden)));
        ProfileError {
            problems,
            source,
            untold,
        }
    }

    /// What is wrong, in the order of the text.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// The problems with the lines around them and a caret, for a terminal.
    pub fn render(&self, color: bool) -> String {
        let theme = if color {
            GraphicalTheme::unicode()
        } else {
            GraphicalTheme::unicode_nocolor()
        };
        let handler = GraphicalReportHandler::new_themed(theme)
            .with_width(WIDTH)
            .with_links(false)
            .with_context_lines(1);
        let mut rendered = String::new();
        for problem in &self.problems {
            let view = View {
                problem,
                source: &self.source,
            };
            if handler.render_report(&mut rendered, &view).is_err() {
                rendered.push_str(&problem.to_string());
            }
            rendered.push('\n');
        }
        if self.untold > 0 {
            rendered.push_str(&format!("and {} more at least\n", self.untold));
        }
        rendered
    }
}

impl fmt::Display for ProfileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<String> = self.problems.iter().map(Problem::to_string).collect();
        f.write_str(&lines.join("\n"))
    }
}

impl std::error::Error for ProfileError {}

fn place(file: &str, text: &str, span: Range<usize>, fault: Fault) -> Problem {
    let floor = |at: usize| text.floor_char_boundary(at.min(text.len()));
    let span = floor(span.start)..floor(span.end.max(span.start));
    let before = &text[..span.start];
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    Problem {
        file: file.to_owned(),
        line: before.matches('\n').count() + 1,
        column: before[line_start..].chars().count() + 1,
        span,
        what: fault.what,
        why: fault.why,
        next: fault.next,
    }
}

/// One problem as miette draws it.
#[derive(Debug)]
struct View<'a> {
    problem: &'a Problem,
    source: &'a NamedSource<String>,
}

impl fmt::Display for View<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.problem.what)
    }
}

impl std::error::Error for View<'_> {}

impl Diagnostic for View<'_> {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        (!self.problem.next.is_empty()).then(|| Box::new(&self.problem.next) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(self.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let why = if self.problem.why.is_empty() {
            "here"
        } else {
            &self.problem.why
        };
        let label = LabeledSpan::new_primary_with_span(Some(why.to_owned()), self.problem.span.clone());
        Some(Box::new(std::iter::once(label)))
    }
}
