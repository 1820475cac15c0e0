//! Removal of secrets at capture: what is not kept cannot leak later.
//!
//! One redactor knows every value the run holds, in the forms in which servers echo them, and the shapes of secrets that
//! the run does not hold. Placeholders keep kind and length; that something was removed stays as a fact.

use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use regex::bytes::{Regex, RegexBuilder};

use crate::model::exchange::{Place, Redacted, SecretKind};
use crate::transport::{forms, veiled};

/// No more facts than this are kept of one exchange: a body made of nothing but secrets costs no more memory.
const MOST_FACTS: usize = 2_000;

/// So much of each form is searched for, and the rest compared where it is found: an automaton of whole tokens in all their
/// forms took longer to build than a run takes to send.
const HEAD: usize = 16;

/// The beginning of a secret at the end of a cut body is removed from this length on.
const SHORTEST_BEGINNING: usize = 4;

/// Headers that carry credentials by definition, in requests and answers.
const CREDENTIAL_HEADERS: &[&str] = &[
    "authorization",
    "proxy-authorization",
    "cookie",
    "set-cookie",
    "x-api-key",
    "x-auth-token",
    "api-key",
];

/// Endings of header names that say the same of headers that nobody listed.
const CREDENTIAL_ENDINGS: &[&str] = &[
    "-token",
    "-secret",
    "-api-key",
    "-apikey",
    "-password",
    "-session",
    "-credential",
];

/// Finds and replaces secrets.
pub struct Redactor {
    own: RwLock<Arc<Own>>,
    credential_headers: Vec<String>,
}

/// The values that the run holds, in every form.
#[derive(Default)]
struct Own {
    forms: Vec<Vec<u8>>,
    search: Option<AhoCorasick>,
}

impl Own {
    fn of(forms: Vec<Vec<u8>>) -> Own {
        let heads = forms.iter().map(|form| &form[..form.len().min(HEAD)]);
        let search = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            // A DFA would be faster to walk, and slower to build than it saves.
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .build(heads)
            .ok()
            .filter(|_| !forms.is_empty());
        Own { forms, search }
    }

    /// Where any of them stands, as it is or behind escapes, as spans that do not touch. Overlaps are found and merged, or a
    /// form that is the beginning of another would leave the rest of that one standing.
    fn find(&self, value: &[u8]) -> Vec<(usize, usize)> {
        let mut found = self.plainly(value);
        if self.search.is_some() {
            found.extend(veiled::escaped(value, |text| self.plainly(text)));
        }
        merged(found)
    }

    /// Where any of them stands as it is.
    fn plainly(&self, value: &[u8]) -> Vec<(usize, usize)> {
        let Some(search) = &self.search else {
            return Vec::new();
        };
        let found = search.find_overlapping_iter(value).filter_map(|head| {
            let form = &self.forms[head.pattern()];
            let span = (head.start(), head.start() + form.len());
            let whole = value.get(span.0..span.1)?.eq_ignore_ascii_case(form);
            whole.then_some(span)
        });
        found.collect()
    }

    /// Where the beginning of one of them stands at the very end.
    fn begun(&self, value: &[u8]) -> Option<usize> {
        let longest = |form: &Vec<u8>| {
            let most = form.len().saturating_sub(1).min(value.len());
            (SHORTEST_BEGINNING..=most)
                .rev()
                .find(|length| value[value.len() - length..].eq_ignore_ascii_case(&form[..*length]))
        };
        let length = self.forms.iter().filter_map(longest).max()?;
        Some(value.len() - length)
    }
}

/// Values that are secret in one answer alone: the sessions that it opens.
pub(crate) struct Besides(Own);

/// A cookie's value is searched for from this length on: shorter ones are settings, such as a language.
const SHORTEST_COOKIE: usize = 12;

/// So many cookies of one answer are searched for.
const MOST_COOKIES: usize = 8;

impl Besides {
    /// The values of these `Set-Cookie` lines of which a script must not know (RFC 6265 §4.1.2.6). `None` when there are none.
    pub(crate) fn of<'v>(lines: impl Iterator<Item = &'v [u8]>) -> Option<Besides> {
        let values: Vec<Vec<u8>> = lines.filter_map(guarded).take(MOST_COOKIES).collect();
        let texts = values.iter().filter_map(|value| std::str::from_utf8(value).ok());
        let forms: Vec<Vec<u8>> = texts.flat_map(forms::forms).collect();
        (!forms.is_empty()).then(|| Besides(Own::of(forms)))
    }

    /// What may be kept of a part of that answer.
    pub(crate) fn hide(&self, value: &[u8], place: &Place, facts: &mut Vec<Redacted>) -> Vec<u8> {
        let found = self.0.find(value);
        replace(value, &found, SecretKind::CredentialHeader, place, facts)
    }
}

/// The value of a cookie that is hidden from scripts.
fn guarded(line: &[u8]) -> Option<Vec<u8>> {
    let (_, value, _) = cookie(line);
    let mut attributes = line.split(|byte| *byte == b';').skip(1);
    let hidden = attributes.any(|part| part.trim_ascii().eq_ignore_ascii_case(b"httponly"));
    (hidden && value.len() >= SHORTEST_COOKIE).then(|| value.to_vec())
}

impl std::fmt::Debug for Redactor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Redactor")
    }
}

impl Redactor {
    /// A redactor that knows these values, and this header as one that carries credentials.
    pub fn new<'a>(values: impl Iterator<Item = &'a str>, header: Option<&str>) -> Redactor {
        let mut credential_headers: Vec<String> =
            CREDENTIAL_HEADERS.iter().map(ToString::to_string).collect();
        credential_headers.extend(header.map(str::to_ascii_lowercase));
        Redactor {
            own: RwLock::new(Arc::new(Own::of(values.flat_map(forms::all).collect()))),
            credential_headers,
        }
    }

    /// Adds a value that the run has come to hold.
    pub fn learn(&self, value: &str) {
        let mut own = self.own.write().unwrap_or_else(PoisonError::into_inner);
        let new = forms::all(value);
        if new.iter().all(|form| own.forms.contains(form)) {
            return;
        }
        *own = Arc::new(Own::of(own.forms.iter().cloned().chain(new).collect()));
    }

    fn own(&self) -> Arc<Own> {
        self.own.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether a header of this lower-case name carries credentials.
    pub fn carries_credentials(&self, name: &str) -> bool {
        self.credential_headers.iter().any(|listed| listed == name)
            || CREDENTIAL_ENDINGS.iter().any(|ending| name.ends_with(ending))
    }

    /// The value of a header as it may be kept.
    pub fn header(&self, name: &str, value: &[u8], sent: bool, facts: &mut Vec<Redacted>) -> Vec<u8> {
        let name = name.to_ascii_lowercase();
        let place = if sent {
            Place::SentHeader(name.clone())
        } else {
            Place::ReplyHeader(name.clone())
        };
        if !self.carries_credentials(&name) {
            return self.bytes(value, &place, facts);
        }
        note(facts, &place, SecretKind::CredentialHeader, value);
        let (before, secret, after) = match name.as_str() {
            "authorization" | "proxy-authorization" => credentials(value),
            "set-cookie" => cookie(value),
            _ => (&[][..], value, Vec::new()),
        };
        let hidden = placeholder(SecretKind::CredentialHeader, secret);
        let kept = [before, hidden.as_slice(), after.as_slice()].concat();
        self.bytes(&kept, &place, facts)
    }

    /// What stands in the place of a value that may be a credential, though nothing says so.
    pub fn withheld(&self, value: &[u8], place: &Place, facts: &mut Vec<Redacted>) -> Vec<u8> {
        note(facts, place, SecretKind::CredentialHeader, value);
        placeholder(SecretKind::CredentialHeader, value)
    }

    /// Bytes as they may be kept.
    pub fn bytes(&self, value: &[u8], place: &Place, facts: &mut Vec<Redacted>) -> Vec<u8> {
        self.without(value, self.own().find(value), place, facts)
    }

    /// The same for a body that was cut: the beginning of a secret at its end goes too.
    pub fn cut_bytes(&self, value: &[u8], place: &Place, facts: &mut Vec<Redacted>) -> Vec<u8> {
        let own = self.own();
        let mut spans = own.find(value);
        spans.extend(own.begun(value).map(|start| (start, value.len())));
        self.without(value, merged(spans), place, facts)
    }

    fn without(
        &self,
        value: &[u8],
        own: Vec<(usize, usize)>,
        place: &Place,
        facts: &mut Vec<Redacted>,
    ) -> Vec<u8> {
        let mut kept = replace(value, &own, SecretKind::Own, place, facts);
        for (kind, shape) in SHAPES.iter() {
            let found: Vec<_> = shape
                .find_iter(&kept)
                .map(|found| (found.start(), found.end()))
                .collect();
            if !found.is_empty() {
                kept = replace(&kept, &found, *kind, place, facts);
            }
        }
        let shapes: Vec<&Regex> = SHAPES.iter().map(|(_, shape)| shape).collect();
        let veiled = veiled::find(&kept, &shapes);
        unveiled(kept, veiled, |which| SHAPES[which].0, place, facts)
    }

    /// The same without e-mail addresses, for answers that may be about somebody. It comes after [`Redactor::bytes`].
    pub fn nobody(&self, value: Vec<u8>, place: &Place, facts: &mut Vec<Redacted>) -> Vec<u8> {
        let Some(shape) = &*EMAIL else { return value };
        let found: Vec<_> = shape
            .find_iter(&value)
            .map(|found| (found.start(), found.end()))
            .collect();
        let value = if found.is_empty() {
            value
        } else {
            replace(&value, &found, SecretKind::Email, place, facts)
        };
        let veiled = veiled::find(&value, &[shape]);
        unveiled(value, veiled, |_| SecretKind::Email, place, facts)
    }

    /// What a server says of itself in a certificate, without secrets and addresses of people.
    pub fn said(&self, value: &str) -> String {
        let kept = self.text(value).into_bytes();
        let nobody = self.nobody(kept, &Place::ReplyBody, &mut Vec::new());
        String::from_utf8_lossy(&nobody).into_owned()
    }

    /// Text as it may be kept, for error messages of libraries.
    pub fn text(&self, value: &str) -> String {
        String::from_utf8_lossy(&self.bytes(value.as_bytes(), &Place::ReplyBody, &mut Vec::new()))
            .into_owned()
    }
}

/// The spans, joined where they overlap.
fn merged(mut spans: Vec<(usize, usize)>) -> Vec<(usize, usize)> {
    spans.sort_unstable();
    let mut merged: Vec<(usize, usize)> = Vec::new();
    for (start, end) in spans {
        match merged.last_mut() {
            Some(last) if start < last.1 => last.1 = last.1.max(end),
            _ => merged.push((start, end)),
        }
    }
    merged
}

/// The shapes of secrets that nobody told us about.
static SHAPES: LazyLock<Vec<(SecretKind, Regex)>> = LazyLock::new(|| {
    [
        // Without an end, all that follows goes: it may have been cut.
        (
            SecretKind::PrivateKey,
            r"-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(-----END [A-Z ]*PRIVATE KEY-----|\z)",
        ),
        (SecretKind::Jwt, r"eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]*"),
        (
            SecretKind::ApiKey,
            r"\b(sk-((proj|ant|svcacct|admin|live|test)-[A-Za-z0-9_-]{2,}|[A-Za-z0-9]{7,})|sk_(live|test)_[A-Za-z0-9]{8,}|AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{20,}|xox[abprs]-[A-Za-z0-9-]{10,}|AIza[0-9A-Za-z_-]{30,})",
        ),
        (SecretKind::UrlPassword, r#"[a-z][a-z0-9+.-]+://[^\s/:@"'<>]+:[^\s/@"'<>]+@"#),
    ]
    .into_iter()
    .filter_map(|(kind, pattern)| {
        // Bytes, not code points: bodies need not be UTF-8, and Unicode classes cost a hundred times as much to compile.
        let regex = RegexBuilder::new(pattern).unicode(false).build();
        regex.ok().map(|regex| (kind, regex))
    })
    .collect()
});

/// An e-mail address (RFC 5322 §3.4.1, as people have them), its `@` and dots plain or as URLs, HTML and JSON write them. The last
/// label is of letters: `left-pad@1.3.0` is somebody's package and nobody's address.
static EMAIL: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let pattern = r"[A-Za-z0-9._%+-]+(@|%40|&#64;|&#x40;|\\+u0040)([A-Za-z0-9-]+(\.|%2[Ee]))+[A-Za-z]{2,}";
    RegexBuilder::new(pattern).unicode(false).build().ok()
});

/// Replaces the spans that were found, and notes each.
fn replace(
    value: &[u8],
    found: &[(usize, usize)],
    kind: SecretKind,
    place: &Place,
    facts: &mut Vec<Redacted>,
) -> Vec<u8> {
    let mut kept = Vec::with_capacity(value.len());
    let mut from = 0;
    for &(start, end) in found {
        kept.extend_from_slice(&value[from..start]);
        kept.extend_from_slice(&placeholder(kind, &value[start..end]));
        note(facts, place, kind, &value[start..end]);
        from = end;
    }
    kept.extend_from_slice(&value[from..]);
    kept
}

/// Replaces what was found behind an encoding. Of finds that overlap the first gives its kind.
fn unveiled(
    value: Vec<u8>,
    mut found: Vec<veiled::Found>,
    kind: impl Fn(usize) -> SecretKind,
    place: &Place,
    facts: &mut Vec<Redacted>,
) -> Vec<u8> {
    if found.is_empty() {
        return value;
    }
    found.sort_unstable();
    let mut apart: Vec<veiled::Found> = Vec::new();
    for (start, end, which) in found {
        match apart.last_mut() {
            Some(last) if start < last.1 => last.1 = last.1.max(end),
            _ => apart.push((start, end, which)),
        }
    }
    let mut kept = Vec::with_capacity(value.len());
    let mut from = 0;
    for (start, end, which) in apart {
        kept.extend_from_slice(&value[from..start]);
        kept.extend_from_slice(&placeholder(kind(which), &value[start..end]));
        note(facts, place, kind(which), &value[start..end]);
        from = end;
    }
    kept.extend_from_slice(&value[from..]);
    kept
}

/// Notes that something was removed.
fn note(facts: &mut Vec<Redacted>, place: &Place, kind: SecretKind, secret: &[u8]) {
    if facts.len() < MOST_FACTS {
        facts.push(Redacted {
            place: place.clone(),
            kind,
            length: length(secret),
        });
    }
}

/// What stays of a header's value: before the secret, and after it.
type Around<'v> = (&'v [u8], &'v [u8], Vec<u8>);

/// Credentials (RFC 9110 §11.4): the scheme stays, when it is one.
fn credentials(value: &[u8]) -> Around<'_> {
    const SCHEMES: &[&[u8]] = &[
        b"bearer",
        b"basic",
        b"digest",
        b"token",
        b"apikey",
        b"negotiate",
        b"dpop",
    ];
    let space = value.iter().position(|byte| *byte == b' ');
    match space {
        Some(at)
            if SCHEMES
                .iter()
                .any(|scheme| value[..at].eq_ignore_ascii_case(scheme)) =>
        {
            (&value[..=at], &value[at + 1..], Vec::new())
        }
        _ => (&[], value, Vec::new()),
    }
}

/// A cookie (RFC 6265 §4.1.1): the name and the attributes that are known stay. Anything else may be another cookie that
/// an intermediary merged into the line.
fn cookie(value: &[u8]) -> Around<'_> {
    const ATTRIBUTES: &[&[u8]] = &[
        b"expires",
        b"max-age",
        b"domain",
        b"path",
        b"secure",
        b"httponly",
        b"samesite",
        b"partitioned",
        b"priority",
    ];
    let start = value.iter().position(|byte| *byte == b'=').map_or(0, |at| at + 1);
    let end = value[start..]
        .iter()
        .position(|byte| *byte == b';')
        .map_or(value.len(), |at| start + at);
    let mut after = Vec::new();
    for part in value[end..].split(|byte| *byte == b';').skip(1) {
        let name = part
            .split(|byte| *byte == b'=')
            .next()
            .unwrap_or_default()
            .trim_ascii();
        let plain = part.iter().filter(|byte| **byte == b'=').count() <= 1;
        after.push(b';');
        if plain && ATTRIBUTES.iter().any(|known| name.eq_ignore_ascii_case(known)) {
            after.extend_from_slice(part);
        } else if !name.is_empty() {
            after.push(b' ');
            after.extend(placeholder(SecretKind::CredentialHeader, part));
        }
    }
    (&value[..start], &value[start..end], after)
}

/// What stands in a secret's place: its kind and its length.
fn placeholder(kind: SecretKind, value: &[u8]) -> Vec<u8> {
    let word = match kind {
        SecretKind::Own | SecretKind::CredentialHeader => "credential",
        SecretKind::Jwt => "jwt",
        SecretKind::ApiKey => "api-key",
        SecretKind::UrlPassword => "url-password",
        SecretKind::PrivateKey => "private-key",
        SecretKind::Content => "text",
        SecretKind::Email => "email",
    };
    format!("[{word}:{}]", value.len()).into_bytes()
}

fn length(value: &[u8]) -> u32 {
    u32::try_from(value.len()).unwrap_or(u32::MAX)
}

#[cfg(test)]
#[path = "redact_tests.rs"]
mod tests;
