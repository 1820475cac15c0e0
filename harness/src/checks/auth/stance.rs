//! What one answer to a caller that must be refused says of authentication. Pure: replies in, a stance out.
//!
//! A rejection probe carries a body that could never be accepted, so a 400 may mean "I looked at your body first" or
//! "I let you in and then looked at your body". Which of the two is told by comparing with the same request from others.

use std::sync::LazyLock;

use regex::Regex;

use crate::model::exchange::Reply;

/// What the answer says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stance {
    /// 401: refused as the standard says (RFC 9110 §15.5.2).
    Refused,
    /// Refused, with another status.
    Oddly,
    /// Sent to a login page, which only people can use.
    LoginPage,
    /// A success that is a web page: something else than the operation answered.
    WebPage,
    /// Let in.
    Accepted,
    /// The body was judged, and whether the credential was judged before it is not known.
    OrderUnknown,
    /// Nothing can be told, for this reason.
    Unclear(String),
}

/// What an answer is compared with: the same request, sent by others.
#[derive(Debug, Clone, Copy, Default)]
pub struct Others<'r> {
    /// With the good credential.
    pub good: Option<&'r Reply>,
    /// Without any, when that is not the request itself.
    pub nobody: Option<&'r Reply>,
    /// Whether the body could not have been accepted from anybody.
    pub inert: bool,
}

/// What this answer says.
pub fn stance(reply: &Reply, others: Others<'_>) -> Stance {
    let status = reply.status;
    let same_as_good = others.good.map(|good| good.status == status);
    match status {
        401 => Stance::Refused,
        200..300 => success(reply),
        300..400 => redirect(reply),
        407 | 408 | 425 | 429 => Stance::Unclear(format!("HTTP {status} came before any answer of its own")),
        403 if same_as_good == Some(true) => Stance::Unclear("everybody is refused with HTTP 403".to_owned()),
        403 => Stance::Oddly,
        404 | 405 | 410 if same_as_good == Some(false) => Stance::Oddly,
        404 | 405 | 410 => Stance::Unclear(format!("HTTP {status}, whoever asks: is the operation there?")),
        400..500 => rejection(reply, others),
        _ => Stance::Unclear(format!("it failed with HTTP {status} instead of refusing")),
    }
}

/// A 4xx that may be about the body or about the credential.
fn rejection(reply: &Reply, others: Others<'_>) -> Stance {
    if reply.header("www-authenticate").is_some() {
        return Stance::Oddly;
    }
    match others.good {
        Some(good) if (200..300).contains(&good.status) => Stance::Oddly,
        Some(good) if others.inert && passes(good.status) && good.status != reply.status => Stance::Oddly,
        Some(good) if others.inert && credential_comes_first(others) && same_complaint(reply, good) => {
            Stance::Accepted
        }
        _ if others.inert => Stance::OrderUnknown,
        _ => Stance::Unclear(format!(
            "HTTP {}, and no success to compare it with",
            reply.status
        )),
    }
}

/// Whether the credential is judged before the body: without one, the same body was never looked at.
fn credential_comes_first(others: Others<'_>) -> bool {
    others
        .nobody
        .is_some_and(|nobody| matches!(nobody.status, 401 | 403))
}

/// Whether a status to a broken body shows that the credential was let through.
pub fn passes(status: u16) -> bool {
    matches!(status, 400 | 409 | 411 | 412 | 413 | 415 | 422 | 428)
}

fn success(reply: &Reply) -> Stance {
    if reply.media_type().as_deref() == Some("text/html") {
        return Stance::WebPage;
    }
    let body = reply.body.json();
    let error = |name: &str| {
        let value = body.as_ref().and_then(|body| body.get(name));
        value.is_some_and(|value| !matches!(value, serde_json::Value::Null | serde_json::Value::Bool(false)))
    };
    if error("error") || error("errors") {
        return Stance::Unclear(format!("HTTP {} with an error in its body", reply.status));
    }
    Stance::Accepted
}

fn redirect(reply: &Reply) -> Stance {
    let location = reply.header("location").unwrap_or_default().to_ascii_lowercase();
    let login = [
        "login",
        "signin",
        "sign-in",
        "sign_in",
        "authorize",
        "/auth/",
        "oauth",
    ];
    if login.iter().any(|word| location.contains(word)) {
        return Stance::LoginPage;
    }
    Stance::Unclear(format!(
        "it redirects (HTTP {}) instead of answering",
        reply.status
    ))
}

/// Whether two answers complain about the body in the same words. Without words about a body it is not known.
fn same_complaint(one: &Reply, other: &Reply) -> bool {
    let (words, others) = (complaint(one), complaint(other));
    words == others && words.iter().any(|text| is_about_a_body(text))
}

/// Words about a body, and words about a credential. `None` when they are no regular expressions, which a test excludes.
static WORDS: LazyLock<Option<(Regex, Regex)>> = LazyLock::new(|| {
    let body = Regex::new(r"(?i)json|body|payload|pars(e|ing)|unexpected|\beof\b|syntax|column \d");
    let credential = Regex::new(r"(?i)token|credential|authori[sz]ation|bearer|jwt|api.?key");
    body.ok().zip(credential.ok())
});

fn is_about_a_body(text: &str) -> bool {
    WORDS
        .as_ref()
        .is_some_and(|(body, credential)| body.is_match(text) && !credential.is_match(text))
}

/// What an error says, request ids and times left out.
fn complaint(reply: &Reply) -> Vec<String> {
    let Some(body) = reply.body.json() else {
        let text = reply.body.text();
        return vec![text.trim().chars().take(500).collect()];
    };
    let mut found = Vec::new();
    collect(&body, 0, &mut found);
    found
}

/// The texts under the names that errors use, however deep, within reason.
fn collect(value: &serde_json::Value, depth: u8, found: &mut Vec<String>) {
    const NAMES: &[&str] = &[
        "detail", "title", "message", "msg", "error", "errors", "code", "type", "reason",
    ];
    if depth > 4 {
        return;
    }
    match value {
        serde_json::Value::Object(members) => {
            for (_, member) in members.iter().filter(|(name, _)| NAMES.contains(&name.as_str())) {
                collect(member, depth + 1, found);
            }
        }
        serde_json::Value::Array(items) => items
            .iter()
            .take(8)
            .for_each(|item| collect(item, depth + 1, found)),
        serde_json::Value::String(text) => found.push(text.clone()),
        _ => {}
    }
}

#[cfg(test)]
#[path = "stance_tests.rs"]
mod tests;
