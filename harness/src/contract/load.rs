//! Text becomes a [`Contract`], or an error that says what, where, why and what to do.

use serde_json::Value;

use crate::contract::operation::Operation;
use crate::contract::place::{BadReference, Place};
use crate::contract::schema::SchemaCache;
use crate::contract::tree::Trust;
use crate::contract::{read, text, tree};

/// The largest document that is read, in bytes.
pub const MAX_DOCUMENT: usize = 16 << 20;

/// Which OpenAPI Specification a document follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SpecVersion {
    /// OpenAPI 3.0.x, whose Schema Object is its own dialect.
    V3_0,
    /// OpenAPI 3.1.x, whose Schema Object is JSON Schema 2020-12.
    V3_1,
    /// OpenAPI 3.2.x, likewise.
    V3_2,
}

/// A loaded OpenAPI document. Every reference that an operation reaches has been seen to lead somewhere.
#[derive(Debug)]
pub struct Contract {
    document: Value,
    source: String,
    spec: SpecVersion,
    operations: Vec<Operation>,
    pub(crate) schemas: SchemaCache,
}

impl Contract {
    /// Reads an OpenAPI 3.0, 3.1 or 3.2 document, as JSON or YAML. `source` is where the text came from (a path, a
    /// URL), for messages only: nothing is fetched.
    ///
    /// # Errors
    /// When the text is not such a document, is larger than [`MAX_DOCUMENT`], or holds a reference that leads nowhere
    /// or outside.
    pub fn parse(text: &str, source: &str) -> Result<Contract, ContractError> {
        Contract::read(text, source, Trust::Given)
    }

    /// The same for a document that a server sent: it may not take more memory than any other answer.
    ///
    /// # Errors
    /// The same, and when reading it would take more than [`crate::model::weight::MOST`].
    pub fn parse_served(text: &str, source: &str) -> Result<Contract, ContractError> {
        Contract::read(text, source, Trust::Served)
    }

    fn read(text: &str, source: &str, trust: Trust) -> Result<Contract, ContractError> {
        let fail = |problem| ContractError::new(source, problem);
        let document = parse_tree(text, trust).map_err(fail)?;
        let spec = spec_version(&document).map_err(fail)?;
        let operations = read::operations(&document).map_err(fail)?;
        let schemas = SchemaCache::default();
        Ok(Contract {
            document,
            source: source.to_owned(),
            spec,
            operations,
            schemas,
        })
    }

    /// Where the text came from, as it was given.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The specification that the document follows.
    pub fn spec(&self) -> SpecVersion {
        self.spec
    }

    /// `info.title`, when it is there.
    pub fn title(&self) -> Option<&str> {
        self.document.pointer("/info/title")?.as_str()
    }

    /// `info.version`, when it is there. YAML writers forget its quotes, so a number counts.
    pub fn version(&self) -> Option<String> {
        match self.document.pointer("/info/version")? {
            Value::String(version) => Some(version.clone()),
            Value::Number(version) => Some(version.to_string()),
            _ => None,
        }
    }

    /// Every operation, sorted by path template and method.
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// The document as one JSON tree, references unresolved.
    pub fn document(&self) -> &Value {
        &self.document
    }
}

/// Why a document cannot serve as a contract.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} ({source_name}{place}): {why}. Next: {next}.")]
pub struct ContractError {
    /// Where the text came from.
    pub source_name: String,
    /// Where in the text.
    pub place: ErrorPlace,
    /// What is wrong, in a few words.
    pub what: String,
    /// Why that is.
    pub why: String,
    /// What to do about it.
    pub next: String,
}

/// Where in a document an error is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ErrorPlace {
    /// The whole of it.
    Document,
    /// A place in the text, both counted from 1.
    Text {
        /// The line.
        line: usize,
        /// The column, in characters.
        column: usize,
    },
    /// A JSON Pointer (RFC 6901) into the document.
    Pointer(String),
}

impl std::fmt::Display for ErrorPlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            ErrorPlace::Document => Ok(()),
            ErrorPlace::Text { line, column } => write!(f, ", line {line} column {column}"),
            ErrorPlace::Pointer(pointer) => write!(f, ", at {}", text::message(pointer)),
        }
    }
}

impl ContractError {
    fn new(source: &str, problem: Problem) -> Self {
        ContractError {
            source_name: source.to_owned(),
            place: problem.place,
            what: problem.what.to_owned(),
            why: text::message(&problem.why),
            next: problem.next.to_owned(),
        }
    }
}

/// A [`ContractError`] before it knows which document it is about.
#[derive(Debug)]
pub(crate) struct Problem {
    pub(crate) place: ErrorPlace,
    pub(crate) what: &'static str,
    pub(crate) why: String,
    pub(crate) next: &'static str,
}

impl Problem {
    fn whole(what: &'static str, why: impl Into<String>, next: &'static str) -> Self {
        Problem {
            place: ErrorPlace::Document,
            what,
            why: why.into(),
            next,
        }
    }

    /// The value at `place` is not of the kind that the specification wants there.
    pub(crate) fn shape(place: &Place<'_>, why: impl Into<String>) -> Self {
        Problem {
            place: ErrorPlace::Pointer(place.pointer.clone()),
            what: "the contract is not valid OpenAPI",
            why: why.into(),
            next: "correct the document, or what generates it",
        }
    }
}

impl From<BadReference> for Problem {
    fn from(bad: BadReference) -> Self {
        Problem {
            why: bad.why(),
            next: bad.next(),
            place: ErrorPlace::Pointer(bad.at),
            what: "a reference in the contract cannot be followed",
        }
    }
}

const NOT_READ: &str = "the contract cannot be read";
const GIVE_ONE: &str = "give the URL or file of the OpenAPI document itself, in JSON or YAML";

fn parse_tree(text: &str, trust: Trust) -> Result<Value, Problem> {
    if text.len() > MAX_DOCUMENT {
        let why = format!(
            "it is {} bytes long, and at most {MAX_DOCUMENT} are read",
            text.len()
        );
        return Err(Problem::whole(NOT_READ, why, "split it, or drop its examples"));
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    match text.trim_start().chars().next() {
        None => Err(Problem::whole(NOT_READ, "it is empty", GIVE_ONE)),
        Some('<') => Err(Problem::whole(NOT_READ, "it is a page of HTML or XML", GIVE_ONE)),
        // A list would cost as much to read as a document, and is none in JSON or YAML.
        Some('[') => Err(Problem::whole(
            NOT_READ,
            "it is a list, and a document is an object",
            GIVE_ONE,
        )),
        Some('{') => parse_braced(text, trust),
        Some(_) => parse_yaml(text, trust),
    }
}

/// A text that begins with a brace is JSON, or a YAML flow mapping whose first key has no quotes.
fn parse_braced(text: &str, trust: Trust) -> Result<Value, Problem> {
    let after_brace = text.trim_start().trim_start_matches('{').trim_start();
    if after_brace.starts_with(|first: char| first.is_alphabetic()) {
        return parse_yaml(text, trust);
    }
    tree::json(text, trust).map_err(|error| json_problem(&error))
}

fn parse_yaml(text: &str, trust: Trust) -> Result<Value, Problem> {
    match tree::yaml(text, trust) {
        Some(read) => read.map_err(|error| yaml_problem(&error)),
        None => Err(Problem::whole(
            NOT_READ,
            "the YAML parser gave up on it",
            "give the document as JSON",
        )),
    }
}

fn json_problem(error: &serde_json::Error) -> Problem {
    let place = ErrorPlace::Text {
        line: error.line(),
        column: error.column(),
    };
    let full = error.to_string();
    let suffix = format!(" at line {} column {}", error.line(), error.column());
    let why = full.strip_suffix(&suffix).unwrap_or(&full).to_owned();
    Problem {
        place,
        what: NOT_READ,
        why: format!("not JSON: {why}"),
        next: "correct the document there",
    }
}

fn yaml_problem(error: &serde_saphyr::Error) -> Problem {
    let place = error
        .location()
        .map_or(ErrorPlace::Document, |location| ErrorPlace::Text {
            line: usize::try_from(location.line()).unwrap_or(usize::MAX),
            column: usize::try_from(location.column()).unwrap_or(usize::MAX),
        });
    let full = error.without_snippet().to_string();
    let why = full.split(" at line ").next().unwrap_or(&full).to_owned();
    Problem {
        place,
        what: NOT_READ,
        why: format!("not YAML: {why}"),
        next: "correct the document there",
    }
}

fn spec_version(document: &Value) -> Result<SpecVersion, Problem> {
    let not_openapi = "this is no OpenAPI document";
    if document.get("swagger").is_some() {
        let why = "it is Swagger 2.0, and OpenAPI 3.0, 3.1 and 3.2 are understood";
        return Err(Problem::whole(not_openapi, why, "convert it to OpenAPI 3"));
    }
    let version = match document.get("openapi") {
        Some(Value::String(version)) => version.clone(),
        Some(Value::Number(version)) => version.to_string(),
        _ => {
            let why = "it has no member `openapi` that names the version";
            return Err(Problem::whole(not_openapi, why, GIVE_ONE));
        }
    };
    let mut parts = version.split('.');
    match (parts.next(), parts.next()) {
        (Some("3"), Some("0")) => Ok(SpecVersion::V3_0),
        (Some("3"), Some("1")) => Ok(SpecVersion::V3_1),
        (Some("3"), Some("2")) => Ok(SpecVersion::V3_2),
        _ => Err(Problem {
            place: ErrorPlace::Pointer("/openapi".to_owned()),
            what: not_openapi,
            why: format!("its version is {version}, and 3.0, 3.1 and 3.2 are understood"),
            next: "give a document of one of these versions",
        }),
    }
}
