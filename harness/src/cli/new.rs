//! `greenlight new`: a first scenario, from a call that somebody copied, from what a browser recorded, or from a contract.

use std::path::{Component, Path, PathBuf};

use clap::Args;

use crate::check::text::clean;
use crate::cli::complaint::Complaint;
use crate::cli::inputs;
use crate::cli::lint::every_file_is_there;
use crate::cli::output::{self, Screen};
use crate::contract::load::Contract;
use crate::devtools::calls::{Call, of_curl, of_har};
use crate::devtools::curl;
use crate::devtools::har::Har;
use crate::draft::{Draft, NoDraft, Setting, of_calls, of_operations};
use crate::model::exit;
use crate::model::lint::{Level, Remark};
use crate::runner::curl::input_variable;
use crate::scenario::document::SourceKind;
use crate::scenario::lint::Read;
use crate::scenario::lint::given::Source;

/// Arguments of `new`.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("from").required(true))]
pub struct NewArgs {
    /// Begin with a call: a curl command as a browser copies it or as it was typed. `-` reads it from standard input
    #[arg(long, value_name = "COMMAND", group = "from")]
    pub from_curl: Option<String>,
    /// Begin with the calls that a browser recorded, a HAR
    #[arg(long, value_name = "FILE", group = "from")]
    pub from_har: Option<PathBuf>,
    /// Begin with operations of a contract
    #[arg(long, value_name = "FILE", group = "from", requires = "operation")]
    pub from_openapi: Option<PathBuf>,
    /// With --from-openapi: the operations, by id or as "POST /notes", in the order in which they are called
    #[arg(requires = "from_openapi")]
    pub operation: Vec<String>,
    /// The contract that the calls are of [default: one is drafted beside the scenario]
    #[arg(long, value_name = "FILE", conflicts_with = "from_openapi")]
    pub source: Option<PathBuf>,
    /// With --from-har: an address of the service that it is about [default: the host with the worst calls]
    #[arg(long, visible_alias = "url", value_name = "URL", requires = "from_har")]
    pub server: Option<String>,
    /// Write the scenario to this file. What is there already is not overwritten
    #[arg(long, short, value_name = "FILE", default_value = "first.arazzo.yaml")]
    pub output: PathBuf,
}

const SCENARIO: &str = ".arazzo.yaml";

/// Drafts a scenario, holds it to our own rules, and writes it.
pub fn new(arguments: &NewArgs, screen: &Screen) -> Result<u8, Complaint> {
    let scenario = &arguments.output;
    let drafted = contract_beside(scenario);
    let own = arguments.source.as_ref().or(arguments.from_openapi.as_ref());
    for path in std::iter::once(scenario).chain(own.is_none().then_some(&drafted)) {
        output::writable(path)?;
        if path.exists() {
            return Err(Complaint::usage(
                format_args!("{} is there already", path.display()),
                "nothing is overwritten",
                "name another file: --output FILE",
            ));
        }
    }
    let known = own.map(|path| contract(path)).transpose()?;
    let (back, beside) = ways(scenario, own.unwrap_or(&drafted))?;
    let title = name(scenario);
    let setting = Setting {
        title: &title,
        contract: known.as_ref().map(|(contract, _)| contract),
        source: &beside,
        back: &back,
    };
    let (draft, left_out) = draft(arguments, &setting)?;
    let text = draft.contract.as_ref().or(known.as_ref().map(|(_, text)| text));
    let remarks = remarks(scenario, &draft.scenario, text.map_or("", String::as_str))?;
    if let Some(text) = &draft.contract {
        output::write(&drafted, text)?;
    }
    if let Err(complaint) = output::write(scenario, &draft.scenario) {
        if draft.contract.is_some() {
            // A contract that belongs to nothing would be in the way of the next try.
            drop(std::fs::remove_file(&drafted));
        }
        return Err(complaint);
    }
    let beside = draft.contract.is_some().then_some(drafted.as_path());
    screen.print(&told(scenario, beside, &draft, (&left_out, &remarks)))?;
    Ok(exit::PASS)
}

fn draft(arguments: &NewArgs, setting: &Setting<'_>) -> Result<(Draft, Vec<String>), Complaint> {
    let none = |why: NoDraft| Complaint::usage(why.what.clone(), why.why.clone(), why.next);
    if let (Some(_), Some(contract)) = (&arguments.from_openapi, setting.contract) {
        let draft = of_operations(contract, &arguments.operation, setting).map_err(none)?;
        return Ok((draft, Vec::new()));
    }
    let (calls, left_out) = calls(arguments)?;
    Ok((of_calls(&calls, setting).map_err(none)?, left_out))
}

/// The calls that the scenario is made of, and what is not among them.
fn calls(arguments: &NewArgs) -> Result<(Vec<Call>, Vec<String>), Complaint> {
    if let Some(command) = &arguments.from_curl {
        let text = match command.as_str() {
            "-" => inputs::text_file("the command", "/dev/stdin", "paste it, or name it in quotes")?,
            command => command.to_owned(),
        };
        let next = "copy the call as cURL (bash) from the browser's network panel, or type one";
        let wrong = |place: String, why: String| {
            Complaint::usage(format_args!("the command cannot be read{place}"), why, next)
        };
        let copied = curl::read(text.trim()).map_err(|error| {
            wrong(
                format!(" (line {}, column {})", error.line, error.column),
                error.why,
            )
        })?;
        let call = of_curl(&copied).map_err(|why| wrong(String::new(), why))?;
        return Ok((vec![call], Vec::new()));
    }
    let path = arguments
        .from_har
        .clone()
        .unwrap_or_default()
        .display()
        .to_string();
    let next = "export the calls again: the network panel saves all as HAR";
    let text = inputs::text_file("the HAR", &path, next)?;
    let har: Har = serde_json::from_str(&text).map_err(|error| {
        let place = format!(
            "{path} (line {}, column {}) is no HAR",
            error.line(),
            error.column()
        );
        Complaint::usage(place, "its members are not those of HAR 1.2", next)
    })?;
    of_har(&har, arguments.server.as_deref()).map_err(|why| {
        Complaint::usage(
            format_args!("nothing of {path} becomes a scenario"),
            why.to_string(),
            next,
        )
    })
}

/// What our own rules say of the draft: that files are not here, which may come later. Whatever else is an error is none that a
/// person should find in a file of ours.
fn remarks(scenario: &Path, text: &str, contract: &str) -> Result<Vec<String>, Complaint> {
    let document = scenario.display().to_string();
    let mut read = Read::of(text);
    every_file_is_there(&document, &mut read);
    let source = Source::read(contract, "the contract", Some(SourceKind::OpenApi));
    let named = read
        .sources()
        .iter()
        .map(|source| source.name.value.clone())
        .next();
    let sources = named.map(|name| (name, source)).into_iter().collect();
    let linted = read.judged(&document, &sources, false);
    let is_error = |remark: &&Remark| remark.level == Level::Error && remark.rule != "unread-file";
    if let Some(remark) = linted.remarks.iter().find(is_error) {
        return Err(Complaint::usage(
            format_args!("no scenario that holds comes of it: {}", remark.what),
            &remark.why,
            "nothing was written; leave the call out, or write its step by hand",
        ));
    }
    let line = |remark: &Remark| {
        format!(
            "{document}:{}: {}, since {}",
            remark.line, remark.what, remark.why
        )
    };
    Ok(linted.remarks.iter().map(line).collect())
}

fn contract(path: &Path) -> Result<(Contract, String), Complaint> {
    let name = path.display().to_string();
    let text = inputs::text_file("the contract", &name, "name an OpenAPI document")?;
    let contract = Contract::parse(&text, &name);
    let contract = contract.map_err(|error| Complaint::told(format!("error: {error}")))?;
    Ok((contract, text))
}

/// The scenario's name without its endings.
fn name(scenario: &Path) -> String {
    let file = scenario.file_name().unwrap_or_default().to_string_lossy();
    let stem = file
        .strip_suffix(SCENARIO)
        .or_else(|| file.rsplit_once('.').map(|(stem, _)| stem));
    stem.unwrap_or(&file).to_owned()
}

fn contract_beside(scenario: &Path) -> PathBuf {
    scenario.with_file_name(format!("{}.openapi.yaml", name(scenario)))
}

/// What leads from the scenario's folder to here, and from there to the contract.
fn ways(scenario: &Path, contract: &Path) -> Result<(String, String), Complaint> {
    let folder = scenario.parent().unwrap_or(Path::new(""));
    let plain = folder
        .components()
        .all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    let back = match plain {
        true => "../".repeat(
            folder
                .components()
                .filter(|part| matches!(part, Component::Normal(_)))
                .count(),
        ),
        false => {
            let here = std::env::current_dir().map_err(|error| {
                Complaint::usage(
                    "this directory is not known",
                    error.to_string(),
                    "name --output from here",
                )
            })?;
            format!("{}/", here.display())
        }
    };
    let beside = match contract.parent() == scenario.parent() {
        true => format!("./{}", contract.file_name().unwrap_or_default().to_string_lossy()),
        false if contract.is_absolute() => contract.display().to_string(),
        false => format!("{back}{}", contract.display()),
    };
    Ok((back, beside))
}

/// What was written, what nobody could know, and what comes next.
fn told(
    scenario: &Path,
    contract: Option<&Path>,
    draft: &Draft,
    (left_out, remarks): (&[String], &[String]),
) -> String {
    let scenario = scenario.display();
    let steps = crate::report::text::count(draft.steps as u64, "step", "steps");
    let mut lines = vec![("wrote", format!("{scenario}, {steps}"))];
    if let Some(contract) = contract {
        let text = format!("{}, what these calls say of the API", contract.display());
        lines.push(("", text));
    }
    lines.extend(left_out.iter().map(|text| ("left out", text.clone())));
    lines.extend(
        draft
            .notes
            .iter()
            .chain(remarks)
            .map(|text| ("note", text.clone())),
    );
    let needs = draft
        .needs
        .iter()
        .map(|name| format!("{}=… ", input_variable(name)));
    let server = draft.server.as_ref().map(|server| format!(" --server {server}"));
    let run = format!("greenlight run {scenario}{}", server.unwrap_or_default());
    lines.push(("next", format!("{}{run}", needs.collect::<String>())));
    let line = |(label, text): &(&str, String)| format!("{label:10}{}\n", clean(text, 2_000));
    lines.iter().map(line).collect()
}
