//! The web pages of a run: which are read, and what may be spent on them. Both commands that read any come here.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio::runtime::Handle;
use tokio::task::spawn_blocking;
use url::Url;

use crate::check::beside::Beside;
use crate::check::health::is_page;
use crate::check::spec::Suite;
use crate::cli::args::DiagnoseArgs;
use crate::cli::choices::SuiteArg;
use crate::cli::inputs::Inputs;
use crate::cli::interrupt::Interrupt;
use crate::cli::session;
use crate::model::exchange::Exchange;
use crate::model::page::SeenPage;
use crate::model::probe::{Mode, Origin};
use crate::model::recording::Recording;
use crate::model::target::{Client, Environment, Target};
use crate::page::named;
use crate::runner::page::{Wanted, Ways, all, read};
use crate::transport::http::Transport;

/// Requests that reading pages may take.
pub const REQUESTS: u32 = 12;

/// How long reading pages may take, in milliseconds.
pub const LONGEST_MS: u64 = 8_000;

/// The variable that gives the origins of pages, as --origin does.
const ORIGIN: &str = "GREENLIGHT_ORIGIN";

/// Reads these pages, without any credential, within what is left of the run's bounds. The secrets of the run are taken out
/// of what they say, should one of them have been built in.
pub async fn seen(
    wanted: &[Wanted],
    (inputs, resolve): (&Inputs, &[(String, IpAddr)]),
    (transport, requests): (&Transport, u32),
    seed: u64,
    interrupt: &Interrupt,
) -> Vec<SeenPage> {
    let reading = Reading::of(wanted, (inputs, resolve), requests, seed, interrupt);
    each_hidden(reading.read().await, transport)
}

/// The same on a thread apart from the run, so that going through a large script holds up no request of it. `spent` is how many of the run's
/// requests may be taken, and is told how many were. It ends by then at the latest.
pub async fn seen_beside(
    wanted: &[Wanted],
    (inputs, resolve): (&Inputs, &[(String, IpAddr)]),
    (transport, spent): (&Transport, &Beside),
    (seed, ends): (u64, Instant),
    interrupt: &Interrupt,
) -> Vec<SeenPage> {
    let requests = spent.requests();
    let mut reading = Reading::of(wanted, (inputs, resolve), requests, seed, interrupt);
    reading.within = reading.within.min(ends.saturating_duration_since(Instant::now()));
    let here = Handle::current();
    let pages = match spawn_blocking(move || here.block_on(reading.read())).await {
        Ok(pages) => pages,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => Vec::new(),
        },
    };
    spent.ends(pages.iter().map(|page| page.requests).sum());
    each_hidden(pages, transport)
}

/// Whether one of these pages is served by the target's own host.
pub fn are_at(wanted: &[Wanted], target: &Target) -> bool {
    let host = Url::parse(&target.base).map(|base| base.origin());
    host.is_ok_and(|host| wanted.iter().any(|one| one.url.origin() == host))
}

/// How many of a run's requests may go to pages that are read beside it: half of them at most, for pages are not what somebody
/// asks about.
pub fn share(wanted: &[Wanted], read: &[SeenPage], requests: u32) -> u32 {
    if wanted.is_empty() {
        return 0;
    }
    let spent = read.iter().map(|page| page.requests).sum();
    REQUESTS.saturating_sub(spent).min(requests / 2)
}

/// All that reading pages needs, apart from the run.
struct Reading {
    wanted: Vec<Wanted>,
    pins: BTreeMap<String, Vec<IpAddr>>,
    ca_pem: Option<Vec<u8>>,
    requests: u32,
    within: Duration,
    seed: u64,
    interrupt: Interrupt,
}

impl Reading {
    fn of(
        wanted: &[Wanted],
        (inputs, resolve): (&Inputs, &[(String, IpAddr)]),
        requests: u32,
        seed: u64,
        interrupt: &Interrupt,
    ) -> Reading {
        Reading {
            wanted: wanted.to_vec(),
            pins: session::pins(resolve),
            ca_pem: inputs.ca_pem.clone(),
            requests: requests.min(REQUESTS),
            within: Duration::from_millis(LONGEST_MS.min(inputs.resolved.target.bounds.run_ms)),
            seed,
            interrupt: interrupt.clone(),
        }
    }

    async fn read(self) -> Vec<SeenPage> {
        let ways = Ways {
            pins: &self.pins,
            ca_pem: self.ca_pem.as_deref(),
            proxies: &session::proxies(),
            seed: self.seed,
            requests: self.requests,
            within: self.within,
        };
        read(&self.wanted, ways, || self.interrupt.asked()).await
    }
}

fn each_hidden(pages: Vec<SeenPage>, transport: &Transport) -> Vec<SeenPage> {
    let hidden = |text: &str| transport.redact(text);
    pages.into_iter().map(|page| page.each_text(hidden)).collect()
}

/// Adds the pages that the profile says where they are, as far as the budget goes and unless the run was stopped.
pub async fn of_profile(
    recording: &mut Recording,
    suites: &[SuiteArg],
    about: (&Inputs, &[(String, IpAddr)]),
    (transport, interrupt): (&Transport, &Interrupt),
) {
    let target = &about.0.resolved.target;
    let wanted = planned(target, suites);
    if wanted.is_empty() || recording.interrupted {
        return;
    }
    let sent = u32::try_from(recording.exchanges.len()).unwrap_or(u32::MAX);
    let budget = (transport, target.bounds.requests.saturating_sub(sent));
    recording.pages = seen(&wanted, about, budget, recording.seed, interrupt).await;
    recording.ended_at = Timestamp::now();
}

/// The pages that `verify` reads: those that the profile says where they are, in the suite that is safe on production, and of
/// production alone. A page that is deployed there is right not to name a service on a developer's machine or on staging.
pub fn planned(target: &Target, suites: &[SuiteArg]) -> Vec<Wanted> {
    let smoke = |suite: &SuiteArg| Suite::from(*suite) == Suite::Smoke;
    let suited = suites.is_empty() || suites.iter().any(smoke);
    let read = suited && target.environment == Environment::Production;
    all(target
        .clients
        .iter()
        .filter(|client| read && client.page.is_some()))
}

/// The page that somebody typed, read, when a web page answers there and no API was found.
pub async fn of_typed(
    located: &[Exchange],
    (inputs, resolve): (&Inputs, &[(String, IpAddr)]),
    transport: &Transport,
    seed: u64,
    interrupt: &Interrupt,
) -> Vec<SeenPage> {
    let target = &inputs.resolved.target;
    let Some(typed) = typed(located, target) else {
        return Vec::new();
    };
    let budget = (transport, target.bounds.requests);
    seen(&[typed], (inputs, resolve), budget, seed, interrupt).await
}

/// The other pages of a diagnosis: those of the origins that were given. What the profile merely lists is not asked, unless it
/// says where the page is.
pub fn of_origins(arguments: &DiagnoseArgs, target: &Target, read: &[SeenPage]) -> Vec<Wanted> {
    let by_variable = std::env::var_os(ORIGIN).is_some_and(|value| !value.is_empty());
    let given = by_variable || !arguments.known.origin.is_empty();
    let mut wanted = all(target
        .clients
        .iter()
        .filter(|client| given || client.page.is_some()));
    let is_read = |one: &Wanted| {
        let mut read = read.iter().filter(|page| page.unread.is_none());
        read.any(|page| page.client == one.client)
    };
    wanted.retain(|one| !is_read(one));
    wanted
}

/// The address that was typed, as a page: where no API was found, and a web page answered in its place.
fn typed(located: &[Exchange], target: &Target) -> Option<Wanted> {
    let mut answers = located.iter().filter_map(Exchange::answer);
    let found = target.routes.health.is_some() || target.routes.contract.is_some();
    if found || !answers.any(is_page) {
        return None;
    }
    let url = Url::parse(&target.base).ok()?;
    Some(Wanted {
        client: Origin(url.origin().ascii_serialization()),
        url,
    })
}

/// Lets the target know of the page that was typed, and gives the base URL of the API that its scripts name. A credential does
/// not go with it. What was asked of the page's host before counts as the page's then.
pub fn join(pages: &mut [SeenPage], located: &[Exchange], target: &mut Target) -> Option<String> {
    let typed = typed(located, target)?;
    let page = pages
        .iter_mut()
        .find(|page| page.asked == typed.url.as_str() && page.unread.is_none())?;
    let url = Url::parse(&page.url).ok()?;
    let origin = Origin(url.origin().ascii_serialization());
    if target.clients.is_empty() {
        target.clients.push(Client {
            origin,
            credentials: Mode::Omit,
            calls: Vec::new(),
            page: Some(url.path().to_owned()),
        });
        target
            .assumed
            .push(format!("the page at {url} is the one that calls the API"));
    }
    let api = named::api(page)?;
    let sent = located.iter().filter(|exchange| exchange.sent.is_some()).count();
    page.requests = page
        .requests
        .saturating_add(u32::try_from(sent).unwrap_or(u32::MAX));
    let base = api.as_str().trim_end_matches('/').to_owned();
    target
        .assumed
        .push(format!("the API is {base}, which a script of the page names"));
    if let Some(auth) = &mut target.auth {
        let held = !auth.credentials.is_empty();
        auth.credentials.clear();
        (auth.refresh, auth.signing) = (None, None);
        if held {
            let told = format!(
                "no credential was sent to {base}: yours was given for {}",
                target.host_root()
            );
            target.assumed.push(told);
        }
    }
    Some(base)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::target;

    #[test]
    fn a_page_of_production_is_held_against_production_alone() {
        let mut target = target();
        target.clients[0].page = Some("/record".to_owned());
        for (environment, read) in [
            (Environment::Production, 1),
            (Environment::Staging, 0),
            (Environment::Local, 0),
        ] {
            target.environment = environment;
            assert_eq!(planned(&target, &[]).len(), read, "{environment:?}");
            assert_eq!(planned(&target, &[SuiteArg::Contract]), []);
        }
    }
}
