//! `greenlight run`: scenarios, run against a service as their documents say, and judged like everything else.

use std::path::PathBuf;

use clap::Args;
use jiff::Timestamp;

use crate::check::spec::Suite;
use crate::cli::args::{AboutArgs, KnownArgs, LeaveArgs, ReportArgs, WayArgs};
use crate::cli::books::{self, Library};
use crate::cli::choices::{EnvironmentArg, SuiteArg};
use crate::cli::complaint::Complaint;
use crate::cli::given::{self, Given};
use crate::cli::inputs::{self, Inputs};
use crate::cli::interrupt::Interrupt;
use crate::cli::lint::remapped;
use crate::cli::output::{self, Screen};
use crate::cli::progress::Progress;
use crate::cli::session;
use crate::drive::scenario::fill::Setting;
use crate::drive::scenario::secrets::Secrets;
use crate::drive::scenario::{Scenarios, Wanted};
use crate::model::exit;
use crate::model::journey::Journey;
use crate::model::lint::Level;
use crate::model::recording::{ContractText, Recording};
use crate::report::lint as report;
use crate::runner::execute::Runner;
use crate::target::spending::Spending;
use crate::transport::http::Transport;
use crate::transport::secret::Vault;

/// Arguments of `run`.
#[derive(Debug, Args)]
pub struct RunArgs {
    /// Arazzo documents, as YAML or JSON
    #[arg(required = true)]
    pub file: Vec<PathBuf>,
    /// Base URL of the service [default: the first server that the documents' sources name]
    #[arg(long, visible_alias = "url", value_name = "URL")]
    pub server: Option<String>,
    /// Run only this workflow, and what it depends on. May be given again
    #[arg(long, value_name = "ID")]
    pub workflow: Vec<String>,
    /// Run only workflows of this suite (`x-greenlight-suite`). May be given again [default: all]
    #[arg(long, value_enum)]
    pub suite: Vec<SuiteArg>,
    /// Give an input this value, such as text=hello. May be given again
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair)]
    pub input: Vec<(String, String)>,
    /// Give inputs from a file, a map in JSON or YAML
    #[arg(long, value_name = "FILE")]
    pub inputs: Option<PathBuf>,
    /// Give an input the value of an environment variable, and show it nowhere. May be given again
    #[arg(long, value_name = "NAME=VAR", value_parser = pair)]
    pub secret_input: Vec<(String, String)>,
    /// Read the source of this name from another file, such as notes=openapi.yaml. May be given again
    #[arg(long, value_name = "NAME=FILE", value_parser = remapped)]
    pub source: Vec<(String, PathBuf)>,
    /// How careful to be. What is not named otherwise is production, loopback included
    #[arg(long, value_enum)]
    pub environment: Option<EnvironmentArg>,
    /// What may be done to the service.
    #[command(flatten)]
    pub leave: LeaveArgs,
    /// What is known of the service: a TOML file. May be given again; later ones win [default: ./greenlight.toml]
    #[arg(long, value_name = "FILE|concierge")]
    pub profile: Vec<String>,
    /// How it is reached.
    #[command(flatten)]
    pub way: WayArgs,
    /// Keep success bodies of authenticated calls as they are; in production only types and lengths are kept otherwise
    #[arg(long)]
    pub keep_bodies: bool,
    /// Count warnings of the documents as errors
    #[arg(long)]
    pub strict: bool,
    /// Seed of the ids that requests are sent under [default: random]
    #[arg(long)]
    pub seed: Option<u64>,
    /// Write the recording to this file, for `greenlight replay`
    #[arg(long, visible_alias = "save", value_name = "FILE")]
    pub record: Option<PathBuf>,
    /// How to report.
    #[command(flatten)]
    pub report: ReportArgs,
}

/// `NAME=VALUE`.
fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("it is not NAME=VALUE".to_owned()),
    }
}

/// Runs scenarios and returns the exit code.
pub async fn run(arguments: &RunArgs, screen: &Screen) -> Result<u8, Complaint> {
    output::check(&arguments.report, arguments.record.as_deref())?;
    let (library, lint) = books::read(&arguments.file, &arguments.source, arguments.strict)?;
    if lint.fails() {
        screen.tell(&report::human(&lint, screen.style_beside(false)));
        return Ok(exit::USAGE);
    }
    if lint.count(Level::Warning) > 0 {
        screen.say(&report::remarks(&lint, screen.style_beside(false)));
    }
    let suites: Vec<Suite> = arguments.suite.iter().map(|suite| (*suite).into()).collect();
    let chosen = library.chosen(&arguments.workflow, &suites)?;
    let base = library.base(arguments.server.as_deref())?;
    let given = Given::gather(arguments)?;
    let mut secrets = Secrets::default();
    let wanted = given::wanted(&library, &chosen, &given, &mut secrets)?;
    let inputs = about(arguments, &base, &library).await?;
    let transport = session::transport(&inputs, Vault::empty(), &arguments.way.resolve)?;
    session::shows_no_secret(&inputs, &transport)?;
    let setting = Setting {
        base: inputs.resolved.target.base.clone(),
        given: arguments.server.is_some(),
    };
    let recording = record(
        arguments,
        (&inputs, &transport),
        &library,
        (setting, wanted, secrets),
        screen,
    )
    .await;
    let run = session::judged(&recording);
    session::told(
        &run,
        &recording,
        (&arguments.report, arguments.record.as_deref()),
        screen,
    )
}

/// Reads what a run reads before it sends, for this base URL.
async fn about(arguments: &RunArgs, base: &str, library: &Library) -> Result<Inputs, Complaint> {
    let about = AboutArgs {
        url: Some(base.to_owned()),
        environment: arguments.environment,
        keep_bodies: arguments.keep_bodies,
        known: KnownArgs {
            profile: arguments.profile.clone(),
            leave: arguments.leave.clone(),
            way: arguments.way.clone(),
            ..KnownArgs::default()
        },
        ..AboutArgs::default()
    };
    let mut inputs = inputs::gather(&about).await?;
    inputs.samples.extend(library.files()?);
    let said = arguments.leave.budget.as_deref().map(Spending::parse);
    if said.and_then(Result::ok).unwrap_or_default().requests.is_none() {
        // A long scenario is not one that asks too much.
        let bounds = &mut inputs.resolved.target.bounds;
        bounds.requests = bounds.requests.max(library.steps().saturating_mul(4));
    }
    if inputs.contract.is_none() {
        inputs.contract = library.contract.as_ref().map(|(source, text)| ContractText {
            source: source.clone(),
            text: text.clone(),
        });
    }
    Ok(inputs)
}

/// Runs the workflows, until they are over or interrupted.
async fn record(
    arguments: &RunArgs,
    (inputs, transport): (&Inputs, &Transport),
    library: &Library,
    (setting, wanted, secrets): (Setting, Vec<Wanted<'_>>, Secrets),
    screen: &Screen,
) -> Recording {
    let target = &inputs.resolved.target;
    let seed = session::seed(arguments.seed);
    let interrupt = Interrupt::listen();
    let progress = Progress::start(screen, &target.base);
    let started_at = Timestamp::now();
    let mut driver = Scenarios::new(&library.books, target, setting, wanted, secrets);
    let runner = Runner::new(target, transport, seed, |event| progress.show(&event));
    let done = runner.run(&mut driver, interrupt.asked()).await;
    drop(progress);
    let journeys = driver.journeys();
    Recording {
        started_at,
        connections: transport.connections(),
        journeys: journeys
            .into_iter()
            .map(|journey| hidden(journey, transport))
            .collect(),
        ..session::recording(inputs, seed, done)
    }
}

/// What became of a workflow, without what the run has learnt to hide since.
fn hidden(mut journey: Journey, transport: &Transport) -> Journey {
    for passage in &mut journey.steps {
        let reason = passage.reason.as_mut().into_iter();
        let unmet = passage.unmet.iter_mut();
        let parts = unmet.flat_map(|unmet| std::iter::once(&mut unmet.condition).chain(&mut unmet.parts));
        for text in reason.chain(parts).chain([&mut passage.call]) {
            *text = transport.redact(text);
        }
    }
    journey
}
