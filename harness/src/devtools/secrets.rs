//! The secrets of an export: a user's session, as it stands in headers, cookies and addresses. They are learnt first, so that
//! none of them stays where a server echoed it.

use std::collections::BTreeSet;

use url::Url;

use crate::cors::origin::origin_of;
use crate::devtools::har::{Entry, Pair, Request};
use crate::model::capture::Octets;
use crate::model::exchange::{Place, Redacted};
use crate::target::mask::names_a_credential;
use crate::transport::redact::Redactor;

/// Shorter values are words and settings; where they stand they are hidden by their header's or parameter's name.
const SHORTEST: usize = 8;
/// So many values are looked for.
const MOST: usize = 500;

/// Request headers whose values no credential stands in, besides those that the Fetch standard keeps for the browser.
const OPEN: &[&str] = &[
    "accept",
    "accept-charset",
    "accept-encoding",
    "accept-language",
    "access-control-request-headers",
    "access-control-request-method",
    "cache-control",
    "connection",
    "content-language",
    "content-length",
    "content-type",
    "date",
    "dnt",
    "expect",
    "host",
    "if-modified-since",
    "if-none-match",
    "keep-alive",
    "origin",
    "pragma",
    "priority",
    "range",
    "te",
    "traceparent",
    "transfer-encoding",
    "upgrade-insecure-requests",
    "user-agent",
    "via",
    "x-correlation-id",
    "x-request-id",
    "x-requested-with",
];

/// A redactor that knows every credential of these requests.
pub(crate) fn redactor<'e>(entries: impl Iterator<Item = &'e Entry>) -> Redactor {
    let mut found = BTreeSet::new();
    for entry in entries {
        of_request(&entry.request, &mut found);
        let answered = entry.response.iter().flat_map(|response| &response.headers);
        for line in answered.filter(|header| header.is("set-cookie")) {
            // Several stand in one value, a line each.
            for cookie in line.value.split('\n') {
                let pair = cookie.split(';').next().unwrap_or_default();
                keep(pair.split_once('=').map_or("", |(_, value)| value), &mut found);
            }
        }
    }
    Redactor::new(found.iter().map(String::as_str), None)
}

/// The same for one request that was typed.
pub(crate) fn redactor_of(request: &Request) -> Redactor {
    let mut found = BTreeSet::new();
    of_request(request, &mut found);
    Redactor::new(found.iter().map(String::as_str), None)
}

fn of_request(request: &Request, found: &mut BTreeSet<String>) {
    let judge = Redactor::new(std::iter::empty(), None);
    for Pair { name, value } in &request.headers {
        let name = name.to_ascii_lowercase();
        match name.as_str() {
            "cookie" => cookies(value, found),
            "authorization" | "proxy-authorization" => {
                keep(
                    value.split_once(' ').map_or(value.as_str(), |(_, secret)| secret),
                    found,
                );
            }
            name if judge.carries_credentials(name) => keep(value, found),
            _ => {}
        }
    }
    for cookie in &request.cookies {
        keep(&cookie.value, found);
    }
    let url = Url::parse(&request.url).ok();
    for (name, value) in url.iter().flat_map(Url::query_pairs) {
        if names_a_credential(&name) {
            keep(&value, found);
        }
    }
    if let Some(password) = url.as_ref().and_then(Url::password) {
        keep(password, found);
    }
}

fn cookies(value: &str, found: &mut BTreeSet<String>) {
    for pair in value.split(';') {
        keep(pair.split_once('=').map_or(pair, |(_, value)| value), found);
    }
}

fn keep(value: &str, found: &mut BTreeSet<String>) {
    let value = value.trim().trim_matches('"');
    if value.len() >= SHORTEST && found.len() < MOST {
        found.insert(value.to_owned());
    }
}

/// The address without user, password and fragment, the values of credentials in its query hidden. `None` when it is no
/// http(s) URL.
pub(crate) fn address(text: &str, redactor: &Redactor, facts: &mut Vec<Redacted>) -> Option<Url> {
    let mut url = Url::parse(text).ok()?;
    if !matches!(url.scheme(), "http" | "https") {
        return None;
    }
    url.set_fragment(None);
    url.set_username("").ok()?;
    url.set_password(None).ok()?;
    if let Some(query) = url.query() {
        let parts: Vec<String> = query
            .split('&')
            .map(|part| match part.split_once('=') {
                Some((name, value)) if names_a_credential(name) && !value.is_empty() => {
                    let hidden = redactor.withheld(value.as_bytes(), &Place::Url, facts);
                    format!("{name}={}", String::from_utf8_lossy(&hidden))
                }
                _ => part.to_owned(),
            })
            .collect();
        url.set_query(Some(&parts.join("&")));
    }
    let kept = redactor.bytes(url.as_str().as_bytes(), &Place::Url, facts);
    Url::parse(&String::from_utf8_lossy(&kept)).ok()
}

/// A header line of a request as it may be kept. A value of a header that nobody knows may be a credential.
pub(crate) fn line(pair: &Pair, redactor: &Redactor, facts: &mut Vec<Redacted>) -> Option<(Octets, Octets)> {
    let name = pair.name.to_ascii_lowercase();
    // HTTP/2 writes method and path among them (RFC 9113 §8.3).
    if name.is_empty() || name.starts_with(':') {
        return None;
    }
    let open = OPEN.contains(&name.as_str()) || (name.starts_with("sec-") && !name.contains("protocol"));
    let value = match name.as_str() {
        // The page's address may hold a session.
        "referer" => {
            let page = Url::parse(&pair.value).ok();
            page.map_or_else(String::new, |page| format!("{}/", origin_of(&page)))
                .into_bytes()
        }
        _ if open || redactor.carries_credentials(&name) => {
            redactor.header(&name, pair.value.as_bytes(), true, facts)
        }
        _ => redactor.withheld(pair.value.as_bytes(), &Place::SentHeader(name.clone()), facts),
    };
    let name = redactor.bytes(name.as_bytes(), &Place::SentHeader("its name".into()), facts);
    Some((Octets(name.into()), Octets(value.into())))
}
