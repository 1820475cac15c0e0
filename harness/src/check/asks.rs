//! Probes that several checks ask for. Since equal probes are sent once, checks that ask through here share exchanges.

use serde_json::Value;

use crate::check::once;
use crate::cors::request::{PreflightNeed, needs_preflight, preflight_headers};
use crate::model::probe::{
    Body, Change, Conn, Insert, Mode, Mutation, Nature, Origin, Page, Probe, ProbeBuilder, Who,
};
use crate::model::target::{Call, Client, ClientCall, Proof, Sample, Target, Transcription};

/// A route that no service has.
pub const NO_SUCH_ROUTE: &str = "/greenlight-no-such-route";

/// A foreign origin that nobody owns (RFC 2606 §2).
pub const FOREIGN: &str = "https://foreign.example";

/// The page that makes this call, when a client is known to.
pub fn page_of(target: &Target, call: &Call) -> Option<Page> {
    let calls = |client: &&Client| client.calls.iter().any(|made| made.call == *call);
    let client = target
        .clients
        .iter()
        .find(calls)
        .or_else(|| target.clients.first())?;
    Some(Page {
        origin: client.origin.clone(),
        mode: client.credentials,
    })
}

/// A request that begins with what its operation is known to do.
pub fn request(target: &Target, call: &Call) -> ProbeBuilder {
    Probe::request(&call.method, call.path.as_str()).nature(target.nature_of(call))
}

/// A plain read of a route, as no page would send it.
pub fn read(route: &str) -> Probe {
    Probe::get(route).build()
}

/// A read of a route, as a page would send it.
pub fn read_from(route: &str, origin: &Origin, mode: Mode) -> Probe {
    Probe::get(route).page(origin, mode).build()
}

/// The call of a proof, with the good credential, as its page sends it. On a connection of its own, since nothing that
/// has an effect may be sent twice.
pub fn proof(target: &Target, proof: &Proof) -> Probe {
    let request = request(target, &proof.call)
        .nature(Some(proof.nature))
        .body(proof.body.clone());
    let request = good(target, &proof.call, request, proof.protected);
    keyed(request, proof).conn(Conn::Fresh).build()
}

/// The transcription of a sample, with the good credential.
pub fn transcribe(target: &Target, role: &Transcription, sample: &Sample) -> Probe {
    acted(target, role, spoken(role, sample, Change::None))
}

/// The transcription of a sample that was changed first, with the good credential.
pub fn transcribe_changed(target: &Target, role: &Transcription, sample: &Sample, change: Change) -> Probe {
    acted(target, role, spoken(role, sample, change))
}

/// The transcription of a sample that was made too large for comfort, with the good credential.
pub fn strain(target: &Target, role: &Transcription, sample: &Sample, change: Change) -> Probe {
    let request = request(target, &role.call).body(spoken(role, sample, change));
    good(target, &role.call, request, true)
        .conn(Conn::Fresh)
        .hostile()
}

/// The body around a sample, in the sample's language.
fn spoken(role: &Transcription, sample: &Sample, change: Change) -> Body {
    let mut value = role.body.clone();
    if let Some((at, language)) = role.language_in.as_ref().zip(sample.language.as_ref()) {
        put(&mut value, at, Value::String(language.clone()));
    }
    let insert = Insert {
        at: role.audio_at.clone(),
        sample: sample.name.clone(),
        change,
    };
    Body::Json {
        value,
        inserts: vec![insert],
    }
}

/// Puts a value at a JSON Pointer whose parent is an object; elsewhere nothing happens.
pub fn put(body: &mut Value, at: &str, value: Value) {
    let (parent, name) = at.rsplit_once('/').unwrap_or(("", at));
    let name = name.replace("~1", "/").replace("~0", "~");
    if let Some(Value::Object(members)) = body.pointer_mut(parent) {
        members.insert(name, value);
    }
}

/// The transcription operation with this body, with the good credential.
pub fn acted(target: &Target, role: &Transcription, body: Body) -> Probe {
    let request = request(target, &role.call).nature(Some(role.nature)).body(body);
    good(target, &role.call, request, true).conn(Conn::Fresh).build()
}

/// The call with the good credential spoilt so, or with none, and a body that no server could accept. See [`inert_as`].
pub fn inert(target: &Target, call: &Call, mutation: Option<Mutation>) -> Probe {
    let good = target.auth.as_ref().and_then(|auth| auth.good());
    let who = mutation.zip(good).map(|(mutation, credential)| Who {
        secret: credential.name.clone(),
        mutation,
    });
    inert_as(target, call, who)
}

/// The size of an upload, in KiB: a quarter of a minute of speech, as base64.
const UPLOAD: u32 = 1_200;

/// The call with a body larger than proxies take when nobody has told them to (nginx: one megabyte). It comes from nobody and
/// parses nowhere.
pub fn upload(target: &Target, call: &Call) -> Probe {
    Probe {
        body: Body::BrokenLarge { kib: UPLOAD },
        ..inert(target, call, None)
    }
}

/// The call with this credential and a body that no server could accept. A read goes out as it is, since it has no
/// effect; so does an operation that is known to take no JSON, for a broken body would not stop it: then it has the
/// effect that it has, and the budget decides.
pub fn inert_as(target: &Target, call: &Call, who: Option<Who>) -> Probe {
    let body = match proof_of(target, call).map(|proof| &proof.body) {
        _ if is_safe(call) => Body::Empty,
        Some(Body::Json { .. }) | None => Body::BrokenJson,
        Some(other) => other.clone(),
    };
    carrying(paged(target, call, request(target, call).body(body)), who).build()
}

/// The call as a proof or the transcription role makes it, with this credential or none. `None` when nobody said what
/// the operation accepts. On a connection of its own, since nothing that has an effect may be sent twice.
pub fn acceptable(target: &Target, call: &Call, who: Option<Who>) -> Option<Probe> {
    let role = target.transcription.as_ref().filter(|role| role.call == *call);
    let proof = proof_of(target, call);
    let (body, nature) = match (proof, role) {
        (Some(proof), _) => (proof.body.clone(), proof.nature),
        (None, Some(role)) => (spoken(role, role.samples.first()?, Change::None), role.nature),
        (None, None) => return None,
    };
    let request = paged(
        target,
        call,
        request(target, call).nature(Some(nature)).body(body),
    );
    // A key is the caller's own: whoever else calls is given none.
    let good = target.auth.as_ref().and_then(|auth| auth.good());
    let is_good =
        |who: &Who| good.is_some_and(|good| good.name == who.secret) && who.mutation == Mutation::AsIs;
    let request = match proof.filter(|_| who.as_ref().is_some_and(is_good)) {
        Some(proof) => keyed(request, proof),
        None => request,
    };
    Some(carrying(request, who).conn(Conn::Fresh).build())
}

/// The operation with a body of ours, with the good credential when it is protected.
pub fn with_body(target: &Target, call: &Call, body: Body) -> Probe {
    let request = request(target, call).body(body);
    good(target, call, request, is_protected(target, call))
        .conn(Conn::Fresh)
        .build()
}

/// Whether the operation must refuse strangers.
pub fn is_protected(target: &Target, call: &Call) -> bool {
    protected(target).contains(call)
}

/// Whether the call only reads, by its method (RFC 9110 §9.2.1).
pub fn is_safe(call: &Call) -> bool {
    matches!(call.method.as_str(), "GET" | "HEAD")
}

/// The operations that must refuse strangers: those of protected proofs, of the transcription role, and of the contract
/// where that is all that is known.
pub fn protected(target: &Target) -> Vec<Call> {
    if target.auth.is_none() {
        return Vec::new();
    }
    let proofs = target
        .proofs
        .iter()
        .filter(|proof| proof.protected)
        .map(|proof| proof.call.clone());
    let mut calls: Vec<Call> = proofs
        .chain(target.transcription.iter().map(|role| role.call.clone()))
        .chain(target.guarded.iter().cloned())
        .collect();
    calls.sort();
    calls.dedup();
    calls
}

/// The CORS-preflight request that a browser sends before this call, or `None` when it sends none.
pub fn preflight(origin: &Origin, mode: Mode, made: &ClientCall) -> Option<Probe> {
    let need = preflight_need(made)?;
    let mut request = Probe::request("OPTIONS", made.call.path.as_str()).nature(Some(Nature::Read));
    for (name, value) in preflight_headers(&need) {
        request = request.header(name, value);
    }
    Some(request.page(origin, mode).build())
}

/// What a browser asks for before this call, or `None` when it sends no preflight.
pub fn preflight_need(made: &ClientCall) -> Option<PreflightNeed> {
    let values: Vec<(&str, &str)> = made
        .headers
        .iter()
        .map(|name| (name.as_str(), typical(name)))
        .collect();
    needs_preflight(&made.call.method, &values)
}

/// The value that a page typically gives a header, as far as it decides whether the header is safelisted.
fn typical(name: &str) -> &'static str {
    match name {
        "content-type" => "application/json",
        "accept" => "application/json",
        "accept-language" | "content-language" => "en",
        _ => "value",
    }
}

fn good(target: &Target, call: &Call, request: ProbeBuilder, protected: bool) -> ProbeBuilder {
    let request = paged(target, call, request);
    match target.auth.as_ref().and_then(|auth| auth.good()) {
        Some(credential) if protected => request.who(&credential.name, Mutation::AsIs),
        _ => request,
    }
}

fn keyed(request: ProbeBuilder, proof: &Proof) -> ProbeBuilder {
    match &proof.key {
        Some(key) => request.header(once::HEADER, key.as_str()),
        None => request,
    }
}

fn carrying(request: ProbeBuilder, who: Option<Who>) -> ProbeBuilder {
    match who {
        Some(who) => request.who(&who.secret, who.mutation),
        None => request,
    }
}

fn proof_of<'t>(target: &'t Target, call: &Call) -> Option<&'t Proof> {
    target.proofs.iter().find(|proof| proof.call == *call)
}

fn paged(target: &Target, call: &Call, request: ProbeBuilder) -> ProbeBuilder {
    match page_of(target, call) {
        Some(page) => request.page(&page.origin, page.mode),
        None => request,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{call, target};
    use crate::model::probe::Effect;

    #[test]
    fn a_rejection_probe_cannot_be_accepted() {
        let target = target();
        for mutation in [None, Some(Mutation::Garbage), Some(Mutation::AsIs)] {
            assert_eq!(inert(&target, &call(), mutation).effect, Effect::Inert);
        }
    }

    #[test]
    fn a_read_is_asked_without_a_body() {
        let me = Call {
            method: "GET".into(),
            path: "/me".into(),
        };
        let probe = inert(&target(), &me, Some(Mutation::Garbage));
        assert_eq!((probe.body, probe.effect), (Body::Empty, Effect::Read));
    }

    #[test]
    fn an_operation_that_takes_no_json_is_never_taken_for_harmless() {
        let mut target = target();
        target.proofs[0].body = Body::Empty;
        assert_eq!(inert(&target, &call(), None).effect, Effect::Paid);
    }

    #[test]
    fn the_acceptable_call_with_the_good_credential_is_the_proof() {
        let mut target = target();
        target.proofs[0].key = Some("a key".to_owned());
        let who = Who {
            secret: target.auth.as_ref().unwrap().good().unwrap().name.clone(),
            mutation: Mutation::AsIs,
        };
        let probe = acceptable(&target, &call(), Some(who.clone())).unwrap();
        assert_eq!(probe, proof(&target, &target.proofs[0]));
        let spoilt = Who {
            mutation: Mutation::Garbage,
            ..who
        };
        let keyed = |probe: &Probe| probe.headers.iter().any(|(name, _)| name == once::HEADER);
        let others = [Some(spoilt), None].map(|who| acceptable(&target, &call(), who).unwrap());
        assert_eq!((keyed(&probe), others.iter().any(keyed)), (true, false));
    }
}
