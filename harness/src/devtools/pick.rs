//! Which requests of an export are calls of an API, and which of its hosts it is about.

use std::collections::BTreeMap;

use url::Url;

use crate::cors::origin::origin_of;
use crate::devtools::har::{Entry, Har};

/// The host that an export is about, and the calls to it.
#[derive(Debug)]
pub(crate) struct Picked<'h> {
    /// Scheme, host and port.
    pub(crate) root: String,
    /// The calls, in the order of the file.
    pub(crate) calls: Vec<&'h Entry>,
    /// Hosts that were called as well, and how often.
    pub(crate) others: Vec<(String, usize)>,
}

/// How bad a host's worst call is, and how many of them it has.
type Weight = (u8, usize);

/// Picks the host with the worst calls, or the wanted one. `None` when no call went there.
pub(crate) fn pick<'h>(har: &'h Har, wanted: Option<&str>) -> Option<Picked<'h>> {
    let mut hosts: BTreeMap<String, (Weight, Vec<&Entry>)> = BTreeMap::new();
    let mut order: Vec<String> = Vec::new();
    for entry in har.log.entries.read.iter().filter(|entry| is_call(entry)) {
        let Some(root) = root(&entry.request.url) else {
            continue;
        };
        let (weight, calls) = hosts.entry(root.clone()).or_insert_with(|| {
            order.push(root);
            Default::default()
        });
        let bad = badness(entry);
        match bad.cmp(&weight.0) {
            std::cmp::Ordering::Greater => *weight = (bad, 1),
            std::cmp::Ordering::Equal => weight.1 += 1,
            std::cmp::Ordering::Less => {}
        }
        calls.push(entry);
    }
    let first = order
        .iter()
        .rev()
        .max_by_key(|root| hosts.get(*root).map(|(weight, _)| *weight));
    let chosen = wanted.map_or_else(|| first.cloned(), root)?;
    let (_, calls) = hosts.remove(&chosen)?;
    Some(Picked {
        root: chosen,
        calls,
        others: hosts
            .into_iter()
            .map(|(root, (_, calls))| (root, calls.len()))
            .collect(),
    })
}

/// Scheme, host and port of an address.
pub(crate) fn root(address: &str) -> Option<String> {
    let url = Url::parse(address).ok()?;
    matches!(url.scheme(), "http" | "https").then(|| origin_of(&url).0)
}

/// How much a call speaks of something wrong.
pub(crate) fn badness(entry: &Entry) -> u8 {
    match entry.status() {
        Some(500..) => 4,
        None => 3,
        _ if entry.error().is_some() => 3,
        Some(400..500) => 2,
        Some(_) => 1,
    }
}

/// Whether a script of a page made this request, and not the page's own loading.
fn is_call(entry: &Entry) -> bool {
    let request = &entry.request;
    let header = |name: &str| request.header(name).unwrap_or_default().to_ascii_lowercase();
    match entry.resource_type.as_deref() {
        Some("fetch" | "xhr" | "preflight" | "eventsource" | "ping") => return true,
        Some("other") | None => {}
        Some(_) => return false,
    }
    match header("sec-fetch-dest").as_str() {
        "empty" => return true,
        "" => {}
        _ => return false,
    }
    request.is_preflight()
        || request.header("origin").is_some()
        || header("accept").contains("json")
        || !matches!(request.method.to_ascii_uppercase().as_str(), "GET" | "HEAD")
}
