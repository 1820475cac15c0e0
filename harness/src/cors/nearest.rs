//! How an origin that is allowed differs from one that is wanted. An allow-list that almost holds the page's origin is the
//! most common CORS fault of configuration, and the hardest to see.

use std::fmt;

use crate::cors::sentence::quoted;
use crate::model::probe::Origin;

/// How an origin that somebody wrote differs from the one that is wanted. The order is that of likelihood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Difference {
    /// Whitespace or quotes around it.
    WhitespaceOrQuotes,
    /// Upper-case letters; a serialised origin has none.
    Case,
    /// A slash at the end; a serialised origin has none.
    TrailingSlash,
    /// A path, query or fragment behind it: a URL was copied.
    Path,
    /// Another scheme, or none.
    Scheme {
        /// The wanted scheme.
        wanted: String,
        /// The scheme found; empty when there is none.
        found: String,
    },
    /// Another port, or a default port written out.
    Port {
        /// The wanted port; `None` is the scheme's default.
        wanted: Option<u16>,
        /// The port found, as written.
        found: Option<u16>,
    },
    /// `www.` is there in one and not in the other.
    Www,
    /// One host is a subdomain of the other.
    Subdomain,
    /// This many characters are added, missing or different.
    Edits(usize),
}

impl Difference {
    /// Lower is nearer. A typing error of one or two characters is likelier than another subdomain, a larger one is not.
    fn distance(&self) -> (u8, usize) {
        match self {
            Difference::WhitespaceOrQuotes => (0, 0),
            Difference::Case => (1, 0),
            Difference::TrailingSlash => (2, 0),
            Difference::Path => (3, 0),
            Difference::Scheme { .. } => (4, 0),
            Difference::Port { .. } => (5, 0),
            Difference::Www => (6, 0),
            Difference::Edits(edits) if *edits <= 2 => (7, *edits),
            Difference::Subdomain => (8, 0),
            Difference::Edits(edits) => (9, *edits),
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let port = |port: &Option<u16>| {
            port.map_or_else(|| "the default port".to_owned(), |port| format!("port {port}"))
        };
        match self {
            Difference::WhitespaceOrQuotes => write!(f, "it has whitespace or quotes around it"),
            Difference::Case => write!(f, "it has upper-case letters, and browsers send none"),
            Difference::TrailingSlash => write!(f, "it ends with a slash, and browsers send none"),
            Difference::Path => write!(
                f,
                "it goes on after the host, and browsers send scheme, host and port only"
            ),
            Difference::Scheme { wanted, found } if found.is_empty() => {
                write!(f, "it has no scheme; {wanted}:// is wanted")
            }
            Difference::Scheme { wanted, found } => {
                write!(f, "it says {} where {wanted} is wanted", quoted(found))
            }
            Difference::Port {
                wanted: None,
                found: Some(found),
            } => {
                write!(f, "it names port {found}, and browsers send none here")
            }
            Difference::Port { wanted, found } => {
                write!(f, "it says {} where {} is wanted", port(found), port(wanted))
            }
            Difference::Www => write!(f, "one begins with www. and the other does not"),
            Difference::Subdomain => write!(
                f,
                "one is a subdomain of the other, and each must be listed by itself"
            ),
            Difference::Edits(1) => write!(f, "one character differs"),
            Difference::Edits(edits) => write!(f, "{edits} characters differ"),
        }
    }
}

/// Of what is allowed, what comes nearest to the wanted origin, and how it differs. `None` when the origin itself is there,
/// or when nothing is near: a wrong guess would mislead. Entries beyond 256 characters are passed over.
pub fn nearest(wanted: &Origin, candidates: &[String]) -> Option<(String, Difference)> {
    if candidates.contains(&wanted.0) || wanted.0.len() > LONGEST {
        return None;
    }
    candidates
        .iter()
        .filter(|candidate| candidate.len() <= LONGEST)
        .filter_map(|candidate| difference(&wanted.0, candidate).map(|difference| (candidate, difference)))
        .min_by_key(|(_, difference)| difference.distance())
        .map(|(candidate, difference)| (candidate.clone(), difference))
}

/// Bounds the quadratic edit distance. A host has at most 253 characters (RFC 1035 §2.3.4).
const LONGEST: usize = 256;

/// How `found` differs from the wanted origin, or `None` when it is that or is far from it.
pub fn difference(wanted: &str, found: &str) -> Option<Difference> {
    if wanted == found || found == "*" || found == "null" {
        return None;
    }
    let bare = found.trim_matches(|c: char| c.is_whitespace() || c.is_control() || "\"'`".contains(c));
    if bare == wanted {
        return Some(Difference::WhitespaceOrQuotes);
    }
    if bare.to_ascii_lowercase() == wanted {
        return Some(Difference::Case);
    }
    if bare.strip_suffix('/') == Some(wanted) {
        return Some(Difference::TrailingSlash);
    }
    by_parts(wanted, bare).or_else(|| by_letters(wanted, bare))
}

/// Scheme, host and port as written: a default port that is written out stays.
struct Parts<'a> {
    scheme: &'a str,
    host: &'a str,
    port: Option<u16>,
    rest: &'a str,
}

fn parts(text: &str) -> Parts<'_> {
    let (scheme, after) = text.split_once("://").unwrap_or(("", text));
    let end = after.find(['/', '?', '#']).unwrap_or(after.len());
    let (authority, rest) = after.split_at(end);
    // The last colon of an IPv6 address is inside the brackets, and what follows it is no number.
    let (host, port) = authority
        .rsplit_once(':')
        .and_then(|(host, port)| Some((host, Some(port.parse().ok()?))))
        .unwrap_or((authority, None));
    Parts {
        scheme,
        host,
        port,
        rest,
    }
}

fn by_parts(wanted: &str, found: &str) -> Option<Difference> {
    let found = found.to_ascii_lowercase();
    let (wanted, found) = (parts(wanted), parts(&found));
    let (scheme, host, port) = (
        wanted.scheme == found.scheme,
        wanted.host == found.host,
        wanted.port == found.port,
    );
    if scheme && host && port {
        return (!found.rest.is_empty()).then_some(Difference::Path);
    }
    if host && port {
        return Some(Difference::Scheme {
            wanted: wanted.scheme.to_owned(),
            found: found.scheme.to_owned(),
        });
    }
    if scheme && host {
        return Some(Difference::Port {
            wanted: wanted.port,
            found: found.port,
        });
    }
    if !(scheme && port) {
        return None;
    }
    let below = |child: &str, parent: &str| {
        parent.contains('.')
            && child
                .strip_suffix(parent)
                .is_some_and(|label| label.ends_with('.'))
    };
    if wanted.host.strip_prefix("www.") == Some(found.host)
        || found.host.strip_prefix("www.") == Some(wanted.host)
    {
        return Some(Difference::Www);
    }
    (below(wanted.host, found.host) || below(found.host, wanted.host)).then_some(Difference::Subdomain)
}

/// A typing error, of two texts that differ: at most a fifth of the host's characters, and at most five.
fn by_letters(wanted: &str, found: &str) -> Option<Difference> {
    let edits = edit_distance(wanted, found);
    let bound = (parts(wanted).host.chars().count() / 5).clamp(1, 5);
    (edits <= bound).then_some(Difference::Edits(edits))
}

/// The Levenshtein distance in characters. Both texts are bounded by the caller.
fn edit_distance(one: &str, two: &str) -> usize {
    let two: Vec<char> = two.chars().collect();
    let mut row: Vec<usize> = (0..=two.len()).collect();
    for (index, from) in one.chars().enumerate() {
        let mut next = vec![index + 1];
        for ((to, diagonal), above) in two.iter().zip(&row).zip(row.iter().skip(1)) {
            let left = next.last().copied().unwrap_or_default();
            next.push((left + 1).min(above + 1).min(diagonal + usize::from(from != *to)));
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
#[path = "nearest_tests.rs"]
mod tests;
