//! An Arazzo document as its objects: those of 1.0.1, and of 1.1 what HTTP needs. Each name and text keeps its place, since
//! what is wrong with it is seen only beside the others.

use crate::scenario::source::{Node, Span};

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub at: Span,
}

/// A text and where it stands.
pub type Word = Placed<String>;

/// Which Arazzo Specification a document follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Version {
    /// 1.0.x.
    V1_0,
    /// 1.1.x.
    V1_1,
}

/// The whole document.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// The specification that it follows.
    pub version: Version,
    /// The descriptions that its operations and foreign workflows are of.
    pub sources: Vec<SourceDescription>,
    /// Its workflows, in the order of the text.
    pub workflows: Vec<Workflow>,
    /// What is used in several places.
    pub components: Components,
}

impl Document {
    /// The workflow of this id.
    pub fn workflow(&self, id: &str) -> Option<&Workflow> {
        self.workflows.iter().find(|workflow| workflow.id.value == id)
    }

    /// The source of this name.
    pub fn source(&self, name: &str) -> Option<&SourceDescription> {
        self.sources.iter().find(|source| source.name.value == name)
    }
}

/// A description of an API, or another document of workflows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceDescription {
    /// Its name.
    pub name: Word,
    /// Where it is.
    pub url: Word,
    /// What it is, when the document says so.
    pub kind: Option<SourceKind>,
}

/// What a source is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceKind {
    /// An OpenAPI description.
    OpenApi,
    /// An Arazzo document.
    Arazzo,
}

/// A workflow.
#[derive(Debug, Clone, PartialEq)]
pub struct Workflow {
    /// Its id.
    pub id: Word,
    /// The JSON Schema of its inputs.
    pub inputs: Option<Node>,
    /// The workflows that must be done before.
    pub depends_on: Vec<Word>,
    /// Its steps.
    pub steps: Vec<Step>,
    /// What to do after a step that succeeded, unless the step says otherwise.
    pub success_actions: Vec<Reusable<Action>>,
    /// What to do after a step that failed, unless the step says otherwise.
    pub failure_actions: Vec<Reusable<Action>>,
    /// What it gives.
    pub outputs: Vec<Output>,
    /// Parameters of all its steps.
    pub parameters: Vec<Reusable<Parameter>>,
    /// The suite that it belongs to, or else its document (`x-greenlight-suite`).
    pub suite: Option<Word>,
}

impl Workflow {
    /// The place of this step among the steps.
    pub fn position(&self, step: &str) -> Option<usize> {
        self.steps.iter().position(|other| other.id.value == step)
    }
}

/// A step.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Its id.
    pub id: Word,
    /// What it calls. `None` when the document does not say, or says several things.
    pub call: Option<Call>,
    /// What it gives to the call.
    pub parameters: Vec<Reusable<Parameter>>,
    /// The body of the request.
    pub body: Option<RequestBody>,
    /// What must hold for it to have succeeded.
    pub criteria: Vec<Criterion>,
    /// What to do then.
    pub on_success: Vec<Reusable<Action>>,
    /// What to do otherwise.
    pub on_failure: Vec<Reusable<Action>>,
    /// What it gives to later steps.
    pub outputs: Vec<Output>,
    /// The steps that must be done before.
    pub depends_on: Vec<Word>,
    /// The most time that it may take, in milliseconds.
    pub timeout: Option<u64>,
    /// What Greenlight's own extensions say.
    pub ours: Ours,
}

/// What a step calls.
#[derive(Debug, Clone, PartialEq)]
pub enum Call {
    /// An operation, by its id.
    OperationId(Word),
    /// An operation, by its place in a source.
    OperationPath(Word),
    /// A workflow.
    Workflow(Word),
    /// A request that no source describes (`x-operation`).
    Direct {
        /// The method.
        method: Word,
        /// The URL.
        url: Word,
    },
}

/// Greenlight's own extensions of a step.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Ours {
    /// What the request does when the service accepts it.
    pub effect: Option<Word>,
    /// The page that sends it.
    pub origin: Option<Word>,
    /// Whether it runs whatever happened before.
    pub cleanup: bool,
    /// Why a server error is expected.
    pub expect_5xx: Option<Word>,
    /// The base URL, in place of the source's (`x-serverUrl`).
    pub server_url: Option<Word>,
    /// The credentials (`x-security`).
    pub security: Option<Node>,
}

/// An object, or the name of one among the components.
#[derive(Debug, Clone, PartialEq)]
pub enum Reusable<T> {
    /// The object itself.
    Here(T),
    /// The name of one.
    Named {
        /// The expression that names it.
        reference: Word,
        /// The value that takes the place of the parameter's.
        value: Option<Node>,
    },
}

/// A parameter.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// Its name.
    pub name: Word,
    /// Where in the request it goes; of a workflow's call nowhere.
    pub place: Option<Place>,
    /// Its value.
    pub value: Node,
}

/// Where in a request a parameter goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The path.
    Path,
    /// The query.
    Query,
    /// The query as a whole.
    QueryString,
    /// A header field.
    Header,
    /// A cookie.
    Cookie,
}

impl Place {
    /// Its word in both specifications.
    pub fn word(self) -> &'static str {
        match self {
            Place::Path => "path",
            Place::Query => "query",
            Place::QueryString => "querystring",
            Place::Header => "header",
            Place::Cookie => "cookie",
        }
    }
}

/// The body of a request.
#[derive(Debug, Clone, PartialEq)]
pub struct RequestBody {
    /// Its media type.
    pub content_type: Option<Word>,
    /// What it holds.
    pub payload: Option<Node>,
    /// What takes the place of parts of it.
    pub replacements: Vec<Replacement>,
    /// The files that it holds (`x-greenlight-file`).
    pub files: Vec<Enclosed>,
}

/// A file in the body of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enclosed {
    /// Its path, seen from the document.
    pub path: Word,
    /// Where in the payload it goes, as a JSON Pointer (RFC 6901): base64 there in JSON, a part of this name in a form. `None`
    /// when it is the whole body.
    pub target: Option<Word>,
    /// Its media type, in a form.
    pub content_type: Option<Word>,
}

/// What takes the place of a part of a body.
#[derive(Debug, Clone, PartialEq)]
pub struct Replacement {
    /// The part.
    pub target: Word,
    /// How the target is written.
    pub language: Language,
    /// What takes its place.
    pub value: Node,
}

/// In which language a part of a value, or a condition, is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// Conditions of literals, operators and expressions.
    Simple,
    /// Regular expressions.
    Regex,
    /// JSONPath (RFC 9535).
    JsonPath,
    /// JSON Pointer (RFC 6901).
    JsonPointer,
    /// One that is not spoken here; the document was told so.
    Unspoken,
}

/// A criterion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Criterion {
    /// What the condition is applied to.
    pub context: Option<Word>,
    /// The condition.
    pub condition: Word,
    /// How it is written.
    pub language: Language,
}

/// What to do after a step.
#[derive(Debug, Clone, PartialEq)]
pub struct Action {
    /// Its name.
    pub name: Word,
    /// What it does.
    pub does: Does,
    /// Where it leads, of a `goto`, or what is done before a `retry`.
    pub target: Option<Target>,
    /// When it is taken.
    pub criteria: Vec<Criterion>,
    /// What the workflow that it leads to is given.
    pub parameters: Vec<Reusable<Parameter>>,
}

/// What an action does.
#[derive(Debug, Clone, PartialEq)]
pub enum Does {
    /// Ends the workflow.
    End,
    /// Goes on elsewhere.
    Goto,
    /// Tries the step again.
    Retry {
        /// After so many seconds.
        after: f64,
        /// So many times at most.
        limit: u64,
    },
}

/// Where an action leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// To a step of the same workflow.
    Step(Word),
    /// To a workflow.
    Workflow(Word),
}

/// A named value that a step or a workflow gives.
#[derive(Debug, Clone, PartialEq)]
pub struct Output {
    /// Its name.
    pub name: Word,
    /// The expression or selector that gives it.
    pub value: Node,
}

/// What is used in several places.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Components {
    /// JSON Schemas of inputs.
    pub inputs: Vec<(Word, Node)>,
    /// Parameters.
    pub parameters: Vec<(Word, Parameter)>,
    /// Actions after success.
    pub success_actions: Vec<(Word, Action)>,
    /// Actions after failure.
    pub failure_actions: Vec<(Word, Action)>,
}
