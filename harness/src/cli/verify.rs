//! `greenlight verify`: ask, record, judge, report.

use std::time::Duration;

use crate::check::coverage;
use crate::cli::args::VerifyArgs;
use crate::cli::baseline::Baseline;
use crate::cli::complaint::Complaint;
use crate::cli::credentials;
use crate::cli::hooks::Hooks;
use crate::cli::inputs::{self, Inputs};
use crate::cli::interrupt::Interrupt;
use crate::cli::once;
use crate::cli::output::{self, Screen};
use crate::cli::pages;
use crate::cli::plan;
use crate::cli::session;
use crate::cli::wait;
use crate::contract::load::Contract;
use crate::model::coverage::CoverageGate;
use crate::model::exchange::Exchange;
use crate::model::exit;
use crate::model::rollout::{Ended, Rollout};
use crate::report::format::Format;
use crate::runner::spawn::{Readiness, Started};
use crate::target::duration::Millis;
use crate::target::fault::nearest;
use crate::target::mask::mask;
use crate::target::resolve::Resolved;
use crate::target::site::Place;
use crate::transport::http::Transport;
use crate::transport::issuer::{self, Issuer, IssuerError};
use crate::transport::secret::Vault;

/// Verifies a service and returns the exit code.
pub async fn verify(arguments: VerifyArgs, screen: &Screen) -> Result<u8, Complaint> {
    known_proofs(&arguments)?;
    if let Some(longest) = &arguments.wait {
        wait::longest("--wait", longest)?;
    }
    if arguments.plan
        && arguments
            .report
            .format
            .iter()
            .any(|sink| sink.format != Format::Human)
    {
        return Err(Complaint::usage(
            "a plan has no report",
            "nothing is sent, so nothing is judged, and `--format` is about judgements",
            "leave out --plan, or --format",
        ));
    }
    output::check(&arguments.report, arguments.record.as_deref())?;
    let baseline = Baseline::read(arguments.baseline.as_deref())?;
    let hooks = Hooks::read(&arguments.hooks)?;
    let mut inputs = inputs::gather(&arguments.about).await?;
    inputs.baseline = baseline;
    inputs.hooks = hooks;
    inputs.resolved.target.coverage = covered(&arguments, &inputs)?;
    match inputs.resolved.place.clone() {
        Place::Url(_) => {
            let wanted = std::mem::take(&mut inputs.resolved.wanted);
            let vault =
                credentials::fetch(inputs.resolved.target.auth.as_mut(), &wanted, !arguments.plan).await?;
            run(&arguments, inputs, vault, None, screen).await
        }
        Place::Spawn { command, .. } => spawned(&arguments, inputs, &command, screen).await,
        Place::Embedded => embedded(&arguments, inputs, screen).await,
    }
}

/// What must be seen of the contract. A pattern that names nothing in a pinned one is refused; what a served one has is known
/// once it was asked for.
fn covered(arguments: &VerifyArgs, inputs: &Inputs) -> Result<CoverageGate, Complaint> {
    let gate = CoverageGate {
        least: arguments.min_coverage,
        required: arguments.require_success.clone(),
    };
    let pinned = inputs.contract.as_ref();
    let pinned = pinned.and_then(|pinned| Contract::parse(&pinned.text, &pinned.source).ok());
    let known = pinned.map(|pinned| coverage::of(&pinned, &[]).operations);
    let names = |pattern: &str| match &known {
        None => !pattern.trim().is_empty(),
        Some(known) => known.iter().any(|one| coverage::names(pattern, one)),
    };
    let Some(pattern) = gate.required.iter().find(|pattern| !names(pattern)) else {
        return Ok(gate);
    };
    let operations = known.iter().flatten();
    let called = operations.flat_map(|one| one.operation_id.iter().chain([&one.operation]));
    let next = match nearest(pattern, called.map(String::as_str)) {
        Some(name) => format!("did you mean {name:?}?"),
        None => "name a method and a path as the contract writes them, such as 'POST /notes', an operationId, or all".to_owned(),
    };
    Err(Complaint::usage(
        format_args!("--require-success {pattern:?} names no operation"),
        "nothing that is called so could ever be seen to succeed",
        next,
    ))
}

/// How long a service that this run starts may take until it listens, unless the profile gives it a `cold_start`.
const BOOT: Duration = Duration::from_secs(60);

/// Starts the service, verifies it and stops it, whatever happens.
async fn spawned(
    arguments: &VerifyArgs,
    mut inputs: Inputs,
    command: &str,
    screen: &Screen,
) -> Result<u8, Complaint> {
    let target = &mut inputs.resolved.target;
    if arguments.plan {
        target.base = inputs.resolved.place.listening(0);
        let vault = unserved(&mut inputs.resolved)?;
        return run(arguments, inputs, vault, None, screen).await;
    }
    let interrupt = Interrupt::listen();
    let issuer = issuer(&mut inputs.resolved).await?;
    let target = &mut inputs.resolved.target;
    let variables = issuer.as_ref().map(Issuer::variables).unwrap_or_default();
    let mut started = Started::start(command, variables, &credentials::ours())
        .await
        .map_err(|error| {
            let what = format!("`{}` could not be started", mask(command, &[]));
            Complaint::usage(
                what,
                error,
                "free the port, or start the service yourself and give its URL",
            )
        })?;
    if screen.watched {
        screen.say(&format!(
            "starting {} on port {}\n",
            mask(command, &[]),
            started.port()
        ));
    }
    let patience = match inputs.resolved.cold_start_ms {
        0 => BOOT,
        given => Duration::from_millis(given),
    };
    let wanted = std::mem::take(&mut inputs.resolved.wanted);
    let prepared = async {
        target.base = inputs.resolved.place.listening(started.port());
        if let Readiness::Listens(address) = started.ready(patience).await {
            let told = format!("127.0.0.1:{}", started.port());
            target.base = target.base.replacen(&told, &address.to_string(), 1);
        }
        match &issuer {
            Some(issuer) => Ok(issuer.vault()),
            None => credentials::fetch(target.auth.as_mut(), &wanted, true).await,
        }
    };
    let vault = tokio::select! {
        vault = prepared => vault?,
        () = interrupt.asked() => {
            started.stop(str::to_owned).await;
            return Ok(exit::INTERRUPTED);
        }
    };
    run(arguments, inputs, vault, Some((started, interrupt)), screen).await
}

/// The tokens that the run's own issuer would mint, for a plan; none when the run is no issuer.
fn unserved(resolved: &mut Resolved) -> Result<Vault, Complaint> {
    let Some(settings) = &resolved.test_issuer else {
        return Ok(Vault::empty());
    };
    credentials::issued(resolved.target.auth.as_mut(), settings);
    let run_ms = resolved.target.bounds.run_ms;
    let minted = issuer::minted(settings, "http://127.0.0.1:0", &credentials::good(), run_ms);
    minted.map(|(vault, _)| vault).map_err(no_issuer)
}

/// The issuer that the run is to be, serving; the target is told of its tokens.
async fn issuer(resolved: &mut Resolved) -> Result<Option<Issuer>, Complaint> {
    let Some(settings) = &resolved.test_issuer else {
        return Ok(None);
    };
    credentials::issued(resolved.target.auth.as_mut(), settings);
    let run_ms = resolved.target.bounds.run_ms;
    let issuer = Issuer::start(settings, &credentials::good(), run_ms).await;
    issuer.map(Some).map_err(no_issuer)
}

fn no_issuer(error: IssuerError) -> Complaint {
    Complaint::usage(
        "the test issuer could not be started",
        error,
        "supply a token with --token-env VAR instead",
    )
}

/// Boots the reference service in this process and verifies that, over real sockets.
#[cfg(feature = "lab")]
async fn embedded(arguments: &VerifyArgs, mut inputs: Inputs, screen: &Screen) -> Result<u8, Complaint> {
    use crate::lab::embedded::Embedded;
    let started = Embedded::healthy().await.map_err(|error| Complaint {
        text: format!("error: the embedded reference service did not start: {error}"),
        code: exit::OURS,
    })?;
    let vault = started.join(&mut inputs.resolved.target);
    let code = run(arguments, inputs, vault, None, screen).await;
    started.stop().await;
    code
}

#[cfg(not(feature = "lab"))]
async fn embedded(_: &VerifyArgs, _: Inputs, _: &Screen) -> Result<u8, Complaint> {
    Err(Complaint::usage(
        "there is no URL, and this build has no embedded service",
        "it was built without the feature `lab`",
        "give the base URL of the service: greenlight verify https://api.acme.example/v1",
    ))
}

async fn run(
    arguments: &VerifyArgs,
    mut inputs: Inputs,
    vault: Vault,
    started: Option<(Started, Interrupt)>,
    screen: &Screen,
) -> Result<u8, Complaint> {
    let seed = session::seed(arguments.seed);
    let transport = session::transport(&inputs, vault, &arguments.about.known.way.resolve)?;
    session::shows_no_secret(&inputs, &transport)?;
    if started.is_some() {
        credentials::around()
            .iter()
            .for_each(|secret| transport.hide(secret));
    }
    if arguments.plan {
        screen.print(&plan::plan(&inputs, arguments, &transport))?;
        return Ok(exit::PASS);
    }
    if arguments.report.verbose {
        screen.say(&settings(&inputs));
    }
    let (started, interrupt) = match started {
        Some((started, interrupt)) => (Some(started), interrupt),
        None => (None, Interrupt::listen()),
    };
    let (rollout, crashes) = match &arguments.wait {
        Some(longest) => {
            let longest = wait::longest("--wait", longest)?;
            waited(
                &inputs,
                &transport,
                longest,
                (started.as_ref(), &interrupt),
                screen,
            )
            .await
        }
        None => (None, Vec::new()),
    };
    let mut read = Vec::new();
    let mut recording = match &rollout {
        Some(rollout) if !rollout.is_settled() => session::unchecked(&inputs, arguments, seed, rollout),
        _ => {
            // Who is gone is asked nothing.
            if !started.as_ref().is_some_and(Started::has_ended) {
                read = once::keyed(&mut inputs, arguments, &transport, seed, &interrupt).await;
            }
            let started = (started.as_ref(), &interrupt);
            let mut recording = session::record(&inputs, &transport, arguments, seed, started, screen).await;
            let about = (&inputs, arguments.about.known.way.resolve.as_slice());
            let suites = &arguments.suite;
            pages::of_profile(&mut recording, suites, about, (&transport, &interrupt)).await;
            recording
        }
    };
    recording.rollout = rollout;
    session::append(&mut recording, crashes);
    session::append(&mut recording, read);
    if let Some(started) = started {
        let mut spawned = started.stop(|text| transport.redact(text)).await;
        spawned.command = mask(&spawned.command, &[]);
        recording.spawned = Some(spawned);
    }
    let mut run = session::judged(&recording);
    inputs.baseline.weigh(&mut run, &recording);
    if !run.interrupted && run.exit_code != exit::WAITED {
        run.exit_code = exit::code(run.verdict, arguments.fail_on.map(Into::into));
    }
    let kept = (&arguments.report, arguments.record.as_deref());
    let told = session::told(&run, &recording, kept, screen);
    let code = told.as_ref().map_or_else(|lost| lost.code, |code| *code);
    let code = inputs.hooks.after(&run, code, &interrupt, screen).await;
    told.map(|_| code)
}

/// Waits for the deploy, as long as a service that this run started lives, and gives what was seen and each crash of the new
/// build meanwhile: no retry hides a 5xx (law 1). A proxy's own 502, 503 and 504 are what a swap looks like from outside.
async fn waited(
    inputs: &Inputs,
    transport: &Transport,
    longest: Millis,
    (started, interrupt): (Option<&Started>, &Interrupt),
    screen: &Screen,
) -> (Option<Rollout>, Vec<Exchange>) {
    let target = &inputs.resolved.target;
    let stop = session::stop(started, interrupt);
    let (rollout, samples) = wait::settled(target, transport, longest, stop, screen).await;
    let crashes = samples.into_iter().filter(|exchange| {
        let crashed = exchange.is_server_error() && !matches!(exchange.status(), Some(502..=504));
        crashed && rollout.seen_at(exchange.at)
    });
    let crashes = crashes.collect();
    // A service that ended is no deploy to wait for: it is judged as what it is.
    let gone = rollout.ended == Ended::Interrupted && started.is_some_and(Started::has_ended);
    ((!gone).then_some(rollout), crashes)
}

/// Where each setting came from.
fn settings(inputs: &Inputs) -> String {
    let width = inputs
        .resolved
        .settings
        .iter()
        .map(|setting| setting.name.len())
        .max()
        .unwrap_or(0);
    let line = |setting: &crate::target::settings::Setting| {
        format!("{:width$}  {}  ({})\n", setting.name, setting.value, setting.from)
    };
    inputs.resolved.settings.iter().map(line).collect()
}

/// Refuses `--accept-unproven` for something that is no proof.
fn known_proofs(arguments: &VerifyArgs) -> Result<(), Complaint> {
    let known: Vec<&str> = session::checks(&[])
        .iter()
        .map(|check| check.spec())
        .filter(|spec| spec.must_run)
        .map(|spec| spec.id)
        .collect();
    match arguments
        .accept_unproven
        .iter()
        .find(|id| !known.contains(&id.as_str()))
    {
        None => Ok(()),
        Some(id) => Err(Complaint::usage(
            format_args!("--accept-unproven {id} names no proof"),
            "only checks that must run can be accepted unproven",
            format_args!("use one of: {}", known.join(", ")),
        )),
    }
}
