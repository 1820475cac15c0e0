//! What a report shows of exchanges: one line each, a curl command that asks the same, and the beginning of the answer.

use std::collections::HashSet;
use std::sync::LazyLock;

use regex::Regex;

use crate::check::text::clean;
use crate::check::view::View;
use crate::model::exchange::{Exchange, Outcome, Reply};
use crate::model::finding::Finding;
use crate::model::probe::{Effect, Probe};
use crate::model::run::{Evidence, SentCounts, TargetSummary};
use crate::runner::curl::curl;

/// Characters of a body that a report shows.
const EXCERPT: usize = 300;

/// What a report says of the target.
pub fn target(view: &View<'_>) -> TargetSummary {
    let target = view.target;
    let version = target.routes.version.as_ref().and_then(|place| {
        let (_, reply) = view.answer(&Probe::get(place.route.as_str()).build())?;
        let body = reply.body.json()?;
        body.pointer(&place.pointer)?.as_str().map(|text| clean(text, 80))
    });
    TargetSummary {
        name: target.name.clone(),
        base: target.base.clone(),
        environment: target.environment.name().to_owned(),
        version,
        origins: target
            .clients
            .iter()
            .map(|client| client.origin.0.clone())
            .collect(),
        assumed: target.assumed.clone(),
    }
}

/// What went out, by effect.
pub fn sent(exchanges: &[Exchange]) -> SentCounts {
    let mut counts = SentCounts::default();
    for exchange in exchanges {
        let Some(sent) = &exchange.sent else { continue };
        counts.bytes = counts.bytes.saturating_add(sent.body_length);
        match exchange.probe.effect {
            _ if exchange.probe.is_preflight() => counts.preflights += 1,
            Effect::Read => counts.reads += 1,
            Effect::Inert => counts.inert += 1,
            Effect::Paid => counts.paid += 1,
            Effect::Writes => counts.writes += 1,
            Effect::Hostile => counts.hostile += 1,
        }
    }
    counts
}

/// The exchanges that findings point at, in order.
pub fn evidence(view: &View<'_>, findings: &[Finding]) -> Vec<Evidence> {
    let mut ids: Vec<_> = findings
        .iter()
        .flat_map(|finding| finding.exchanges.iter().take(3))
        .collect();
    ids.sort_unstable();
    ids.dedup();
    let last = |id: &crate::model::exchange::Xid| {
        let mut all = view.woken.iter().chain(view.exchanges);
        all.rfind(|exchange| exchange.id == *id)
    };
    ids.into_iter()
        .filter_map(last)
        .map(|exchange| Evidence {
            id: exchange.id.to_string(),
            line: line(exchange),
            curl: curl(exchange, view),
            excerpt: exchange.answer().map(excerpt).filter(|text| !text.is_empty()),
            log: log(exchange, view),
        })
        .collect()
}

/// Lines of its log that a report shows under one exchange: the last ones, where a traceback says what it is about.
const LOG_LINES: usize = 12;

/// How long after the end of an exchange its lines may still arrive, in milliseconds: a pipe has its own pace.
const LOG_GRACE_MS: i64 = 100;

/// What the service wrote while it failed to answer as it should.
fn log(exchange: &Exchange, view: &View<'_>) -> Vec<String> {
    let Some(spawned) = view
        .spawned
        .filter(|_| exchange.is_server_error() || exchange.answer().is_none())
    else {
        return Vec::new();
    };
    let took = i64::try_from(exchange.phases.total() / 1000).unwrap_or(i64::MAX);
    let until = exchange
        .at
        .checked_add(jiff::SignedDuration::from_millis(
            took.saturating_add(LOG_GRACE_MS),
        ))
        .unwrap_or(exchange.at);
    let written = spawned.between(exchange.at, until);
    let lines: Vec<&str> = written
        .map(|line| line.text.as_str())
        .filter(|text| !text.trim().is_empty())
        .collect();
    let told = telling(&lines);
    let lines = if told.is_empty() { lines } else { told };
    let last = &lines[lines.len().saturating_sub(LOG_LINES)..];
    last.iter().map(|text| clean(text, EXCERPT)).collect()
}

/// The lines that say what happened: a traceback does at its margin, and where in between. That a request came is known, and
/// what is said again and again is said once.
fn telling<'a>(lines: &[&'a str]) -> Vec<&'a str> {
    static ACCESS: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r#""[A-Z]+ \S+ HTTP/[0-9.]+" [1-5][0-9]{2}\b"#).ok());
    let is_access = |text: &str| ACCESS.as_ref().is_some_and(|access| access.is_match(text));
    let mut seen = HashSet::new();
    let telling = |text: &&str| !text.starts_with([' ', '\t']) && !is_access(text);
    let lines = lines.iter().copied().filter(telling);
    lines.filter(|text| seen.insert(*text)).collect()
}

/// The request and its answer in one line.
pub fn line(exchange: &Exchange) -> String {
    let origin = exchange
        .probe
        .page
        .as_ref()
        .map(|page| format!(" from {}", page.origin))
        .unwrap_or_default();
    let operation = format!("{} {}", exchange.probe.method, exchange.probe.path_text());
    let ms = exchange.phases.total() / 1000;
    match &exchange.reply {
        Outcome::Answered(reply) => {
            let media_type = reply.media_type().unwrap_or_else(|| "no content type".to_owned());
            let acao = reply.header("access-control-allow-origin").map_or_else(
                || "no Access-Control-Allow-Origin".to_owned(),
                |value| format!("Access-Control-Allow-Origin {}", clean(&value, 80)),
            );
            let media_type = clean(&media_type, 60);
            format!(
                "{operation}{origin} -> {} {media_type}, {acao}, {ms} ms",
                reply.status
            )
        }
        Outcome::Failed(error) => format!("{operation}{origin} -> no answer: {}", clean(&error.detail, 160)),
        Outcome::Heard(heard) => format!("{operation}, written by hand -> {}", heard.words()),
    }
}

fn excerpt(reply: &Reply) -> String {
    clean(&reply.body.text(), EXCERPT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_says_what_happened_and_not_who_came_by() {
        let lines = [
            "INFO:     127.0.0.1:50284 - \"POST /notes HTTP/1.1\" 500 Internal Server Error",
            "Traceback (most recent call last):",
            "  File \"app.py\", line 40, in notes",
            "ValueError: no",
            "127.0.0.1 - - [27/Nov/2026 02:41:44] \"GET /health HTTP/1.1\" 200 -",
            "WARNING:  Invalid HTTP request received.",
            "WARNING:  Invalid HTTP request received.",
            "called \"GET /upstream\" and got 500",
        ];
        let told = [lines[1], lines[3], lines[5], lines[7]];
        assert_eq!(telling(&lines), told);
        assert!(telling(&lines[..1]).is_empty());
    }
}
