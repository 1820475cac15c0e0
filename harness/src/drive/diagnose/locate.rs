//! Finding where the API begins, when somebody gives the address that fails: its base, one of its endpoints, or the page.
//! Each prefix of the path is asked for a contract and for its health, the longest first, one request at a time.

use jiff::Timestamp;

use crate::check::driver::{Asked, Driver, News, Next};
use crate::contract::load::Contract;
use crate::contract::sample::find_spec_routes;
use crate::drive::diagnose::waking::Waking;
use crate::model::exchange::{Asker, Exchange};
use crate::model::probe::{Ask, Probe};

/// More parts of a path than this are not tried.
const MOST_PREFIXES: usize = 5;
/// Routes that tell of health by convention, likeliest first.
const HEALTH: &[&str] = &["/health", "/healthz"];

/// What was found.
#[derive(Debug, Default)]
pub struct Found {
    /// The path of the base, without a trailing slash, when something there says so.
    pub base: Option<String>,
    /// The served contract, and its route below the base.
    pub contract: Option<(Contract, String)>,
    /// The health route below the base.
    pub health: Option<String>,
}

/// Drives the search.
#[derive(Debug)]
pub struct Locating {
    left: Vec<(String, &'static str)>,
    waking: Waking,
    found: Found,
}

impl Locating {
    /// A search at this path and above it, by probes whose paths begin at the root of the host. Who may be waking is waited for
    /// so long.
    pub fn new(path: &str, wakes_within_ms: u64) -> Locating {
        let mut left: Vec<(String, &'static str)> = Vec::new();
        for prefix in prefixes(path) {
            for route in HEALTH.iter().take(1).chain(find_spec_routes().iter().take(1)) {
                left.push((prefix.clone(), route));
            }
        }
        for prefix in prefixes(path) {
            left.push((prefix.clone(), HEALTH[1]));
        }
        left.reverse();
        Locating {
            left,
            waking: Waking::within(wakes_within_ms),
            found: Found::default(),
        }
    }

    /// What was found, once it is done.
    pub fn found(self) -> Found {
        self.found
    }

    fn look(&mut self, exchange: &Exchange) {
        let path = exchange.probe.path_text();
        let Some(reply) = exchange
            .answer()
            .filter(|reply| reply.status < 300 || reply.status == 503)
        else {
            return;
        };
        let below = |routes: &[&str]| {
            let route = routes.iter().find(|route| path.ends_with(**route))?;
            Some((path.strip_suffix(*route)?.to_owned(), (*route).to_owned()))
        };
        if let Some((base, route)) = below(HEALTH)
            && self.found.health.is_none()
            && reply.body.json().is_some()
        {
            self.found.base.get_or_insert(base);
            self.found.health = Some(route);
        } else if let Some((base, route)) = below(find_spec_routes())
            && let Ok(contract) = Contract::parse_served(&reply.body.text(), crate::check::served::SOURCE)
        {
            // A document at the root may speak of what lies below a prefix.
            let server = contract
                .operations()
                .iter()
                .find_map(|operation| operation.server_paths.first());
            let base = server.filter(|path| !path.is_empty()).cloned().unwrap_or(base);
            self.found.base = Some(base);
            self.found.contract = Some((contract, route));
        }
    }
}

/// The path and each of its beginnings, longest first; `""` is the root.
fn prefixes(path: &str) -> Vec<String> {
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let longest = parts.len().min(MOST_PREFIXES);
    (0..=longest)
        .rev()
        .map(|many| parts[..many].iter().map(|part| format!("/{part}")).collect())
        .collect()
}

impl Driver for Locating {
    fn next(&mut self, news: News<'_>, now: Timestamp) -> Next {
        if let Some(next) = self.waking.next(news.exchanges, now) {
            return next;
        }
        news.exchanges.iter().for_each(|exchange| self.look(exchange));
        // Whoever does not answer at all answers at no other path either.
        let dead = news.exchanges.iter().any(|exchange| exchange.answer().is_none());
        let done = dead || self.found.contract.is_some();
        match self.left.pop().filter(|_| !done) {
            Some((prefix, route)) => Next::Ask(vec![Asked {
                asker: Asker(crate::drive::diagnose::ASKER.to_owned()),
                ask: Ask::One(Probe::get(format!("{prefix}{route}")).build()),
            }]),
            None => Next::Done,
        }
    }
}
