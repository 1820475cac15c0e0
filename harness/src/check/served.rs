//! The contract that a service serves of itself, as one of its answers holds it.

use crate::check::view::View;
use crate::contract::load::Contract;
use crate::contract::sample::find_spec_routes;
use crate::model::capture::End;
use crate::model::exchange::Exchange;
use crate::model::probe::Probe;
use crate::model::target::Target;
use crate::model::weight::Weight;

/// What a served contract calls itself, in messages.
pub const SOURCE: &str = "the served document";

/// The contract that was given before the run, when there was one.
pub fn pinned<'v>(view: &View<'v>) -> Option<&'v Contract> {
    view.contract.filter(|contract| contract.source() != SOURCE)
}

/// The probes that look for the served contract: the profile's place, else the conventional ones.
pub fn probes(target: &Target) -> Vec<Probe> {
    match &target.routes.contract {
        Some(route) => vec![Probe::get(route.as_str()).build()],
        None => find_spec_routes()
            .iter()
            .take(2)
            .map(|route| Probe::get(*route).build())
            .collect(),
    }
}

/// The first of these answers that is an OpenAPI document.
pub fn contract(target: &Target, exchanges: &[Exchange]) -> Option<Contract> {
    let probes = probes(target);
    let answers = exchanges
        .iter()
        .filter(|exchange| probes.contains(&exchange.probe));
    answers
        .filter(|exchange| exchange.status() == Some(200))
        .filter_map(|exchange| exchange.answer())
        .filter(|reply| reply.body.end == End::Complete && !Weight::of(&reply.body.bytes).is_too_heavy())
        .find_map(|reply| Contract::parse_served(&reply.body.text(), SOURCE).ok())
}

/// The first answer that serves a contract, and the contract.
pub fn found<'v>(view: &View<'v>) -> Option<(&'v Exchange, Contract)> {
    probes(view.target).iter().find_map(|probe| {
        let (exchange, reply) = view.answer(probe).filter(|(_, reply)| reply.status == 200)?;
        let contract = Contract::parse(&reply.body.text(), SOURCE).ok()?;
        Some((exchange, contract))
    })
}
