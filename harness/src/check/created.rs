//! Good calls that create something, and where it can be read back.

use serde_json::Value;

use crate::check::asks;
use crate::check::queries::below;
use crate::check::view::View;
use crate::model::exchange::Reply;
use crate::model::probe::{Conn, Effect, Mutation, Nature, Probe};
use crate::model::target::{Proof, Target};

/// The good calls that write, as far as the run may write and has the credential.
pub fn writes<'v>(view: &View<'v>) -> Vec<&'v Proof> {
    let target = view.target;
    let held =
        |proof: &Proof| !proof.protected || target.auth.as_ref().is_some_and(|auth| auth.good().is_some());
    let proofs = target.proofs.iter().filter(|proof| {
        proof.nature == Nature::Write && !asks::is_safe(&proof.call) && target.allows(Effect::Writes)
    });
    proofs.filter(|proof| held(proof)).collect()
}

/// Whether a call did what it was asked for.
pub fn is_success(reply: &Reply) -> bool {
    (200..300).contains(&reply.status)
}

/// The documented path below the base URL at which what was created is read: what `Location` says, else the operation's own
/// path and the id that was answered. `None` when no contract documents such a read.
pub fn place(view: &View<'_>, proof: &Proof, reply: &Reply) -> Option<String> {
    let target = view.target;
    let contract = view.contract?;
    let said = reply.header("location").and_then(|there| local(target, &there));
    let id = || {
        let body = reply.body.json()?;
        let at = proof.expect.first()?.at.as_str();
        let id = body.pointer(at).and_then(Value::as_str)?;
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        id.bytes().all(plain).then(|| format!("{}/{id}", proof.call.path))
    };
    let path = said.or_else(id)?;
    let found = contract.find("GET", &path, target.base_path()).ok()?;
    found.operation.template.contains('{').then_some(path)
}

/// A path of this service, from what `Location` says.
fn local(target: &Target, location: &str) -> Option<String> {
    let base = target.base.trim_end_matches('/');
    let path = location.strip_prefix(base).unwrap_or(location);
    let is_path = path.starts_with('/') && !path.starts_with("//");
    is_path.then(|| below(target, path).to_owned())
}

/// The read of it, on a connection of its own, with the credential that created it.
pub fn read_back(target: &Target, proof: &Proof, path: &str) -> Probe {
    let request = Probe::get(path).conn(Conn::Fresh);
    match target.auth.as_ref().and_then(|auth| auth.good()) {
        Some(good) if proof.protected => request.who(&good.name, Mutation::AsIs).build(),
        _ => request.build(),
    }
}
