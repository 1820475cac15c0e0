//! `greenlight diagnose`: something is wrong, and somebody was paged. Every layer from the name up, gently; the likely cause
//! first, and what to do next. Nothing found is no all-clear: what may be wrong all the same is said with it.

use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;

use crate::check::Check;
use crate::check::view::View;
use crate::cli::args::{AboutArgs, DiagnoseArgs};
use crate::cli::complaint::Complaint;
use crate::cli::credentials;
use crate::cli::inputs::{self, Inputs};
use crate::cli::interrupt::Interrupt;
use crate::cli::output::{self, Screen};
use crate::cli::progress::Progress;
use crate::cli::session;
use crate::diagnosis::hypotheses::hypotheses;
use crate::drive::diagnose::Diagnosing;
use crate::drive::diagnose::infer::infer;
use crate::drive::diagnose::locate::{Found, Locating};
use crate::drive::diagnose::order::CHECKS;
use crate::drive::rounds::Rounds;
use crate::model::exchange::{Exchange, Xid};
use crate::model::exit;
use crate::model::finding::Verdict;
use crate::model::probe::Probe;
use crate::model::recording::{Recording, SCHEMA, Tool};
use crate::model::run::Run;
use crate::model::target::{Call, Target};
use crate::report::format::Finished;
use crate::runner::execute::{Executed, Runner};
use crate::runner::judge::{Bench, judge};
use crate::transport::http::Transport;
use crate::transport::secret::Vault;

/// A diagnosis sends no more than this, unless --budget says otherwise.
const REQUESTS: u32 = 40;
/// It takes no longer than this, in milliseconds, unless --budget says otherwise.
const LONGEST_MS: u64 = 30_000;
/// Requests that finding the base may take of them.
const TO_LOCATE: u32 = 12;
/// The first look is told after so many exchanges.
const FIRST_LOOK: usize = 8;

/// Diagnoses and returns the exit code.
pub async fn diagnose(arguments: &DiagnoseArgs, screen: &Screen) -> Result<u8, Complaint> {
    output::check(&arguments.report, arguments.record.as_deref())?;
    let wanted = arguments.request.as_deref().map(call).transpose()?;
    let about = AboutArgs {
        url: Some(arguments.url.clone()),
        profile: arguments.profile.clone(),
        origin: arguments.origin.clone(),
        token_env: arguments.token_env.clone(),
        token_command: arguments.token_command.clone(),
        token_prompt: arguments.token_prompt,
        contract: arguments.contract.clone(),
        expect_version: arguments.expect_version.clone(),
        allow: arguments.allow.clone(),
        budget: arguments.budget.clone(),
        resolve: arguments.resolve.clone(),
        cacert: arguments.cacert.clone(),
        ..AboutArgs::default()
    };
    let mut inputs = inputs::gather(&about).await?;
    let wanted_secrets = std::mem::take(&mut inputs.resolved.wanted);
    let vault = credentials::fetch(inputs.resolved.target.auth.as_mut(), &wanted_secrets, true).await?;
    bound(&mut inputs.resolved.target, arguments.budget.is_some());
    let interrupt = Interrupt::listen();
    let seed = RandomState::new().hash_one("seed") >> 32;

    let begun = Timestamp::now();
    let looked = locate(&mut inputs, arguments, seed, &interrupt).await?;
    let target = infer(
        inputs.resolved.target.clone(),
        looked.contract(&inputs),
        wanted.as_ref(),
    );
    inputs.resolved.target = target;
    spend(&mut inputs.resolved.target, begun, looked.exchanges.len());
    let transport = session::transport(&inputs, vault, &arguments.resolve, seed)?;
    session::shows_no_secret(&inputs, &transport)?;
    let mut recording = record(&inputs, &transport, arguments, seed, &interrupt, screen).await;
    recording.started_at = begun;
    append(&mut recording.exchanges, looked.exchanges);

    let mut run = judged(&recording);
    conclude(&mut run, &recording, arguments);
    let about = session::about();
    let finished = Finished {
        run: &run,
        recording: &recording,
        about: &about,
    };
    let reported = output::report(finished, &arguments.report, screen);
    let recorded = output::record(arguments.record.as_deref(), &recording);
    output::ended(&run, reported.and(recorded))
}

/// `POST /path`, as somebody types the call that fails.
fn call(text: &str) -> Result<Call, Complaint> {
    let wrong = || {
        Complaint::usage(
            format_args!("--request {text:?} is not a call"),
            "a call is a method and a path below the base URL",
            "write it as 'POST /summaries'",
        )
    };
    let (method, path) = text.trim().split_once(' ').ok_or_else(wrong)?;
    let path = path.trim();
    let is_method = !method.is_empty() && method.bytes().all(|byte| byte.is_ascii_alphabetic());
    if !is_method || !path.starts_with('/') || path.contains(char::is_whitespace) {
        return Err(wrong());
    }
    Ok(Call {
        method: method.to_ascii_uppercase(),
        path: path.to_owned(),
    })
}

/// Gives a diagnosis its own bounds.
fn bound(target: &mut Target, said: bool) {
    let bounds = &mut target.bounds;
    bounds.cold_start_ms = 0;
    if !said {
        bounds.requests = bounds.requests.min(REQUESTS);
        bounds.run_ms = bounds.run_ms.min(LONGEST_MS);
    }
}

/// Takes what finding the base has cost from what is left: the whole has one bound.
fn spend(target: &mut Target, begun: Timestamp, requests: usize) {
    let took = Timestamp::now().duration_since(begun).as_millis();
    let bounds = &mut target.bounds;
    bounds.run_ms = bounds
        .run_ms
        .saturating_sub(u64::try_from(took).unwrap_or(0))
        .max(1);
    bounds.requests = bounds
        .requests
        .saturating_sub(u32::try_from(requests).unwrap_or(u32::MAX));
}

/// What finding the base saw.
struct Looked {
    found: Found,
    exchanges: Vec<Exchange>,
}

impl Looked {
    /// The contract to go by: the pinned one, or the one that was found.
    fn contract<'l>(&'l self, inputs: &'l Inputs) -> Option<&'l crate::contract::load::Contract> {
        let found = self.found.contract.as_ref().map(|(contract, _)| contract);
        inputs.parsed.as_ref().or(found)
    }
}

/// Finds where the API begins, and lets the target begin there. A profile has said so already.
async fn locate(
    inputs: &mut Inputs,
    arguments: &DiagnoseArgs,
    seed: u64,
    interrupt: &Interrupt,
) -> Result<Looked, Complaint> {
    let path = inputs.resolved.target.base_path().to_owned();
    let base = std::mem::take(&mut inputs.resolved.target.base);
    let mut looking = inputs.resolved.target.clone();
    looking.base = base.strip_suffix(&path).unwrap_or(&base).to_owned();
    looking.bounds.requests = looking.bounds.requests.min(TO_LOCATE);
    inputs.resolved.target.base = looking.base.clone();
    let transport = session::transport(inputs, Vault::empty(), &arguments.resolve, seed);
    inputs.resolved.target.base = base;
    let transport = transport?;
    let mut driver = Locating::new(&path);
    let runner = Runner::new(&looking, &transport, seed.wrapping_add(1), |_| {});
    let done = runner.run(&mut driver, interrupt.asked()).await;
    let found = driver.found();
    let target = &mut inputs.resolved.target;
    if let Some(base) = &found.base {
        target.base = format!("{}{base}", target.host_root());
    }
    let routes = &mut target.routes;
    routes.health = routes.health.take().or_else(|| found.health.clone());
    if let Some((_, route)) = &found.contract {
        routes.contract.get_or_insert_with(|| route.clone());
    }
    Ok(Looked {
        found,
        exchanges: done.exchanges,
    })
}

/// The checks of a diagnosis.
fn checks() -> Vec<&'static dyn Check> {
    let asked = |check: &&'static dyn Check| CHECKS.contains(&check.spec().id);
    session::checks(&[]).into_iter().filter(asked).collect()
}

async fn record(
    inputs: &Inputs,
    transport: &Transport,
    arguments: &DiagnoseArgs,
    seed: u64,
    interrupt: &Interrupt,
    screen: &Screen,
) -> Recording {
    let target = &inputs.resolved.target;
    let addresses = transport.addresses().await;
    let progress = Progress::start(screen, &target.base);
    let first = Mutex::new(FirstLook::default());
    let shown = |fresh: &[Exchange]| {
        let mut first = first.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(headline) = first.look(inputs, fresh, seed) {
            progress.hush(|| screen.say(&format!("so far  {headline}\n")));
        }
    };
    let rounds = Rounds::new(target, inputs.parsed.as_ref(), checks());
    let symptom = arguments.symptom.map(Into::into);
    let mut driver = Diagnosing::new(target, rounds, &addresses, symptom, shown);
    let runner = Runner::new(target, transport, seed, |event| progress.show(event));
    let done = runner.run(&mut driver, interrupt.asked()).await;
    let stopped = driver.stopped();
    let mut recording = recording(inputs, seed, done);
    recording.connections = transport.connections();
    if let Some(why) = stopped {
        recording
            .target
            .assumed
            .push(format!("it was asked no further, since {why}"));
    }
    recording
}

fn recording(inputs: &Inputs, seed: u64, done: Executed) -> Recording {
    let now = Timestamp::now();
    Recording {
        schema: SCHEMA.to_owned(),
        tool: Tool::this(),
        target: inputs.resolved.target.clone(),
        contract: inputs.contract.clone(),
        suites: Vec::new(),
        seed,
        started_at: now,
        ended_at: now,
        interrupted: done.interrupted,
        strict: false,
        accept_unproven: Vec::new(),
        connections: Vec::new(),
        exchanges: done.exchanges,
        refused: done.refused,
        spawned: None,
        rollout: None,
    }
}

/// Tells the headline as soon as there is one, once. It looks a few times only: judging is not free, and a server may make
/// it dear.
#[derive(Default)]
struct FirstLook {
    seen: Vec<Exchange>,
    looks: usize,
}

/// Looks at most.
const LOOKS: usize = 3;

impl FirstLook {
    fn look(&mut self, inputs: &Inputs, fresh: &[Exchange], seed: u64) -> Option<String> {
        if self.looks >= LOOKS {
            return None;
        }
        self.seen.extend_from_slice(fresh);
        let silent = fresh.iter().any(|exchange| exchange.answer().is_none());
        if self.seen.len() < FIRST_LOOK * (self.looks + 1) && !silent {
            return None;
        }
        self.looks += 1;
        let done = Executed {
            exchanges: self.seen.clone(),
            ..Executed::default()
        };
        let run = judged(&recording(inputs, seed, done));
        let found = run.verdict == Verdict::Fail;
        if found {
            self.looks = LOOKS;
        }
        found.then_some(run.headline)
    }
}

fn judged(recording: &Recording) -> Run {
    let (checks, rules) = (checks(), session::rules(&[]));
    judge(
        recording,
        Bench {
            checks: &checks,
            rules: &rules,
            causes: crate::diagnosis::registry::CAUSES,
        },
    )
}

/// What a diagnosis makes of a run: a cause, or "not reproduced" with what may be wrong all the same.
fn conclude(run: &mut Run, recording: &Recording, arguments: &DiagnoseArgs) {
    if run.verdict == Verdict::Fail || run.interrupted {
        return;
    }
    let known = run
        .diagnoses
        .first()
        .filter(|_| run.verdict >= Verdict::Flaky && !run.findings.is_empty());
    if known.is_none() {
        run.headline = "Nothing that was asked from here is wrong".to_owned();
    }
    let view = View::new(&recording.target, None, &recording.exchanges, &recording.refused);
    run.hypotheses = hypotheses(&view, &command(arguments));
    run.verdict = Verdict::Inconclusive;
    run.exit_code = exit::INCONCLUSIVE;
}

/// The command that was typed, as far as the next one repeats it.
fn command(arguments: &DiagnoseArgs) -> String {
    let mut words = vec![
        "greenlight".to_owned(),
        "diagnose".to_owned(),
        arguments.url.clone(),
    ];
    let mut add = |flag: &str, value: &str| words.extend([flag.to_owned(), value.to_owned()]);
    arguments
        .profile
        .iter()
        .for_each(|profile| add("--profile", profile));
    arguments.origin.iter().for_each(|origin| add("--origin", origin));
    if let Some(request) = &arguments.request {
        add("--request", &format!("'{request}'"));
    }
    if let Some(name) = &arguments.token_env {
        add("--token-env", name);
    }
    words.join(" ")
}

/// Adds what finding the base saw behind the rest, under names of its own. Its paths begin at the root of the host.
fn append(exchanges: &mut Vec<Exchange>, more: Vec<Exchange>) {
    let next = exchanges
        .iter()
        .map(|exchange| exchange.id.0 + 1)
        .max()
        .unwrap_or(0);
    exchanges.extend(more.into_iter().map(|exchange| Exchange {
        id: Xid(next + exchange.id.0),
        probe: Arc::new(Probe {
            at_root: true,
            ..Probe::clone(&exchange.probe)
        }),
        ..exchange
    }));
}
