//! Arguments as typed. Nothing is read or resolved here.

use std::net::IpAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::cli::accept::AcceptArgs;
use crate::cli::choices::{EffectArg, EnvironmentArg, FailOn, SuiteArg};
use crate::cli::completions::CompletionsArgs;
use crate::cli::diff::DiffArgs;
use crate::cli::doctor::DoctorArgs;
use crate::cli::exported::NOTHING_SENT;
use crate::cli::hooks::HookArgs;
use crate::cli::init::InitArgs;
use crate::cli::lint::LintArgs;
use crate::cli::new::NewArgs;
use crate::cli::resolvers::ResolverArgs;
use crate::cli::run::RunArgs;
use crate::drive::diagnose::order::Symptom;
use crate::report::format::Format;

/// Tells a team whether a deploy of their HTTP API is good and, when it is not, why.
#[derive(Debug, Parser)]
#[command(name = "greenlight", version, after_help = exit_codes(), max_term_width = 110)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands that work.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Verify a running service; with no URL, boot the embedded reference service and verify that
    Verify(Box<VerifyArgs>),
    /// Wait until a deploy is through: until only the expected build answers, on every address, as far as samples can tell
    Wait(WaitArgs),
    /// Find out what is wrong with a service: every layer from the name up, the likely cause first, and what to do next. It
    /// sends at most 40 requests within 30 s, unless --budget says otherwise
    Diagnose(Box<DiagnoseArgs>),
    /// Judge a recording, a bundle or a browser's HAR again with today's checks; nothing is sent
    Replay(ReplayArgs),
    /// What changed from one recording, or one contract, to another: breaking first
    Diff(DiffArgs),
    /// Run scenarios, which are Arazzo documents, against a service, and judge each step and every answer
    Run(Box<RunArgs>),
    /// Hold scenarios, which are Arazzo documents, to their specification and to what proves something; nothing is sent
    Lint(LintArgs),
    /// Write a first scenario, from a call that was copied as a curl command, from what a browser recorded, or from a contract
    New(NewArgs),
    /// Check the checker: clock, names, proxies, trust, terminal, configuration
    Doctor(DoctorArgs),
    /// Write the first profile and workflow of a repository, from what lies in it; nothing is overwritten
    Init(InitArgs),
    /// Answer for a failure for a time: writes a waiver into the profile. Server errors, open doors and missing proofs cannot be
    /// waived
    Accept(AcceptArgs),
    /// List every check and rule
    List(ListArgs),
    /// Explain one check, rule or cause: what it looks at, why it matters, what to do
    Explain(ExplainArgs),
    /// Print what a shell needs to complete the command line
    Completions(CompletionsArgs),
    /// Run every fault and every healthy look-alike against the checks, and print the kill matrix
    #[cfg(feature = "lab")]
    Lab(LabArgs),
}

/// What a run is about.
#[derive(Debug, Default, Args)]
pub struct AboutArgs {
    /// Base URL of the service, such as https://api.acme.example/v1. Without it the embedded reference service is verified
    pub url: Option<String>,
    /// Start the service through `sh -c`, with a free port in $PORT, verify it there, and stop it
    #[arg(long, value_name = "CMD", conflicts_with = "url")]
    pub spawn: Option<String>,
    /// With --spawn: the path of the base URL, such as /api/v3
    #[arg(long, value_name = "PATH", requires = "spawn", conflicts_with = "url")]
    pub base: Option<String>,
    /// With --spawn: be the issuer that the service believes. Serves OpenID discovery and keys on loopback, tells the service
    /// in $OIDC_ISSUER, $OIDC_AUDIENCE and $OIDC_JWKS_URL, and mints good and bad tokens
    #[arg(long, group = "token")]
    pub test_issuer: bool,
    /// How careful to be. What was not started by Greenlight and is not named otherwise is production, loopback included
    #[arg(long, value_enum)]
    pub environment: Option<EnvironmentArg>,
    /// Keep success bodies of authenticated calls as they are; in production only types and lengths are kept otherwise
    #[arg(long)]
    pub keep_bodies: bool,
    /// What is known of the service.
    #[command(flatten)]
    pub known: KnownArgs,
}

/// What is known of a service, and what may be done to it.
#[derive(Debug, Clone, Default, Args)]
pub struct KnownArgs {
    /// What is known of the service: a TOML file, or `concierge`. May be given again; later ones win [default: ./greenlight.toml]
    #[arg(long, value_name = "FILE|concierge")]
    pub profile: Vec<String>,
    /// Origin of a page that calls the service, such as https://app.acme.example. May be given again
    #[arg(long)]
    pub origin: Vec<String>,
    /// Environment variable that holds a good credential
    #[arg(long, value_name = "VAR", group = "token")]
    pub token_env: Option<String>,
    /// Command that prints a good credential
    #[arg(long, value_name = "CMD", group = "token")]
    pub token_command: Option<String>,
    /// Ask for a good credential at the terminal, without echo
    #[arg(long, group = "token")]
    pub token_prompt: bool,
    /// The pinned contract: an OpenAPI document, as file or URL
    #[arg(long, value_name = "FILE|URL")]
    pub contract: Option<String>,
    /// The build that must answer: a commit, seven characters or more
    #[arg(long, value_name = "SHA")]
    pub expect_version: Option<String>,
    /// How many instances answer at the address [default: nobody knows]
    #[arg(long, value_name = "N")]
    pub replicas: Option<u16>,
    /// What may be done to it.
    #[command(flatten)]
    pub leave: LeaveArgs,
    /// How it is reached.
    #[command(flatten)]
    pub way: WayArgs,
}

/// What may be done to a service, and how much of it.
#[derive(Debug, Clone, Default, Args)]
pub struct LeaveArgs {
    /// Allow requests with this effect. May be given again
    #[arg(long, value_enum, value_name = "EFFECT", value_delimiter = ',')]
    pub allow: Vec<EffectArg>,
    /// Spend no more than this, such as paid=1,requests=200,bytes=2MiB,time=2m
    #[arg(long, value_name = "PART=N,…")]
    pub budget: Option<String>,
}

/// How a service is reached.
#[derive(Debug, Clone, Default, Args)]
pub struct WayArgs {
    /// Use this address for a host, such as api.acme.example:203.0.113.7. May be given again
    #[arg(long, value_name = "HOST:ADDRESS", value_parser = pin)]
    pub resolve: Vec<(String, IpAddr)>,
    /// PEM file with certificates to trust besides the system's
    #[arg(long, value_name = "FILE")]
    pub cacert: Option<PathBuf>,
}

/// Arguments of `verify`.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// What the run is about.
    #[command(flatten)]
    pub about: AboutArgs,
    /// With --expect-version: first wait until only that build answers, at most this long
    #[arg(long, value_name = "DURATION", num_args = 0..=1, default_missing_value = "15m", requires = "expect_version")]
    pub wait: Option<String>,
    /// Run only this suite. May be given again [default: all that budget and environment allow]
    #[arg(long, value_enum, value_name = "SUITE")]
    pub suite: Vec<SuiteArg>,
    /// Fail unless this operation of the contract is seen to succeed: all, an operationId, or a method and a path, in which *
    /// stands for anything. May be given again
    #[arg(long, value_name = "all|PATTERN")]
    pub require_success: Vec<String>,
    /// Fail unless so many percent of the contract's operations are seen to succeed
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(0..=100))]
    pub min_coverage: Option<u8>,
    /// Go without this proof; the headline says so. May be given again
    #[arg(long, value_name = "ID")]
    pub accept_unproven: Vec<String>,
    /// Print what would be sent and why, and send nothing
    #[arg(long)]
    pub plan: bool,
    /// Exit 4 when the verdict is at least this
    #[arg(long, value_enum, value_name = "VERDICT")]
    pub fail_on: Option<FailOn>,
    /// Count minor failures as degraded
    #[arg(long)]
    pub strict: bool,
    /// Seed of the ids that requests are sent under [default: random]
    #[arg(long)]
    pub seed: Option<u64>,
    /// Write the recording to this file, for `greenlight replay`
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,
    /// Compare with this recording of an earlier run, such as the last green one. None there yet is no failure
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// What to do once the run is over.
    #[command(flatten)]
    pub hooks: HookArgs,
    /// How to report.
    #[command(flatten)]
    pub report: ReportArgs,
}

/// Arguments of `wait`.
#[derive(Debug, Args)]
pub struct WaitArgs {
    /// Base URL of the service, such as https://api.acme.example/v1
    pub url: String,
    /// The build that must be the only one that answers: a commit, seven characters or more
    #[arg(long, value_name = "SHA")]
    pub expect_version: String,
    /// How many instances answer at the address; with it, what the samples exclude is one old instance of so many
    /// [default: an old share of 10 % is excluded]
    #[arg(long, value_name = "N")]
    pub replicas: Option<u16>,
    /// Wait at most this long
    #[arg(long = "for", value_name = "DURATION", default_value = "15m")]
    pub longest: String,
    /// What is known of the service, above all where it says which build it is: a TOML file, or `concierge`
    #[arg(long, value_name = "FILE|concierge")]
    pub profile: Vec<String>,
    /// How it is reached.
    #[command(flatten)]
    pub way: WayArgs,
    /// Print as human or json
    #[arg(long, value_enum, value_name = "NAME", default_value_t = Shape::Human)]
    pub format: Shape,
    /// Say the headline and nothing else
    #[arg(long, short)]
    pub quiet: bool,
}

/// Arguments of `diagnose`.
#[derive(Debug, Args)]
pub struct DiagnoseArgs {
    /// The address that fails: the API's base URL, one of its endpoints, or the web page that calls it. With --har: which of its hosts to judge
    #[arg(required_unless_present_any = ["har", "curl"])]
    pub url: Option<String>,
    /// Judge what a browser exported of its own failing call, a HAR file or - for standard input; nothing is sent
    #[arg(long, value_name = "FILE", conflicts_with_all = NOTHING_SENT)]
    pub har: Option<PathBuf>,
    /// Explain a call that a browser copied as a curl command, in a file or - for standard input; nothing is sent
    #[arg(long, value_name = "FILE", conflicts_with_all = NOTHING_SENT, conflicts_with_all = ["har", "url", "record", "bundle"])]
    pub curl: Option<PathBuf>,
    /// What people see
    #[arg(long, value_enum, value_name = "SYMPTOM")]
    pub symptom: Option<SymptomArg>,
    /// The call that fails, such as 'POST /summaries'
    #[arg(long, value_name = "CALL")]
    pub request: Option<String>,
    /// What is known of the service. The budget is requests=40,time=30s unless it says otherwise.
    #[command(flatten)]
    pub known: KnownArgs,
    /// Who is asked for the name.
    #[command(flatten)]
    pub names: ResolverArgs,
    /// Write the recording to this file, for `greenlight replay`
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,
    /// How to report.
    #[command(flatten)]
    pub report: ReportArgs,
}

/// What people see, as typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SymptomArg {
    /// The browser says "CORS error"
    Cors,
    /// Answers are 5xx
    #[value(name = "5xx")]
    ServerError,
    /// Answers are 401
    #[value(name = "401")]
    Unauthorized,
    /// Answers take long
    Slow,
    /// Uploads fail
    Upload,
}

impl From<SymptomArg> for Symptom {
    fn from(symptom: SymptomArg) -> Self {
        match symptom {
            SymptomArg::Cors => Symptom::Cors,
            SymptomArg::ServerError => Symptom::ServerError,
            SymptomArg::Unauthorized => Symptom::Unauthorized,
            SymptomArg::Slow => Symptom::Slow,
            SymptomArg::Upload => Symptom::Upload,
        }
    }
}

/// Who reads what a command prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Shape {
    /// People
    Human,
    /// Programs
    Json,
}

/// How to report.
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// Formats, and where each goes.
    #[arg(long, value_name = "NAME[=PATH]", value_parser = sink, help = formats())]
    pub format: Vec<Sink>,
    /// Write all of the run to this file, to hand on: reports, recording, HAR, environment; for its owner to read alone, and
    /// without secrets
    #[arg(long, value_name = "FILE.tar.gz")]
    pub bundle: Option<PathBuf>,
    /// Say more: every check, and where each setting came from
    #[arg(long, short)]
    pub verbose: bool,
    /// Say the headline and nothing else; files and machine formats stay whole
    #[arg(long, short, conflicts_with = "verbose")]
    pub quiet: bool,
}

/// Where one report goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sink {
    /// The format.
    pub format: Format,
    /// The file, or standard output.
    pub path: Option<PathBuf>,
}

/// Arguments of `replay`.
#[derive(Debug, Args)]
pub struct ReplayArgs {
    /// A recording, as `verify --record FILE` wrote it, a bundle, or a HAR that a browser exported
    pub file: PathBuf,
    /// Exit 4 when the verdict is at least this
    #[arg(long, value_enum, value_name = "VERDICT")]
    pub fail_on: Option<FailOn>,
    /// Compare with this recording of an earlier run, such as the last green one. None there yet is no failure
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// How to report.
    #[command(flatten)]
    pub report: ReportArgs,
}

/// Arguments of `list`.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Only this suite. May be given again
    #[arg(long, value_enum, value_name = "SUITE")]
    pub suite: Vec<SuiteArg>,
}

/// Arguments of `explain`.
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// Id of a check, a rule or a cause, such as cors/readable
    pub id: String,
}

/// Arguments of `lab`.
#[cfg(feature = "lab")]
#[derive(Debug, Args)]
pub struct LabArgs {
    /// Only faults and look-alikes whose id contains this
    pub only: Option<String>,
    /// Print the matrix as human, json, markdown or html
    #[arg(long, value_name = "NAME", default_value_t = crate::report::matrix::Format::Human)]
    pub format: crate::report::matrix::Format,
    /// Write the matrix to this file instead of standard output
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Print the report of every run as well
    #[arg(long, short)]
    pub verbose: bool,
}

/// `HOST:ADDRESS`, as curl's `--resolve` without the port.
fn pin(text: &str) -> Result<(String, IpAddr), String> {
    let wrong = || format!("`{text}` is not HOST:ADDRESS, such as api.acme.example:203.0.113.7");
    let (host, address) = text.split_once(':').ok_or_else(wrong)?;
    let address = address
        .trim_start_matches('[')
        .trim_end_matches(']')
        .parse()
        .map_err(|_| wrong())?;
    Ok((host.to_ascii_lowercase(), address))
}

/// `NAME[=PATH]`.
fn sink(text: &str) -> Result<Sink, String> {
    let (name, path) = text
        .split_once('=')
        .map_or((text, None), |(name, path)| (name, Some(path)));
    if path.is_some_and(str::is_empty) {
        return Err(format!("`{text}` names no file after the ="));
    }
    Ok(Sink {
        format: name.parse().map_err(|error| format!("{error}"))?,
        path: path.map(PathBuf::from),
    })
}

fn formats() -> String {
    let names = crate::report::format::names();
    format!("Report in this format, with =PATH into a file: {names}. May be given again [default: human]")
}

fn exit_codes() -> String {
    let lines = crate::model::exit::TABLE
        .iter()
        .map(|(code, meaning)| format!("  {code:>3}  {meaning}"));
    format!("Exit codes:\n{}", lines.collect::<Vec<_>>().join("\n"))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn pins_and_sinks_are_read() {
        assert_eq!(
            pin("A.example:203.0.113.7"),
            Ok(("a.example".into(), "203.0.113.7".parse().unwrap()))
        );
        assert_eq!(
            pin("a.example:[::1]").unwrap().1,
            "::1".parse::<IpAddr>().unwrap()
        );
        assert!(pin("a.example").is_err());
        assert_eq!(sink("json=a=b.json").unwrap().path, Some("a=b.json".into()));
        assert!(sink("json=").is_err() && sink("yaml").is_err());
    }
}
