//! What a script names and asks for, found in its text: bundlers keep string literals as they are, whatever they do to names.

use std::sync::LazyLock;

use regex::Regex;

use crate::model::page::{Listens, Mention};

/// Addresses of one host that are kept.
const MOST_OF_A_HOST: usize = 3;

/// Hosts that are kept.
const MOST_HOSTS: usize = 60;

/// Bytes of a script that are shown before an address, and after it.
const BEFORE: usize = 90;
const AFTER: usize = 60;

/// Hosts that scripts name and never call: namespaces, vocabularies, documentation of libraries.
const NEVER_CALLED: &[&str] = &[
    "www.w3.org",
    "w3.org",
    "schema.org",
    "json-schema.org",
    "react.dev",
    "reactjs.org",
    "fb.me",
    "vuejs.org",
    "angular.dev",
    "angular.io",
    "svelte.dev",
    "nextjs.org",
    "github.com",
    "developer.mozilla.org",
    "mozilla.org",
    "example.com",
    "www.example.com",
];

/// An address with a scheme and a host. A template literal's `https://${host}` has none.
static ADDRESS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)\bhttps?://(\[[0-9a-f:]+\]|[a-z0-9][a-z0-9._-]*)(:[0-9]{1,5})?(/[a-z0-9._~%/@-]*)?").ok()
});

/// Adds what a script names.
pub fn mentions(text: &str, script: &str, found: &mut Vec<Mention>) {
    // JSON in a page may write its slashes with a backslash before them.
    let plain = text.replace("\\/", "/").replace("\\u002F", "/");
    let Some(address) = &*ADDRESS else { return };
    for one in address.captures_iter(&plain) {
        let Some(all) = one.get(0) else { continue };
        let host = one.get(1).map_or("", |host| host.as_str());
        if NEVER_CALLED.iter().any(|never| host.eq_ignore_ascii_case(never)) {
            continue;
        }
        let url = all.as_str().to_owned();
        let root = url.len() - one.get(3).map_or(0, |path| path.len());
        let of_host = found
            .iter()
            .filter(|known| is_of(&known.url, &url[..root]))
            .count();
        let hosts = found.len().div_ceil(MOST_OF_A_HOST);
        let known = found.iter().any(|known| known.url == url);
        if known || of_host >= MOST_OF_A_HOST || (of_host == 0 && hosts >= MOST_HOSTS) {
            continue;
        }
        found.push(Mention {
            url,
            script: script.to_owned(),
            excerpt: around(&plain, all.start(), all.end()),
        });
    }
}

/// Whether an address begins with this scheme, host and port.
fn is_of(url: &str, root: &str) -> bool {
    let rest = url
        .get(..root.len())
        .filter(|begins| begins.eq_ignore_ascii_case(root));
    rest.is_some() && url[root.len()..].bytes().next().is_none_or(|next| next == b'/')
}

/// Constraints are no longer than so many bytes.
const CONSTRAINTS: usize = 400;

/// Where a script asks for the microphone, as far as its text tells: constraints that name a camera alone do not.
pub fn listens(text: &str, script: &str) -> Option<Listens> {
    let named = text.match_indices("getUserMedia");
    let asks = named.map(|(at, name)| (at, at + name.len())).find(|(_, end)| {
        let rest = text[*end..].trim_start_matches([')', ' ', '"', '\'', ']']);
        let Some(given) = rest.strip_prefix('(') else {
            return false;
        };
        let mut end = given.len().min(CONSTRAINTS);
        while !given.is_char_boundary(end) {
            end -= 1;
        }
        let constraints = given[..end]
            .split_once('}')
            .map_or("", |(constraints, _)| constraints);
        let written = given.trim_start().starts_with('{') && !constraints.contains("...");
        let off = ["audio:!1", "audio:false", "audio: false"];
        !written || constraints.contains("audio") && !off.iter().any(|off| constraints.contains(off))
    });
    asks.map(|(start, end)| Listens {
        script: script.to_owned(),
        excerpt: around(text, start, end),
    })
}

/// Whether a script loads others when it runs, which nobody who only reads it can follow.
pub fn loads_more(text: &str) -> bool {
    text.contains("import(") || text.contains("importScripts(")
}

/// The text around a place.
fn around(text: &str, start: usize, end: usize) -> String {
    let mut from = start.saturating_sub(BEFORE);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    let mut to = (end + AFTER).min(text.len());
    while !text.is_char_boundary(to) {
        to -= 1;
    }
    text[from..to].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn urls(text: &str) -> Vec<String> {
        let mut found = Vec::new();
        mentions(text, "index.js", &mut found);
        found.into_iter().map(|mention| mention.url).collect()
    }

    #[test]
    fn addresses_are_found_in_what_a_bundler_writes() {
        for (text, url) in [
            (
                r#"const e="https://api.acme.example/v1";fetch(e+"/x")"#,
                "https://api.acme.example/v1",
            ),
            (
                "fetch(`http://localhost:8000/notes/${id}`)",
                "http://localhost:8000/notes/",
            ),
            (
                r#"{"api":"https:\/\/api.acme.example\/v1"}"#,
                "https://api.acme.example/v1",
            ),
            ("x='HTTPS://API.acme.example'", "HTTPS://API.acme.example"),
            ("u=\"http://[::1]:8000\"", "http://[::1]:8000"),
        ] {
            assert_eq!(urls(text), [url], "{text}");
        }
    }

    #[test]
    fn what_is_no_address_or_is_never_called_is_left_out() {
        for text in [
            "fetch(`https://${host}/api`)",
            r#"a.setAttribute("xmlns","http://www.w3.org/2000/svg")"#,
            "see https://react.dev/errors/31",
            "fetch('/api/v3/notes')",
            r#""https://""#,
        ] {
            assert_eq!(urls(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn a_script_of_nothing_but_addresses_stays_bounded() {
        let many: String = (0..5_000)
            .map(|n| format!("'https://h{n}.example/{n}' "))
            .collect();
        assert!(urls(&many).len() <= MOST_HOSTS * MOST_OF_A_HOST);
        let one: String = (0..500).map(|n| format!("'https://h.example/{n}' ")).collect();
        assert_eq!(urls(&one).len(), MOST_OF_A_HOST);
    }

    #[test]
    fn a_call_for_the_microphone_is_told_from_one_for_the_camera() {
        for text in [
            "navigator.mediaDevices.getUserMedia({audio:!0})",
            "navigator.mediaDevices.getUserMedia({ video: true, audio: { echoCancellation: true } })",
            "await navigator.mediaDevices.getUserMedia(t)",
        ] {
            assert!(listens(text, "x").is_some(), "{text}");
        }
        for text in [
            "navigator.mediaDevices.getUserMedia({video:{facingMode:'environment'}})",
            "getUserMedia({video:!0,audio:!1})",
            "if(!navigator.mediaDevices?.getUserMedia)throw 1",
            "record()",
        ] {
            assert_eq!(listens(text, "x"), None, "{text}");
        }
    }
}
