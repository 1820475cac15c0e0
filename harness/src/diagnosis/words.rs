//! Sentences that several causes need.

use crate::check::names::line;
use crate::check::text::{clean, shell_word};
use crate::check::view::View;
use crate::cors::response::readable;
use crate::cors::sentence::plain;
use crate::diagnosis::case::Case;
use crate::model::exchange::{Exchange, Reply};
use crate::model::finding::{Finding, Layer};

/// How often nobody answered.
pub fn attempts(failures: usize) -> String {
    match failures {
        1 => "one attempt, which was not answered".to_owned(),
        several => format!("{several} attempts, none of them answered"),
    }
}

/// What each resolver says of the target's name, a line for each.
pub fn resolvers(view: &View<'_>) -> Vec<String> {
    let lines = view.names.iter().map(|lookup| clean(&line(lookup), 200));
    lines.collect()
}

/// The command that asks a resolver which this machine does not use.
pub fn another_resolver(base: &str) -> String {
    format!(
        "Ask a resolver elsewhere:  greenlight diagnose {} --resolver 9.9.9.9",
        shell_word(base)
    )
}

/// One line for each operation and status among these exchanges: what was asked, what came, how often.
pub fn seen(exchanges: &[&Exchange]) -> Vec<String> {
    let mut lines: Vec<(String, u32, u64)> = Vec::new();
    for exchange in exchanges {
        let line = match exchange.answer() {
            Some(reply) => answer(exchange, reply),
            None => format!("{} -> no answer", exchange.probe.operation()),
        };
        let ms = exchange.phases.total() / 1000;
        match lines.iter_mut().find(|(known, ..)| *known == line) {
            Some((_, count, longest)) => {
                *count += 1;
                *longest = ms.max(*longest);
            }
            None => lines.push((line, 1, ms)),
        }
    }
    let told = |(line, count, ms): (String, u32, u64)| match count {
        1 => format!("{line}, {ms} ms"),
        _ => format!("{line}, {count} times, at most {ms} ms"),
    };
    lines.into_iter().take(3).map(told).collect()
}

fn answer(exchange: &Exchange, reply: &Reply) -> String {
    let media_type = reply
        .media_type()
        .map_or_else(|| "no content type".to_owned(), |found| plain(&found));
    let cors = match reply.header("access-control-allow-origin") {
        None => "no CORS headers".to_owned(),
        Some(_) => {
            let values: Vec<String> = reply
                .values("access-control-allow-origin")
                .map(|value| plain(&value))
                .collect();
            format!("Access-Control-Allow-Origin: {}", values.join(" and "))
        }
    };
    format!(
        "{} -> {} {media_type}, {cors}",
        exchange.probe.operation(),
        reply.status
    )
}

/// What other answers to the same pages say: are they readable?
pub fn others_are_readable(case: &Case<'_>) -> Option<String> {
    let mut statuses: Vec<u16> = readable_statuses(case)
        .into_iter()
        .filter(|status| *status < 500)
        .collect();
    statuses.sort_unstable();
    statuses.dedup();
    if statuses.is_empty() {
        return None;
    }
    let list: Vec<String> = statuses.iter().map(ToString::to_string).collect();
    Some(format!(
        "answers with {} do carry the CORS headers: only crashes go out bare",
        list.join(", ")
    ))
}

fn readable_statuses(case: &Case<'_>) -> Vec<u16> {
    let clients = &case.view.target.clients;
    case.view
        .answers()
        .filter(|(exchange, _)| !exchange.probe.is_preflight())
        .filter_map(|(exchange, reply)| exchange.probe.page.as_ref().map(|page| (page, reply)))
        .filter(|(page, _)| clients.iter().any(|client| client.origin == page.origin))
        .filter(|(page, reply)| readable(reply.status, &reply.headers, &page.origin, page.mode).is_ok())
        .map(|(_, reply)| reply.status)
        .collect()
}

/// What might have been thought, and was seen to be fine.
pub fn ruled_out(case: &Case<'_>) -> Vec<String> {
    let mut fine = Vec::new();
    let bad = |layer: Layer| {
        case.findings
            .iter()
            .any(|finding| finding.layer == layer && finding.fails())
    };
    if !bad(Layer::Reach) {
        fine.push("network".to_owned());
    }
    let preflights: Vec<_> = case
        .view
        .answers()
        .filter(|(exchange, _)| exchange.probe.is_preflight())
        .collect();
    if !preflights.is_empty() && case.of("cors/preflight-allowed").is_empty() {
        fine.push("preflight".to_owned());
    }
    if !readable_statuses(case).is_empty() {
        fine.push("the list of origins".to_owned());
    }
    let healthy = case.view.target.routes.health.as_deref().is_some_and(|route| {
        case.view
            .answers()
            .any(|(exchange, reply)| exchange.probe.path_text() == route && reply.status == 200)
    });
    if healthy && !bad(Layer::Health) {
        fine.push("the health route".to_owned());
    }
    fine
}

/// Findings on the same operations that follow from their crash, though they point at other exchanges.
pub fn consequences<'c>(case: &Case<'c>, exchanges: &[&Exchange]) -> Vec<&'c Finding> {
    let operations: Vec<String> = exchanges
        .iter()
        .map(|exchange| exchange.probe.operation())
        .collect();
    let follows = |finding: &&Finding| {
        matches!(finding.layer, Layer::Journey)
            && operations
                .iter()
                .any(|operation| finding.subject.starts_with(operation.as_str()))
            || finding.check == "health/truthful"
    };
    case.findings.iter().filter(follows).collect()
}

/// The request id that identifies an exchange in the service's log.
pub fn request_id(exchange: &Exchange) -> String {
    let theirs = exchange.answer().and_then(|reply| reply.header("x-request-id"));
    let ours = exchange.sent.as_ref().and_then(|sent| {
        let line = sent
            .headers
            .iter()
            .find(|(name, _)| name.ascii() == Some("x-request-id"))?;
        Some(line.1.text())
    });
    theirs
        .or(ours)
        .map(|id| format!(", request id {}", plain(&id)))
        .unwrap_or_default()
}

/// When it was sent, to the second, in UTC.
pub fn clock(exchange: &Exchange) -> String {
    exchange.at.strftime("%H:%M:%SZ").to_string()
}
