//! Every value of a workflow that may hold expressions, and what is known where it stands.

use crate::scenario::document::{
    Action, Language, Output, Parameter, RequestBody, Reusable, Step, Version, Word, Workflow,
};
use crate::scenario::expression::{Expression, Misread};
use crate::scenario::lint::Judge;
use crate::scenario::rule;
use crate::scenario::source::{Node, Tree};
use crate::scenario::template::{self, Piece};

/// Where an expression stands, and so what it can name.
#[derive(Debug, Clone, Copy)]
pub(in crate::scenario) struct Standing<'s> {
    /// The workflow.
    pub(in crate::scenario) workflow: &'s Workflow,
    /// The step's place in it, if it is of one.
    pub(in crate::scenario) step: Option<usize>,
    /// Whether the step's answer is there already.
    pub(in crate::scenario) answered: bool,
}

impl<'s> Standing<'s> {
    /// The step that it is of.
    pub(in crate::scenario) fn of(&self) -> Option<&'s Step> {
        self.workflow.steps.get(self.step?)
    }
}

impl<'s> Judge<'s, '_> {
    pub(in crate::scenario) fn values(&mut self, workflow: &'s Workflow) {
        let standing = Standing {
            workflow,
            step: None,
            answered: true,
        };
        self.parameter_values(
            &workflow.parameters,
            Standing {
                answered: false,
                ..standing
            },
        );
        self.action_values(&workflow.success_actions, false, standing);
        self.action_values(&workflow.failure_actions, true, standing);
        self.output_values(&workflow.outputs, standing);
        for (place, step) in workflow.steps.iter().enumerate() {
            let before = Standing {
                step: Some(place),
                answered: false,
                ..standing
            };
            self.step_values(step, before);
        }
    }

    fn step_values(&mut self, step: &'s Step, before: Standing<'s>) {
        let after = Standing {
            answered: true,
            ..before
        };
        self.parameter_values(&step.parameters, before);
        if let Some(body) = &step.body {
            self.body_values(body, before);
        }
        self.criteria(&step.criteria, after);
        self.action_values(&step.on_success, false, after);
        self.action_values(&step.on_failure, true, after);
        self.output_values(&step.outputs, after);
        for word in step.ours.origin.iter().chain(&step.ours.server_url) {
            self.text(word, before);
        }
        if let Some(crate::scenario::document::Call::Direct { url, .. }) = &step.call {
            self.text(url, before);
        }
        if let Some(node) = &step.ours.security {
            self.value(node, before);
        }
    }

    fn parameter_values(&mut self, parameters: &'s [Reusable<Parameter>], standing: Standing<'s>) {
        for parameter in parameters {
            if let Some((_, value)) = self.parameter(parameter) {
                self.value(value, standing);
            }
        }
    }

    fn body_values(&mut self, body: &'s RequestBody, standing: Standing<'s>) {
        if let Some(payload) = &body.payload {
            self.value(payload, standing);
        }
        for replacement in &body.replacements {
            self.value(&replacement.value, standing);
            self.selector(&replacement.target, replacement.language);
        }
    }

    fn action_values(&mut self, actions: &'s [Reusable<Action>], failure: bool, standing: Standing<'s>) {
        for action in actions {
            if let Some(action) = self.action(action, failure) {
                self.criteria(&action.criteria, standing);
                self.parameter_values(&action.parameters, standing);
            }
        }
    }

    fn output_values(&mut self, outputs: &'s [Output], standing: Standing<'s>) {
        for output in outputs {
            match output.value.text() {
                Some(text) => {
                    let word = Word {
                        value: text.to_owned(),
                        at: output.value.at,
                    };
                    self.expression(&word, standing, "the output is no runtime expression");
                }
                None if self.is_selector(&output.value) => self.value(&output.value, standing),
                None => {
                    let what = format!("the output cannot be {}", output.value.kind());
                    let why = "an output is a runtime expression or a Selector Object of Arazzo 1.1";
                    self.remarks.add(
                        &rule::WRONG_VALUE,
                        output.value.at,
                        what,
                        why,
                        "write one, such as `$response.body#/id`",
                    );
                }
            }
        }
    }

    /// A text that is an expression and nothing else.
    pub(in crate::scenario) fn expression(
        &mut self,
        word: &Word,
        standing: Standing<'s>,
        what: &str,
    ) -> Option<Expression> {
        match Expression::parse(&word.value) {
            Ok(expression) => {
                self.known(&expression, word, standing);
                Some(expression)
            }
            Err(misread) => {
                self.remarks.misread(&rule::EXPRESSION, word, what, &misread);
                None
            }
        }
    }

    /// Any value: its texts are expressions, or hold some.
    fn value(&mut self, node: &'s Node, standing: Standing<'s>) {
        match &node.tree {
            Tree::Text(text) => {
                let word = Word {
                    value: text.clone(),
                    at: node.at,
                };
                self.text(&word, standing);
            }
            Tree::List(items) => items.iter().for_each(|item| self.value(item, standing)),
            Tree::Map(_) if self.is_selector(node) => self.selector_object(node, standing),
            Tree::Map(members) => members
                .iter()
                .for_each(|member| self.value(&member.node, standing)),
            Tree::Null | Tree::Bool(_) | Tree::Number(_) => {}
        }
    }

    /// A text that is an expression, holds some in braces, or is plain.
    pub(in crate::scenario) fn text(&mut self, word: &Word, standing: Standing<'s>) {
        if Expression::is_meant(&word.value) {
            self.expression(word, standing, "the value is no runtime expression");
        } else if word.value.contains("{$") {
            match template::parse(&word.value) {
                Ok(pieces) => {
                    for piece in pieces {
                        if let Piece::Expression(expression) = piece {
                            self.known(&expression, word, standing);
                        }
                    }
                }
                Err(misread) => {
                    self.remarks.misread(
                        &rule::EXPRESSION,
                        word,
                        "an expression in the text cannot be read",
                        &misread,
                    );
                }
            }
        }
    }

    /// Whether a map is a Selector Object (Arazzo 1.1) and no value of the API's own.
    fn is_selector(&self, node: &Node) -> bool {
        let has = |key| node.member(key).is_some();
        let context = node.member("context").and_then(|member| member.node.text());
        self.document.version >= Version::V1_1
            && has("selector")
            && has("type")
            && context.is_some_and(|context| context.starts_with('$'))
    }

    fn selector_object(&mut self, node: &'s Node, standing: Standing<'s>) {
        let word = |key: &str| {
            let node = &node.member(key)?.node;
            Some(Word {
                value: node.text()?.to_owned(),
                at: node.at,
            })
        };
        if let Some(context) = word("context") {
            self.expression(
                &context,
                standing,
                "the selector's context is no runtime expression",
            );
        }
        let (Some(selector), Some(kind)) = (word("selector"), node.member("type")) else {
            return;
        };
        let language = match kind
            .node
            .text()
            .or_else(|| kind.node.member("type").and_then(|member| member.node.text()))
        {
            Some("jsonpath") => Language::JsonPath,
            Some("jsonpointer") => Language::JsonPointer,
            Some("xpath") => {
                let next = "ask for JSON, and write a `jsonpath` or `jsonpointer` selector";
                self.remarks.add(
                    &rule::NOT_SUPPORTED,
                    kind.node.at,
                    "XPath is not supported",
                    "XML is not looked into here",
                    next,
                );
                return;
            }
            _ => {
                let next = "write `jsonpath` or `jsonpointer`";
                self.remarks.add(
                    &rule::WRONG_VALUE,
                    kind.node.at,
                    "the selector's language is not known",
                    "nothing reads it",
                    next,
                );
                return;
            }
        };
        self.selector(&selector, language);
    }

    /// A selector, or the target of a replacement.
    fn selector(&mut self, word: &Word, language: Language) {
        match language {
            Language::JsonPath => self.jsonpath(word),
            Language::JsonPointer if !word.value.starts_with('/') => {
                let next = format!("write `/{}`", word.value.trim_start_matches(['#', '/']));
                let misread = Misread::new(
                    0,
                    word.value.len(),
                    "a JSON Pointer begins with `/` (RFC 6901)",
                    next,
                );
                self.remarks
                    .misread(&rule::WRONG_VALUE, word, "this is no JSON Pointer", &misread);
            }
            _ => {}
        }
    }
}
