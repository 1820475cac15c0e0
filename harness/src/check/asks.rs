//! Probes that several checks ask for. Since equal probes are sent once, checks that ask through here share exchanges.

use crate::cors::request::{PreflightNeed, needs_preflight, preflight_headers};
use crate::model::probe::{Body, Conn, Insert, Mode, Mutation, Nature, Origin, Page, Probe, ProbeBuilder};
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
    good(target, &proof.call, request, proof.protected)
        .conn(Conn::Fresh)
        .build()
}

/// The transcription of a sample, with the good credential.
pub fn transcribe(target: &Target, role: &Transcription, sample: &Sample) -> Probe {
    let insert = Insert {
        at: role.audio_at.clone(),
        sample: sample.name.clone(),
    };
    let body = Body::Json {
        value: role.body.clone(),
        inserts: vec![insert],
    };
    acted(target, role, body)
}

/// The transcription operation with this body, with the good credential.
pub fn acted(target: &Target, role: &Transcription, body: Body) -> Probe {
    let request = request(target, &role.call).nature(Some(role.nature)).body(body);
    good(target, &role.call, request, true).conn(Conn::Fresh).build()
}

/// A request to the operation that no server could accept, with this credential or none.
pub fn inert(target: &Target, call: &Call, mutation: Option<Mutation>) -> Probe {
    let request = request(target, call).body(Body::BrokenJson);
    let request = paged(target, call, request);
    match (mutation, target.auth.as_ref().and_then(|auth| auth.good())) {
        (Some(mutation), Some(credential)) => request.who(&credential.name, mutation).build(),
        _ => request.build(),
    }
}

/// The operations that must refuse strangers: those of protected proofs and of the transcription role.
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

fn paged(target: &Target, call: &Call, request: ProbeBuilder) -> ProbeBuilder {
    match page_of(target, call) {
        Some(page) => request.page(&page.origin, page.mode),
        None => request,
    }
}
