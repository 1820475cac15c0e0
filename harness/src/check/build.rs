//! Which build answers, as far as a service tells: at the place that the profile names, else in the headers and members
//! that many services use.

use serde_json::Value;

use crate::check::asks;
use crate::check::health;
use crate::check::view::View;
use crate::model::exchange::{Exchange, Reply};
use crate::model::probe::Probe;

/// A build that an answer tells.
#[derive(Debug, Clone)]
pub struct Told<'v> {
    /// The answer.
    pub exchange: &'v Exchange,
    /// Where in it, for people: `x-app-version`, `/commit`.
    pub place: String,
    /// The build.
    pub build: String,
}

/// Headers that tell a build, most exact first.
const HEADERS: &str = "x-commit x-git-sha x-git-commit x-revision x-build x-build-id x-release x-app-version x-version \
    x-service-version x-api-version";
/// Top-level members of a health body that tell a build, most exact first.
const MEMBERS: &str =
    "commit commit_sha git_commit git_sha sha revision build build_id release releaseId version";
/// Words that stand where a build should stand.
const NO_BUILD: &[&str] = &[
    "",
    "unknown",
    "dev",
    "development",
    "none",
    "null",
    "latest",
    "local",
    "n/a",
    "head",
    "dirty",
];

/// The request that asks for the build, when the profile says where it is told.
pub fn probe(view: &View<'_>) -> Option<Probe> {
    let place = view.target.routes.version.as_ref()?;
    Some(asks::read(&place.route))
}

/// The build at the place that the profile names.
pub fn named<'v>(view: &View<'v>) -> Option<Told<'v>> {
    let place = view.target.routes.version.as_ref()?;
    let (exchange, reply) = view.answer(&asks::read(&place.route))?;
    let body = reply.body.json()?;
    let build = text(body.pointer(&place.pointer)?)?;
    Some(Told {
        exchange,
        place: place.pointer.clone(),
        build,
    })
}

/// Every build that the health answer tells at a conventional place.
pub fn conventional<'v>(view: &View<'v>) -> Vec<Told<'v>> {
    let Some((exchange, reply)) = health::latest(view) else {
        return Vec::new();
    };
    in_headers(reply)
        .into_iter()
        .chain(in_body(reply))
        .map(|(place, build)| Told {
            exchange,
            place,
            build,
        })
        .collect()
}

/// The build at a place of an answer's body.
pub fn at(reply: &Reply, pointer: &str) -> Option<String> {
    text(reply.body.json()?.pointer(pointer)?)
}

/// The build that an answer tells in a header, or in a member of its body when the body is one that tells builds.
pub fn said(reply: &Reply) -> Option<String> {
    let first = in_headers(reply).into_iter().next();
    let told = first.or_else(|| in_body(reply).into_iter().next());
    told.map(|(_, build)| build)
}

fn in_headers(reply: &Reply) -> Vec<(String, String)> {
    let told = |name: &str| Some((name.to_owned(), known(&reply.header(name)?)?));
    HEADERS.split(' ').filter_map(told).collect()
}

fn in_body(reply: &Reply) -> Vec<(String, String)> {
    let Some(body) = reply.body.json() else {
        return Vec::new();
    };
    let told = |name: &str| Some((format!("/{name}"), text(body.get(name)?)?));
    MEMBERS.split(' ').filter_map(told).collect()
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => known(text),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

fn known(text: &str) -> Option<String> {
    let text = text.trim();
    let is_known = !NO_BUILD.contains(&text.to_ascii_lowercase().as_str()) && text.len() <= 200;
    is_known.then(|| text.to_owned())
}

/// How many characters of a commit must agree.
const SHORTEST: usize = 7;

/// Whether a build is the expected one: the same text, or commits of which one begins with the other, over at least seven
/// characters. A commit may stand inside a longer name, such as `1.4.0+abc1234` or `v1.4-2-gabc1234`.
pub fn is_build(seen: &str, expected: &str) -> bool {
    let (seen, expected) = (
        seen.trim().to_ascii_lowercase(),
        expected.trim().to_ascii_lowercase(),
    );
    let bare = |text: &str| text.strip_prefix('v').unwrap_or(text).to_owned();
    bare(&seen) == bare(&expected)
        || commits(&seen)
            .iter()
            .any(|a| commits(&expected).iter().any(|b| same(a, b)))
}

/// Whether a build name holds something that can be a commit.
pub fn is_commit(build: &str) -> bool {
    !commits(&build.to_ascii_lowercase()).is_empty()
}

fn same(a: &str, b: &str) -> bool {
    a.starts_with(b) || b.starts_with(a)
}

/// The parts of a build name that can be commits (hexadecimal, seven characters or more).
fn commits(build: &str) -> Vec<String> {
    build
        .split(|c: char| !c.is_ascii_alphanumeric())
        .map(|part| part.strip_prefix('g').unwrap_or(part))
        .filter(|part| {
            (SHORTEST..=64).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_hexdigit())
        })
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commit_agrees_by_its_beginning_in_either_direction() {
        let full = "abc1234def5678900000abc1234def5678900000";
        for (seen, expected) in [
            ("abc1234", full),
            (full, "ABC1234"),
            ("1.4.0+abc1234d", full),
            ("v1.4-2-gabc1234", full),
            ("v1.4.0", "1.4.0"),
            ("abc1234-dirty", "abc1234"),
        ] {
            assert!(is_build(seen, expected), "{seen} {expected}");
        }
        for (seen, expected) in [
            ("abc123", full),
            ("abc1235", full),
            ("1.4.0", "1.4.1"),
            ("2024.01.1", "2024.01.10"),
            ("3.0.0", full),
        ] {
            assert!(!is_build(seen, expected), "{seen} {expected}");
        }
    }
}
