//! Values of a run in two forms: as they are, to compute with, and as redaction left them, to be told. Where the two are the
//! same, a value may stand in a probe as it is.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::model::exchange::Exchange;
use crate::model::sealed::{Answer, Sealed};
use crate::model::weight::Weight;
use crate::scenario::call::Book;
use crate::scenario::expression::{Expression, Root, Side, Source, named};
use crate::scenario::judge::Look;

/// Named values in both forms.
#[derive(Debug, Clone, Default)]
pub struct Worths {
    raw: Sealed<Map<String, Value>>,
    shown: Map<String, Value>,
}

impl Worths {
    /// Adds a value. Without one that may be shown, nothing of it is.
    pub fn put(&mut self, name: &str, raw: Value, shown: Option<Value>) {
        match shown {
            Some(shown) => self.shown.insert(name.to_owned(), shown),
            None => self.shown.remove(name),
        };
        self.raw.open_mut().insert(name.to_owned(), raw);
    }

    /// Those that these do not have yet.
    pub fn fill(&mut self, other: &Worths) {
        for (name, raw) in other.raw.open() {
            if !self.raw.open().contains_key(name) {
                self.put(name, raw.clone(), other.shown.get(name).cloned());
            }
        }
    }

    /// A value in one of its forms.
    pub fn get(&self, name: &str, form: Form) -> Option<Value> {
        match form {
            Form::Raw => named(self.raw.open(), name).cloned(),
            Form::Shown => named(&self.shown, name).cloned(),
        }
    }

    /// All of them as they are.
    pub fn all(&self) -> &Map<String, Value> {
        self.raw.open()
    }
}

/// One of the two forms of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// As it is.
    Raw,
    /// As it may be shown.
    Shown,
}

/// What a request was made of, for the expressions that name it.
#[derive(Debug, Clone, Default)]
pub struct Requested {
    /// The method.
    pub method: String,
    /// Parameters of the path.
    pub path: Worths,
    /// Parameters of the query.
    pub query: Worths,
    /// Header fields, their names in lower case.
    pub headers: Worths,
    /// The body, under the empty name.
    pub body: Worths,
}

/// An answer, or what is known of a request that got none.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    /// The URL as it may be shown.
    pub url: String,
    /// The status, when there was an answer.
    pub status: Option<u16>,
    raw: Sealed<Reply>,
    shown: Reply,
}

/// Header fields and the body, read.
#[derive(Debug, Clone, Default)]
struct Reply {
    headers: Vec<(String, String)>,
    body: Option<Value>,
}

impl Reply {
    fn of(answer: &Answer, whole: bool) -> Reply {
        let headers = answer.headers.iter();
        let headers = headers.map(|(name, value)| (name.text().to_ascii_lowercase(), value.text()));
        Reply {
            headers: headers.collect(),
            body: read(&answer.body, whole),
        }
    }

    fn header(&self, name: &str) -> Option<Value> {
        let name = name.to_ascii_lowercase();
        let values: Vec<&str> = self
            .headers
            .iter()
            .filter(|(key, _)| *key == name)
            .map(|(_, value)| value.as_str())
            .collect();
        (!values.is_empty()).then(|| values.join(", ").into())
    }
}

/// A body as a value: JSON where it is JSON, else text; nothing when there is none.
fn read(bytes: &[u8], whole: bool) -> Option<Value> {
    if bytes.is_empty() {
        return None;
    }
    let tree = (whole && !Weight::of(bytes).is_too_heavy())
        .then(|| serde_json::from_slice(bytes).ok())
        .flatten();
    Some(tree.unwrap_or_else(|| Value::String(String::from_utf8_lossy(bytes).into_owned())))
}

impl Seen {
    /// What an exchange saw, and the same as it came.
    pub fn of(exchange: &Exchange, raw: Option<&Answer>) -> Seen {
        let url = exchange.sent.as_ref().map(|sent| sent.url.clone());
        let Some(reply) = exchange.answer() else {
            return Seen {
                url: url.unwrap_or_default(),
                ..Seen::default()
            };
        };
        let whole = reply.body.end == crate::model::capture::End::Complete;
        let kept = Answer {
            headers: reply.headers.clone(),
            body: reply.body.bytes.clone(),
        };
        let shown = Reply::of(&kept, whole);
        Seen {
            url: url.unwrap_or_default(),
            status: Some(reply.status),
            raw: Sealed::new(raw.map_or_else(|| shown.clone(), |raw| Reply::of(raw, whole))),
            shown,
        }
    }

    /// The first value of a header field.
    pub fn header(&self, name: &str) -> Option<String> {
        self.raw.open().header(name)?.as_str().map(str::to_owned)
    }

    fn side(&self, form: Form) -> &Reply {
        match form {
            Form::Raw => self.raw.open(),
            Form::Shown => &self.shown,
        }
    }
}

/// What a finished workflow was given and gave.
#[derive(Debug, Clone, Default)]
pub struct Finished {
    /// Its inputs.
    pub inputs: Worths,
    /// Its outputs.
    pub outputs: Worths,
}

/// What is known where an expression stands.
#[derive(Debug, Clone, Copy)]
pub struct Scene<'s> {
    /// The document.
    pub book: &'s Book,
    /// The workflow's inputs.
    pub inputs: &'s Worths,
    /// What the steps gave that were done before, by their ids.
    pub steps: &'s BTreeMap<String, Worths>,
    /// The workflows of the document that are over, by their ids.
    pub workflows: &'s BTreeMap<String, Finished>,
    /// The outputs of the workflow that the step called, or of the own one.
    pub outputs: Option<&'s Worths>,
    /// The request of the step.
    pub request: Option<&'s Requested>,
    /// Its answer.
    pub seen: Option<&'s Seen>,
}

impl Scene<'_> {
    /// What an expression stands for, in one of the forms.
    pub fn look(&self, expression: &Expression, form: Form) -> Option<Value> {
        let begin = self.root(&expression.root, form)?;
        expression.follow(&begin).cloned()
    }

    fn root(&self, root: &Root, form: Form) -> Option<Value> {
        match root {
            Root::Url => Some(self.seen?.url.clone().into()),
            Root::Method => Some(self.request?.method.clone().into()),
            Root::StatusCode => self.seen?.status.map(Value::from),
            Root::Request(source) => self.requested(source, form),
            Root::Response(Source::Header(name)) => self.seen?.side(form).header(name),
            Root::Response(Source::Body) => self.seen?.side(form).body.clone(),
            Root::Response(Source::Query(_) | Source::Path(_)) => None,
            Root::Input(name) => self.inputs.get(name, form),
            Root::Output(name) => self.outputs?.get(name, form),
            Root::StepOutput { step, name } => self.steps.get(step)?.get(name, form),
            Root::Workflow { workflow, side, name } => {
                let finished = self.workflows.get(workflow)?;
                match side {
                    Side::Inputs => finished.inputs.get(name, form),
                    Side::Outputs => finished.outputs.get(name, form),
                }
            }
            Root::SourceDescription { source, reference } if reference == "url" => {
                Some(self.book.document.source(source)?.url.value.clone().into())
            }
            Root::Itself => Some(self.book.file.clone().into()),
            Root::SourceDescription { .. } | Root::Component { .. } => None,
        }
    }

    fn requested(&self, source: &Source, form: Form) -> Option<Value> {
        let request = self.request?;
        match source {
            Source::Header(name) => request.headers.get(&name.to_ascii_lowercase(), form),
            Source::Query(name) => request.query.get(name, form),
            Source::Path(name) => request.path.get(name, form),
            Source::Body => request.body.get("", form),
        }
    }
}

impl Look for Scene<'_> {
    fn value(&self, expression: &Expression) -> Option<Value> {
        self.look(expression, Form::Raw)
    }

    fn shown(&self, expression: &Expression) -> Option<Value> {
        self.look(expression, Form::Shown)
    }
}
