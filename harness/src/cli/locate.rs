//! Where a diagnosis finds the API, from whichever of its addresses was typed: what resolvers say of the name, where the base
//! is, and where a page that was typed leads.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::pin::pin;
use std::sync::Arc;

use crate::check::wire::is_silent;
use crate::cli::args::DiagnoseArgs;
use crate::cli::complaint::Complaint;
use crate::cli::first_word::FirstWord;
use crate::cli::inputs::Inputs;
use crate::cli::interrupt::Interrupt;
use crate::cli::pages;
use crate::cli::resolvers::{self, Named};
use crate::cli::session;
use crate::contract::load::Contract;
use crate::drive::diagnose::locate::{self, Locating};
use crate::model::event::Event;
use crate::model::exchange::{Exchange, Xid};
use crate::model::page::SeenPage;
use crate::model::probe::Probe;
use crate::model::recording::{Connection, Recording};
use crate::model::target::Bounds;
use crate::runner::execute::Runner;
use crate::transport::secret::Vault;

/// Requests that finding the base may take.
const TO_LOCATE: u32 = 20;
/// What finding the base may take of the time, in percent, though what is there may be waking all the while.
const TO_LOCATE_OF_TIME: u64 = 80;
/// For how much of the time, in percent, somebody who may be waking is asked again.
const TO_WAKE_OF_TIME: u64 = 75;
/// What stays of the time, in milliseconds, when somebody who was silent so far is silent to the end: a request that is cut
/// off by the end of the run tells nothing, and one that got no answer in time does.
const TO_TELL_MS: u64 = 500;

/// What finding the API leads to.
pub struct Found {
    /// What resolvers say of the name.
    pub names: Named,
    /// The addresses to use, in place of what the name has.
    pub resolve: Vec<(String, IpAddr)>,
    /// The credentials to use.
    pub vault: Vault,
    /// The contract that is served.
    pub contract: Option<Contract>,
    /// What was seen on the way.
    pub exchanges: Vec<Exchange>,
    connections: Vec<Connection>,
}

impl Found {
    /// Takes what it has cost from what is left.
    pub fn spend(&self, bounds: &mut Bounds, pages: &[SeenPage]) {
        bounds.requests = bounds
            .requests
            .saturating_sub(u32::try_from(self.exchanges.len()).unwrap_or(u32::MAX))
            .saturating_sub(pages.iter().map(|page| page.requests).sum());
        if bounds.run_ms > TO_TELL_MS && self.exchanges.iter().any(is_silent) {
            bounds.deadline_ms = bounds.deadline_ms.min(bounds.run_ms - TO_TELL_MS);
        }
    }

    /// Puts what was seen behind what was asked afterwards. Its paths began at the root of the host, and its connections were
    /// others.
    pub fn join(self, recording: &mut Recording) {
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

/// Finds where the API begins, and lets the target begin there. Resolvers are asked meanwhile, once nothing secret is in the
/// name: nobody waits for one that is silent.
pub async fn found(
    inputs: &mut Inputs,
    arguments: &DiagnoseArgs,
    vault: Vault,
    seed: u64,
    told: (&Interrupt, &FirstWord<'_>),
) -> Result<Found, Complaint> {
    let given = arguments.known.way.resolve.as_slice();
    let transport = session::transport(inputs, vault.clone(), given)?;
    session::shows_no_secret(inputs, &transport)?;
    let (names, looked) = {
        let naming = resolvers::named(&transport, &arguments.names);
        let mut naming = pin!(told.1.beside("whoever is asked for the name", naming));
        let mut looking = pin!(look(inputs, given, vault.clone(), seed, told));
        tokio::select! {
            looked = looking.as_mut() => (naming.await, Some(looked?)),
            names = naming.as_mut() => {
                // Who has no address to dial has sent nothing.
                let looked = match names.pins.as_slice() {
                    [] => Some(looking.await?),
                    _ => None,
                };
                (names, looked)
            }
        }
    };
    let resolve = [given, &names.pins].concat();
    let reached = |looked: &Looked| looked.exchanges.iter().any(|one| one.answer().is_some());
    let looked = match looked.filter(|looked| names.pins.is_empty() || reached(looked)) {
        Some(looked) => looked,
        None => {
            told.1.gave_up();
            look(inputs, &resolve, vault.clone(), seed.wrapping_add(1), told).await?
        }
    };
    let target = &mut inputs.resolved.target;
    target.assumed.extend(names.assumed.clone());
    if let Some(base) = &looked.found.base {
        target.base = format!("{}{base}", target.host_root());
    }
    let routes = &mut target.routes;
    routes.health = routes.health.take().or(looked.found.health);
    let (contract, route) = looked.found.contract.unzip();
    routes.contract = routes.contract.take().or(route);
    Ok(Found {
        names,
        resolve,
        vault,
        contract,
        exchanges: looked.exchanges,
        connections: looked.connections,
    })
}

/// What looking for the base saw.
struct Looked {
    found: locate::Found,
    exchanges: Vec<Exchange>,
    connections: Vec<Connection>,
}

/// Looks for the base, one request at a time.
async fn look(
    inputs: &Inputs,
    resolve: &[(String, IpAddr)],
    vault: Vault,
    seed: u64,
    (interrupt, word): (&Interrupt, &FirstWord<'_>),
) -> Result<Looked, Complaint> {
    let mut looking = inputs.resolved.target.clone();
    let path = looking.base_path().to_owned();
    looking.base = looking.host_root().to_owned();
    looking.bounds.requests = looking.bounds.requests.min(TO_LOCATE);
    let whole = looking.bounds.run_ms;
    looking.bounds.run_ms = whole.saturating_mul(TO_LOCATE_OF_TIME) / 100;
    let transport = session::transport_to(&looking, inputs, vault, resolve)?;
    let mut driver = Locating::new(&path, whole.saturating_mul(TO_WAKE_OF_TIME) / 100);
    let events = |event: Event<'_>| word.looking(&event);
    let runner = Runner::new(&looking, &transport, seed.wrapping_add(1), events);
    let done = runner.run(&mut driver, interrupt.asked()).await;
    Ok(Looked {
        found: driver.found(),
        exchanges: done.exchanges,
        connections: transport.connections(),
    })
}

/// Goes on to the API that the page names which was typed, when one was. What the page's host answered tells nothing of it, and
/// a credential does not go along: it was given for the host that somebody typed, and belongs to no other (law 5).
pub async fn led(
    inputs: &mut Inputs,
    arguments: &DiagnoseArgs,
    found: Found,
    pages: &mut [SeenPage],
    seed: u64,
    told: (&Interrupt, &FirstWord<'_>),
) -> Result<Found, Complaint> {
    let Some(api) = pages::join(pages, &found.exchanges, &mut inputs.resolved.target) else {
        return Ok(found);
    };
    inputs.resolved.target.base = api;
    // Two looks take two seeds each time: no two requests of a run shall have one id.
    let again = seed.wrapping_add(2);
    self::found(inputs, arguments, Vault::empty(), again, told).await
}
