//! One run from resolved inputs to a recording.

use std::collections::BTreeMap;
use std::hash::{BuildHasher as _, RandomState};
use std::net::IpAddr;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use jiff::Timestamp;

use crate::check::spec::{Spec, Suite};
use crate::check::{Check, Rule};
use crate::checks::registry::{CHECKS, RULES};
use crate::cli::args::{ReportArgs, VerifyArgs};
use crate::cli::bundle;
use crate::cli::complaint::Complaint;
use crate::cli::inputs::Inputs;
use crate::cli::interrupt::Interrupt;
use crate::cli::output::{self, Screen};
use crate::cli::progress::Progress;
use crate::diagnosis::registry::CAUSES;
use crate::drive::diagnose::order::{self, Symptom};
use crate::drive::rounds::Rounds;
use crate::model::about::About;
use crate::model::exchange::{Exchange, Xid};
use crate::model::recording::Recording;
use crate::model::rollout::{Ended, Rollout};
use crate::model::run::Run;
use crate::model::target::Target;
use crate::report::format::Finished;
use crate::runner::execute::{Executed, Runner};
use crate::runner::judge::{Bench, judge};
use crate::runner::spawn::Started;
use crate::transport::http::{Settings, Transport};
use crate::transport::proxy::Proxies;
use crate::transport::secret::Vault;

/// The checks of these suites; of all of them when none is named.
pub fn checks(suites: &[Suite]) -> Vec<&'static dyn Check> {
    CHECKS
        .iter()
        .copied()
        .filter(|check| selected(check.spec(), suites))
        .collect()
}

/// What every check and rule declares.
pub fn specs() -> Vec<&'static Spec> {
    let checks = CHECKS.iter().map(|check| check.spec());
    checks.chain(RULES.iter().map(|rule| rule.spec())).collect()
}

/// The checks of a diagnosis, with what brought somebody here.
pub fn diagnosing(symptom: Option<Symptom>) -> Vec<&'static dyn Check> {
    let mut checks = checks(&[]);
    checks.retain(|check| order::asks(check.spec().id, symptom));
    checks
}

/// What brought somebody here, as far as it decided which checks were asked.
fn symptom(recording: &Recording) -> Option<Symptom> {
    let asked = recording.exchanges.iter().flat_map(|exchange| &exchange.askers);
    let refused = recording.refused.iter().flat_map(|refusal| &refusal.askers);
    let mut speech = asked.chain(refused).filter(|asker| asker.0 == order::SPEECH);
    speech.next().map(|_| Symptom::Upload)
}

/// The checks that hold for whatever was asked, beside the rules: what a browser asked, no check has asked for.
fn of_any_exchange(recording: &Recording) -> Vec<&'static dyn Check> {
    let asked = recording
        .exchanges
        .iter()
        .any(|exchange| exchange.probe.is_preflight());
    let mut checks = checks(&[]);
    checks.retain(|check| asked && check.spec().id == "cors/preflight-allowed");
    checks
}

/// The rules of these suites.
pub fn rules(suites: &[Suite]) -> Vec<&'static dyn Rule> {
    RULES
        .iter()
        .copied()
        .filter(|rule| selected(rule.spec(), suites))
        .collect()
}

fn selected(spec: &Spec, suites: &[Suite]) -> bool {
    suites.is_empty() || spec.suites.iter().any(|suite| suites.contains(suite))
}

/// The suites that a recording was made for.
pub fn suites(names: &[String]) -> Vec<Suite> {
    Suite::ALL
        .iter()
        .copied()
        .filter(|suite| names.iter().any(|name| name == suite.name()))
        .collect()
}

/// The transport of a run.
pub fn transport(
    inputs: &Inputs,
    vault: Vault,
    resolve: &[(String, IpAddr)],
) -> Result<Transport, Complaint> {
    transport_to(&inputs.resolved.target, inputs, vault, resolve)
}

/// The same to another base of the target's host.
pub fn transport_to(
    target: &Target,
    inputs: &Inputs,
    vault: Vault,
    resolve: &[(String, IpAddr)],
) -> Result<Transport, Complaint> {
    let settings = Settings {
        vault,
        samples: inputs.samples.clone(),
        pins: pins(resolve),
        ca_pem: inputs.ca_pem.clone(),
        proxies: proxies(),
    };
    Transport::new(target.clone(), settings).map_err(|error| {
        Complaint::usage(
            error,
            "without it nothing can be sent",
            "check the URL and --cacert",
        )
    })
}

/// Refuses a target with a credential in its address or among its pages: hiding the one would hide the other, and a run
/// would be judged by what is missing from it.
pub fn shows_no_secret(inputs: &Inputs, transport: &Transport) -> Result<(), Complaint> {
    let target = &inputs.resolved.target;
    let pages = target
        .clients
        .iter()
        .map(|client| ("the origin of a page", client.origin.0.as_str()));
    let places = std::iter::once(("the base URL", target.base.as_str())).chain(pages);
    let shown = places.map(|(role, text)| (role, text, transport.redact(text)));
    let Some((role, _, hidden)) = shown.into_iter().find(|(_, text, hidden)| text != hidden) else {
        return Ok(());
    };
    Err(Complaint::usage(
        format_args!("{role}, {hidden}, holds a credential"),
        "every report names it, and no report may hold a credential",
        "give the credential by --token-env, and another one if this one is really a word of the address",
    ))
}

/// The addresses of each name, in the order that they were typed.
pub fn pins(typed: &[(String, IpAddr)]) -> BTreeMap<String, Vec<IpAddr>> {
    let mut pins: BTreeMap<String, Vec<IpAddr>> = BTreeMap::new();
    for (host, address) in typed {
        pins.entry(host.clone()).or_default().push(*address);
    }
    pins
}

/// The proxies that the environment names. `HTTP_PROXY` in capitals is left alone, as curl does: a CGI server sets it from a
/// request header.
pub fn proxies() -> Proxies {
    let named = |name: &str| std::env::var(name).unwrap_or_default();
    let either = |name: &str| Some(named(name)).filter(|value| !value.is_empty());
    let both = |lower: &str| either(lower).unwrap_or_else(|| named(&lower.to_ascii_uppercase()));
    Proxies {
        http: named("http_proxy"),
        https: both("https_proxy"),
        all: both("all_proxy"),
        no: both("no_proxy"),
    }
}

/// Asks what the checks want asked, until it is done or interrupted.
pub async fn record(
    inputs: &Inputs,
    transport: &Transport,
    arguments: &VerifyArgs,
    seed: u64,
    (started, interrupt): (Option<&Started>, &Interrupt),
    screen: &Screen,
) -> Recording {
    let target = &inputs.resolved.target;
    let suites: Vec<Suite> = arguments.suite.iter().map(|suite| (*suite).into()).collect();
    let progress = Progress::start(screen, &target.base);
    let started_at = Timestamp::now();
    let mut driver = Rounds::new(target, inputs.parsed.as_ref(), checks(&suites));
    let runner = Runner::new(target, transport, seed, |event| progress.show(&event));
    let by_user = AtomicBool::new(false);
    let asked_to = async {
        interrupt.asked().await;
        by_user.store(true, Ordering::Relaxed);
    };
    let done = runner.run(&mut driver, either(started, asked_to)).await;
    Recording {
        started_at,
        interrupted: done.interrupted && by_user.load(Ordering::Relaxed),
        connections: transport.connections(),
        ..asked(arguments, recording(inputs, seed, done))
    }
}

/// Resolves once nothing more is to be asked: somebody wants us to stop, or the service that this run started has ended.
pub async fn stop(started: Option<&Started>, interrupt: &Interrupt) {
    either(started, interrupt.asked()).await;
}

async fn either(started: Option<&Started>, asked_to: impl Future<Output = ()>) {
    let gone = async {
        match started {
            Some(started) => started.ended().await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        () = gone => {}
        () = asked_to => {}
    }
}

/// The recording of a run that checked nothing, since the deploy that it waited for is not through.
pub fn unchecked(inputs: &Inputs, arguments: &VerifyArgs, seed: u64, rollout: &Rollout) -> Recording {
    Recording {
        started_at: rollout.begun_at,
        interrupted: rollout.ended == Ended::Interrupted,
        ..asked(arguments, recording(inputs, seed, Executed::default()))
    }
}

/// The same with what the flags of `verify` ask of its judges.
fn asked(arguments: &VerifyArgs, recording: Recording) -> Recording {
    let suites = arguments
        .suite
        .iter()
        .map(|suite| Suite::from(*suite).name().to_owned());
    Recording {
        suites: suites.collect(),
        strict: arguments.strict,
        accept_unproven: arguments.accept_unproven.clone(),
        ..recording
    }
}

/// What was executed as a recording that ends now, of every suite.
pub fn recording(inputs: &Inputs, seed: u64, done: Executed) -> Recording {
    let now = Timestamp::now();
    Recording {
        contract: inputs.contract.clone(),
        seed,
        interrupted: done.interrupted,
        refused: done.refused,
        ..Recording::of(inputs.resolved.target.clone(), done.exchanges, now)
    }
}

/// Adds exchanges of another runner behind those of a recording, under names of their own.
pub fn append(recording: &mut Recording, more: impl IntoIterator<Item = Exchange>) {
    let ids = recording.exchanges.iter().map(|exchange| exchange.id.0);
    let next = ids.max().map_or(0, |last| last + 1);
    recording
        .exchanges
        .extend(more.into_iter().map(|exchange| Exchange {
            id: Xid(next + exchange.id.0),
            ..exchange
        }));
}

/// The seed of a run: the given one, or one that nobody knew before.
pub fn seed(given: Option<u64>) -> u64 {
    given.unwrap_or_else(|| RandomState::new().hash_one("seed") >> 32)
}

/// Reports and keeps a judged recording, and gives the exit code.
pub fn told(
    run: &Run,
    recording: &Recording,
    (report, record): (&ReportArgs, Option<&Path>),
    screen: &Screen,
) -> Result<u8, Complaint> {
    let about = about();
    let finished = Finished {
        about: &about,
        ..Finished::new(run, recording)
    };
    let reported = output::report(finished, report, screen);
    let kept = output::record(record, recording);
    let bundled = bundle::write(report.bundle.as_deref(), finished);
    output::ended(run, reported.and(kept).and(bundled))
}

/// Judges a recording with the checks of its suites, or of a diagnosis.
pub fn judged(recording: &Recording) -> Run {
    let suites = suites(&recording.suites);
    let checks = match (&recording.browser, &recording.diagnosis) {
        (Some(_), _) => of_any_exchange(recording),
        (None, Some(_)) => diagnosing(symptom(recording)),
        (None, None) if !recording.journeys.is_empty() => Vec::new(),
        (None, None) => checks(&suites),
    };
    let rules = rules(&suites);
    judge(
        recording,
        Bench {
            checks: &checks,
            rules: &rules,
            causes: CAUSES,
        },
    )
}

/// What reports say of every check and rule beyond its title.
pub fn about() -> Vec<About> {
    let checks = CHECKS.iter().map(|check| check.spec());
    let specs = checks.chain(RULES.iter().map(|rule| rule.spec()));
    specs
        .map(|spec| About {
            check: spec.id,
            explanation: spec.explanation,
            hint: spec.hint,
        })
        .collect()
}
