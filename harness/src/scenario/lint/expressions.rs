//! What an expression names is there, and is there in time.

use crate::scenario::document::{Call, Output, Word, Workflow};
use crate::scenario::expression::{Component, Expression, Misread, Root, Side};
use crate::scenario::lint::Judge;
use crate::scenario::lint::inputs::{declared, has};
use crate::scenario::lint::resolve::instead;
use crate::scenario::lint::values::Standing;
use crate::scenario::rule::{self, Rule};
use crate::target::fault::quote;

/// Fields of a Source Description Object that an expression can name.
const SOURCE_FIELDS: &[&str] = &["name", "url", "type"];

impl<'s> Judge<'s, '_> {
    /// Says what is wrong with an expression that could be read.
    pub(in crate::scenario) fn known(
        &mut self,
        expression: &Expression,
        word: &Word,
        standing: Standing<'s>,
    ) {
        match &expression.root {
            Root::StatusCode | Root::Response(_) if !standing.answered => {
                let what = format!("`{expression}` is not there yet");
                let why = "the answer comes after the request that this is part of";
                let next = "name an output of an earlier step: `$steps.STEP.outputs.NAME`";
                self.wrong(&rule::OUT_OF_ORDER, word, expression, what, why, next);
            }
            Root::Input(name) => self.input(name, expression, word, standing),
            Root::Output(name) => self.output(name, expression, word, standing),
            Root::StepOutput { step, name } => self.step_output((step, name), expression, word, standing),
            Root::Workflow { workflow, side, name } => {
                self.workflow_value(workflow, *side, name, expression, word)
            }
            Root::SourceDescription { source, reference } => {
                if self.source(word, source).is_some() && !SOURCE_FIELDS.contains(&reference.as_str()) {
                    let why = "as a value, only a field of the source description can be named";
                    let next = format!("write `$sourceDescriptions.{source}.url`");
                    let what = format!("`{expression}` is no value");
                    self.wrong(&rule::UNKNOWN_REFERENCE, word, expression, what, why, &next);
                }
            }
            Root::Component { kind, name } => self.component_value(*kind, name, expression, word),
            Root::Url
            | Root::Method
            | Root::Itself
            | Root::Request(_)
            | Root::StatusCode
            | Root::Response(_) => {}
        }
    }

    fn wrong(
        &mut self,
        rule: &'static Rule,
        word: &Word,
        expression: &Expression,
        what: String,
        why: &str,
        next: &str,
    ) {
        let written = expression.to_string();
        let at = word.value.find(&written);
        let length = at.map_or(word.value.len(), |_| written.len());
        let misread = Misread::new(at.unwrap_or(0), length, why, next);
        self.remarks.misread(rule, word, what, &misread);
    }

    fn input(&mut self, name: &str, expression: &Expression, word: &Word, standing: Standing<'s>) {
        let Some(declared) = declared(self.document, standing.workflow) else {
            let what = format!("the workflow declares no inputs, and `$inputs.{name}` is used");
            let why = "nobody who runs it can know that it must be given";
            let next = format!("add `inputs: {{type: object, properties: {{{name}: {{type: string}}}}}}`");
            return self.wrong(&rule::UNDECLARED_INPUTS, word, expression, what, why, &next);
        };
        if !declared.open && !has(declared.names.iter().copied(), name) {
            let what = format!("the workflow has no input {}", quote(name));
            let next = instead(name, declared.names.iter().copied());
            self.wrong(
                &rule::UNDEFINED_INPUT,
                word,
                expression,
                what,
                "the schema of its inputs does not list it",
                &next,
            );
        }
    }

    /// `$outputs.NAME`: of the workflow that the step calls, else of the one that it is of.
    fn output(&mut self, name: &str, expression: &Expression, word: &Word, standing: Standing<'s>) {
        let called = match standing.of().map(|step| &step.call) {
            Some(Some(Call::Workflow(called))) => match self.workflow(called) {
                Some(named) => Some(named.workflow),
                // What a document gives that is not at hand, nobody knows.
                None => return,
            },
            _ => None,
        };
        let workflow = called.unwrap_or(standing.workflow);
        if !gives(&workflow.outputs, name) && !gives(&standing.workflow.outputs, name) {
            self.no_output(workflow, name, expression, word);
        }
    }

    fn no_output(&mut self, workflow: &Workflow, name: &str, expression: &Expression, word: &Word) {
        let id = &workflow.id.value;
        let what = format!("the workflow {} has no output {}", quote(id), quote(name));
        let given = workflow.outputs.iter().map(|output| output.name.value.as_str());
        let next = instead(name, given);
        let why = "its value would always be null";
        self.wrong(&rule::UNDEFINED_OUTPUT, word, expression, what, why, &next);
    }

    fn step_output(
        &mut self,
        (step, name): (&str, &str),
        expression: &Expression,
        word: &Word,
        standing: Standing<'s>,
    ) {
        let workflow = standing.workflow;
        let Some(place) = workflow.position(step) else {
            let what = format!(
                "the workflow {} has no step {}",
                quote(&workflow.id.value),
                quote(step)
            );
            let next = instead(step, workflow.steps.iter().map(|step| step.id.value.as_str()));
            return self.wrong(
                &rule::UNKNOWN_REFERENCE,
                word,
                expression,
                what,
                "its value would always be null",
                &next,
            );
        };
        let Some(named) = workflow.steps.get(place) else {
            return;
        };
        if !self.is_in_time((step, place), expression, word, standing) {
            return;
        }
        if !gives(&named.outputs, name) {
            let what = format!("the step {} has no output {}", quote(step), quote(name));
            let next = match named.outputs.as_slice() {
                [] => format!("add `outputs: {{{name}: $response.body#/…}}` to it"),
                outputs => instead(name, outputs.iter().map(|output| output.name.value.as_str())),
            };
            let why = "its value would always be null";
            self.wrong(&rule::UNDEFINED_OUTPUT, word, expression, what, why, &next);
        }
    }

    /// Whether a step is done before its outputs are used. Where steps say what they depend on, that is their order.
    fn is_in_time(
        &mut self,
        (step, place): (&str, usize),
        expression: &Expression,
        word: &Word,
        standing: Standing<'s>,
    ) -> bool {
        let steps = &standing.workflow.steps;
        let ordered = steps.iter().any(|step| !step.depends_on.is_empty());
        let next = "name a step that comes before, or move this one behind it";
        match standing.step {
            Some(own) if own == place && !standing.answered => {
                let what = format!("the step {} uses an output of its own", quote(step));
                let why = "outputs are there once the step is done, and this is part of its request";
                self.wrong(&rule::OUT_OF_ORDER, word, expression, what, why, next);
                false
            }
            Some(own) if place > own && !ordered => {
                let what = format!("the step {} comes later", quote(step));
                let why = "steps are done in the order of the text, so its outputs are not there yet";
                self.wrong(&rule::OUT_OF_ORDER, word, expression, what, why, next);
                false
            }
            _ => true,
        }
    }

    fn workflow_value(&mut self, id: &str, side: Side, name: &str, expression: &Expression, word: &Word) {
        let document = self.document;
        let Some(workflow) = document.workflow(id) else {
            let what = format!("no workflow is called {}", quote(id));
            let next = instead(
                id,
                document
                    .workflows
                    .iter()
                    .map(|workflow| workflow.id.value.as_str()),
            );
            return self.wrong(
                &rule::UNKNOWN_REFERENCE,
                word,
                expression,
                what,
                "its value would always be null",
                &next,
            );
        };
        match side {
            Side::Outputs if !gives(&workflow.outputs, name) => {
                self.no_output(workflow, name, expression, word);
            }
            Side::Inputs => {
                let Some(declared) = declared(document, workflow) else {
                    return;
                };
                if !declared.open && !has(declared.names.iter().copied(), name) {
                    let what = format!("the workflow {} has no input {}", quote(id), quote(name));
                    let next = instead(name, declared.names.iter().copied());
                    let why = "the schema of its inputs does not list it";
                    self.wrong(&rule::UNDEFINED_INPUT, word, expression, what, why, &next);
                }
            }
            Side::Outputs => {}
        }
    }

    fn component_value(&mut self, kind: Component, name: &str, expression: &Expression, word: &Word) {
        let components = &self.document.components;
        let known: Vec<&str> = match kind {
            Component::Parameters => components
                .parameters
                .iter()
                .map(|(name, _)| name.value.as_str())
                .collect(),
            Component::SuccessActions => components
                .success_actions
                .iter()
                .map(|(name, _)| name.value.as_str())
                .collect(),
            Component::FailureActions => components
                .failure_actions
                .iter()
                .map(|(name, _)| name.value.as_str())
                .collect(),
        };
        if !known.contains(&name) {
            let what = format!("the components' {kind} have no {}", quote(name));
            let next = instead(name, known.into_iter());
            self.wrong(
                &rule::UNKNOWN_REFERENCE,
                word,
                expression,
                what,
                "what it names is not there",
                &next,
            );
        }
    }
}

fn gives(outputs: &[Output], name: &str) -> bool {
    has(outputs.iter().map(|output| output.name.value.as_str()), name)
}
