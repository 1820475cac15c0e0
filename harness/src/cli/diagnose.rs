//! `greenlight diagnose`: something is wrong, and somebody was paged. Every layer from the name up, gently; the likely cause
//! first, and what to do next. Nothing found is no all-clear: what may be wrong all the same is said with it.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;

use crate::check::text::shell_word;
use crate::check::wire::is_silent;
use crate::cli::args::{AboutArgs, DiagnoseArgs};
use crate::cli::complaint::Complaint;
use crate::cli::credentials;
use crate::cli::exported;
use crate::cli::first_look::FirstLook;
use crate::cli::inputs::{self, Inputs};
use crate::cli::interrupt::Interrupt;
use crate::cli::output::{self, Screen};
use crate::cli::pages;
use crate::cli::progress::Progress;
use crate::cli::resolvers::{self, Named};
use crate::cli::session;
use crate::contract::load::Contract;
use crate::drive::diagnose::Diagnosing;
use crate::drive::diagnose::infer::infer;
use crate::drive::diagnose::locate::Locating;
use crate::drive::rounds::Rounds;
use crate::model::event::Event;
use crate::model::exchange::{Exchange, Xid};
use crate::model::page::SeenPage;
use crate::model::probe::Probe;
use crate::model::recording::{Connection, Recording};
use crate::model::target::{Bounds, Call, Target};
use crate::runner::execute::Runner;
use crate::target::spending::Spending;
use crate::transport::http::Transport;
use crate::transport::secret::Vault;

/// A diagnosis sends no more than this, unless --budget says otherwise.
const REQUESTS: u32 = 40;
/// It takes no longer than this, in milliseconds, unless --budget says otherwise.
const LONGEST_MS: u64 = 30_000;
/// Requests that finding the base may take of them.
const TO_LOCATE: u32 = 20;
/// What finding the base may take of the time, in percent, though what is there may be waking all the while.
const TO_LOCATE_OF_TIME: u64 = 80;
/// For how much of the time, in percent, somebody who may be waking is asked again.
const TO_WAKE_OF_TIME: u64 = 75;
/// Who has said nothing for so long is held, and not refused.
const LATE: Duration = Duration::from_secs(2);
/// What stays of the time, in milliseconds, when somebody who was silent so far is silent to the end: a request that is cut
/// off by the end of the run tells nothing, and one that got no answer in time does.
const TO_TELL_MS: u64 = 500;

/// Diagnoses and returns the exit code.
pub async fn diagnose(arguments: &DiagnoseArgs, screen: &Screen) -> Result<u8, Complaint> {
    output::check(&arguments.report, arguments.record.as_deref())?;
    resolvers::check(&arguments.names)?;
    if let Some(path) = &arguments.har {
        return exported::har(path, arguments, screen);
    }
    if let Some(path) = &arguments.curl {
        return exported::copied(path, arguments, screen);
    }
    let wanted = arguments.request.as_deref().map(call).transpose()?;
    let about = AboutArgs {
        url: arguments.url.clone(),
        known: arguments.known.clone(),
        ..AboutArgs::default()
    };
    let mut inputs = inputs::gather(&about).await?;
    let wanted_secrets = std::mem::take(&mut inputs.resolved.wanted);
    let vault = credentials::fetch(inputs.resolved.target.auth.as_mut(), &wanted_secrets, true).await?;
    let said = arguments
        .known
        .budget
        .as_deref()
        .and_then(|text| Spending::parse(text).ok());
    bound(&mut inputs.resolved.target.bounds, said.unwrap_or_default());
    let seed = session::seed(None);
    let interrupt = Interrupt::listen();

    let begun = Timestamp::now();
    let whole = inputs.resolved.target.bounds.run_ms;
    let names = named(&mut inputs, arguments, vault.clone(), seed).await?;
    let resolve = [arguments.known.resolve.as_slice(), &names.pins].concat();
    let looked = locate(&mut inputs, &resolve, vault.clone(), seed, (&interrupt, screen)).await?;
    let hiding = session::transport(&inputs, vault.clone(), &resolve, seed)?;
    // Each step has what those before it left of the time. The pages have half of that: they are not what somebody asks about.
    inputs.resolved.target.bounds.run_ms = left(whole, begun) / 2;
    let mut pages =
        pages::of_diagnosis(&looked.exchanges, arguments, (&inputs, &hiding), seed, &interrupt).await;
    inputs.resolved.target.bounds.run_ms = left(whole, begun);
    let found = (names, resolve, looked, vault);
    let found = led(
        &mut inputs,
        arguments,
        found,
        &mut pages,
        seed,
        (&interrupt, screen),
    )
    .await?;
    let (names, resolve, looked, vault) = found;
    let wanted = wanted.map(|call| placed(call, &mut inputs.resolved.target));
    let contract = inputs.parsed.as_ref().or(looked.contract.as_ref());
    inputs.resolved.target = infer(inputs.resolved.target.clone(), contract, wanted.as_ref());
    inputs.resolved.target.bounds.run_ms = left(whole, begun);
    spend(&mut inputs.resolved.target, (&looked.exchanges, &pages));
    let transport = session::transport(&inputs, vault, &resolve, seed)?;
    let known = (&names, arguments);
    let mut recording = record(&inputs, &transport, known, seed, &interrupt, screen).await;
    recording.started_at = begun;
    recording.pages = pages;
    recording.diagnosis = Some(hiding.redact(&command(arguments)));
    looked.join(&mut recording);

    let run = session::judged(&recording);
    session::told(
        &run,
        &recording,
        (&arguments.report, arguments.record.as_deref()),
        screen,
    )
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

/// The call below the base, where somebody typed its whole path, as browsers show it. An address that is the call's own is no
/// base.
fn placed(call: Call, target: &mut Target) -> Call {
    if target.base_path() == call.path {
        target.base = target.host_root().to_owned();
    }
    let rest = call.path.strip_prefix(target.base_path());
    let path = rest.filter(|rest| rest.starts_with('/')).map(str::to_owned);
    Call {
        path: path.unwrap_or(call.path),
        ..call
    }
}

/// Gives a diagnosis its own bounds, where nobody said others.
fn bound(bounds: &mut Bounds, said: Spending) {
    bounds.cold_start_ms = 0;
    if said.requests.is_none() {
        bounds.requests = bounds.requests.min(REQUESTS);
    }
    if said.time.is_none() {
        bounds.run_ms = bounds.run_ms.min(LONGEST_MS);
    }
}

/// Takes the requests that finding the base has cost from what is left.
fn spend(target: &mut Target, (seen, pages): (&[Exchange], &[SeenPage])) {
    let bounds = &mut target.bounds;
    bounds.requests = bounds
        .requests
        .saturating_sub(u32::try_from(seen.len()).unwrap_or(u32::MAX))
        .saturating_sub(pages.iter().map(|page| page.requests).sum());
    if bounds.run_ms > TO_TELL_MS && seen.iter().any(is_silent) {
        bounds.deadline_ms = bounds.deadline_ms.min(bounds.run_ms - TO_TELL_MS);
    }
}

/// What is left of so many milliseconds, of which there is always one.
fn left(whole: u64, begun: Timestamp) -> u64 {
    let took = Timestamp::now().duration_since(begun).as_millis();
    whole.saturating_sub(u64::try_from(took).unwrap_or(0)).max(1)
}

/// What finding the base saw.
struct Looked {
    contract: Option<Contract>,
    exchanges: Vec<Exchange>,
    connections: Vec<Connection>,
}

impl Looked {
    /// Puts it behind what was asked afterwards. Its paths began at the root of the host, and its connections were others.
    fn join(self, recording: &mut Recording) {
        let base = recording.target.base_path().to_owned();
        let numbers = recording.connections.iter().map(|connection| connection.id);
        let next = numbers.max().map_or(0, |last| last + 1);
        let answered = self
            .exchanges
            .iter()
            .filter(|exchange| exchange.answer().is_some());
        let answered: BTreeSet<Xid> = answered.map(|exchange| exchange.id).collect();
        let exchanges = self.exchanges.into_iter().map(|exchange| Exchange {
            conn: exchange.conn.map(|number| next + number),
            probe: Arc::new(if answered.contains(&exchange.id) {
                placed_below(&base, &exchange.probe)
            } else {
                in_vain(&placed_below(&base, &exchange.probe))
            }),
            ..exchange
        });
        session::append(recording, exchanges);
        let connections = self.connections.into_iter();
        recording
            .connections
            .extend(connections.map(|connection| Connection {
                id: next + connection.id,
                ..connection
            }));
    }
}

/// A probe of a path at the root of the host as one of the API's own, where it is; else beside it.
fn placed_below(base: &str, probe: &Probe) -> Probe {
    let path = probe.path_text();
    let below = path.strip_prefix(base).filter(|rest| rest.starts_with('/'));
    Probe {
        at_root: below.is_none(),
        path: below.unwrap_or(path).into(),
        ..probe.clone()
    }
}

/// A probe that no attempt was answered at, told from the same one that a check asks later: that one is what the service is judged by.
fn in_vain(probe: &Probe) -> Probe {
    probe.repeat(u16::MAX - probe.again)
}

/// Asks the resolvers for the target's name, once nothing secret is in it.
async fn named(
    inputs: &mut Inputs,
    arguments: &DiagnoseArgs,
    vault: Vault,
    seed: u64,
) -> Result<Named, Complaint> {
    let transport = session::transport(inputs, vault, &arguments.known.resolve, seed)?;
    session::shows_no_secret(inputs, &transport)?;
    let named = resolvers::named(&transport, &arguments.names).await;
    inputs.resolved.target.assumed.extend(named.assumed.clone());
    Ok(named)
}

/// What finding the API leads to: what resolvers say, the addresses to use, what was seen, and the credentials to use.
type Found = (Named, Vec<(String, IpAddr)>, Looked, Vault);

/// Goes on to the API that the page names which was typed, when one was. What the page's host answered tells nothing of it, and
/// a credential does not go along: it was given for the host that somebody typed, and belongs to no other (law 5).
async fn led(
    inputs: &mut Inputs,
    arguments: &DiagnoseArgs,
    found: Found,
    pages: &mut [SeenPage],
    seed: u64,
    told: (&Interrupt, &Screen),
) -> Result<Found, Complaint> {
    let (_, _, looked, _) = &found;
    let Some(api) = pages::join(pages, &looked.exchanges, &mut inputs.resolved.target) else {
        return Ok(found);
    };
    inputs.resolved.target.base = api;
    let names = named(inputs, arguments, Vault::empty(), seed).await?;
    let resolve = [arguments.known.resolve.as_slice(), &names.pins].concat();
    // Another seed than the first time: two requests of one run shall not have one id.
    let again = seed.wrapping_add(1);
    let looked = locate(inputs, &resolve, Vault::empty(), again, told).await?;
    Ok((names, resolve, looked, Vault::empty()))
}

/// Finds where the API begins, from whichever of its addresses was typed, and lets the target begin there.
async fn locate(
    inputs: &mut Inputs,
    resolve: &[(String, IpAddr)],
    vault: Vault,
    seed: u64,
    (interrupt, screen): (&Interrupt, &Screen),
) -> Result<Looked, Complaint> {
    let mut looking = inputs.resolved.target.clone();
    let path = looking.base_path().to_owned();
    looking.base = looking.host_root().to_owned();
    looking.bounds.requests = looking.bounds.requests.min(TO_LOCATE);
    let whole = looking.bounds.run_ms;
    looking.bounds.run_ms = whole.saturating_mul(TO_LOCATE_OF_TIME) / 100;
    let transport = session::transport_to(&looking, inputs, vault, resolve, seed)?;
    let mut driver = Locating::new(&path, whole.saturating_mul(TO_WAKE_OF_TIME) / 100);
    let runner = Runner::new(&looking, &transport, seed.wrapping_add(1), waits(screen));
    let done = runner.run(&mut driver, interrupt.asked()).await;
    let found = driver.found();
    let target = &mut inputs.resolved.target;
    if let Some(base) = &found.base {
        target.base = format!("{}{base}", looking.base);
    }
    let routes = &mut target.routes;
    routes.health = routes.health.take().or(found.health);
    let (contract, route) = found.contract.unzip();
    routes.contract = routes.contract.take().or(route);
    Ok(Looked {
        contract,
        exchanges: done.exchanges,
        connections: transport.connections(),
    })
}

/// Says once what comes of asking somebody who may be waking, since nothing else is to be said for a while.
fn waits(screen: &Screen) -> impl Fn(Event) + Sync {
    let (begun, told) = (Instant::now(), AtomicBool::new(false));
    move |event| {
        let Event::Answered { operation, status } = event else {
            return;
        };
        let took = begun.elapsed();
        let said = match status {
            Some(503) => "HTTP 503".to_owned(),
            None if took >= LATE => format!("no answer within {} s", took.as_secs()),
            _ => return,
        };
        if !told.swap(true, Ordering::Relaxed) {
            screen.say(&format!("so far  {operation} got {said}\n"));
        }
    }
}

async fn record(
    inputs: &Inputs,
    transport: &Transport,
    (named, arguments): (&Named, &DiagnoseArgs),
    seed: u64,
    interrupt: &Interrupt,
    screen: &Screen,
) -> Recording {
    let target = &inputs.resolved.target;
    let mut addresses = transport.addresses().await;
    addresses.extend(&named.elsewhere);
    let progress = Progress::start(screen, &target.base);
    let first = Mutex::new(FirstLook::default());
    let shown = |fresh: &[Exchange]| {
        let mut first = first.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(headline) = first.look(inputs, named, fresh, seed) {
            progress.beside(|| screen.say(&format!("so far  {headline}\n")));
        }
    };
    let symptom = arguments.symptom.map(Into::into);
    let rounds = Rounds::new(target, inputs.parsed.as_ref(), session::diagnosing(symptom));
    let mut driver = Diagnosing::new(target, rounds, &addresses, symptom, shown);
    let runner = Runner::new(target, transport, seed, |event| progress.show(event));
    let done = runner.run(&mut driver, interrupt.asked()).await;
    let stopped = driver.stopped();
    let mut recording = Recording {
        connections: transport.connections(),
        diagnosis: Some(String::new()),
        names: named.lookups.clone(),
        ..session::recording(inputs, seed, done)
    };
    if let Some(why) = stopped {
        let assumed = &mut recording.target.assumed;
        assumed.push(format!("it was asked no further, since {why}"));
    }
    recording
}

/// The command that was typed, for the next one to begin with.
fn command(arguments: &DiagnoseArgs) -> String {
    let text = |value: &Option<String>| value.clone().into_iter().collect::<Vec<_>>();
    let pins = arguments
        .known
        .resolve
        .iter()
        .map(|(host, address)| match address {
            IpAddr::V4(address) => format!("{host}:{address}"),
            IpAddr::V6(address) => format!("{host}:[{address}]"),
        });
    let resolvers = arguments.names.resolver.iter().map(ToString::to_string);
    let cacert = arguments
        .known
        .cacert
        .iter()
        .map(|path| path.display().to_string());
    let flags = [
        ("--profile", arguments.known.profile.clone()),
        ("--origin", arguments.known.origin.clone()),
        ("--contract", text(&arguments.known.contract)),
        ("--request", text(&arguments.request)),
        ("--token-env", text(&arguments.known.token_env)),
        ("--token-command", text(&arguments.known.token_command)),
        ("--expect-version", text(&arguments.known.expect_version)),
        ("--resolve", pins.collect()),
        ("--resolver", resolvers.collect()),
        ("--cacert", cacert.collect()),
    ];
    let mut command = format!(
        "greenlight diagnose {}",
        shell_word(arguments.url.as_deref().unwrap_or_default())
    );
    for (flag, values) in flags {
        for value in values {
            command.push_str(&format!(" {flag} {}", shell_word(&value)));
        }
    }
    if arguments.known.token_prompt {
        command.push_str(" --token-prompt");
    }
    command
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::target::Environment;
    use crate::model::target::Target;

    #[test]
    fn a_call_may_be_typed_with_its_whole_path() {
        let typed = |path: &str, base: &str| {
            let mut target = Target::bare(format!("http://x{base}"));
            let call = placed(call(&format!("POST {path}")).unwrap(), &mut target);
            format!("{}{}", target.base, call.path)
        };
        for (path, base) in [
            ("/api/v3/notes", "/api/v3"),
            ("/notes", "/api/v3"),
            ("/api/v3/notes", ""),
            ("/api/v3/notes", "/api/v3/notes"),
        ] {
            assert_eq!(typed(path, base), "http://x/api/v3/notes", "{path} {base}");
        }
        assert_eq!(
            typed("/api/v30/notes", "/api/v3"),
            "http://x/api/v3/api/v30/notes"
        );
    }

    #[test]
    fn what_a_budget_does_not_say_stays_bounded() {
        let bounded = |text: &str| {
            let mut bounds = Bounds::of(Environment::Production);
            bound(&mut bounds, Spending::parse(text).unwrap());
            (bounds.requests, bounds.run_ms)
        };
        assert_eq!(bounded("paid=1"), (REQUESTS, LONGEST_MS));
        assert_eq!(bounded("requests=200"), (1_000, LONGEST_MS));
        assert_eq!(bounded("time=2m"), (REQUESTS, 300_000));
    }
}
