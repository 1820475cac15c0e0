//! The operations that steps call exist in the sources that are at hand.

use crate::contract::load::Contract;
use crate::contract::operation::Operation;
use crate::scenario::document::{Call, SourceKind, Step, Word, Workflow};
use crate::scenario::expression::{Expression, Root};
use crate::scenario::lint::Judge;
use crate::scenario::lint::given::Source;
use crate::scenario::lint::resolve::instead;
use crate::scenario::rule;
use crate::scenario::template::{self, Piece};
use crate::target::fault::quote;

/// An operation and the contract that promises it.
#[derive(Debug, Clone, Copy)]
pub(in crate::scenario) struct Promised<'s> {
    /// The contract.
    pub(in crate::scenario) contract: &'s Contract,
    /// The operation.
    pub(in crate::scenario) operation: &'s Operation,
}

impl<'s> Judge<'s, '_> {
    /// Holds what a step calls, and what it gives to the call, to what is called.
    pub(in crate::scenario) fn calls(&mut self, workflow: &'s Workflow, step: &'s Step) {
        match &step.call {
            Some(Call::OperationId(id)) => {
                self.places(step);
                if let Some(promised) = self.by_id(id) {
                    self.operation_parameters(workflow, step, promised, id);
                }
            }
            Some(Call::OperationPath(path)) => {
                self.places(step);
                if let Some(promised) = self.by_path(path) {
                    self.operation_parameters(workflow, step, promised, path);
                }
            }
            Some(Call::Workflow(called)) => {
                if let Some(named) = self.workflow(called) {
                    self.workflow_parameters(step, called, named);
                }
            }
            Some(Call::Direct { .. }) => self.places(step),
            None => {}
        }
    }

    fn by_id(&mut self, word: &Word) -> Option<Promised<'s>> {
        if word.value.starts_with('$') {
            return self.by_qualified_id(word);
        }
        let mut described = self
            .document
            .sources
            .iter()
            .filter(|source| source.kind != Some(SourceKind::Arazzo));
        match (described.next(), described.next()) {
            (Some(source), None) => {
                let name = source.name.value.as_str();
                let contract = self.contract(word, name)?;
                self.of(word, contract, name, &word.value)
            }
            (Some(_), Some(_)) => {
                let what = format!("it is not said whose operation {} is", quote(&word.value));
                let why = "there are several sources (Arazzo §Step Object, `operationId`)";
                let likely = self.likely(&word.value);
                let next = format!("write `$sourceDescriptions.{likely}.{}`", word.value);
                self.remarks
                    .add(&rule::AMBIGUOUS_OPERATION, word.at, what, why, next);
                None
            }
            (None, _) => {
                let next = "add an OpenAPI document to `sourceDescriptions`";
                self.no_operation(word, "no source describes operations", next);
                None
            }
        }
    }

    fn by_qualified_id(&mut self, word: &Word) -> Option<Promised<'s>> {
        match Expression::parse(&word.value) {
            Ok(Expression {
                root: Root::SourceDescription { source, reference },
                ..
            }) => {
                self.source(word, &source)?;
                let contract = self.contract(word, &source)?;
                self.of(word, contract, &source, &reference)
            }
            Ok(_) => {
                let next = "write its `operationId`, or `$sourceDescriptions.SOURCE.OPERATION`";
                self.no_operation(word, format!("{} names no operation", quote(&word.value)), next);
                None
            }
            Err(misread) => {
                self.remarks
                    .misread(&rule::EXPRESSION, word, "this names no operation", &misread);
                None
            }
        }
    }

    /// The source that has an operation of this id, or what to write where nobody knows.
    fn likely(&self, id: &str) -> &'s str {
        let has = |source: &Source| match source {
            Source::Contract(contract) => contract
                .operations()
                .iter()
                .any(|operation| operation.operation_id.as_deref() == Some(id)),
            _ => false,
        };
        let found = self.sources.iter().find(|(_, source)| has(source));
        found.map_or("SOURCE", |(name, _)| name.as_str())
    }

    /// The contract of a source, when it is at hand.
    fn contract(&mut self, word: &Word, source: &str) -> Option<&'s Contract> {
        match self.sources.get(source)? {
            Source::Contract(contract) => Some(contract),
            Source::Scenario(_) => {
                let next = "call it by `workflowId`";
                self.no_operation(
                    word,
                    format!("`{source}` is an Arazzo document, which has no operations"),
                    next,
                );
                None
            }
            Source::Remote | Source::Missing(_) | Source::Bad { .. } => None,
        }
    }

    fn of(&mut self, word: &Word, contract: &'s Contract, source: &str, id: &str) -> Option<Promised<'s>> {
        let operations = contract.operations();
        let by_id = |id: &str| {
            operations
                .iter()
                .find(|operation| operation.operation_id.as_deref() == Some(id))
        };
        if let Some(operation) = by_id(id) {
            return Some(Promised { contract, operation });
        }
        if let Some(operation) = id
            .strip_prefix(source)
            .and_then(|rest| rest.strip_prefix('.'))
            .and_then(by_id)
        {
            let why = "`SOURCE.OPERATION` was the spelling of a draft";
            let next = format!("write `$sourceDescriptions.{id}`");
            self.remarks.add(
                &rule::SPELLING,
                word.at,
                "the operation is named in an old spelling",
                why,
                next,
            );
            return Some(Promised { contract, operation });
        }
        let known = operations
            .iter()
            .filter_map(|operation| operation.operation_id.as_deref());
        self.no_operation(
            word,
            format!("`{source}` has no operation {}", quote(id)),
            instead(id, known),
        );
        None
    }

    fn no_operation(&mut self, word: &Word, what: impl Into<String>, next: impl Into<String>) {
        self.remarks.add(
            &rule::UNKNOWN_OPERATION,
            word.at,
            what,
            "the step could send nothing",
            next,
        );
    }

    /// An operation by its place: `{$sourceDescriptions.NAME.url}#/paths/~1notes/get`.
    fn by_path(&mut self, word: &Word) -> Option<Promised<'s>> {
        const NEXT: &str = "write `{$sourceDescriptions.SOURCE.url}#/paths/~1PATH/METHOD`";
        let Some((source, pointer)) = placed(&word.value) else {
            self.no_operation(word, format!("{} names no operation", quote(&word.value)), NEXT);
            return None;
        };
        if word.value.starts_with('$') {
            let why = "an expression within a text stands in braces (Arazzo §Runtime Expressions)";
            let next = format!("write `{{$sourceDescriptions.{source}.url}}#{pointer}`");
            let what = "the source is named without braces";
            self.remarks.add(&rule::SPELLING, word.at, what, why, next);
        }
        self.source(word, &source)?;
        let steps: Vec<String> = pointer.split('/').skip(1).map(unescaped).collect();
        let (template, method) = match steps.as_slice() {
            [paths, template, method] if paths == "paths" => (template, Some(method)),
            [paths, template] if paths == "paths" => (template, None),
            _ => {
                self.no_operation(word, format!("`#{pointer}` leads to no operation"), NEXT);
                return None;
            }
        };
        if method.is_none() {
            self.no_method(word, template);
        }
        let contract = self.contract(word, &source)?;
        let mut of_path = contract
            .operations()
            .iter()
            .filter(|operation| operation.template == *template);
        let found = match method {
            Some(method) => of_path.find(|operation| operation.method.eq_ignore_ascii_case(method)),
            // The only operation of a path can be meant by it.
            None => match (of_path.next(), of_path.next()) {
                (Some(_), Some(_)) => return None,
                (only, _) => only,
            },
        };
        if found.is_none() {
            let method = method.map_or("GET", String::as_str).to_uppercase();
            let name = format!("{method} {template}");
            let known: Vec<String> = contract.operations().iter().map(Operation::name).collect();
            let next = instead(&name, known.iter().map(String::as_str));
            self.no_operation(
                word,
                format!("`{source}` has no operation {}", quote(&name)),
                next,
            );
        }
        found.map(|operation| Promised { contract, operation })
    }

    fn no_method(&mut self, word: &Word, template: &str) {
        let what = format!("the method of {} is not named", quote(template));
        let why = "the pointer leads to a path, and an operation is a method of one";
        let next = format!(
            "add it: `…/{}/get`",
            template.replace('~', "~0").replace('/', "~1")
        );
        self.remarks.add(&rule::SPELLING, word.at, what, why, next);
    }
}

/// The source and the pointer of an `operationPath`.
pub(in crate::scenario) fn placed(written: &str) -> Option<(String, String)> {
    let (reference, pointer) = match template::parse(written).ok()?.as_slice() {
        [Piece::Expression(expression), Piece::Text(text)] => {
            (expression.root.clone(), text.strip_prefix('#')?.to_owned())
        }
        [Piece::Text(text)] => {
            let (expression, pointer) = text.split_once('#')?;
            let whole = match expression.matches('.').count() {
                1 => format!("{expression}.url"),
                _ => expression.to_owned(),
            };
            (Expression::parse(&whole).ok()?.root, pointer.to_owned())
        }
        _ => return None,
    };
    match reference {
        Root::SourceDescription { source, reference } if reference == "url" => Some((source, pointer)),
        _ => None,
    }
}

/// A step of a JSON Pointer in a URI fragment, as it is meant.
pub(in crate::scenario) fn unescaped(step: &str) -> String {
    let decoded = percent_encoding::percent_decode_str(step).decode_utf8_lossy();
    decoded.replace("~1", "/").replace("~0", "~")
}
