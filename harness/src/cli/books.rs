//! The documents of a run with all that they name, read and held to their rules before anything is sent.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use url::Url;

use crate::check::spec::Suite;
use crate::cli::complaint::Complaint;
use crate::cli::inputs;
use crate::cli::lint::{every_file_is_there, every_source_is_named, file_of, sources};
use crate::model::lint::Lint;

use crate::scenario::call::Book;
use crate::scenario::document::{Call, Reusable, SourceDescription, Step, Target, Workflow};
use crate::scenario::lint::Read;
use crate::scenario::lint::given::Source;
use crate::target::fault::suggest;

/// Documents of workflows that are sources of others, and theirs: more is no scenario any more.
const MOST_BOOKS: usize = 64;

/// The documents, in the order in which they were named; then those that are sources of others.
#[derive(Debug)]
pub struct Library {
    /// The documents.
    pub books: Vec<Book>,
    /// How many of them were named.
    named: usize,
    /// The first contract: its name and its text.
    pub contract: Option<(String, String)>,
}

/// A workflow: the place of its document, and its id.
pub type Place = (usize, String);

/// Reads documents and their sources, and holds them to their rules.
pub fn read(
    files: &[PathBuf],
    remapped: &[(String, PathBuf)],
    strict: bool,
) -> Result<(Library, Lint), Complaint> {
    let mut queue: Vec<PathBuf> = Vec::new();
    for file in files {
        if !queue.contains(file) {
            queue.push(file.clone());
        }
    }
    let named = queue.len();
    let mut known: Vec<PathBuf> = queue.iter().map(|path| whole(path)).collect();
    let (mut linted, mut books, mut contract) = (Vec::new(), Vec::new(), None);
    let mut sources_named: Vec<SourceDescription> = Vec::new();
    let mut at = 0;
    while let Some(path) = queue.get(at).cloned() {
        at += 1;
        let name = path.display().to_string();
        let text = inputs::text_file(
            "the scenario",
            &name,
            "name Arazzo documents, such as scenarios/*.arazzo.yaml",
        )?;
        let mut read = Read::of(&text);
        every_file_is_there(&name, &mut read);
        let described = read.sources().to_vec();
        let its = sources(&path, &described, remapped);
        let (told, document) = read.judged_and_kept(&name, &its, strict);
        linted.push(told);
        let mut others = BTreeMap::new();
        for source in &described {
            let Some(file) = file_of(&path, source, remapped) else {
                continue;
            };
            match its.get(&source.name.value) {
                Some(Source::Scenario(_)) if queue.len() < MOST_BOOKS => {
                    let place = known.iter().position(|other| *other == whole(&file));
                    let place = place.unwrap_or_else(|| {
                        known.push(whole(&file));
                        queue.push(file);
                        queue.len() - 1
                    });
                    others.insert(source.name.value.clone(), place);
                }
                Some(Source::Contract(_)) if contract.is_none() => {
                    let name = file.display().to_string();
                    contract = Some((
                        name.clone(),
                        inputs::text_file("the source", &name, "name an OpenAPI document")?,
                    ));
                }
                _ => {}
            }
        }
        sources_named.extend(described);
        let Some(document) = document else { continue };
        books.push(Book {
            file: name,
            document,
            sources: its,
            others,
        });
    }
    every_source_is_named(remapped, &sources_named.iter().collect::<Vec<_>>())?;
    let lint = Lint::of(linted, strict);
    let library = Library {
        books,
        named,
        contract,
    };
    if !lint.fails() {
        library.every_source_is_there()?;
    }
    Ok((library, lint))
}

/// A path as it is compared.
fn whole(path: &Path) -> PathBuf {
    std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

impl Library {
    /// A source that was not read would be missed only when half of the scenario was sent.
    fn every_source_is_there(&self) -> Result<(), Complaint> {
        for book in &self.books {
            for source in &book.document.sources {
                let name = &source.name.value;
                let why = match book.sources.get(name) {
                    Some(Source::Contract(_) | Source::Scenario(_)) => continue,
                    Some(Source::Missing(why) | Source::Bad { why, .. }) => why.clone(),
                    Some(Source::Remote) | None => format!(
                        "it is on the network ({}), and only files are read",
                        source.url.value
                    ),
                };
                return Err(Complaint::usage(
                    format_args!("the source `{name}` of {} is not at hand", book.file),
                    why,
                    format_args!("name a copy: --source {name}=FILE"),
                ));
            }
        }
        Ok(())
    }

    /// The files that its steps send, by their names as they are seen from here.
    pub fn files(&self) -> Result<BTreeMap<String, Bytes>, Complaint> {
        let mut files = BTreeMap::new();
        for book in &self.books {
            let steps = book
                .document
                .workflows
                .iter()
                .flat_map(|workflow| &workflow.steps);
            let bodies = steps.filter_map(|step| step.body.as_ref());
            for file in bodies.flat_map(|body| &body.files) {
                let name = book.beside(&file.path.value);
                if let Entry::Vacant(vacant) = files.entry(name.clone()) {
                    let next = "files are named from the scenario's directory";
                    vacant.insert(inputs::file("the file", &name, next)?.into());
                }
            }
        }
        Ok(files)
    }

    /// How many steps there are.
    pub fn steps(&self) -> u32 {
        let workflows = self.books.iter().flat_map(|book| &book.document.workflows);
        u32::try_from(workflows.map(|workflow| workflow.steps.len()).sum::<usize>()).unwrap_or(u32::MAX)
    }

    /// A workflow.
    pub fn workflow(&self, (book, id): &Place) -> Option<&Workflow> {
        self.books.get(*book)?.document.workflow(id)
    }

    /// The workflows that are to be run, each after those that it depends on: the ones that were asked for, else all that no
    /// other one calls; of these suites, when some were named.
    pub fn chosen(&self, asked: &[String], suites: &[Suite]) -> Result<Vec<Place>, Complaint> {
        let own = || {
            let named = self.books.iter().enumerate().take(self.named);
            named.flat_map(|(at, book)| {
                let ids = book.document.workflows.iter();
                ids.map(move |workflow| (at, workflow.id.value.clone()))
            })
        };
        let known: Vec<String> = own().map(|(_, id)| id).collect();
        for id in asked {
            if !known.contains(id) {
                let known: Vec<&str> = known.iter().map(String::as_str).collect();
                return Err(Complaint::usage(
                    format_args!("no workflow of these documents is called `{id}`"),
                    "--workflow names one of them",
                    suggest(id, &known),
                ));
            }
        }
        let called = self.called();
        // Workflows that lead to each other in a ring have no first one.
        let ring = own().all(|place| called.contains(&place));
        let roots = own().filter(|place| match asked {
            [] => ring || !called.contains(place),
            asked => asked.contains(&place.1),
        });
        let names: Vec<&str> = suites.iter().map(|suite| suite.name()).collect();
        let of_these = |place: &Place| {
            let suite = self.workflow(place).and_then(|workflow| workflow.suite.as_ref());
            names.is_empty() || suite.is_some_and(|suite| names.contains(&suite.value.as_str()))
        };
        let mut chosen = Vec::new();
        for place in roots.filter(of_these) {
            self.with_needs(place, &mut chosen);
        }
        if chosen.is_empty() {
            return Err(Complaint::usage(
                format_args!("no workflow belongs to {}", names.join(" or ")),
                "nothing would be run, and nothing run is no success",
                "a workflow, or a document, says its suite with `x-greenlight-suite`",
            ));
        }
        // In the order of the documents, whatever depends on what.
        chosen.sort_by_key(|(book, id)| (*book, self.position(*book, id)));
        Ok(chosen)
    }

    fn position(&self, book: usize, id: &str) -> usize {
        let workflows = self.books.get(book).map(|book| &book.document.workflows);
        let place = workflows.and_then(|all| all.iter().position(|workflow| workflow.id.value == id));
        place.unwrap_or(usize::MAX)
    }

    fn with_needs(&self, place: Place, chosen: &mut Vec<Place>) {
        if chosen.contains(&place) {
            return;
        }
        chosen.push(place.clone());
        for need in self.needs(&place) {
            self.with_needs(need, chosen);
        }
    }

    /// The workflows that one depends on.
    pub fn needs(&self, place: &Place) -> Vec<Place> {
        let Some((book, workflow)) = self.books.get(place.0).zip(self.workflow(place)) else {
            return Vec::new();
        };
        let named = workflow.depends_on.iter().map(|word| word.value.clone());
        let of_steps = workflow.steps.iter().flat_map(|step| &step.depends_on);
        let of_steps = of_steps.filter_map(|word| {
            let (owner, _) = word.value.strip_prefix('$')?.split_once(".steps.")?;
            let id = owner.strip_prefix("workflows.");
            Some(id.map_or_else(|| format!("${owner}"), str::to_owned))
        });
        let places = named
            .chain(of_steps)
            .filter_map(|named| book.workflow(place.0, &named));
        places.filter(|other| other != place).collect()
    }

    /// The workflows that a step or an action leads to: they are run where they are called.
    fn called(&self) -> BTreeSet<Place> {
        let mut called = BTreeSet::new();
        for (at, book) in self.books.iter().enumerate() {
            let components = &book.document.components;
            let shared = components
                .success_actions
                .iter()
                .chain(&components.failure_actions);
            let mut named: Vec<&str> = shared
                .filter_map(|(_, action)| target(action.target.as_ref()))
                .collect();
            for workflow in &book.document.workflows {
                let actions = workflow.success_actions.iter().chain(&workflow.failure_actions);
                let steps = workflow.steps.iter();
                let of_steps = steps.flat_map(|step| step.on_success.iter().chain(&step.on_failure));
                named.extend(actions.chain(of_steps).filter_map(|action| match action {
                    Reusable::Here(action) => target(action.target.as_ref()),
                    Reusable::Named { .. } => None,
                }));
                named.extend(workflow.steps.iter().filter_map(|step| match &step.call {
                    Some(Call::Workflow(word)) => Some(word.value.as_str()),
                    _ => None,
                }));
            }
            called.extend(named.into_iter().filter_map(|name| book.workflow(at, name)));
        }
        called
    }

    /// The base URL of the run: the given one, else what the sources name. All that is sent goes to one origin.
    pub fn base(&self, given: Option<&str>) -> Result<String, Complaint> {
        let mut places: Vec<String> = Vec::new();
        for book in &self.books {
            for step in book
                .document
                .workflows
                .iter()
                .flat_map(|workflow| &workflow.steps)
            {
                let own = literal(step);
                let place = match (own, given) {
                    (Some(own), _) => Some(own.to_owned()),
                    (None, Some(_)) => None,
                    (None, None) => of_contract(book, step)?,
                };
                places.extend(place.map(|place| place.trim_end_matches('/').to_owned()));
            }
        }
        places.extend(given.map(|given| given.trim_end_matches('/').to_owned()));
        places.sort();
        places.dedup();
        one_origin(&places, given)
    }
}

fn target(target: Option<&Target>) -> Option<&str> {
    match target? {
        Target::Workflow(word) => Some(&word.value),
        Target::Step(_) => None,
    }
}

/// Where a step itself says that it goes, when that is known before the run.
fn literal(step: &Step) -> Option<&str> {
    let direct = match &step.call {
        Some(Call::Direct { url, .. }) => Some(&url.value),
        _ => None,
    };
    let own = step.ours.server_url.as_ref().map(|word| &word.value);
    own.or(direct)
        .map(String::as_str)
        .filter(|url| url.contains("://") && !url.contains('$'))
}

/// The server of the operation that a step calls.
fn of_contract(book: &Book, step: &Step) -> Result<Option<String>, Complaint> {
    let Some(promised) = book.promised(step) else {
        return Ok(None);
    };
    match promised.server() {
        Some(url) if url.contains("://") => Ok(Some(url)),
        other => {
            let what = format!("nobody says where {} is served", promised.contract.source());
            let why = match other {
                Some(url) => format!("its server is {url:?}, which names no host"),
                None => "it names no server".to_owned(),
            };
            Err(Complaint::usage(what, why, "say where: --server URL"))
        }
    }
}

/// The base URL when all of these have one origin: the only one, or the root of that origin.
fn one_origin(places: &[String], given: Option<&str>) -> Result<String, Complaint> {
    let mut origins: Vec<String> = places
        .iter()
        .filter_map(|place| Url::parse(place).ok())
        .map(|url| url.origin().ascii_serialization())
        .collect();
    origins.dedup();
    if let [first, second, ..] = &*origins {
        return Err(Complaint::usage(
            format_args!("the steps lead to several hosts: {first} and {second}"),
            "one run is about one service, and no credential of one belongs to another",
            "divide the scenario, or send all of it to one host: --server URL",
        ));
    }
    match (given, places, &*origins) {
        (Some(given), ..) => Ok(given.to_owned()),
        (None, [only], _) if !only.contains('?') => Ok(only.clone()),
        (None, _, [origin]) => Ok(origin.clone()),
        (None, ..) => Err(Complaint::usage(
            "nobody says where the service is",
            "no step names a server",
            "say where: --server URL",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_about_one_origin() {
        let places = |urls: &[&str]| urls.iter().map(|url| (*url).to_owned()).collect::<Vec<_>>();
        let base = |urls: &[&str], given| one_origin(&places(urls), given).map_err(|error| error.text);
        assert_eq!(
            base(&["http://a.example/v1"], None),
            Ok("http://a.example/v1".into())
        );
        assert_eq!(
            base(&["http://a.example/v1", "http://a.example/v2"], None),
            Ok("http://a.example".into())
        );
        let several = base(&["http://a.example/v1", "https://a.example/v1"], None).unwrap_err();
        assert!(several.contains("several hosts"), "{several}");
        assert!(base(&[], None).is_err());
        let given = Some("http://127.0.0.1:1/x");
        assert_eq!(
            base(&["http://127.0.0.1:1/x"], given),
            Ok("http://127.0.0.1:1/x".into())
        );
    }
}
