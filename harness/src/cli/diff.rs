//! `greenlight diff`: what changed from one recording, or one contract, to another. Nothing is sent.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use crate::cli::complaint::Complaint;
use crate::cli::output::Screen;
use crate::cli::{bundle, inputs, replay, session};
use crate::compare::{self, Judged};
use crate::contract::load::{Contract, MAX_DOCUMENT};
use crate::model::diff::Diff;
use crate::model::exit;
use crate::model::recording::Recording;
use crate::report::diff as report;

/// Arguments of `diff`.
#[derive(Debug, Args)]
pub struct DiffArgs {
    /// The earlier one: a recording, as `verify --record FILE` wrote it, or an OpenAPI document
    pub before: PathBuf,
    /// The later one, of the same kind
    pub after: PathBuf,
    /// Print as human, json, markdown or github
    #[arg(long, value_enum, value_name = "NAME", default_value_t = DiffFormat::Human)]
    pub format: DiffFormat,
    /// Say the headline and nothing else
    #[arg(long, short)]
    pub quiet: bool,
}

/// How a difference is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DiffFormat {
    /// For people at a terminal
    Human,
    /// For machines: `greenlight.diff/1`
    Json,
    /// For a comment or a wiki
    Markdown,
    /// Annotations of GitHub Actions
    Github,
}

const NEXT: &str =
    "name two recordings that `greenlight verify --record FILE` wrote, or two OpenAPI documents";

/// So much of a file tells what it is.
const HEAD: u64 = 4_096;

/// One of the two files, read.
enum Read {
    Recording(Box<Recording>),
    Contract(Box<Contract>),
}

/// Compares the two and returns the exit code: 1 when something breaks.
pub fn diff(arguments: &DiffArgs, screen: &Screen) -> Result<u8, Complaint> {
    let diff = compared(arguments)?;
    let text = match arguments.format {
        DiffFormat::Human => report::human(&diff, screen.style(false)),
        DiffFormat::Json => report::json(&diff),
        DiffFormat::Markdown => report::markdown(&diff),
        DiffFormat::Github => report::github(&diff),
    };
    screen.print(&text)?;
    Ok(if diff.breaks() { exit::FAIL } else { exit::PASS })
}

fn compared(DiffArgs { before, after, .. }: &DiffArgs) -> Result<Diff, Complaint> {
    let name = |path: &Path| path.display().to_string();
    let (before, after) = (name(before), name(after));
    match (read(&before)?, read(&after)?) {
        (Read::Contract(old), Read::Contract(new)) => Ok(compare::contracts(&old, &new)),
        (Read::Recording(old), Read::Recording(new)) => {
            let (was, is) = (session::judged(&old), session::judged(&new));
            let judged = |source, recording, run| Judged {
                source,
                recording,
                run,
            };
            Ok(compare::recordings(
                judged(&before, &old, &was),
                judged(&after, &new, &is),
            ))
        }
        (Read::Recording(_), Read::Contract(_)) | (Read::Contract(_), Read::Recording(_)) => {
            Err(Complaint::usage(
                format_args!("{before} and {after} are not of the same kind"),
                "one is a recording and the other an OpenAPI document",
                NEXT,
            ))
        }
    }
}

/// What a document calls itself, whichever it is.
#[derive(serde::Deserialize)]
struct Head {
    schema: Option<serde::de::IgnoredAny>,
    openapi: Option<serde::de::IgnoredAny>,
}

/// Reads a file as what it says that it is: JSON that names an `openapi`, or that is no JSON, is a contract.
fn read(path: &str) -> Result<Read, Complaint> {
    if bundle::is_one(path)? {
        return replay::read(path).map(Box::new).map(Read::Recording);
    }
    let head = serde_json::from_reader::<_, Head>(inputs::reader("the file", path, NEXT)?);
    let contract = match head {
        Ok(head) => head.openapi.is_some() && head.schema.is_none(),
        Err(error) => error.is_syntax() && !first_is_brace(path)?,
    };
    if !contract {
        return replay::read(path).map(Box::new).map(Read::Recording);
    }
    let mut text = String::new();
    let most = MAX_DOCUMENT as u64 + 1;
    let reader = inputs::reader("the contract", path, NEXT)?;
    reader
        .take(most)
        .read_to_string(&mut text)
        .map_err(|error| Complaint::unreadable("the contract", path, &error, NEXT))?;
    let contract =
        Contract::parse_served(&text, path).map_err(|error| Complaint::told(format!("error: {error}")))?;
    Ok(Read::Contract(Box::new(contract)))
}

/// Whether a file begins as a JSON object does.
fn first_is_brace(path: &str) -> Result<bool, Complaint> {
    let mut head = Vec::new();
    let mut reader = inputs::reader("the file", path, NEXT)?.take(HEAD);
    reader
        .read_to_end(&mut head)
        .map_err(|error| Complaint::unreadable("the file", path, &error, NEXT))?;
    Ok(head.trim_ascii_start().first() == Some(&b'{'))
}
