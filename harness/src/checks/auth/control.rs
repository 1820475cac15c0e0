//! The control of every rejection: what became of the good credential. A 401 to a bad one is worth something only when
//! the good one is accepted.

use crate::check::asks;
use crate::check::view::View;
use crate::checks::auth::stance::passes;
use crate::model::exchange::Exchange;
use crate::model::probe::{Mutation, Probe, Who};
use crate::model::target::{Call, Target};

/// What became of the good credential at one operation.
#[derive(Debug, Clone, Default)]
pub struct Control<'v> {
    /// Where it was let in.
    pub accepted: Vec<&'v Exchange>,
    /// Where it was refused.
    pub refused: Vec<&'v Exchange>,
}

impl Control<'_> {
    /// Whether it was refused and never let in.
    pub fn is_refused(&self) -> bool {
        self.accepted.is_empty() && !self.refused.is_empty()
    }
}

/// The good credential, sent as it is.
pub fn good(target: &Target) -> Option<Who> {
    Some(Who {
        secret: target.auth.as_ref()?.good()?.name.clone(),
        mutation: Mutation::AsIs,
    })
}

/// Everything that was seen of the good credential at this operation, from the client's own page or from none: a foreign
/// page may be refused for its own sake.
pub fn control<'v>(view: &View<'v>, call: &Call) -> Control<'v> {
    let mut control = Control::default();
    let Some(who) = good(view.target) else {
        return control;
    };
    let inert = asks::inert(view.target, call, Some(Mutation::AsIs));
    let nobody = view.answer(&asks::inert(view.target, call, None));
    let strangers_refused = nobody.is_some_and(|(_, reply)| matches!(reply.status, 401 | 403));
    for (exchange, reply) in view.answers() {
        let probe = &*exchange.probe;
        if !is_own(view.target, probe, call, &who) || !view.is_last(exchange) {
            continue;
        }
        let page = reply.media_type().as_deref() == Some("text/html");
        let let_through = *probe == inert && strangers_refused && passes(reply.status);
        match reply.status {
            401 | 403 => control.refused.push(exchange),
            200..300 if !page => control.accepted.push(exchange),
            _ if let_through => control.accepted.push(exchange),
            _ => {}
        }
    }
    control
}

fn is_own(target: &Target, probe: &Probe, call: &Call, who: &Who) -> bool {
    let own_page = |origin| target.clients.iter().any(|client| client.origin == origin);
    probe.method == call.method
        && probe.path_text() == call.path
        && probe.who.as_ref() == Some(who)
        && probe
            .page
            .as_ref()
            .is_none_or(|page| own_page(page.origin.clone()))
        && !probe.headers.iter().any(|(name, _)| name == "origin")
}
