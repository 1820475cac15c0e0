//! `greenlight diagnose`: something is wrong, and somebody was paged. Every layer from the name up, gently; the likely cause
//! first, and what to do next. Nothing found is no all-clear: what may be wrong all the same is said with it.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use crate::check::beside::Beside;
use crate::check::text::shell_word;
use crate::cli::args::{AboutArgs, DiagnoseArgs, SymptomArg};
use crate::cli::complaint::Complaint;
use crate::cli::credentials;
use crate::cli::exported;
use crate::cli::first_look::headline;
use crate::cli::first_word::FirstWord;
use crate::cli::inputs::{self, Inputs};
use crate::cli::interrupt::Interrupt;
use crate::cli::locate::{self, Found};
use crate::cli::output::{self, Screen};
use crate::cli::pages;
use crate::cli::resolvers::{self, Named};
use crate::cli::session;
use crate::drive::diagnose::Diagnosing;
use crate::drive::diagnose::infer::infer;
use crate::drive::rounds::Rounds;
use crate::model::event::Event;
use crate::model::exchange::Exchange;
use crate::model::page::SeenPage;
use crate::model::recording::Recording;
use crate::model::target::{Bounds, Call, Target};
use crate::runner::execute::Runner;
use crate::runner::page::Wanted;
use crate::target::credential::Supply;
use crate::target::spending::Spending;
use crate::transport::http::Transport;
use crate::transport::secret::Vault;

/// A diagnosis sends no more than this, unless --budget says otherwise.
const REQUESTS: u32 = 40;
/// It takes no longer than this, in milliseconds, unless --budget says otherwise.
const LONGEST_MS: u64 = 30_000;

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
    let (mut inputs, vault, word) = given(arguments, screen).await?;
    let said = arguments
        .known
        .leave
        .budget
        .as_deref()
        .and_then(|text| Spending::parse(text).ok());
    bound(&mut inputs.resolved.target.bounds, said.unwrap_or_default());
    let interrupt = Interrupt::listen();
    word.watch(&inputs.resolved.target.base);
    let recording = recorded(&mut inputs, arguments, (vault, wanted), (&interrupt, &word)).await?;
    // Nothing moves on the terminal any more.
    drop(word);

    let run = session::judged(&recording);
    session::told(
        &run,
        &recording,
        (&arguments.report, arguments.record.as_deref()),
        screen,
    )
}

/// What was given, and the credentials; the time until the first word begins when nobody has to type one any more.
async fn given<'s>(
    arguments: &DiagnoseArgs,
    screen: &'s Screen,
) -> Result<(Inputs, Vault, FirstWord<'s>), Complaint> {
    let word = FirstWord::begin(screen);
    let about = AboutArgs {
        url: arguments.url.clone(),
        known: arguments.known.clone(),
        ..AboutArgs::default()
    };
    let gathering = inputs::gather(&about);
    let mut inputs = word.waiting_for("the pinned contract", gathering).await?;
    let wanted = std::mem::take(&mut inputs.resolved.wanted);
    let fetching = credentials::fetch(inputs.resolved.target.auth.as_mut(), &wanted, true);
    if wanted.iter().any(|one| one.origin == Supply::Prompt) {
        let vault = fetching.await?;
        return Ok((inputs, vault, FirstWord::begin(screen)));
    }
    let vault = word.waiting_for("whoever gives the credential", fetching).await?;
    Ok((inputs, vault, word))
}

/// Asks, and gives what was seen. Each step has what those before it left of the time.
async fn recorded(
    inputs: &mut Inputs,
    arguments: &DiagnoseArgs,
    (vault, wanted): (Vault, Option<Call>),
    told: (&Interrupt, &FirstWord<'_>),
) -> Result<Recording, Complaint> {
    let (interrupt, word) = told;
    let seed = session::seed(None);
    let begun = Timestamp::now();
    let whole = inputs.resolved.target.bounds.run_ms;
    let found = locate::found(inputs, arguments, vault.clone(), seed, told);
    let found = word.during(found, |_| None).await?;
    let hiding = session::transport(inputs, vault, &found.resolve)?;
    // A page that was typed has half of what is left: it is not what somebody asks about, and yet leads there.
    inputs.resolved.target.bounds.run_ms = left(whole, begun) / 2;
    let about = (&*inputs, arguments.known.way.resolve.as_slice());
    let reading = pages::of_typed(&found.exchanges, about, &hiding, seed, interrupt);
    let mut pages = word.waiting_for("the page", reading).await;
    inputs.resolved.target.bounds.run_ms = left(whole, begun);
    let others = pages::of_origins(arguments, &inputs.resolved.target, &pages);
    let found = locate::led(inputs, arguments, found, &mut pages, seed, told);
    let found = word.during(found, |_| None).await?;
    let wanted = wanted.map(|call| placed(call, &mut inputs.resolved.target));
    let contract = inputs.parsed.as_ref().or(found.contract.as_ref());
    inputs.resolved.target = infer(inputs.resolved.target.clone(), contract, wanted.as_ref());
    let bounds = &mut inputs.resolved.target.bounds;
    bounds.run_ms = left(whole, begun);
    found.spend(bounds, &pages);
    let spent = Beside::keeping(pages::share(&others, &pages, bounds.requests));
    let beside = (others.as_slice(), &spent, &hiding);
    let (mut recording, more) = asked(inputs, arguments, &found, beside, seed, told).await?;
    pages.extend(more);
    recording.started_at = begun;
    recording.ended_at = Timestamp::now();
    recording.pages = pages;
    recording.diagnosis = Some(hiding.redact(&command(arguments)));
    found.join(&mut recording);
    Ok(recording)
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

/// What is left of so many milliseconds, of which there is always one.
fn left(whole: u64, begun: Timestamp) -> u64 {
    let took = Timestamp::now().duration_since(begun).as_millis();
    whole.saturating_sub(u64::try_from(took).unwrap_or(0)).max(1)
}

/// Asks the API what its checks want to know, and reads the pages meanwhile: neither waits for the other. A page that the API's own
/// host serves comes afterwards, for whoever is in trouble is asked one thing at a time, and nothing more once it suffers.
async fn asked(
    inputs: &Inputs,
    arguments: &DiagnoseArgs,
    found: &Found,
    (others, spent, hiding): (&[Wanted], &Beside, &Transport),
    seed: u64,
    (interrupt, word): (&Interrupt, &FirstWord<'_>),
) -> Result<(Recording, Vec<SeenPage>), Complaint> {
    let transport = session::transport(inputs, found.vault.clone(), &found.resolve)?;
    let about = (inputs, arguments.known.way.resolve.as_slice());
    let ends = Instant::now() + Duration::from_millis(inputs.resolved.target.bounds.run_ms);
    let reading = async {
        let Some(first) = others.first() else {
            return Vec::new();
        };
        let reading = pages::seen_beside(others, about, (hiding, spent), (seed, ends), interrupt);
        let page = format!("the page {}", hiding.redact(first.url.as_str()));
        word.beside(&page, reading).await
    };
    let named = (&found.names, arguments.symptom);
    let asking = record(inputs, &transport, named, spent, seed, (interrupt, word));
    let afterwards = pages::are_at(others, &inputs.resolved.target);
    if afterwards {
        // What is kept for it stays kept: nobody may wait to know.
        spent.ends(spent.requests());
    }
    let both = async {
        if !afterwards {
            let ((recording, _), pages) = tokio::join!(asking, reading);
            return (recording, pages);
        }
        match asking.await {
            (recording, true) => (recording, Vec::new()),
            (recording, false) => (recording, reading.await),
        }
    };
    let judge = |seen: Vec<Exchange>| headline(inputs, &found.names, seen, seed);
    Ok(word.during(both, judge).await)
}

/// What was seen, and whether it was asked no further than it could bear.
async fn record(
    inputs: &Inputs,
    transport: &Transport,
    (named, symptom): (&Named, Option<SymptomArg>),
    elsewhere: &Beside,
    seed: u64,
    (interrupt, word): (&Interrupt, &FirstWord<'_>),
) -> (Recording, bool) {
    let target = &inputs.resolved.target;
    let mut addresses = transport.addresses().await;
    addresses.extend(&named.elsewhere);
    let shown = |_: &[Exchange]| word.look_now(|seen| headline(inputs, named, seen, seed));
    let symptom = symptom.map(Into::into);
    let rounds = Rounds::new(target, inputs.parsed.as_ref(), session::diagnosing(symptom));
    let mut driver = Diagnosing::new(target, rounds, &addresses, symptom, shown).beside(elsewhere);
    let events = |event: Event<'_>| word.asking(&event);
    let runner = Runner::new(target, transport, seed, events).beside(elsewhere);
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
    (recording, stopped.is_some())
}

/// The command that was typed, for the next one to begin with.
fn command(arguments: &DiagnoseArgs) -> String {
    let text = |value: &Option<String>| value.clone().into_iter().collect::<Vec<_>>();
    let pins = arguments
        .known
        .way
        .resolve
        .iter()
        .map(|(host, address)| match address {
            IpAddr::V4(address) => format!("{host}:{address}"),
            IpAddr::V6(address) => format!("{host}:[{address}]"),
        });
    let resolvers = arguments.names.resolver.iter().map(ToString::to_string);
    let cacert = arguments
        .known
        .way
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
