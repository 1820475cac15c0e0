//! What in an answer's headers says that a cache gave it, or may keep it.

use crate::check::text::clean;
use crate::model::exchange::Reply;

/// Headers in which caches say what they did.
const CACHES: &[&str] = &[
    "x-cache",
    "cf-cache-status",
    "x-vercel-cache",
    "x-cache-status",
    "x-proxy-cache",
    "x-drupal-cache",
];

/// What says that a cache answered: an age above zero (RFC 9111 §5.1), or a cache's own word.
pub fn sign(reply: &Reply) -> Option<String> {
    let age = reply.header("age");
    let old = age.as_deref().and_then(|age| age.trim().parse::<u64>().ok());
    if let Some(age) = old.filter(|age| *age > 0) {
        return Some(format!("Age: {age}"));
    }
    CACHES.iter().find_map(|name| {
        let value = reply.header(name)?;
        let says = |word: &str| {
            value
                .split(|c: char| !c.is_ascii_alphabetic())
                .any(|part| part.eq_ignore_ascii_case(word))
        };
        (says("hit") || says("stale")).then(|| format!("{name}: {}", clean(&value, 60)))
    })
}

/// The directives of `Cache-Control`, lower-case, of every field line (RFC 9111 §5.2).
pub fn directives(reply: &Reply) -> Vec<String> {
    let lines: Vec<String> = reply.values("cache-control").collect();
    lines
        .join(",")
        .split(',')
        .map(|directive| directive.trim().to_ascii_lowercase())
        .filter(|directive| !directive.is_empty())
        .collect()
}
