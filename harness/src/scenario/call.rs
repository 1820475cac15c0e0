//! What the names of a document stand for when it is run. It was linted before, so what is not found is not there, and no
//! message is made of it.

use std::path::Path;

use crate::contract::load::Contract;
use crate::contract::operation::Operation;
use crate::contract::server;
use crate::scenario::document::{Action, Call, Document, Parameter, Reusable, SourceKind, Step};
use crate::scenario::expression::{Component, Expression, Root};
use crate::scenario::lint::Sources;
use crate::scenario::lint::given::Source;
use crate::scenario::lint::operations::{placed, unescaped};
use crate::scenario::source::Node;

/// A document with its sources, as it is run.
#[derive(Debug)]
pub struct Book {
    /// The file that it was read from, for people.
    pub file: String,
    /// The document.
    pub document: Document,
    /// Its sources, as far as they are contracts.
    pub sources: Sources,
    /// Its sources that are documents of workflows: their places among the books.
    pub others: std::collections::BTreeMap<String, usize>,
}

/// An operation as a contract promises it, and the source that it is of.
#[derive(Debug, Clone, Copy)]
pub struct Promised<'b> {
    /// The contract.
    pub contract: &'b Contract,
    /// The operation.
    pub operation: &'b Operation,
}

impl Book {
    /// The file that one of its steps names, as it is seen from here.
    pub fn beside(&self, path: &str) -> String {
        beside(&self.file, path)
    }

    /// The operation that a step calls, when it calls one of a contract.
    pub fn promised(&self, step: &Step) -> Option<Promised<'_>> {
        match step.call.as_ref()? {
            Call::OperationId(id) => self.by_id(&id.value),
            Call::OperationPath(path) => self.by_path(&path.value),
            Call::Workflow(_) | Call::Direct { .. } => None,
        }
    }

    fn contract(&self, source: &str) -> Option<&Contract> {
        match self.sources.get(source)? {
            Source::Contract(contract) => Some(contract),
            _ => None,
        }
    }

    /// The contracts, in the order of the document's sources.
    pub fn contracts(&self) -> impl Iterator<Item = &Contract> {
        let named = self.document.sources.iter();
        named.filter_map(|source| self.contract(&source.name.value))
    }

    fn by_id(&self, id: &str) -> Option<Promised<'_>> {
        if let Ok(Expression {
            root: Root::SourceDescription { source, reference },
            ..
        }) = Expression::parse(id)
        {
            return of(self.contract(&source)?, &source, &reference);
        }
        let mut described = self.document.sources.iter();
        let source = described.find(|source| source.kind != Some(SourceKind::Arazzo))?;
        let name = source.name.value.as_str();
        of(self.contract(name)?, name, id)
    }

    fn by_path(&self, written: &str) -> Option<Promised<'_>> {
        let (source, pointer) = placed(written)?;
        let contract = self.contract(&source)?;
        let steps: Vec<String> = pointer.split('/').skip(1).map(unescaped).collect();
        let template = steps.get(1)?;
        let method = steps.get(2);
        let mut of_path = contract
            .operations()
            .iter()
            .filter(|operation| operation.template == *template);
        let operation = match method {
            Some(method) => of_path.find(|operation| operation.method.eq_ignore_ascii_case(method)),
            None => of_path.next(),
        };
        operation.map(|operation| Promised { contract, operation })
    }

    /// The parameter itself, and the value that it has here.
    pub fn parameter<'b>(&'b self, parameter: &'b Reusable<Parameter>) -> Option<(&'b Parameter, &'b Node)> {
        match parameter {
            Reusable::Here(parameter) => Some((parameter, &parameter.value)),
            Reusable::Named { reference, value } => {
                let known = &self.document.components.parameters;
                let found = component(&reference.value, Component::Parameters, known)?;
                Some((found, value.as_ref().unwrap_or(&found.value)))
            }
        }
    }

    /// The action itself.
    pub fn action<'b>(&'b self, action: &'b Reusable<Action>, failure: bool) -> Option<&'b Action> {
        let components = &self.document.components;
        match (action, failure) {
            (Reusable::Here(action), _) => Some(action),
            (Reusable::Named { reference, .. }, true) => component(
                &reference.value,
                Component::FailureActions,
                &components.failure_actions,
            ),
            (Reusable::Named { reference, .. }, false) => component(
                &reference.value,
                Component::SuccessActions,
                &components.success_actions,
            ),
        }
    }

    /// The place of a workflow among books: this one's, or of a document that is a source of it.
    pub fn workflow(&self, own: usize, named: &str) -> Option<(usize, String)> {
        if !named.starts_with('$') {
            return Some((own, named.to_owned()));
        }
        match Expression::parse(named).ok()?.root {
            Root::SourceDescription { source, reference } => Some((*self.others.get(&source)?, reference)),
            _ => None,
        }
    }
}

/// A path that a document names, as it is seen from where the document is named.
pub fn beside(document: &str, path: &str) -> String {
    let folder = Path::new(document).parent().unwrap_or(Path::new(""));
    folder.join(path).display().to_string()
}

fn of<'b>(contract: &'b Contract, source: &str, id: &str) -> Option<Promised<'b>> {
    let by_id = |id: &str| {
        let mut operations = contract.operations().iter();
        operations.find(|operation| operation.operation_id.as_deref() == Some(id))
    };
    let old = || id.strip_prefix(source)?.strip_prefix('.').and_then(by_id);
    let operation = by_id(id).or_else(old)?;
    Some(Promised { contract, operation })
}

fn component<'b, T>(
    reference: &str,
    wanted: Component,
    known: &'b [(crate::scenario::document::Word, T)],
) -> Option<&'b T> {
    match Expression::parse(reference).ok()?.root {
        Root::Component { kind, name } if kind == wanted => known
            .iter()
            .find(|(word, _)| word.value == name)
            .map(|(_, value)| value),
        _ => None,
    }
}

impl Promised<'_> {
    /// The URL of the first server that applies: the operation's, else its path's, else the document's; its variables as they
    /// are by default.
    pub fn server(&self) -> Option<String> {
        let operation = self.operation.pointer.as_str();
        let path = operation.rsplit_once('/').map_or("", |(path, _)| path);
        [operation, path, ""].into_iter().find_map(|pointer| {
            let servers = self.contract.document().pointer(pointer)?.get("servers")?;
            server::url(servers.get(0)?)
        })
    }
}
