//! Nothing waits for itself: a workflow for one that it is called by, a step for one that comes after it.

use std::collections::{HashMap, HashSet};

use crate::scenario::document::{Call, Word, Workflow};
use crate::scenario::lint::Judge;
use crate::scenario::rule;

/// How many names of a cycle are told.
const MOST: usize = 6;
/// How many cycles are told of; each costs a look at everything.
const MOST_CYCLES: usize = 20;

/// What each waits for: its name, and where that is said.
type Waits<'s> = HashMap<&'s str, Vec<&'s Word>>;

impl<'s> Judge<'s, '_> {
    pub(in crate::scenario) fn cycles(&mut self) {
        let document = self.document;
        let workflows = document
            .workflows
            .iter()
            .map(|workflow| (workflow.id.value.as_str(), waits(workflow)));
        self.cycles_of("workflow", workflows.collect());
        for workflow in &document.workflows {
            let steps = workflow
                .steps
                .iter()
                .map(|step| (step.id.value.as_str(), step.depends_on.iter().collect()));
            self.cycles_of("step", steps.collect());
        }
    }

    fn cycles_of(&mut self, what: &str, mut waits: Waits<'s>) {
        for _ in 0..MOST_CYCLES {
            settle(&mut waits);
            let Some(cycle) = cycle(&waits) else { return };
            if let Some(last) = cycle.last() {
                let names: Vec<&str> = cycle.iter().map(|word| word.value.as_str()).collect();
                let mut shown: Vec<String> =
                    names.iter().take(MOST).map(|name| format!("`{name}`")).collect();
                if names.len() > MOST {
                    shown.push("…".to_owned());
                }
                let told = format!("the {what} `{}` waits for itself", last.value);
                let why = match names.as_slice() {
                    [_] => "it names itself".to_owned(),
                    _ => format!("it waits for {}", shown.join(", which waits for ")),
                };
                self.remarks.add(
                    &rule::CYCLE,
                    last.at,
                    told,
                    why,
                    "take one of these references away",
                );
            }
            for word in cycle {
                waits.remove(word.value.as_str());
            }
        }
    }
}

/// What a workflow waits for, in this document.
fn waits(workflow: &Workflow) -> Vec<&Word> {
    let called = workflow.steps.iter().filter_map(|step| match &step.call {
        Some(Call::Workflow(called)) => Some(called),
        _ => None,
    });
    workflow.depends_on.iter().chain(called).collect()
}

/// Takes away whatever waits for nothing that is left, until nothing does.
fn settle(waits: &mut Waits<'_>) {
    let mut open: HashMap<&str, usize> = HashMap::new();
    let mut waited_for: HashMap<&str, Vec<&str>> = HashMap::new();
    for (name, others) in waits.iter() {
        let others: Vec<&str> = others
            .iter()
            .map(|other| other.value.as_str())
            .filter(|other| waits.contains_key(other))
            .collect();
        open.insert(*name, others.len());
        others
            .into_iter()
            .for_each(|other| waited_for.entry(other).or_default().push(*name));
    }
    let mut free: Vec<&str> = open
        .iter()
        .filter(|(_, open)| **open == 0)
        .map(|(name, _)| *name)
        .collect();
    let mut settled = HashSet::new();
    while let Some(name) = free.pop() {
        settled.insert(name);
        for waiting in waited_for.get(name).into_iter().flatten() {
            if let Some(open) = open.get_mut(waiting) {
                *open -= 1;
                if *open == 0 {
                    free.push(*waiting);
                }
            }
        }
    }
    let left: HashSet<&str> = open
        .keys()
        .copied()
        .filter(|name| !settled.contains(name))
        .collect();
    waits.retain(|name, _| left.contains(name));
    for others in waits.values_mut() {
        others.retain(|other| left.contains(other.value.as_str()));
    }
}

/// One cycle of those that are left, as the references that make it up; the first leads away from the name of the last.
fn cycle<'s>(waits: &Waits<'s>) -> Option<Vec<&'s Word>> {
    let mut at: &'s str = waits.keys().copied().min()?;
    let mut path: Vec<&'s Word> = Vec::new();
    let mut seen = HashMap::from([(at, 0_usize)]);
    loop {
        let next: &'s Word = waits.get(at)?.first()?;
        path.push(next);
        at = next.value.as_str();
        if let Some(begin) = seen.insert(at, path.len()) {
            return Some(path.split_off(begin));
        }
    }
}
