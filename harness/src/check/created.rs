//! Good calls that create something, and where it can be read back.

use serde_json::Value;

use crate::check::asks;
use crate::check::keeping;
use crate::check::queries::below;
use crate::check::view::View;
use crate::model::exchange::{Exchange, Reply};
use crate::model::probe::{Body, Conn, Effect, Mutation, Nature, Probe};
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
    let path = said(view, proof, reply)?;
    documented(view, "GET", &path).then_some(path)
}

/// Whether the contract documents this method at the place of one thing.
fn documented(view: &View<'_>, method: &str, path: &str) -> bool {
    template(view, method, path).is_some_and(|template| template.contains('{'))
}

/// The contract's template of a path.
fn template<'v>(view: &View<'v>, method: &str, path: &str) -> Option<&'v str> {
    let found = view.contract?.find(method, path, view.target.base_path()).ok()?;
    Some(&found.operation.template)
}

/// The path with the contract's names in place of what the service made up.
fn known_as(view: &View<'_>, method: &str, path: &str) -> String {
    // From the end: a template is without what servers and bases have before it.
    let mut template = template(view, method, path)
        .into_iter()
        .flat_map(|template| template.rsplit('/'));
    let mut parts: Vec<&str> = path
        .rsplit('/')
        .map(|part| template.next().filter(|name| name.contains('{')).unwrap_or(part))
        .collect();
    parts.reverse();
    parts.join("/")
}

/// Where an answer says that what it tells of is: by `Location`, else by what it calls the id of it, or what the documented
/// path calls it. Anything else in an answer may name something that is not ours.
fn said(view: &View<'_>, proof: &Proof, reply: &Reply) -> Option<String> {
    let located = reply
        .header("location")
        .and_then(|there| local(view.target, &there));
    let named = || {
        let body = reply.body.json()?;
        let expected = proof.expect.iter().map(|expected| expected.at.as_str());
        let mut places = expected.chain(["/id"]).filter_map(|at| {
            let path = format!("{}/{}", proof.call.path, id(body.pointer(at)?)?);
            let name = at.rsplit('/').next().unwrap_or_default();
            (name == "id" || is_parameter(view, &path, name)).then_some(path)
        });
        places.next()
    };
    located.or_else(named)
}

/// A value that can stand in a path as it is.
pub(crate) fn id(value: &Value) -> Option<String> {
    let id = match value {
        Value::String(id) => id.clone(),
        Value::Number(id) if id.is_u64() => id.to_string(),
        _ => return None,
    };
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    (!id.is_empty() && id.bytes().all(plain)).then_some(id)
}

/// Whether the contract calls the last part of this path so.
fn is_parameter(view: &View<'_>, path: &str, name: &str) -> bool {
    let named = format!("/{{{name}}}");
    let calls_it =
        |method: &str| template(view, method, path).is_some_and(|template| template.ends_with(&named));
    calls_it("GET") || calls_it("DELETE")
}

/// Something that this run created.
#[derive(Debug, Clone)]
pub struct Creation<'v> {
    /// The call that created it.
    pub exchange: &'v Exchange,
    /// Where it is below the base URL, when the answer says so.
    pub place: Option<String>,
    /// What deletes it again, when the contract documents that.
    pub removal: Option<Probe>,
}

/// What this run created: each call by a `POST` or `PUT` that its owner said writes or keeps something, and that answered 2xx, or
/// that went out and was not answered: it may have done its work. One place is one thing.
pub fn creations<'v>(view: &View<'v>) -> Vec<Creation<'v>> {
    let mut creations: Vec<Creation<'v>> = Vec::new();
    if !view.target.allows(Effect::Writes) {
        return creations;
    }
    for exchange in view.exchanges {
        let Some(created) = proven(view, exchange).or_else(|| kept(view, exchange)) else {
            continue;
        };
        let known = creations.iter().any(|known| known.place == created.place);
        if created.place.is_none() || !known {
            creations.push(created);
        }
    }
    creations
}

/// What an exchange of a proof that writes created.
fn proven<'v>(view: &View<'v>, exchange: &'v Exchange) -> Option<Creation<'v>> {
    let operation = exchange.probe.operation();
    let creates =
        exchange.probe.effect == Effect::Writes && matches!(exchange.probe.method.as_str(), "POST" | "PUT");
    let mut proofs = view.target.proofs.iter();
    let proof = proofs.find(|proof| proof.nature == Nature::Write && proof.call.to_string() == operation);
    let may_have = match exchange.answer() {
        Some(reply) => is_success(reply),
        None => exchange.sent.is_some(),
    };
    let proof = proof.filter(|_| creates && may_have)?;
    let place = exchange.answer().and_then(|reply| said(view, proof, reply));
    let removal = place
        .as_ref()
        .filter(|path| documented(view, "DELETE", path))
        .map(|path| removal(view, path, exchange));
    Some(Creation {
        exchange,
        place,
        removal,
    })
}

/// What an exchange kept, by what its answer says; without one, only the very call that keeps something may have.
fn kept<'v>(view: &View<'v>, exchange: &'v Exchange) -> Option<Creation<'v>> {
    let probe = &*exchange.probe;
    let operation = probe.operation();
    let mut keeps = view.target.keeps.iter();
    let keep = keeps.find(|keep| keep.call.to_string() == operation)?;
    let Body::Json { value, .. } = &probe.body else {
        return None;
    };
    let Some(reply) = exchange.answer() else {
        let may_have = exchange.sent.is_some() && *value == keep.body;
        return may_have.then_some(Creation {
            exchange,
            place: None,
            removal: None,
        });
    };
    let id = keeping::id_of(keep, reply).filter(|_| keeping::says_kept(keep, reply))?;
    let removal = keeping::delete(view.target, keep, &id);
    let removal = Probe {
        who: probe.who.clone(),
        ..removal
    };
    Some(Creation {
        exchange,
        place: Some(keep.place(&id)),
        removal: Some(removal),
    })
}

/// The deletion of a thing, by whoever created it.
fn removal(view: &View<'_>, path: &str, exchange: &Exchange) -> Probe {
    let request = Probe::request("DELETE", path)
        .template(known_as(view, "DELETE", path))
        .nature(Some(Nature::Write))
        .conn(Conn::Fresh);
    match &exchange.probe.who {
        Some(who) => request.who(&who.secret, who.mutation).build(),
        None => request.build(),
    }
}

/// A path of this service, from what `Location` says.
fn local(target: &Target, location: &str) -> Option<String> {
    let base = target.base.trim_end_matches('/');
    let path = location.strip_prefix(base).unwrap_or(location);
    let is_path = path.starts_with('/') && !path.starts_with("//");
    is_path.then(|| below(target, path).to_owned())
}

/// The read of it, on a connection of its own, with the credential that created it.
pub fn read_back(view: &View<'_>, proof: &Proof, path: &str) -> Probe {
    let request = Probe::get(path)
        .template(known_as(view, "GET", path))
        .conn(Conn::Fresh);
    match view.target.auth.as_ref().and_then(|auth| auth.good()) {
        Some(good) if proof.protected => request.who(&good.name, Mutation::AsIs).build(),
        _ => request.build(),
    }
}
