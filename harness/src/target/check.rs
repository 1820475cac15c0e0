//! What is wrong with a profile although every single value of it can be read: what is missing, what is there twice,
//! what contradicts itself. All of it is found at once.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::model::probe::Nature;
use crate::target::fault::{Fault, quote};
use crate::target::problem::ProfileError;
use crate::target::profile::{Bounds, Client, ClientCall, Document, Env, Prove, Transcription};
use crate::target::read::Profile;
use crate::target::words::{Operation, Pointer};
use crate::target::{check_auth, keep, place, waiver};

/// Faults, each with the JSON Pointer of its entry.
pub type Faults = Vec<(String, Fault)>;

/// Header names that a browser sets alone (Fetch §2.2.2, forbidden request-header) and people list by mistake.
const FORBIDDEN: [&str; 9] = [
    "origin",
    "host",
    "cookie",
    "content-length",
    "connection",
    "referer",
    "date",
    "te",
    "transfer-encoding",
];

/// Everything that is wrong with this document.
pub fn check(document: &Document) -> Faults {
    let mut faults = Faults::new();
    clients(document.client.as_deref().unwrap_or_default(), &mut faults);
    if let Some(auth) = &document.auth {
        check_auth::auth(auth, &mut faults);
    }
    for (position, prove) in document.prove.iter().flatten().enumerate() {
        proof(&format!("/prove/{position}"), prove, &mut faults);
    }
    for (position, kept) in document.keep.iter().flatten().enumerate() {
        keep::check(&format!("/keep/{position}"), kept, &mut faults);
    }
    if let Some(role) = &document.transcription {
        transcription(role, &mut faults);
    }
    natures(document, &mut faults);
    waiver::check(document.waiver.as_deref().unwrap_or_default(), &mut faults);
    bounds(&document.bounds, &mut faults);
    for (name, env) in &document.env {
        environment(
            &format!("/env/{}", crate::model::target::Environment::from(*name).name()),
            env,
            &mut faults,
        );
    }
    faults
}

/// What became wrong with a merged profile through the merging. Places are those of the later file.
pub fn merged(profile: &Profile) -> Result<(), ProfileError> {
    let faults = check(&profile.document);
    let Some((pointer, _)) = faults.first() else {
        return Ok(());
    };
    let of_first = profile.sources.iter().find(|source| source.index.has(pointer));
    match of_first.or(profile.sources.first()) {
        Some(source) => Err(source.error(faults)),
        None => Ok(()),
    }
}

/// Refuses files that the profile names and the caller does not have.
pub fn files(profile: &Profile, have: &BTreeSet<String>) -> Result<(), ProfileError> {
    let missing = profile
        .document
        .files()
        .into_iter()
        .filter(|(_, name)| !have.contains(*name));
    let faults: Faults = missing
        .map(|(pointer, name)| {
            let what = format!("there is no file {}", quote(name));
            (
                pointer,
                Fault::new(
                    what,
                    "paths are relative to this profile",
                    "correct the path, or add the file",
                ),
            )
        })
        .collect();
    match (faults.is_empty(), profile.sources.first()) {
        (false, Some(source)) => Err(source.error(faults)),
        _ => Ok(()),
    }
}

fn clients(clients: &[Client], faults: &mut Faults) {
    let mut seen = BTreeMap::new();
    for (position, client) in clients.iter().enumerate() {
        let at = format!("/client/{position}");
        if let Some(first) = seen.insert((&client.origin.0, client.credentials), position) {
            let what = format!("{} is a client twice", quote(&client.origin.0.0));
            let why = format!("client[{first}] has the same origin and credentials");
            faults.push((
                format!("{at}/origin"),
                Fault::new(what, why, "put the calls of both into one [[client]]"),
            ));
        }
        for (position, call) in client.calls.iter().enumerate() {
            client_call(&format!("{at}/calls/{position}"), call, faults);
        }
    }
}

fn client_call(at: &str, call: &ClientCall, faults: &mut Faults) {
    let mut seen = BTreeSet::new();
    for (position, header) in call.headers.iter().enumerate() {
        let at = format!("{at}/headers/{position}");
        if FORBIDDEN.contains(&header.0.as_str()) || header.0.starts_with("sec-") {
            let what = format!("no page can set the header `{}`", header.0);
            faults.push((
                at,
                Fault::new(what, "the browser sets it itself (Fetch §2.2.2)", "take it out"),
            ));
        } else if !seen.insert(header) {
            let what = format!("`{}` is listed twice", header.0);
            faults.push((
                at,
                Fault::new(
                    what,
                    "names of headers have no case (RFC 9110 §5.1)",
                    "take one out",
                ),
            ));
        }
    }
}

/// Whether the method is safe (RFC 9110 §9.2.1), so that its effect may be taken for granted.
pub fn is_safe(call: &Operation) -> bool {
    matches!(call.0.method.as_str(), "GET" | "HEAD" | "OPTIONS")
}

fn effect(at: &str, call: &Operation, effect: Option<Nature>, faults: &mut Faults) {
    if effect.is_none() && !is_safe(call) {
        let what = format!(
            "`effect` is missing: what does {} do when it accepts a call?",
            call.0
        );
        let why = "effect and cost are never inferred";
        let next = "add `effect = \"read\"`, `effect = \"write\"` or `effect = \"paid\"`";
        faults.push((at.to_owned(), Fault::new(what, why, next)));
    }
}

fn proof(at: &str, prove: &Prove, faults: &mut Faults) {
    effect(at, &prove.call, prove.effect, faults);
    if prove.body.is_some() && is_safe(&prove.call) {
        let what = format!("{} has a body", prove.call.0);
        let why = "a body has no meaning there (RFC 9110 §9.3.1)";
        faults.push((
            format!("{at}/body"),
            Fault::new(what, why, "take it out, or correct the method"),
        ));
    }
    if let Some(audio) = &prove.audio {
        slot(&format!("{at}/audio/at"), prove.body.as_ref(), &audio.at, faults);
    }
}

/// Refuses a pointer whose parent the body does not have: the last member may be new, nothing above it.
fn slot(at: &str, body: Option<&Value>, pointer: &Pointer, faults: &mut Faults) {
    let parent = pointer.0.rsplit_once('/').map_or("", |(parent, _)| parent);
    let empty = Value::Object(serde_json::Map::new());
    let holder = body.unwrap_or(&empty).pointer(parent);
    if !holder
        .is_some_and(|holder| holder.is_object() || holder.pointer(&pointer.0[parent.len()..]).is_some())
    {
        let what = format!("the body has no place {}", quote(&pointer.0));
        let next = format!("give `body` what is above it: {}", quote(parent));
        faults.push((
            at.to_owned(),
            Fault::new(what, "only the last member may be new", next),
        ));
    }
}

fn transcription(role: &Transcription, faults: &mut Faults) {
    let at = "/transcription";
    effect(at, &role.call, role.effect, faults);
    slot(
        &format!("{at}/audio_at"),
        role.body.as_ref(),
        &role.audio_at,
        faults,
    );
    if let Some(text_in) = &role.text_in {
        slot(&format!("{at}/text_in"), role.body.as_ref(), text_in, faults);
    }
    if let Some(language_in) = &role.language_in {
        slot(
            &format!("{at}/language_in"),
            role.body.as_ref(),
            language_in,
            faults,
        );
    }
    let foreign = role.samples.iter().position(|sample| sample.language.is_some());
    if let (Some(position), None) = (foreign, &role.language_in) {
        let why = "nobody says where a language goes into the body";
        faults.push((
            format!("{at}/samples/{position}/language"),
            Fault::new(
                "this language cannot be asked for",
                why,
                "add language_in, such as \"/language\"",
            ),
        ));
    }
    if role.samples.len() < 2 {
        let why = "one transcript cannot show that it depends on the audio";
        let fault = Fault::new(
            "two samples at least are needed",
            why,
            "add a sample with other words",
        );
        faults.push((format!("{at}/samples"), fault));
    }
    for (position, sample) in role.samples.iter().enumerate() {
        let at = format!("{at}/samples/{position}");
        if sample.words.iter().all(|word| word.trim().is_empty()) {
            let why = "a transcript is judged by the words that it must hold";
            faults.push((
                format!("{at}/words"),
                Fault::new("this sample has no words", why, "add a word it says"),
            ));
        }
        let before = &role.samples[..position];
        if before.iter().any(|other| other.file == sample.file) {
            let what = format!("{} is a sample twice", quote(&sample.file.0));
            let why = "two clips must give two transcripts";
            faults.push((format!("{at}/file"), Fault::new(what, why, "name another clip")));
        } else if before
            .iter()
            .any(|other| words(&other.words) == words(&sample.words))
        {
            let why = "a transcript that ignores the audio would pass both";
            let fault = Fault::new(
                "another sample has the same words",
                why,
                "add a word that only this one says",
            );
            faults.push((format!("{at}/words"), fault));
        }
    }
}

fn words(words: &[String]) -> BTreeSet<String> {
    words.iter().map(|word| word.to_lowercase()).collect()
}

/// Refuses two natures for one operation.
fn natures(document: &Document, faults: &mut Faults) {
    let declared = document.operations.iter();
    let mut known: BTreeMap<&Operation, (Nature, String)> = declared
        .map(|(call, nature)| (call, (*nature, place::join("/operations", &call.0.to_string()))))
        .collect();
    let proofs = document.prove.iter().flatten().enumerate();
    let proofs =
        proofs.map(|(position, prove)| (format!("/prove/{position}/effect"), &prove.call, prove.effect));
    let role = document.transcription.iter();
    let role = role.map(|role| ("/transcription/effect".to_owned(), &role.call, role.effect));
    let keeps = document.keep.iter().flatten().enumerate();
    let keeps =
        keeps.map(|(position, keep)| (format!("/keep/{position}/effect"), &keep.call, Some(keep.effect)));
    for (at, call, effect) in proofs.chain(role).chain(keeps) {
        let Some(effect) = effect else { continue };
        match known.get(call) {
            Some((nature, first)) if *nature != effect => {
                let what = format!("{} has two effects", call.0);
                let why = format!("`{}` says otherwise", place::spoken(first));
                faults.push((
                    at,
                    Fault::new(what, why, "say the same in both; when in doubt, the graver one"),
                ));
            }
            Some(_) => {}
            None => {
                known.insert(call, (effect, at));
            }
        }
    }
}

fn bounds(bounds: &Bounds, faults: &mut Faults) {
    let mut refuse = |key: &str, what: String, why: &str| {
        faults.push((
            format!("/bounds/{key}"),
            Fault::new(what, why, "raise it, or take it out for the default"),
        ));
    };
    let durations = [
        ("deadline", bounds.deadline),
        ("paid_deadline", bounds.paid_deadline),
        ("run", bounds.run),
    ];
    for (key, _) in durations
        .iter()
        .filter(|(_, value)| value.is_some_and(|value| value.0 == 0))
    {
        refuse(key, format!("`{key}` is zero"), "no answer could come in time");
    }
    if let (Some(deadline), Some(run)) = (bounds.deadline, bounds.run)
        && deadline > run
    {
        refuse(
            "run",
            format!("`run` ({run}) is shorter than `deadline` ({deadline})"),
            "one request outlasts the run",
        );
    }
    let sizes = [
        ("body_keep", bounds.body_keep),
        ("body_read", bounds.body_read),
        ("run_keep", bounds.run_keep),
    ];
    for (key, _) in sizes
        .iter()
        .filter(|(_, value)| value.is_some_and(|value| value.0 == 0))
    {
        refuse(key, format!("`{key}` is zero"), "no body could be judged");
    }
    if let (Some(keep), Some(read)) = (bounds.body_keep, bounds.body_read)
        && keep > read
    {
        refuse(
            "body_read",
            format!("`body_read` ({read}) is less than `body_keep` ({keep})"),
            "what is kept is read",
        );
    }
    let zero = |value: Option<u32>| value == Some(0);
    let counts = [
        ("concurrency", zero(bounds.concurrency.map(u32::from))),
        ("requests", zero(bounds.requests)),
        ("per_operation", zero(bounds.per_operation)),
    ];
    for (key, _) in counts.iter().filter(|(_, is_zero)| *is_zero) {
        refuse(key, format!("`{key}` is zero"), "nothing could be sent");
    }
    if bounds.concurrency.is_some_and(|concurrency| concurrency > 64) {
        let fault = Fault::new(
            "`concurrency` is more than 64",
            "a verification is no load test",
            "write 64 or less",
        );
        faults.push(("/bounds/concurrency".to_owned(), fault));
    }
}

fn environment(at: &str, env: &Env, faults: &mut Faults) {
    let fault = match (&env.url, &env.spawn) {
        // One that only tunes what another profile places is fine; whether it is placed is asked when it is chosen.
        (None, None) if *env == Env::default() => {
            let next = "add `url = \"https://…\"`, or `spawn = \"… --port $PORT\"`";
            Fault::new("this environment is empty", "nobody knows where it is", next)
        }
        (Some(_), Some(_)) => {
            let why = "what we start is on a port of ours, never at a URL";
            Fault::new("this environment has both `url` and `spawn`", why, "take one out")
        }
        (Some(_), None) if env.base.is_some() => Fault::new(
            "`base` belongs to `spawn`",
            "a URL has its own path",
            "put the path into `url`",
        ),
        _ if env.replicas == Some(0) => {
            Fault::new("`replicas` is zero", "nothing would answer", "write 1 or more")
        }
        _ => return,
    };
    faults.push((at.to_owned(), fault));
}
