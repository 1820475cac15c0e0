//! How a login is tried with wrong passwords, and what came of each try. Nothing here judges.

use crate::check::asks;
use crate::check::view::View;
use crate::model::exchange::{Exchange, Reply};
use crate::model::probe::{Ask, Body, Conn, Probe};
use crate::model::target::Target;

/// How often a wrong password is tried: more than anybody mistypes, and few enough to disturb nobody.
pub const GUESSES: u16 = 20;
/// How many at once.
const AT_ONCE: u16 = 4;

/// The login that must be refused.
pub fn guess(target: &Target) -> Option<Probe> {
    let login = target.auth.as_ref()?.login.as_ref()?;
    let body = Body::Json {
        value: login.body.clone(),
        inserts: vec![],
    };
    Some(
        asks::request(target, &login.call)
            .body(body)
            .conn(Conn::Fresh)
            .hostile(),
    )
}

/// So many tries of one kind. Only a burst is sent on where a service says that it was asked too often.
pub fn tries(each: Probe, n: u16) -> Ask {
    Ask::Burst {
        each,
        n,
        at_once: AT_ONCE.min(n),
        beside: None,
    }
}

/// What was answered to each try of one kind.
pub fn answers<'v>(view: &View<'v>, each: &Probe) -> Vec<(&'v Exchange, &'v Reply)> {
    view.answers()
        .filter(|(exchange, _)| *exchange.probe == *each)
        .collect()
}
