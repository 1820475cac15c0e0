//! Documents checked whole before any packet: what does not exist, cannot be read, never comes true or proves nothing is
//! found here, since at run time it would look like a fault of the service.

pub mod given;

pub(in crate::scenario) mod criteria;
mod cycles;
mod expressions;
mod inputs;
mod names;
pub(in crate::scenario) mod operations;
mod parameters;
mod resolve;
mod values;

use std::collections::HashMap;
use std::rc::Rc;

use crate::model::lint::{Linted, Remark};
use crate::scenario::document::{Document, SourceDescription, Word};
use crate::scenario::lint::criteria::Meaning;
use crate::scenario::lint::given::Source;
use crate::scenario::remark::Remarks;
use crate::scenario::{read, remark, rule, source};
use crate::target::fault::quote;

/// The sources that are at hand, by their names in the document.
pub type Sources = std::collections::BTreeMap<String, Source>;

/// A document as it was read, before it is known what its sources hold.
#[derive(Debug)]
pub struct Read {
    document: Option<Document>,
    remarks: Remarks,
    unread: Option<Remark>,
}

impl Read {
    /// Reads a text as far as it can be read.
    pub fn of(text: &str) -> Read {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut remarks = Remarks::about(text);
        match source::read(text) {
            Ok(root) => Read {
                document: read::document(&root, &mut remarks),
                remarks,
                unread: None,
            },
            Err(error) => Read {
                document: None,
                unread: Some(remark::unread(text, &error)),
                remarks,
            },
        }
    }

    /// The sources that it names.
    pub fn sources(&self) -> &[SourceDescription] {
        self.document.as_ref().map_or(&[], |document| &document.sources)
    }

    /// The files that its steps send.
    pub fn files(&self) -> Vec<Word> {
        let workflows = self.document.iter().flat_map(|document| &document.workflows);
        let bodies = workflows
            .flat_map(|workflow| &workflow.steps)
            .filter_map(|step| step.body.as_ref());
        let files = bodies.flat_map(|body| &body.files);
        files.map(|file| file.path.clone()).collect()
    }

    /// Says of a file that a step sends that it cannot be read, and why.
    pub fn unread_file(&mut self, file: &Word, why: &str) {
        self.remarks.add(
            &rule::UNREAD_FILE,
            file.at,
            format!("the file {} cannot be sent", quote(&file.value)),
            why,
            "name a file as it is seen from this document",
        );
    }

    /// The document, unless something in it keeps it from being one.
    pub fn document(self) -> Option<Document> {
        let broken = self
            .remarks
            .found()
            .iter()
            .any(|remark| remark.rule.level == crate::model::lint::Level::Error);
        self.document.filter(|_| !broken)
    }

    /// All that there is to say about it, given its sources. What is only a warning is an error to whoever is strict.
    pub fn judged(self, file: &str, sources: &Sources, strict: bool) -> Linted {
        self.judged_and_kept(file, sources, strict).0
    }

    /// The same, and the document as far as it could be read.
    pub fn judged_and_kept(
        mut self,
        file: &str,
        sources: &Sources,
        strict: bool,
    ) -> (Linted, Option<Document>) {
        let mut linted = Linted {
            file: file.to_owned(),
            workflows: 0,
            steps: 0,
            remarks: self.unread.into_iter().collect(),
            notes: Vec::new(),
        };
        if let Some(document) = &self.document {
            let mut judge = Judge {
                document,
                sources,
                remarks: &mut self.remarks,
                meanings: HashMap::new(),
            };
            linted.notes = judge.sources_used();
            judge.document();
            linted.workflows = document.workflows.len();
            linted.steps = document
                .workflows
                .iter()
                .map(|workflow| workflow.steps.len())
                .sum();
        }
        let told = self.remarks.told(strict);
        if told.len() < self.remarks.found().len() {
            linted
                .notes
                .push(format!("only the first {} remarks are told", told.len()));
        }
        linted.remarks.extend(told);
        (linted, self.document)
    }
}

/// A document held to the rules. What belongs together stands in one file of this folder.
struct Judge<'s, 'r> {
    document: &'s Document,
    sources: &'s Sources,
    remarks: &'r mut Remarks,
    /// What criteria mean, by how they are written: of two thousand steps, most have the same.
    meanings: HashMap<String, Rc<Meaning>>,
}

impl Judge<'_, '_> {
    fn document(&mut self) {
        self.names();
        self.cycles();
        self.input_references();
        let document = self.document;
        for workflow in &document.workflows {
            self.values(workflow);
            for step in &workflow.steps {
                self.step_criteria(step);
                self.calls(workflow, step);
            }
        }
    }

    /// Says which sources are not what they should be, and returns what is said of those that were not looked at.
    fn sources_used(&mut self) -> Vec<String> {
        let mut notes = Vec::new();
        for source in &self.document.sources {
            let (name, url) = (&source.name.value, &source.url.value);
            match self.sources.get(name) {
                Some(Source::Remote) => {
                    notes.push(format!(
                        "`{name}` was not looked at, since it is on the network ({url}); `--source {name}=FILE` shows a copy"
                    ));
                }
                Some(Source::Missing(why)) => {
                    let what = format!("the source `{name}` was not looked at");
                    let next = format!("name a copy: `--source {name}=FILE`");
                    self.remarks
                        .add(&rule::UNREAD_SOURCE, source.url.at, what, why, next);
                }
                Some(Source::Bad { why, next }) => {
                    let what = format!("the source `{name}` cannot be used");
                    self.remarks
                        .add(&rule::BAD_SOURCE, source.url.at, what, why, next);
                }
                Some(Source::Contract(_) | Source::Scenario(_)) | None => {}
            }
        }
        notes
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
