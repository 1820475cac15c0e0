//! What the words of a health body say: whether the service calls itself well, and which of its parts it calls broken.
//!
//! No two services spell health alike, so only words that mean one thing are read; whatever else a body says is left
//! alone, and nothing is concluded from it.

use serde_json::{Map, Value};

/// What a word of health means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// All is well.
    Good,
    /// It works, worse than it should.
    Degraded,
    /// It does not work.
    Bad,
}

const GOOD: &str = "ok okay healthy up pass passed passing alive live ready connected reachable available good green \
    operational running success successful true active online serving pong fine";
const DEGRADED: &str = "degraded warn warning yellow partial impaired";
const BAD: &str = "error errors unhealthy down fail failed failing failure critical fatal unavailable unreachable \
    disconnected dead red broken offline refused timeout missing invalid false crashed exhausted \
    unauthorized notready starting draining";
/// Words that are bad together.
const BAD_TOGETHER: &str = "not_ready not_ok not_healthy not_connected not_alive not_available not_reachable out_of_service \
    rate_limited timed_out quota_exhausted";
/// Words that turn a bad one round: `no_errors`.
const ROUND: &str = "no zero without free";

/// What a text means: by its first word, so that `error: connection refused` is bad and `ok (12 ms)` is good; a name such
/// as `provider_unavailable` by any of its words. `None` when it says nothing of health.
pub fn of(text: &str) -> Option<Tone> {
    let text = text.trim().to_lowercase();
    let is_name = !text.contains(char::is_whitespace);
    let joined = text.replace([' ', '-'], "_");
    let joined = joined.trim_start_matches(|c: char| !c.is_alphanumeric());
    let words: Vec<&str> = joined
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .take(8)
        .collect();
    let first = words.first()?;
    if is_in(ROUND, first) || (is_name && words.iter().any(|word| is_in(ROUND, word))) {
        return None;
    }
    let together = |phrase: &str| joined.starts_with(phrase) || (is_name && joined.contains(phrase));
    if is_in(BAD, first) || BAD_TOGETHER.split(' ').any(together) {
        return Some(Tone::Bad);
    }
    if is_in(DEGRADED, first) {
        return Some(Tone::Degraded);
    }
    if is_name && words.iter().any(|word| is_in(BAD, word)) {
        return Some(Tone::Bad);
    }
    is_in(GOOD, first).then_some(Tone::Good)
}

/// Whether a word stands in a list of words.
fn is_in(list: &str, word: &str) -> bool {
    list.split(' ').any(|listed| listed == word)
}

/// What a body says of the whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// JSON Pointer of the place; empty for the body itself.
    pub at: String,
    /// The value, as it stands.
    pub word: String,
    /// What it means.
    pub tone: Tone,
}

/// Members that speak for the object that they stand in, in order of weight.
const SPEAKING: &str =
    "status state health healthy ok alive live ready success up available connected reachable";

/// What a body says of the whole service, when it says it in words that mean one thing.
pub fn overall(body: &Value) -> Option<Said> {
    match body {
        Value::Object(members) => speaking(members),
        other => said(String::new(), other),
    }
}

/// The member that speaks for an object.
fn speaking(members: &Map<String, Value>) -> Option<Said> {
    SPEAKING.split(' ').find_map(|name| {
        let (key, value) = members.iter().find(|(key, _)| key.eq_ignore_ascii_case(name))?;
        said(format!("/{key}"), value)
    })
}

fn said(at: String, value: &Value) -> Option<Said> {
    let (word, tone) = match value {
        Value::String(text) => (text.clone(), of(text)?),
        Value::Bool(true) => ("true".to_owned(), Tone::Good),
        Value::Bool(false) => ("false".to_owned(), Tone::Bad),
        Value::Null | Value::Number(_) | Value::Array(_) | Value::Object(_) => return None,
    };
    Some(Said { at, word, tone })
}

/// Members whose members are parts of the service, each with its own health.
const PARTS: &str = "checks components dependencies services details entries subsystems";

/// Words in a member's name that say it is something that the service depends on.
const DEPENDENCIES: &str = "database db mongo mongodb postgres postgresql mysql sqlite redis cache queue broker kafka rabbitmq \
    storage s3 disk provider upstream openai llm ai search elasticsearch smtp vectordb";

/// How deep parts of parts are followed.
const DEEPEST: usize = 5;

/// The parts that a body calls broken. A part that the body itself calls optional is left out.
pub fn broken(body: &Value) -> Vec<Said> {
    let mut found = Vec::new();
    if let Value::Object(members) = body {
        walk(members, "", false, 0, &mut found);
    }
    found
}

fn walk(members: &Map<String, Value>, at: &str, parts: bool, depth: usize, found: &mut Vec<Said>) {
    if depth > DEEPEST {
        return;
    }
    for (name, value) in members {
        let place = format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
        let is_part = parts || is_dependency(name);
        match value {
            Value::String(_) | Value::Bool(_) if is_part && !speaks_of_trouble(name) => {
                found.extend(said(place, value).filter(|said| said.tone == Tone::Bad));
            }
            Value::Object(inner) if is_in(PARTS, &name.to_lowercase()) => {
                walk(inner, &place, true, depth + 1, found);
            }
            Value::Object(inner) => part(inner, &place, is_part, depth, found),
            Value::Array(items) if is_part || is_in(PARTS, &name.to_lowercase()) => {
                for (index, item) in items.iter().enumerate() {
                    if let Value::Object(inner) = item {
                        part(inner, &format!("{place}/{index}"), true, depth, found);
                    }
                }
            }
            _ => {}
        }
    }
}

/// One part that is an object: what speaks for it, and the parts that it has.
fn part(members: &Map<String, Value>, at: &str, is_part: bool, depth: usize, found: &mut Vec<Said>) {
    if is_optional(members) {
        return;
    }
    if is_part && let Some(said) = speaking(members).filter(|said| said.tone == Tone::Bad) {
        let at = format!("{at}{}", said.at);
        found.push(Said { at, ..said });
        return;
    }
    walk(members, at, false, depth + 1, found);
}

fn is_dependency(name: &str) -> bool {
    words(name).iter().any(|word| is_in(DEPENDENCIES, word))
}

/// A member that is good when it is false or empty: `maintenance`, `last_error`.
fn speaks_of_trouble(name: &str) -> bool {
    const TROUBLE: &str = "maintenance error errors degraded failed failures level mode";
    words(name).iter().any(|word| is_in(TROUBLE, word))
}

fn is_optional(members: &Map<String, Value>) -> bool {
    let says = |name: &str, value: bool| members.get(name) == Some(&Value::Bool(value));
    says("critical", false) || says("required", false) || says("optional", true)
}

/// The words of a name: `aiProvider_state` has three.
pub fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut after_lower = false;
    for c in name.chars() {
        let new = !c.is_alphanumeric() || (c.is_uppercase() && after_lower);
        if new {
            words.push(String::new());
        }
        if let (true, Some(last)) = (c.is_alphanumeric(), words.last_mut()) {
            last.extend(c.to_lowercase());
        }
        after_lower = c.is_lowercase();
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_first_word_decides() {
        for text in ["ok", "Healthy", "UP", "pass", "ok (12 ms)", "✅ alive"] {
            assert_eq!(of(text), Some(Tone::Good), "{text}");
        }
        for text in [
            "error: connection refused",
            "DOWN",
            "not ready",
            "NOT_READY",
            "OUT_OF_SERVICE",
            "disconnected",
            "provider_unavailable",
            "provider_rate_limited",
        ] {
            assert_eq!(of(text), Some(Tone::Bad), "{text}");
        }
        for text in ["", "no errors", "not_configured", "disabled", "v3.1", "simulator"] {
            assert_eq!(of(text), None, "{text}");
        }
    }

    #[test]
    fn finds_the_part_that_is_broken_however_it_is_spelt() {
        let cases = [
            (
                json!({"status": "healthy", "database": "error: no route"}),
                "/database",
            ),
            (
                json!({"status": "UP", "components": {"db": {"status": "DOWN"}}}),
                "/components/db/status",
            ),
            (
                json!({"status": "ok", "checks": {"queue": false}}),
                "/checks/queue",
            ),
            (
                json!({"status": "pass", "checks": {"x:y": [{"status": "fail"}]}}),
                "/checks/x:y/0/status",
            ),
            (
                json!({"status": "healthy", "mongodb": {"connected": false}}),
                "/mongodb/connected",
            ),
            (
                json!({"status": "Healthy", "entries": {"a": {"data": {}, "status": "Unhealthy"}}}),
                "/entries/a/status",
            ),
        ];
        for (body, at) in cases {
            let found = broken(&body);
            assert_eq!(found.first().map(|said| said.at.as_str()), Some(at), "{body}");
        }
    }

    #[test]
    fn spares_words_that_are_not_about_health() {
        for body in [
            json!({"status": "ok", "log_level": "error", "last_error": null, "maintenance": false}),
            json!({"status": "ok", "info": {"db": {"status": "up"}}, "error": {}, "details": {"db": {"status": "up"}}}),
            json!({"status": "healthy", "checks": {"mirror": {"status": "down", "critical": false}}}),
            json!({"status": "healthy", "redis": "not_configured", "database": "connected", "debug": false}),
            json!({"status": "ok", "message": "error rate is low"}),
            json!("ok"),
        ] {
            assert_eq!(broken(&body), [], "{body}");
        }
    }

    #[test]
    fn the_whole_is_what_the_weightiest_member_says() {
        let word = |body: Value| overall(&body).map(|said| said.tone);
        assert_eq!(word(json!({"ok": true})), Some(Tone::Good));
        assert_eq!(
            word(json!({"status": "degraded", "ok": true})),
            Some(Tone::Degraded)
        );
        assert_eq!(word(json!({"Status": "Unhealthy"})), Some(Tone::Bad));
        assert_eq!(word(json!("Healthy")), Some(Tone::Good));
        assert_eq!(word(json!({"version": "3"})), None);
    }

    #[test]
    fn names_fall_into_words() {
        assert_eq!(words("aiProvider_state"), ["ai", "provider", "state"]);
        assert_eq!(words("MongoDB"), ["mongo", "db"]);
    }
}
