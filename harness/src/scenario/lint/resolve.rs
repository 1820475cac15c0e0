//! What names stand for: workflows, components, sources.

use crate::scenario::document::{Action, Document, Parameter, Reusable, SourceDescription, Word, Workflow};
use crate::scenario::expression::{Component, Expression, Root};
use crate::scenario::lint::Judge;
use crate::scenario::lint::given::Source;
use crate::scenario::rule;
use crate::scenario::source::Node;
use crate::target::fault::{nearest, quote};

/// A workflow that was named.
#[derive(Debug, Clone, Copy)]
pub(in crate::scenario) struct Named<'s> {
    /// The document that it is of: this one, or a source.
    pub(in crate::scenario) document: &'s Document,
    /// The workflow.
    pub(in crate::scenario) workflow: &'s Workflow,
}

/// What to write instead of a name that nothing has.
pub(in crate::scenario) fn instead<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> String {
    let known: Vec<&str> = known.filter(|known| !known.is_empty()).collect();
    if let Some(near) = nearest(name, known.iter().copied()) {
        return format!("did you mean `{near}`?");
    }
    match known.as_slice() {
        [] => "there is none here yet: add it, or take the reference away".to_owned(),
        known if known.len() <= 8 => {
            let names: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
            format!("there are {}", names.join(", "))
        }
        known => format!("there are {} others, and none is near in spelling", known.len()),
    }
}

impl<'s> Judge<'s, '_> {
    /// Says that something that is named is not there.
    pub(in crate::scenario) fn nowhere(
        &mut self,
        word: &Word,
        what: impl Into<String>,
        next: impl Into<String>,
    ) {
        self.remarks.add(
            &rule::UNKNOWN_REFERENCE,
            word.at,
            what,
            "what it names is not there",
            next,
        );
    }

    /// The workflow of this name. What there is to say is said; `None` also when its document is not at hand.
    pub(in crate::scenario) fn workflow(&mut self, word: &Word) -> Option<Named<'s>> {
        let document = self.document;
        if !word.value.starts_with('$') {
            let found = document.workflow(&word.value);
            if found.is_none() {
                let next = self.meant_workflow(&word.value);
                self.nowhere(
                    word,
                    format!("no workflow is called {}", quote(&word.value)),
                    next,
                );
            }
            return found.map(|workflow| Named { document, workflow });
        }
        match Expression::parse(&word.value) {
            Ok(Expression {
                root: Root::SourceDescription { source, reference },
                ..
            }) => self.foreign_workflow(word, &source, &reference),
            Ok(_) => {
                let what = format!("{} names no workflow", quote(&word.value));
                self.nowhere(
                    word,
                    what,
                    "write its `workflowId`, or `$sourceDescriptions.SOURCE.WORKFLOW`",
                );
                None
            }
            Err(misread) => {
                self.remarks
                    .misread(&rule::EXPRESSION, word, "this names no workflow", &misread);
                None
            }
        }
    }

    fn meant_workflow(&self, name: &str) -> String {
        if let Some((source, workflow)) = name.split_once('.')
            && self.document.source(source).is_some()
        {
            return format!("write `$sourceDescriptions.{source}.{workflow}`");
        }
        instead(
            name,
            self.document
                .workflows
                .iter()
                .map(|workflow| workflow.id.value.as_str()),
        )
    }

    fn foreign_workflow(&mut self, word: &Word, source: &str, workflow: &str) -> Option<Named<'s>> {
        self.source(word, source)?;
        match self.sources.get(source)? {
            Source::Scenario(other) => {
                let found = other.workflow(workflow);
                if found.is_none() {
                    let next = instead(
                        workflow,
                        other.workflows.iter().map(|workflow| workflow.id.value.as_str()),
                    );
                    self.nowhere(
                        word,
                        format!("`{source}` has no workflow {}", quote(workflow)),
                        next,
                    );
                }
                found.map(|workflow| Named {
                    document: other,
                    workflow,
                })
            }
            Source::Contract(_) => {
                let next = "name a source of `type: arazzo`";
                self.nowhere(
                    word,
                    format!("`{source}` is an OpenAPI document, which has no workflows"),
                    next,
                );
                None
            }
            Source::Remote | Source::Missing(_) | Source::Bad { .. } => None,
        }
    }

    /// The source of this name.
    pub(in crate::scenario) fn source(&mut self, word: &Word, name: &str) -> Option<&'s SourceDescription> {
        let found = self.document.source(name);
        if found.is_none() {
            let next = instead(
                name,
                self.document
                    .sources
                    .iter()
                    .map(|source| source.name.value.as_str()),
            );
            self.nowhere(word, format!("no source is called {}", quote(name)), next);
        }
        found
    }

    /// The parameter itself, and the value that it has here.
    pub(in crate::scenario) fn parameter(
        &mut self,
        parameter: &'s Reusable<Parameter>,
    ) -> Option<(&'s Parameter, &'s Node)> {
        match parameter {
            Reusable::Here(parameter) => Some((parameter, &parameter.value)),
            Reusable::Named { reference, value } => {
                let known = &self.document.components.parameters;
                let found = self.component(reference, Component::Parameters, known)?;
                Some((found, value.as_ref().unwrap_or(&found.value)))
            }
        }
    }

    /// The action itself.
    pub(in crate::scenario) fn action(
        &mut self,
        action: &'s Reusable<Action>,
        failure: bool,
    ) -> Option<&'s Action> {
        match action {
            Reusable::Here(action) => Some(action),
            Reusable::Named { reference, value } => {
                let components = &self.document.components;
                let (kind, known) = match failure {
                    true => (Component::FailureActions, &components.failure_actions),
                    false => (Component::SuccessActions, &components.success_actions),
                };
                if let Some(value) = value {
                    let why = "only a parameter has a value";
                    self.remarks.add(
                        &rule::ACTION,
                        value.at,
                        "an action takes no `value`",
                        why,
                        "take it away",
                    );
                }
                self.component(reference, kind, known)
            }
        }
    }

    fn component<T>(&mut self, reference: &Word, kind: Component, known: &'s [(Word, T)]) -> Option<&'s T> {
        match Expression::parse(&reference.value) {
            Ok(Expression {
                root: Root::Component { kind: named, name },
                ..
            }) => {
                if named != kind {
                    let next = format!("write `$components.{kind}.NAME`");
                    self.nowhere(
                        reference,
                        format!("one of the components' {kind} is wanted here"),
                        next,
                    );
                    return None;
                }
                let found = known
                    .iter()
                    .find(|(word, _)| word.value == name)
                    .map(|(_, value)| value);
                if found.is_none() {
                    let next = instead(&name, known.iter().map(|(word, _)| word.value.as_str()));
                    self.nowhere(
                        reference,
                        format!("the components' {kind} have no {}", quote(&name)),
                        next,
                    );
                }
                found
            }
            Ok(_) => {
                let next = format!("write `$components.{kind}.NAME`");
                self.nowhere(
                    reference,
                    format!("{} names no component", quote(&reference.value)),
                    next,
                );
                None
            }
            Err(misread) => {
                self.remarks
                    .misread(&rule::EXPRESSION, reference, "this names no component", &misread);
                None
            }
        }
    }
}
