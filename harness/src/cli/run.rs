//! `greenlight run`: scenarios, run against a service as their documents say, and judged like everything else.

use std::net::IpAddr;
use std::path::PathBuf;

use clap::Args;
use jiff::Timestamp;

use crate::cli::args::{AboutArgs, KnownArgs, ReportArgs, pin};
use crate::cli::books::{self, Library};
use crate::cli::choices::{EffectArg, EnvironmentArg};
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
use crate::model::lint::{Level, Lint};
use crate::model::recording::{ContractText, Recording};
use crate::report::lint as report;
use crate::runner::execute::Runner;
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
    /// How careful to be [default: local for this very machine, else production]
    #[arg(long, value_enum)]
    pub environment: Option<EnvironmentArg>,
    /// Allow requests with this effect. May be given again
    #[arg(long, value_enum, value_name = "EFFECT", value_delimiter = ',')]
    pub allow: Vec<EffectArg>,
    /// Spend no more than this, such as paid=1,requests=200,bytes=2MiB,time=2m
    #[arg(long, value_name = "PART=N,…")]
    pub budget: Option<String>,
    /// What is known of the service: a TOML file. May be given again; later ones win [default: ./greenlight.toml]
    #[arg(long, value_name = "FILE|concierge")]
    pub profile: Vec<String>,
    /// Use this address for a host, such as api.acme.example:203.0.113.7. May be given again
    #[arg(long, value_name = "HOST:ADDRESS", value_parser = pin)]
    pub resolve: Vec<(String, IpAddr)>,
    /// PEM file with certificates to trust besides the system's
    #[arg(long, value_name = "FILE")]
    pub cacert: Option<PathBuf>,
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
        screen.say(&warnings(&lint, screen));
    }
    let chosen = library.chosen(&arguments.workflow)?;
    let base = library.base(arguments.server.as_deref())?;
    let given = Given::gather(arguments)?;
    let mut secrets = Secrets::default();
    let wanted = given::wanted(&library, &chosen, &given, &mut secrets)?;
    let inputs = about(arguments, &base, &library).await?;
    let transport = session::transport(&inputs, Vault::empty(), &arguments.resolve)?;
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

/// What documents are warned of, without a verdict.
fn warnings(lint: &Lint, screen: &Screen) -> String {
    let told = report::human(lint, screen.style_beside(false));
    let end = told.rfind("PASS").unwrap_or(told.len());
    told.get(..end).unwrap_or_default().to_owned()
}

/// Reads what a run reads before it sends, for this base URL.
async fn about(arguments: &RunArgs, base: &str, library: &Library) -> Result<Inputs, Complaint> {
    let loopback = is_loopback(base);
    let named = arguments.environment.is_some() || std::env::var_os("GREENLIGHT_ENVIRONMENT").is_some();
    let assumed = (loopback && !named).then_some(EnvironmentArg::Local);
    let about = AboutArgs {
        url: Some(base.to_owned()),
        environment: arguments.environment.or(assumed),
        keep_bodies: arguments.keep_bodies,
        known: KnownArgs {
            profile: arguments.profile.clone(),
            allow: arguments.allow.clone(),
            budget: arguments.budget.clone(),
            resolve: arguments.resolve.clone(),
            cacert: arguments.cacert.clone(),
            ..KnownArgs::default()
        },
        ..AboutArgs::default()
    };
    let mut inputs = inputs::gather(&about).await?;
    let target = &mut inputs.resolved.target;
    if assumed.is_some() {
        let assumption = "This very machine is no production; --environment production says otherwise";
        target.assumed.push(assumption.to_owned());
    }
    let budget = arguments.budget.as_deref().unwrap_or_default();
    if !budget.contains("requests") {
        // A long scenario is not one that asks too much.
        target.bounds.requests = target.bounds.requests.max(library.steps().saturating_mul(4));
    }
    if inputs.contract.is_none() {
        inputs.contract = library.contract.as_ref().map(|(source, text)| ContractText {
            source: source.clone(),
            text: text.clone(),
        });
    }
    Ok(inputs)
}

fn is_loopback(base: &str) -> bool {
    let url = url::Url::parse(base).ok();
    url.as_ref()
        .and_then(url::Url::host)
        .is_some_and(|host| match host {
            url::Host::Domain(name) => name == "localhost" || name.ends_with(".localhost"),
            url::Host::Ipv4(address) => address.is_loopback(),
            url::Host::Ipv6(address) => address.is_loopback(),
        })
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
