//! What checks share that try a way around the guard: the request that must be refused, and whether its answer shows that it
//! was not. A way around is tried without a credential, at the cheapest protected operation.

use crate::check::asks;
use crate::check::judgement::Judgement;
use crate::check::view::View;
use crate::checks::auth::stance::{Others, Stance, stance};
use crate::checks::auth::{control, place};
use crate::model::exchange::Reply;
use crate::model::probe::{Ask, Body, Mutation, Probe};
use crate::model::target::{Call, Environment};

/// The operation that is tried, or why none is.
pub fn place(view: &View<'_>) -> Result<Call, Judgement> {
    let Some(auth) = &view.target.auth else {
        return Err(Judgement::NotApplicable(
            "the profile has no [auth]: no call is known to need a credential".into(),
        ));
    };
    if view.target.environment == Environment::Production {
        return Err(Judgement::skipped(
            "production is not tried for ways around its guard",
            Some("--environment staging"),
        ));
    }
    if auth.good().is_none() {
        return Err(Judgement::skipped(
            "without a good credential it is not known how an accepted call is answered",
            Some(&auth.supply),
        ));
    }
    place::cheapest(view).ok_or_else(|| {
        Judgement::skipped(
            "nobody said which operation needs the credential",
            Some("--profile FILE with a [[prove]] table"),
        )
    })
}

/// The plain request of a stranger.
pub fn nobody(view: &View<'_>, call: &Call) -> Probe {
    asks::inert(view.target, call, None)
}

/// The same with the good credential.
pub fn good(view: &View<'_>, call: &Call) -> Probe {
    asks::inert(view.target, call, Some(Mutation::AsIs))
}

/// What every way around is compared with.
pub fn compared(view: &View<'_>, call: &Call) -> Vec<Ask> {
    let good = control::good(view.target).map(|_| good(view, call));
    [Some(nobody(view, call)), good]
        .into_iter()
        .flatten()
        .map(Ask::One)
        .collect()
}

/// What the way around shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Around {
    /// It was refused, or leads nowhere.
    Refused,
    /// It was answered as the good credential is.
    Open,
    /// Nothing can be told from the answers that it is compared with.
    Unknown,
}

/// What the answer to a way around shows: open only where a stranger is refused plainly, and where it looks like the answer to
/// the good credential and like nothing else.
pub fn around(view: &View<'_>, call: &Call, probe: &Probe, reply: &Reply) -> Around {
    let (Some((_, nobody)), Some((_, good))) =
        (view.answer(&nobody(view, call)), view.answer(&good(view, call)))
    else {
        return Around::Unknown;
    };
    if !matches!(nobody.status, 401 | 403) || matches!(good.status, 401 | 403) {
        return Around::Unknown;
    }
    let others = Others {
        good: Some(good),
        nobody: Some(nobody),
        inert: probe.body == Body::BrokenJson,
    };
    match stance(reply, others) {
        Stance::Accepted if probe.method == "HEAD" || is_alike(reply, good) => Around::Open,
        _ => Around::Refused,
    }
}

/// Whether two successes have the same members: a page that answers everything has not those of the operation.
fn is_alike(reply: &Reply, good: &Reply) -> bool {
    let names = |reply: &Reply| {
        let body = reply.body.json()?;
        let mut names: Vec<String> = body.as_object()?.keys().cloned().collect();
        names.sort();
        Some(names)
    };
    match (names(reply), names(good)) {
        (Some(one), Some(other)) => one == other,
        (None, None) => reply.body.text() == good.body.text(),
        _ => false,
    }
}

#[cfg(test)]
pub(crate) mod testing {
    //! A target with a protected read, and what a stranger and the good credential get there.

    use super::*;
    use crate::check::testing::{answered, target};
    use crate::model::exchange::Exchange;
    use crate::model::probe::Nature;
    use crate::model::target::Target;

    /// The target of the other tests, with `GET /me` to prove.
    pub(crate) fn read() -> Target {
        let mut target = target();
        let mut proof = target.proofs[0].clone();
        proof.call = me();
        proof.nature = Nature::Read;
        proof.body = Body::Empty;
        target.proofs.push(proof);
        target
    }

    /// `GET /me`.
    pub(crate) fn me() -> Call {
        Call {
            method: "GET".into(),
            path: "/me".into(),
        }
    }

    /// What the good credential and a stranger get.
    pub(crate) fn seen(good_status: u16, nobody_status: u16) -> Vec<Exchange> {
        let target = read();
        let view = View::new(&target, None, &[], &[]);
        let json = [("content-type", "application/json")];
        let body = r#"{"subject":"ana"}"#;
        vec![
            answered(1, &good(&view, &me()), good_status, &json, body),
            answered(
                2,
                &nobody(&view, &me()),
                nobody_status,
                &json,
                if nobody_status == 200 { body } else { "{}" },
            ),
        ]
    }
}
