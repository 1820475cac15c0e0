//! What the checks ask, all of them beside each other.

use super::*;
use crate::check::testing::{answered, cors, target};
use crate::check::view::View;
use crate::contract::load::Contract;
use crate::model::exchange::Exchange;
use crate::model::target::{Client, Routes, Target};

const CONTRACT: &str = include_str!("../../../contracts/orchestrate.openapi.json");

/// How many times the checks are shown what came of their last asks.
const ROUNDS: u32 = 4;

/// Checks that ask nothing of a plain target whose every answer is 200: they wait for a failure, or for what is not there.
const SILENT: &[&str] = &[];

/// A target with a route for everything.
fn full() -> Target {
    let target = target();
    let clients = vec![Client {
        origin: crate::model::probe::Origin("https://app.example".into()),
        ..target.clients[0].clone()
    }];
    Target {
        clients,
        routes: Routes {
            health: Some("/health".into()),
            ready: Some("/ready".into()),
            ai_health: Some("/health/ai".into()),
            contract: Some("/openapi.json".into()),
            ..Routes::default()
        },
        ..target
    }
}

/// The ids of the checks that asked something in any round.
fn asking(target: &Target, contract: &Contract) -> Vec<&'static str> {
    let mut asking = Vec::new();
    let mut seen: Vec<Exchange> = Vec::new();
    let mut id = 0;
    for _ in 0..ROUNDS {
        let view = View::new(target, Some(contract), &seen, &[]);
        let asks: Vec<_> = CHECKS
            .iter()
            .map(|check| (check.spec().id, check.ask(&view)))
            .collect();
        let headers = [&[("content-type", "application/json")], &cors()[..]].concat();
        for (check, ask) in asks.iter().flat_map(|(check, asks)| asks.iter().map(move |ask| (*check, ask))) {
            asking.push(check);
            for probe in ask.probes() {
                if seen.iter().all(|exchange| *exchange.probe != *probe) {
                    id += 1;
                    seen.push(answered(id, probe, 200, &headers, "{}"));
                }
            }
        }
    }
    asking
}

#[test]
fn every_check_asks_what_it_judges() {
    let contract = Contract::parse(CONTRACT, "the test").unwrap();
    let asking = asking(&full(), &contract);
    let silent: Vec<&str> = CHECKS
        .iter()
        .map(|check| check.spec().id)
        .filter(|id| !asking.contains(id))
        .collect();
    assert_eq!(silent, SILENT);
}
