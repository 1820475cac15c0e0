//! Ids are unique, and what refers to a workflow or a step finds it.

use std::collections::HashSet;

use crate::scenario::document::{Action, Call, Parameter, Reusable, Target, Word, Workflow};
use crate::scenario::lint::Judge;
use crate::scenario::lint::resolve::{Named, instead};
use crate::scenario::rule;
use crate::target::fault::quote;

impl<'s> Judge<'s, '_> {
    pub(in crate::scenario) fn names(&mut self) {
        let document = self.document;
        self.unique("source", document.sources.iter().map(|source| &source.name));
        self.unique("workflow", document.workflows.iter().map(|workflow| &workflow.id));
        for workflow in &document.workflows {
            self.unique(
                "step of this workflow",
                workflow.steps.iter().map(|step| &step.id),
            );
            self.workflow_references(workflow);
        }
    }

    fn unique(&mut self, what: &str, names: impl Iterator<Item = &'s Word>) {
        let mut seen = HashSet::new();
        for name in names.filter(|name| !name.value.is_empty()) {
            if !seen.insert(name.value.as_str()) {
                let told = format!("another {what} is called {} already", quote(&name.value));
                let why = "whoever names it could mean either";
                self.remarks.add(
                    &rule::DUPLICATE,
                    name.at,
                    told,
                    why,
                    "give one of them a name of its own",
                );
            }
        }
    }

    fn workflow_references(&mut self, workflow: &'s Workflow) {
        self.unique_in(
            &workflow.parameters,
            &workflow.success_actions,
            &workflow.failure_actions,
        );
        for other in &workflow.depends_on {
            self.workflow(other);
        }
        self.targets(workflow, &workflow.success_actions, false);
        self.targets(workflow, &workflow.failure_actions, true);
        for step in &workflow.steps {
            self.unique_in(&step.parameters, &step.on_success, &step.on_failure);
            self.targets(workflow, &step.on_success, false);
            self.targets(workflow, &step.on_failure, true);
            for other in &step.depends_on {
                self.step_reference(workflow, other);
            }
            if let Some(Call::Workflow(called)) = &step.call {
                self.workflow(called);
            }
        }
    }

    /// No list holds two parameters of one name and place, or two actions of one name.
    fn unique_in(
        &mut self,
        parameters: &'s [Reusable<Parameter>],
        success: &'s [Reusable<Action>],
        failure: &'s [Reusable<Action>],
    ) {
        let mut seen = HashSet::new();
        for parameter in parameters {
            let Some((parameter, _)) = self.parameter(parameter) else {
                continue;
            };
            let place = parameter.place.map(|place| place.word());
            if !seen.insert((parameter.name.value.as_str(), place)) {
                let what = format!("the parameter {} is given twice", quote(&parameter.name.value));
                let why = "only one of the two values would be sent";
                self.remarks
                    .add(&rule::DUPLICATE, parameter.name.at, what, why, "keep one of them");
            }
        }
        for (actions, is_failure) in [(success, false), (failure, true)] {
            let names: Vec<&Word> = actions
                .iter()
                .filter_map(|action| Some(&self.action(action, is_failure)?.name))
                .collect();
            self.unique("action here", names.into_iter());
        }
    }

    fn targets(&mut self, workflow: &'s Workflow, actions: &'s [Reusable<Action>], failure: bool) {
        for action in actions {
            match self
                .action(action, failure)
                .and_then(|action| action.target.as_ref())
            {
                Some(Target::Step(step)) if workflow.position(&step.value).is_none() => {
                    self.no_step(workflow, step, &step.value);
                }
                Some(Target::Workflow(other)) => {
                    self.workflow(other);
                }
                Some(Target::Step(_)) | None => {}
            }
        }
    }

    /// A step that must be done before: of this workflow, of another one, or of another document's.
    fn step_reference(&mut self, workflow: &'s Workflow, word: &'s Word) {
        let Some(path) = word.value.strip_prefix('$') else {
            if workflow.position(&word.value).is_none() {
                self.no_step(workflow, word, &word.value);
            }
            return;
        };
        let Some((owner, step)) = path.split_once(".steps.") else {
            let next = "write a `stepId`, or `$workflows.WORKFLOW.steps.STEP`";
            return self.nowhere(word, format!("{} names no step", quote(&word.value)), next);
        };
        let owner = match owner.strip_prefix("workflows.") {
            Some(id) => id.to_owned(),
            None => format!("${owner}"),
        };
        let owner = Word {
            value: owner,
            at: word.at,
        };
        if let Some(Named { workflow: other, .. }) = self.workflow(&owner)
            && other.position(step).is_none()
        {
            self.no_step(other, word, step);
        }
    }

    fn no_step(&mut self, workflow: &Workflow, word: &Word, step: &str) {
        let next = instead(step, workflow.steps.iter().map(|step| step.id.value.as_str()));
        let what = format!(
            "the workflow {} has no step {}",
            quote(&workflow.id.value),
            quote(step)
        );
        self.nowhere(word, what, next);
    }
}
