//! What a good call keeps: the requests by which it is kept, read back, listed and deleted again, as the profile says. Several
//! checks look at the same ones, so they are made here once.

use serde_json::Value;

use crate::check::asks;
use crate::check::created::{id, is_success};
use crate::check::view::View;
use crate::model::exchange::{Exchange, Reply};
use crate::model::keep::{ID, Keep};
use crate::model::probe::{Body, Conn, Effect, Mutation, Nature, Probe};
use crate::model::target::{Call, Target};

/// The connection on which what is not found yet is looked for again, so that it can be waited for.
const LANE: u8 = 7;
/// How long a service may take until everybody sees what it has kept or deleted, in milliseconds.
const SETTLES: u32 = 1_000;

/// What is kept, as far as the run may write, and pay where that takes it, and has the credential.
pub fn keeps<'v>(view: &View<'v>) -> Vec<&'v Keep> {
    let target = view.target;
    let held = target.auth.as_ref().is_some_and(|auth| auth.good().is_some());
    let may = |keep: &Keep| {
        target.allows(Effect::Writes) && (keep.nature != Nature::Paid || target.allows(Effect::Paid))
    };
    let keeps = target.keeps.iter();
    keeps
        .filter(|keep| may(keep) && (held || !keep.protected))
        .collect()
}

/// The call that keeps it.
pub fn save(target: &Target, keep: &Keep) -> Probe {
    save_as(target, keep, keep.body.clone())
}

/// The same with another body.
pub fn save_as(target: &Target, keep: &Keep, value: Value) -> Probe {
    let body = Body::Json {
        value,
        inserts: Vec::new(),
    };
    asked(target, keep, &keep.call, Some(keep.nature), body)
}

/// The call that reads the thing of this id.
pub fn read(target: &Target, keep: &Keep, id: &str) -> Probe {
    let call = Call {
        method: keep.read.method.clone(),
        path: keep.place(id),
    };
    Probe {
        template: Some(keep.read.path.clone()),
        ..asked(target, keep, &call, Some(Nature::Read), Body::Empty)
    }
}

/// Two more looks at it, a moment apart, for a service that takes a while to know what it has done.
pub fn looks(read: &Probe) -> [Probe; 2] {
    let look = |idle| {
        let mut probe = read.clone();
        probe.conn = Conn::Hold { lane: LANE, idle };
        probe
    };
    [look(0), look(SETTLES)]
}

/// The call that lists what was kept.
pub fn list(target: &Target, keep: &Keep) -> Option<Probe> {
    let list = keep.list.as_ref()?;
    Some(asked(target, keep, list, Some(Nature::Read), Body::Empty))
}

/// The call that deletes the thing of this id.
pub fn delete(target: &Target, keep: &Keep, id: &str) -> Probe {
    let call = Call {
        method: keep.delete.method.clone(),
        path: keep.delete.path.replace(ID, id),
    };
    Probe {
        template: Some(keep.delete.path.clone()),
        ..asked(target, keep, &call, Some(Nature::Write), Body::Empty)
    }
}

fn asked(target: &Target, keep: &Keep, call: &Call, nature: Option<Nature>, body: Body) -> Probe {
    let request = Probe::request(&call.method, call.path.as_str())
        .nature(nature)
        .body(body)
        .conn(Conn::Fresh);
    let request = match asks::page_of(target, &keep.call) {
        Some(page) => request.page(&page.origin, page.mode),
        None => request,
    };
    match target.auth.as_ref().and_then(|auth| auth.good()) {
        Some(good) if keep.protected => request.who(&good.name, Mutation::AsIs).build(),
        _ => request.build(),
    }
}

/// Whether an answer says that the thing was kept, where it says anything of that.
pub fn says_kept(keep: &Keep, reply: &Reply) -> bool {
    let Some(at) = &keep.says else { return true };
    let body = reply.body.json();
    body.as_ref().and_then(|body| body.pointer(at)) == Some(&Value::Bool(true))
}

/// The id that an answer gives to what it kept, when it did its work.
pub fn id_of(keep: &Keep, reply: &Reply) -> Option<String> {
    let body = is_success(reply).then(|| reply.body.json())??;
    id(body.pointer(&keep.id)?)
}

/// What became of the call that keeps it, and the id that it got.
pub fn kept<'v>(view: &View<'v>, keep: &Keep) -> Option<(&'v Exchange, &'v Reply, String)> {
    let (exchange, reply) = view.answer(&save(view.target, keep))?;
    let id = id_of(keep, reply)?;
    Some((exchange, reply, id))
}
