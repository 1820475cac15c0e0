//! Headers of answers that came, went or mean something else.
//!
//! A header came or went when every answer of one run to a request has it and no answer of the other does, of those with the
//! same status. Only headers with a meaning that does not vary from answer to answer are compared by value; of all others,
//! but for those that proxies and clocks write, only presence is.

use std::collections::BTreeSet;

use crate::compare::Seen;
use crate::compare::pairs::{Answer, Pairs};
use crate::model::diff::{Change, Cost, Kind};

/// Headers that protect somebody or let a browser in: when one goes, or loses a part, something breaks.
const GUARDS: [&str; 17] = [
    "access-control-allow-credentials",
    "access-control-allow-headers",
    "access-control-allow-methods",
    "access-control-allow-origin",
    "access-control-expose-headers",
    "allow",
    "content-security-policy",
    "content-type",
    "cross-origin-embedder-policy",
    "cross-origin-opener-policy",
    "cross-origin-resource-policy",
    "permissions-policy",
    "referrer-policy",
    "strict-transport-security",
    "vary",
    "x-content-type-options",
    "x-frame-options",
];
/// Headers whose values are compared, and of which nothing breaks.
const MILD: [&str; 5] = [
    "access-control-max-age",
    "cache-control",
    "content-disposition",
    "deprecation",
    "sunset",
];
/// Cache directives that keep an answer from being shown to somebody else (RFC 9111 §5.2.2).
const KEEPS: [&str; 3] = ["no-cache", "no-store", "private"];
/// Headers that differ between two healthy answers: by time, by instance, by length, by the way that they took.
const VOLATILE: [&str; 22] = [
    "age",
    "alt-svc",
    "connection",
    "content-encoding",
    "content-length",
    "date",
    "etag",
    "expires",
    "keep-alive",
    "last-modified",
    "nel",
    "report-to",
    "reporting-endpoints",
    "retry-after",
    "server",
    "server-timing",
    "set-cookie",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "via",
    "x-powered-by",
];
/// The same by how the name begins: what edges and tracing write.
const VOLATILE_BEGINNINGS: [&str; 13] = [
    "cf-",
    "fly-",
    "ratelimit",
    "rndr-",
    "traceparent",
    "tracestate",
    "x-amz-",
    "x-amzn-",
    "x-b3-",
    "x-cache",
    "x-rate",
    "x-served",
    "x-vercel-",
];

/// Every change of a header, with the operations where it was seen.
pub(super) fn changed(pairs: &Pairs<'_>) -> Vec<Change> {
    let mut seen = Seen::default();
    for (status, pair) in pairs.alike() {
        let subject = format!("{} → {status}", pair.operation);
        for name in names(&pair.before).union(&names(&pair.after)) {
            if let Some(told) = told(name, &values(&pair.before, name), &values(&pair.after, name)) {
                seen.at(&subject, told);
            }
        }
    }
    seen.told(Kind::Header)
}

fn names(answers: &[Answer<'_>]) -> BTreeSet<String> {
    let headers = answers.iter().flat_map(|(_, reply)| &reply.headers);
    let names = headers.map(|(name, _)| name.text().to_ascii_lowercase());
    names.filter(|name| !is_volatile(name)).collect()
}

fn is_volatile(name: &str) -> bool {
    VOLATILE.contains(&name)
        || VOLATILE_BEGINNINGS
            .iter()
            .any(|beginning| name.starts_with(beginning))
        || name.ends_with("-id")
}

/// What each answer says under this name, in a form in which the same meaning is the same value; none where it is absent.
fn values(answers: &[Answer<'_>], name: &str) -> Vec<Option<BTreeSet<String>>> {
    let value = |(_, reply): &Answer<'_>| {
        let lines: Vec<String> = reply.values(name).collect();
        (!lines.is_empty()).then(|| meaning(name, &lines.join(", ")))
    };
    answers.iter().map(value).collect()
}

/// The parts of a value. Nonces and hashes of a policy differ from answer to answer, and so do their order and letters.
fn meaning(name: &str, value: &str) -> BTreeSet<String> {
    let lower = value.to_ascii_lowercase();
    if name == "content-type" {
        // The media type and its charset (RFC 9110 §8.3): a boundary is new each time.
        let parts = lower.split(';').map(str::trim).enumerate();
        let kept = parts.filter(|(at, part)| *at == 0 || part.starts_with("charset"));
        return kept.map(|(_, part)| part.replace('"', "")).collect();
    }
    let between: &[char] = match name {
        "content-security-policy" | "strict-transport-security" => &[';'],
        _ => &[',', ';'],
    };
    let parts = lower.split(between).map(steady);
    parts.filter(|part| !part.is_empty()).collect()
}

/// A part without what is new in each answer.
fn steady(part: &str) -> String {
    let words = part.split_whitespace().map(|word| match word {
        word if word.starts_with("'nonce-") => "'nonce'",
        word if word.starts_with("'sha") => "'hash'",
        word => word,
    });
    words.collect::<Vec<_>>().join(" ")
}

/// What changed of one header, and what it costs. Nothing where the answers of one run disagree.
fn told(
    name: &str,
    before: &[Option<BTreeSet<String>>],
    after: &[Option<BTreeSet<String>>],
) -> Option<(Cost, String)> {
    let guard = GUARDS.contains(&name);
    let always = |values: &[Option<BTreeSet<String>>]| values.iter().all(Option::is_some);
    let never = |values: &[Option<BTreeSet<String>>]| values.iter().all(Option::is_none);
    if always(before) && never(after) {
        let kept = name == "cache-control"
            && one(before).is_some_and(|old| !lost(&old, &BTreeSet::new()).is_empty());
        let cost = if guard || kept {
            Cost::Breaking
        } else {
            Cost::Nothing
        };
        return Some((cost, format!("the header {name} is gone")));
    }
    if never(before) && always(after) {
        return Some((Cost::Nothing, format!("the header {name} is new")));
    }
    if !guard && !MILD.contains(&name) {
        return None;
    }
    let (old, new) = (one(before)?, one(after)?);
    if old == new {
        return None;
    }
    let breaks = match name {
        "cache-control" => !lost(&old, &new).is_empty(),
        "strict-transport-security" => {
            seconds(&new) < seconds(&old) || (seconds(&old) == seconds(&new) && !old.is_subset(&new))
        }
        "content-security-policy" | "permissions-policy" => false,
        _ => guard && !old.is_subset(&new),
    };
    let cost = if breaks { Cost::Breaking } else { Cost::Nothing };
    let said = |value: &BTreeSet<String>| {
        let parts: Vec<&str> = value.iter().map(String::as_str).collect();
        format!("`{}`", parts.join(", "))
    };
    Some((
        cost,
        format!("the header {name} was {} and is {}", said(&old), said(&new)),
    ))
}

/// The value that every answer agrees on.
fn one(values: &[Option<BTreeSet<String>>]) -> Option<BTreeSet<String>> {
    let first = values.first()?.as_ref()?;
    let same = values.iter().all(|value| value.as_ref() == Some(first));
    same.then(|| first.clone())
}

/// Directives that kept an answer to one reader, and are not there any more.
fn lost<'v>(old: &'v BTreeSet<String>, new: &BTreeSet<String>) -> Vec<&'v String> {
    let keeps = |part: &&String| KEEPS.contains(&part.as_str());
    // What is never stored need not be private.
    let stored = !new.contains("no-store");
    old.iter()
        .filter(keeps)
        .filter(|part| stored && !new.contains(*part))
        .collect()
}

/// For how long a browser keeps to TLS (RFC 6797 §6.1.1), in seconds.
fn seconds(value: &BTreeSet<String>) -> u64 {
    let age = value.iter().find_map(|part| part.strip_prefix("max-age="));
    age.and_then(|age| age.trim_matches('"').parse().ok())
        .unwrap_or(0)
}
