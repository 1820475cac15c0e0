//! HAR 1.2, which the developer tools of every browser open: the exchanges of a run as a waterfall. An attempt without an answer
//! has the status 0, as browsers write it. What HAR has no word for stands in members with an underscore, `_greenlight…`.

use std::collections::BTreeMap;

use har::v1_2::{
    Cache, Content, Creator, Entries, Headers, PostData, QueryString, Request, Response, Timings,
};
use serde::Serialize;

use crate::model::capture::{Captured, End, Octets};
use crate::model::exchange::{Exchange, Phases, Reply};
use crate::model::probe::Effect;
use crate::model::recording::Connection;
use crate::model::run::Run as Judged;
use crate::report::encode;
use crate::report::format::Finished;
use crate::report::sent;
use crate::report::text::{self, NAME, SENTENCE, VALUE};
use crate::report::waivers;

/// Bytes of one body that are written.
const BODY: usize = 64 * 1024;
/// Bytes of all bodies that are written: a report is held in memory.
const BODIES: usize = 2 * 1024 * 1024;

#[derive(Serialize)]
struct Har {
    log: Log,
}

/// The log. Of its own here, since the crate's entries have no room for our members.
#[derive(Serialize)]
struct Log {
    version: &'static str,
    creator: Creator,
    entries: Vec<Entry>,
    comment: String,
    #[serde(rename = "_greenlight")]
    ours: Run,
}

#[derive(Serialize)]
struct Run {
    verdict: String,
    headline: String,
    exit_code: u8,
    /// What somebody answers for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    waived: Vec<String>,
    /// Where more is told of each check that found something, and of each cause.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    more: BTreeMap<String, String>,
}

#[derive(Serialize)]
struct Entry {
    #[serde(flatten)]
    entry: Entries,
    #[serde(rename = "_greenlight")]
    ours: Ours,
}

/// What HAR has no word for.
#[derive(Serialize)]
struct Ours {
    exchange: String,
    attempt: u8,
    effect: Effect,
    askers: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<String>,
    /// How the answer's body ended, when not as it promised.
    #[serde(skip_serializing_if = "Option::is_none")]
    body_end: Option<End>,
    /// Whether the answer's body is longer here than it is written.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    body_shortened: bool,
    /// How many secrets were removed.
    #[serde(skip_serializing_if = "is_zero")]
    redacted: usize,
    /// Findings that point at it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    findings: Vec<String>,
}

fn is_zero(n: &usize) -> bool {
    *n == 0
}

/// The archive of a run.
pub fn render(finished: Finished<'_>) -> String {
    let Finished { run, recording, .. } = finished;
    let mut room = BODIES;
    let entries = recording
        .exchanges
        .iter()
        .map(|exchange| entry(finished, exchange, &mut room));
    let log = Log {
        version: "1.2",
        creator: Creator {
            name: "greenlight".to_owned(),
            version: run.tool.version.clone(),
            comment: None,
        },
        entries: entries.collect(),
        comment: format!("{}: {}", run.verdict.word(), text::line(&run.headline, SENTENCE)),
        ours: Run {
            verdict: run.verdict.word().to_lowercase(),
            headline: text::line(&run.headline, SENTENCE),
            exit_code: run.exit_code,
            waived: waivers::lines(run),
            more: more(run),
        },
    };
    encode::pretty(&Har { log }).unwrap_or_default()
}

fn more(run: &Judged) -> BTreeMap<String, String> {
    let checks = run.findings.iter().map(|finding| (&finding.check, &finding.help));
    let causes = run
        .diagnoses
        .iter()
        .map(|diagnosis| (&diagnosis.cause, &diagnosis.help));
    let told = checks
        .chain(causes)
        .filter_map(|(id, help)| Some((id, help.as_deref()?)));
    told.map(|(id, help)| (text::line(id, NAME), text::line(help, VALUE)))
        .collect()
}

fn entry(finished: Finished<'_>, exchange: &Exchange, room: &mut usize) -> Entry {
    let Finished { run, recording, .. } = finished;
    let most = BODY.min(*room);
    let body = exchange.answer().map(|reply| reply.body.bytes.len().min(most));
    *room = room.saturating_sub(body.unwrap_or_default());
    let connection = recording
        .connections
        .iter()
        .find(|one| Some(one.id) == exchange.conn);
    let findings = run
        .findings
        .iter()
        .filter(|finding| finding.exchanges.contains(&exchange.id));
    let ours = Ours {
        exchange: exchange.id.to_string(),
        attempt: exchange.attempt,
        effect: exchange.probe.effect,
        askers: exchange.askers.iter().map(|asker| asker.0.clone()).collect(),
        failure: exchange.failure().map(|error| text::line(&error.detail, VALUE)),
        body_end: exchange
            .answer()
            .map(|reply| reply.body.end)
            .filter(|end| *end != End::Complete),
        body_shortened: exchange
            .answer()
            .is_some_and(|reply| reply.body.bytes.len() > most),
        redacted: exchange.redacted.len(),
        findings: findings.map(|finding| text::line(&finding.check, NAME)).collect(),
    };
    let entry = Entries {
        started_date_time: exchange.at.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string(),
        time: ms(exchange.phases.total()),
        request: request(exchange, &recording.target.base),
        response: exchange
            .answer()
            .map_or_else(unanswered, |reply| response(reply, most)),
        cache: Cache::default(),
        timings: timings(&exchange.phases),
        server_ip_address: connection.and_then(address),
        connection: exchange.conn.map(|conn| conn.to_string()),
        ..Entries::default()
    };
    Entry { entry, ours }
}

/// The address without its port, as HAR wants it; none when it is no address.
fn address(connection: &Connection) -> Option<String> {
    let address: std::net::SocketAddr = connection.address.parse().ok()?;
    Some(address.ip().to_string())
}

fn request(exchange: &Exchange, base: &str) -> Request {
    let url = match &exchange.sent {
        Some(sent) => sent.url.clone(),
        None => format!("{base}{}", exchange.probe.path_text()),
    };
    let query = url::Url::parse(&url).ok();
    let query = query.iter().flat_map(url::Url::query_pairs);
    let sent = exchange.sent.as_ref();
    Request {
        method: exchange.probe.method.clone(),
        http_version: exchange
            .answer()
            .map_or("HTTP/1.1", |reply| reply.version.as_str())
            .to_owned(),
        headers: sent.map(|sent| headers(&sent.headers)).unwrap_or_default(),
        query_string: query
            .map(|(name, value)| QueryString {
                name: name.into_owned(),
                value: value.into_owned(),
                comment: None,
            })
            .collect(),
        post_data: sent::body(&exchange.probe).map(|body| PostData {
            mime_type: body.media_type,
            comment: (!body.exact).then(|| "a description of what was sent".to_owned()),
            text: Some(body.text),
            params: None,
        }),
        headers_size: -1,
        body_size: sent
            .and_then(|sent| i64::try_from(sent.body_length).ok())
            .unwrap_or(-1),
        url,
        ..Request::default()
    }
}

fn headers(lines: &[(Octets, Octets)]) -> Vec<Headers> {
    let header = |(name, value): &(Octets, Octets)| Headers {
        name: name.text(),
        value: value.text(),
        comment: None,
    };
    lines.iter().map(header).collect()
}

fn response(reply: &Reply, most: usize) -> Response {
    Response {
        status: i64::from(reply.status),
        status_text: http::StatusCode::from_u16(reply.status)
            .ok()
            .and_then(|status| status.canonical_reason())
            .unwrap_or_default()
            .to_owned(),
        http_version: reply.version.clone(),
        headers: headers(&reply.headers),
        content: content(&reply.body, reply.header("content-type"), most),
        redirect_url: Some(reply.header("location").unwrap_or_default()),
        headers_size: -1,
        body_size: i64::try_from(reply.body.wire_length).unwrap_or(-1),
        ..Response::default()
    }
}

/// What stands for an answer that never came.
fn unanswered() -> Response {
    Response {
        content: Content {
            mime_type: Some("x-unknown".to_owned()),
            ..Content::default()
        },
        redirect_url: Some(String::new()),
        headers_size: -1,
        body_size: -1,
        ..Response::default()
    }
}

fn content(body: &Captured, media_type: Option<String>, most: usize) -> Content {
    use base64::Engine as _;
    let kept = body.shortened(most);
    let whole = std::str::from_utf8(&kept.bytes);
    // A body that was cut in the middle of a character is still text.
    let text = match whole {
        Ok(text) => Some(text),
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(&kept.bytes[..error.valid_up_to()]).ok()
        }
        Err(_) => None,
    };
    let text = text.filter(|text| reads_as_text(text));
    let coded = text
        .is_none()
        .then(|| base64::engine::general_purpose::STANDARD.encode(&kept.bytes));
    Content {
        size: i64::try_from(body.bytes.len()).unwrap_or(-1),
        mime_type: Some(media_type.unwrap_or_else(|| "x-unknown".to_owned())),
        encoding: coded.is_some().then(|| "base64".to_owned()),
        text: coded.or_else(|| text.map(str::to_owned)),
        ..Content::default()
    }
}

/// Whether JSON need not escape a text beyond recognition, and to several times its length.
fn reads_as_text(text: &str) -> bool {
    let escaped = text
        .chars()
        .filter(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'));
    escaped.count() <= text.len() / 10
}

/// The phases. HAR counts TLS as a part of connecting as well, and writes what did not happen as -1.
fn timings(phases: &Phases) -> Timings {
    let absent = |phase: Option<u64>| phase.map_or(-1.0, ms);
    let connect = phases
        .connect
        .map(|connect| connect.saturating_add(phases.tls.unwrap_or_default()));
    Timings {
        blocked: Some(-1.0),
        dns: Some(absent(phases.dns)),
        connect: Some(absent(connect.or(phases.tls))),
        ssl: Some(absent(phases.tls)),
        send: 0.0,
        wait: phases.wait.map_or(0.0, ms),
        receive: phases.transfer.map_or(0.0, ms),
        comment: None,
    }
}

/// Microseconds as milliseconds.
fn ms(us: u64) -> f64 {
    us as f64 / 1_000.0
}

#[cfg(test)]
#[path = "har_tests.rs"]
mod tests;
