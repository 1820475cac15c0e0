//! Runtime expressions (Arazzo 1.1 §Runtime Expressions, of which those of 1.0.1 are a part): how a document names a value
//! of a request, its answer, an earlier step, an input or another document.

use std::fmt;

use serde_json::{Map, Value};

use crate::scenario::scan::{self, Ends};

/// What an expression names, and the way from there to the value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Expression {
    /// What it begins with.
    pub root: Root,
    /// A JSON Pointer (RFC 6901) into that, without its `#`.
    pub pointer: Option<String>,
    /// Members and elements from there on: the `.` and `[]` of conditions.
    pub way: Vec<Access>,
}

/// What an expression begins with.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Root {
    /// `$url`: the URL that was requested.
    Url,
    /// `$method`: the method of the request.
    Method,
    /// `$statusCode`: the status of the answer.
    StatusCode,
    /// `$self`: the canonical URI of the document.
    Itself,
    /// `$request.…`.
    Request(Source),
    /// `$response.…`.
    Response(Source),
    /// `$inputs.NAME`.
    Input(String),
    /// `$outputs.NAME`: an output of the workflow that it stands in.
    Output(String),
    /// `$steps.STEP.outputs.NAME`.
    StepOutput {
        /// The step's id.
        step: String,
        /// The output's name.
        name: String,
    },
    /// `$workflows.WORKFLOW.inputs.NAME` or `….outputs.NAME`.
    Workflow {
        /// The workflow's id.
        workflow: String,
        /// Which of the two.
        side: Side,
        /// The name there.
        name: String,
    },
    /// `$sourceDescriptions.NAME.REFERENCE`: an operation, a workflow or a field of a source.
    SourceDescription {
        /// The source's name.
        source: String,
        /// What of it.
        reference: String,
    },
    /// `$components.KIND.NAME`.
    Component {
        /// Which map of the Components Object.
        kind: Component,
        /// The key there.
        name: String,
    },
}

/// A part of a request or an answer.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Source {
    /// A header field; its name is compared without regard to case (RFC 9110 §5.1).
    Header(String),
    /// A parameter of the query.
    Query(String),
    /// A parameter of the path.
    Path(String),
    /// The body.
    Body,
}

/// What goes into a workflow, and what comes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// What it was given.
    Inputs,
    /// What it gave.
    Outputs,
}

/// The maps of the Components Object that an expression can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Component {
    /// Parameter Objects.
    Parameters,
    /// Success Action Objects.
    SuccessActions,
    /// Failure Action Objects.
    FailureActions,
}

/// One step into a value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Access {
    /// A member of an object.
    Member(String),
    /// An element of an array, counted from 0.
    Element(usize),
}

/// Why a text is no expression or condition, and where in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{why}; {next}")]
pub struct Misread {
    /// Where, in bytes from the beginning of the text.
    pub at: usize,
    /// How many bytes it concerns; at least one, even at the end of the text.
    pub length: usize,
    /// What is wrong, in words.
    pub why: String,
    /// What to write instead.
    pub next: String,
}

impl Misread {
    pub(super) fn new(at: usize, length: usize, why: impl Into<String>, next: impl Into<String>) -> Misread {
        Misread {
            at,
            length: length.max(1),
            why: why.into(),
            next: next.into(),
        }
    }
}

impl Expression {
    /// An expression without a way into its value.
    pub fn of(root: Root) -> Expression {
        Expression {
            root,
            pointer: None,
            way: Vec::new(),
        }
    }

    /// Reads a text that is an expression and nothing else.
    ///
    /// # Errors
    /// When it is none, with the place and the nearest thing that would be one.
    pub fn parse(text: &str) -> Result<Expression, Misread> {
        let (expression, end) = scan::expression(text, 0, Ends::WithTheText)?;
        match text.len() - end {
            0 => Ok(expression),
            left => Err(Misread::new(
                end,
                left,
                format!(
                    "the expression is over before {:?}",
                    scan::shortened(text.get(end..).unwrap_or_default())
                ),
                "names hold letters, digits, `.`, `-` and `_`; a JSON Pointer into a value comes after `#`",
            )),
        }
    }

    /// Whether a value that begins like this is meant to be an expression: a `$` alone is not, since prices begin with it.
    pub fn is_meant(text: &str) -> bool {
        text.strip_prefix('$').is_some_and(|rest| {
            let word: String = rest.chars().take_while(char::is_ascii_alphabetic).collect();
            let ends = rest.get(word.len()..).unwrap_or_default();
            !word.is_empty() && (ends.is_empty() || ends.starts_with('.'))
        })
    }

    /// The value at the end of the way, when there is one.
    pub fn follow<'v>(&self, begin: &'v Value) -> Option<&'v Value> {
        let value = match &self.pointer {
            Some(pointer) => begin.pointer(pointer)?,
            None => begin,
        };
        follow(value, &self.way)
    }
}

/// The value at the end of this way, when there is one.
pub fn follow<'v>(begin: &'v Value, way: &[Access]) -> Option<&'v Value> {
    way.iter().try_fold(begin, |value, access| match access {
        Access::Member(name) => value.get(name),
        Access::Element(index) => value.get(index),
    })
}

/// The value of this name, or of the longest beginning of it before a dot with the members that the rest names: names may
/// hold dots (Arazzo 1.1, `identifier`), and authors write `$inputs.customer.name` for a member all the same.
pub fn named<'v>(values: &'v Map<String, Value>, name: &str) -> Option<&'v Value> {
    if let Some(value) = values.get(name) {
        return Some(value);
    }
    let dots = name.rmatch_indices('.').map(|(at, _)| at);
    let mut begun = dots.filter_map(|at| values.get(name.get(..at)?).zip(name.get(at + 1..)));
    let (value, rest) = begun.next()?;
    rest.split('.').try_fold(value, |value, member| value.get(member))
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.root)?;
        if let Some(pointer) = &self.pointer {
            write!(f, "#{pointer}")?;
        }
        self.way.iter().try_for_each(|access| write!(f, "{access}"))
    }
}

impl fmt::Display for Root {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Root::Url => f.write_str("$url"),
            Root::Method => f.write_str("$method"),
            Root::StatusCode => f.write_str("$statusCode"),
            Root::Itself => f.write_str("$self"),
            Root::Request(source) => write!(f, "$request.{source}"),
            Root::Response(source) => write!(f, "$response.{source}"),
            Root::Input(name) => write!(f, "$inputs.{name}"),
            Root::Output(name) => write!(f, "$outputs.{name}"),
            Root::StepOutput { step, name } => write!(f, "$steps.{step}.outputs.{name}"),
            Root::Workflow { workflow, side, name } => write!(f, "$workflows.{workflow}.{side}.{name}"),
            Root::SourceDescription { source, reference } => {
                write!(f, "$sourceDescriptions.{source}.{reference}")
            }
            Root::Component { kind, name } => write!(f, "$components.{kind}.{name}"),
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Header(name) => write!(f, "header.{name}"),
            Source::Query(name) => write!(f, "query.{name}"),
            Source::Path(name) => write!(f, "path.{name}"),
            Source::Body => f.write_str("body"),
        }
    }
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Side::Inputs => "inputs",
            Side::Outputs => "outputs",
        })
    }
}

impl fmt::Display for Component {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Component::Parameters => "parameters",
            Component::SuccessActions => "successActions",
            Component::FailureActions => "failureActions",
        })
    }
}

impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Access::Element(index) => write!(f, "[{index}]"),
            Access::Member(name) if scan::is_member(name) => write!(f, ".{name}"),
            Access::Member(name) => write!(f, "['{}']", name.replace('\'', "''")),
        }
    }
}

#[cfg(test)]
#[path = "expression_tests.rs"]
pub(crate) mod tests;
