//! `greenlight init`: the first profile and workflow of a repository. Nothing that is there is overwritten.

use std::path::{Path, PathBuf};

use clap::Args;
use ignore::WalkBuilder;

use crate::cli::complaint::Complaint;
use crate::cli::inputs::FOUND;
use crate::cli::output::{self, Screen};
use crate::init::{File, Survey, profile, survey, workflow};
use crate::model::exit;
use crate::target::read::read;

/// Arguments of `init`.
#[derive(Debug, Args)]
pub struct InitArgs {
    /// The root of the repository
    #[arg(default_value = ".")]
    pub directory: PathBuf,
}

/// Where a workflow lies.
const WORKFLOW: &str = ".github/workflows/greenlight.yml";

/// So many files are looked at, and no larger ones.
const MOST_FILES: usize = 3_000;
const LARGEST: u64 = 1024 * 1024;
/// A service lies no deeper.
const DEPTH: usize = 8;

/// Directories of other people's code, whether or not somebody ignores them.
const FOREIGN: [&str; 8] = [
    "node_modules",
    "vendor",
    "target",
    "dist",
    "build",
    "venv",
    "site-packages",
    "__pycache__",
];

/// Looks at the repository, and writes what follows from it.
pub fn init(arguments: &InitArgs, screen: &Screen) -> Result<u8, Complaint> {
    let root = &arguments.directory;
    let real = root.canonicalize().map_err(|error| {
        Complaint::unreadable(
            "the directory",
            &root.display().to_string(),
            &error,
            "name the root of a repository",
        )
    })?;
    let name = real
        .file_name()
        .map_or_else(|| "service".into(), |name| name.to_string_lossy().into_owned());
    let files = files(&real);
    let survey = survey(&name, &files);
    let toml = profile::render(&survey);
    // As it will be read: a profile that is refused helps nobody.
    read(FOUND, &toml).map_err(|error| Complaint::told(error.render(screen.color)))?;
    let mut said = found(&survey, files.len());
    for (place, text) in [(FOUND, toml), (WORKFLOW, workflow::render(&survey))] {
        let path = real.join(place);
        let there = path.try_exists().unwrap_or(true);
        if there {
            said.push(("kept", format!("{place}, which is there already")));
        } else {
            make_room(&path)?;
            output::write(&path, &text)?;
            said.push(("wrote", place.to_owned()));
        }
    }
    said.extend(then(&survey));
    let line = |(label, text): &(&str, String)| format!("{label:10}{text}\n");
    screen.print(&said.iter().map(line).collect::<String>())?;
    Ok(exit::PASS)
}

/// The files that may tell something, those that the repository ignores left out.
fn files(root: &Path) -> Vec<File> {
    let walk = WalkBuilder::new(root)
        .max_depth(Some(DEPTH))
        .max_filesize(Some(LARGEST))
        .hidden(false)
        .filter_entry(|entry| {
            let name = entry.file_name().to_string_lossy();
            !(FOREIGN.contains(&&*name) || matches!(&*name, ".git" | ".venv" | ".env"))
        })
        .sort_by_file_path(Path::cmp)
        .build();
    let entries = walk
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file()));
    let texts = entries.take(MOST_FILES).filter_map(|entry| {
        let below = entry.path().strip_prefix(root).ok()?;
        let parts: Vec<String> = below
            .iter()
            .map(|part| part.to_string_lossy().into_owned())
            .collect();
        let text = std::fs::read_to_string(entry.path()).ok()?;
        Some(File {
            path: parts.join("/"),
            text,
        })
    });
    texts.collect()
}

fn make_room(path: &Path) -> Result<(), Complaint> {
    let Some(directory) = path.parent() else {
        return Ok(());
    };
    std::fs::create_dir_all(directory).map_err(|error| {
        Complaint::usage(
            format_args!("{} cannot be made", directory.display()),
            error,
            "give leave to write there, or name another directory",
        )
    })
}

/// What was found, line by line.
fn found(survey: &Survey, looked_at: usize) -> Vec<(&'static str, String)> {
    let mut said = Vec::new();
    match &survey.framework {
        Some(framework) => {
            let started = framework.spawn.as_ref().map_or_else(
                || "how it is started could not be told".to_owned(),
                |spawn| format!("started with: {spawn}"),
            );
            said.push((
                "found",
                format!("{} ({}); {started}", framework.name, framework.manifest),
            ));
        }
        None => said.push((
            "found",
            format!("no framework that is known, in {looked_at} files"),
        )),
    }
    if let Some(document) = &survey.document {
        said.push(("", format!("the contract {document}")));
    }
    for hint in [&survey.routes.health, &survey.routes.ready]
        .into_iter()
        .flatten()
    {
        said.push(("", format!("{} ({})", hint.value, hint.place)));
    }
    for hint in &survey.origins {
        let local = if hint.is_local() {
            ", of a developer's machine"
        } else {
            ""
        };
        said.push((
            "",
            format!("a page may be at {} ({}){local}", hint.value, hint.place),
        ));
    }
    if let Some(hint) = &survey.bearer {
        said.push(("", format!("a bearer token is asked for ({})", hint.place)));
    }
    said
}

/// What is left for people.
fn then(survey: &Survey) -> Vec<(&'static str, String)> {
    let mut said = vec![
        (
            "create",
            format!(
                "secret {}: a credential for the run after a deploy; the gate mints its own",
                profile::TOKEN
            ),
        ),
        (
            "",
            "variables API_URL and APP_ORIGIN: where the API and its page are deployed".to_owned(),
        ),
    ];
    let spawned = survey
        .framework
        .as_ref()
        .is_some_and(|framework| framework.spawn.is_some());
    let first = if spawned {
        ""
    } else {
        ", and say how the service is started"
    };
    said.push((
        "next",
        format!("uncomment the pages and one [[prove]] in {FOUND}{first}"),
    ));
    said.push((
        "",
        format!("name Greenlight's repository and a commit of it for OWNER and COMMIT in {WORKFLOW}"),
    ));
    said.push(("", "greenlight verify --test-issuer".to_owned()));
    said
}
