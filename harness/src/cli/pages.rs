//! The web pages of a run: which are read, and what may be spent on them. Both commands that read any come here.

use std::net::IpAddr;
use std::time::Duration;

use jiff::Timestamp;
use url::Url;

use crate::check::health::is_page;
use crate::check::spec::Suite;
use crate::cli::args::{DiagnoseArgs, SuiteArg};
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
    let bounds = &inputs.resolved.target.bounds;
    let ways = Ways {
        pins: &session::pins(resolve),
        ca_pem: inputs.ca_pem.as_deref(),
        proxies: &session::proxies(),
        seed,
        requests: requests.min(REQUESTS),
        within: Duration::from_millis(LONGEST_MS.min(bounds.run_ms)),
    };
    let pages = read(wanted, ways, || interrupt.asked()).await;
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

/// The pages of a diagnosis: what somebody typed, when a web page answers there and no API was found, and those of the
/// origins that were given. What the profile merely lists is not asked, unless it says where the page is.
pub async fn of_diagnosis(
    located: &[Exchange],
    arguments: &DiagnoseArgs,
    (inputs, transport): (&Inputs, &Transport),
    seed: u64,
    interrupt: &Interrupt,
) -> Vec<SeenPage> {
    let target = &inputs.resolved.target;
    let by_variable = std::env::var_os(ORIGIN).is_some_and(|value| !value.is_empty());
    let given = by_variable || !arguments.known.origin.is_empty();
    let mut wanted = all(target
        .clients
        .iter()
        .filter(|client| given || client.page.is_some()));
    let about = (inputs, arguments.known.resolve.as_slice());
    let mut pages = Vec::new();
    if let Some(typed) = typed(located, target) {
        let budget = (transport, target.bounds.requests);
        pages = seen(std::slice::from_ref(&typed), about, budget, seed, interrupt).await;
        if pages.iter().any(|page| page.unread.is_none()) {
            wanted.retain(|one| one.client != typed.client);
        }
    }
    let spent: u32 = pages.iter().map(|page| page.requests).sum();
    let budget = (
        transport,
        REQUESTS.saturating_sub(spent).min(target.bounds.requests),
    );
    pages.extend(seen(&wanted, about, budget, seed, interrupt).await);
    pages
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
