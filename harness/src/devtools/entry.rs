//! One request of an export as an exchange.

use std::sync::Arc;

use base64::Engine as _;
use bytes::Bytes;
use jiff::Timestamp;

use crate::devtools::har::{Content, Entry, Response, Timings};
use crate::devtools::secrets;
use crate::model::capture::{Captured, End, Octets};
use crate::model::exchange::{
    Exchange, Outcome, Phase, Phases, Redacted, Reply, Sent, WireError, WireFault, Xid,
};
use crate::model::probe::Probe;
use crate::transport::answer::Keeper;
use crate::transport::redact::Redactor;
use crate::transport::secret::claims;

/// The bytes of one body that are kept.
const BODY: usize = 256 * 1024;

/// What became of a request, as far as the browser tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Became {
    /// It was answered.
    Answered,
    /// The network failed.
    Failed(Phase, WireFault),
    /// The browser itself, an extension or a policy stopped it.
    Blocked,
    /// The page gave it up.
    GivenUp,
    /// The browser does not say. A refusal for CORS is told so as well.
    Hidden,
}

/// What became of it, by Chromium's net errors where there is no status.
pub(crate) fn became(entry: &Entry) -> Became {
    use Became::{Blocked, Failed, GivenUp, Hidden};
    if entry.status().is_some() {
        return Became::Answered;
    }
    let error = entry.error().unwrap_or_default();
    let code = error.trim_start_matches("net::").trim_start_matches("ERR_");
    match code {
        "NAME_NOT_RESOLVED" | "NAME_RESOLUTION_FAILED" => Failed(Phase::Resolve, WireFault::NoAddress),
        "CONNECTION_REFUSED" => Failed(Phase::Connect, WireFault::Refused),
        "ADDRESS_UNREACHABLE" => Failed(Phase::Connect, WireFault::Unreachable),
        "CONNECTION_TIMED_OUT" => Failed(Phase::Connect, WireFault::TimedOut),
        "TIMED_OUT" => Failed(Phase::Wait, WireFault::TimedOut),
        "CONNECTION_RESET" => Failed(Phase::Wait, WireFault::Reset),
        "EMPTY_RESPONSE" | "CONNECTION_CLOSED" => Failed(Phase::Wait, WireFault::ClosedWithoutAnswer),
        "INVALID_HTTP_RESPONSE" | "HTTP2_PROTOCOL_ERROR" => Failed(Phase::Head, WireFault::NotHttp),
        "RESPONSE_HEADERS_TOO_BIG" => Failed(Phase::Head, WireFault::HeadTooLarge),
        "ABORTED" => GivenUp,
        tls if tls.starts_with("CERT_") || tls.starts_with("SSL_") => Failed(Phase::Tls, WireFault::Tls),
        blocked if blocked.starts_with("BLOCKED_BY") || blocked == "INTERNET_DISCONNECTED" => Blocked,
        _ => Hidden,
    }
}

/// What every exchange of an export shares.
#[derive(Debug)]
pub(crate) struct Making<'m> {
    /// Knows every secret of the export.
    pub(crate) redactor: &'m Redactor,
    /// Decides what of an answer is kept.
    pub(crate) keeper: &'m Keeper,
}

impl Making<'_> {
    /// The exchange, or `None` when nothing is known of what became of the request.
    pub(crate) fn exchange(&self, id: u32, entry: &Entry, probe: Probe, url: &str) -> Option<Exchange> {
        let mut redacted = Vec::new();
        let sent = self.sent(entry, url, &mut redacted);
        let reply = match (became(entry), &entry.response) {
            (Became::Answered, Some(response)) => {
                let raw = reply(entry.status()?, response);
                let (kept, facts) = self.keeper.kept(raw, &probe, self.redactor);
                redacted.extend(facts);
                Outcome::Answered(kept)
            }
            (Became::Failed(phase, fault), _) => Outcome::Failed(WireError {
                phase,
                fault,
                detail: self.redactor.text(&short(entry.error().unwrap_or("no answer"))),
            }),
            _ => return None,
        };
        Some(Exchange {
            id: Xid(id),
            probe: Arc::new(probe),
            askers: Vec::new(),
            step: 0,
            copy: 0,
            attempt: 1,
            at: at(entry).unwrap_or(Timestamp::UNIX_EPOCH),
            conn: None,
            sent: Some(sent),
            reply,
            phases: phases(entry),
            redacted,
        })
    }

    fn sent(&self, entry: &Entry, url: &str, facts: &mut Vec<Redacted>) -> Sent {
        let request = &entry.request;
        let bearer = request
            .header("authorization")
            .and_then(|value| value.split_once(' '));
        let length = request
            .body_size
            .filter(|size| *size > 0.0)
            .map(|size| size as u64);
        let text = request.post_data.as_ref().and_then(|data| data.text.as_ref());
        let lines = request.headers.iter();
        Sent {
            url: url.to_owned(),
            headers: lines
                .filter_map(|line| secrets::line(line, self.redactor, facts))
                .collect(),
            body_length: length.or(text.map(|text| text.len() as u64)).unwrap_or_default(),
            claims: bearer.and_then(|(_, token)| claims(token)),
        }
    }
}

/// When it began.
pub(crate) fn at(entry: &Entry) -> Option<Timestamp> {
    entry.started_date_time.as_deref()?.parse().ok()
}

fn short(text: &str) -> String {
    text.chars().take(200).collect()
}

/// The answer as it came, before anything is hidden.
fn reply(status: u16, response: &Response) -> Reply {
    let headers = response.headers.iter().filter(|line| !line.name.starts_with(':'));
    // Chromium writes several lines of one name as one value with line breaks.
    let lines = headers.flat_map(|line| {
        let name = line.name.to_ascii_lowercase();
        line.value
            .split('\n')
            .map(move |value| (Octets::from(name.as_str()), Octets::from(value.trim())))
    });
    let mut reply = Reply {
        status,
        headers: lines.collect(),
        body: Captured::complete(Bytes::new()),
        version: version(response.http_version.as_deref().unwrap_or_default()),
    };
    reply.body = body(&reply, response.content.as_ref());
    reply
}

/// The version as this tool writes it.
fn version(text: &str) -> String {
    match text.to_ascii_lowercase().as_str() {
        "h2" | "http/2" | "http/2.0" => "HTTP/2",
        "h3" | "http/3" | "http/3.0" | "h3-29" => "HTTP/3",
        "http/1.0" => "HTTP/1.0",
        _ => "HTTP/1.1",
    }
    .to_owned()
}

/// The body as far as it is in the file. One that is not was let go, and is no empty one.
fn body(reply: &Reply, content: Option<&Content>) -> Captured {
    let text = content.and_then(|content| content.text.as_deref());
    let coded = content.and_then(|content| content.encoding.as_deref());
    let engine = base64::engine::general_purpose::STANDARD;
    let bytes = match (text, coded) {
        (Some(text), Some("base64")) => engine.decode(text).ok(),
        (Some(text), _) => Some(text.as_bytes().to_vec()),
        (None, _) => None,
    };
    let codings = reply.header("content-encoding").unwrap_or_default();
    let undone = codings
        .split(',')
        .map(|coding| coding.trim().to_ascii_lowercase());
    let undone: Vec<String> = undone.filter(|coding| !coding.is_empty()).collect();
    let bodiless = matches!(reply.status, 204 | 304);
    let captured = match bytes {
        Some(bytes) => Captured {
            undone,
            ..Captured::complete(bytes)
        },
        None if bodiless => Captured::complete(Bytes::new()),
        None => Captured {
            end: End::Cut,
            ..Captured::complete(Bytes::new())
        },
    };
    captured.shortened(if reply.is_json() { BODY * 8 } else { BODY })
}

fn phases(entry: &Entry) -> Phases {
    let timings = entry.timings.unwrap_or_default();
    let Timings {
        dns,
        connect,
        ssl,
        wait,
        receive,
    } = timings;
    let connect = us(connect).map(|whole| whole.saturating_sub(us(ssl).unwrap_or_default()));
    let phases = Phases {
        dns: us(dns),
        connect,
        tls: us(ssl),
        wait: us(wait),
        transfer: us(receive),
    };
    if phases.total() > 0 {
        return phases;
    }
    // Chromium counts all of a failed request as blocked.
    Phases {
        wait: us(entry.time),
        ..Phases::default()
    }
}

/// Milliseconds as microseconds; a negative number is a phase that did not happen.
fn us(ms: Option<f64>) -> Option<u64> {
    const DAY: f64 = 86_400_000.0;
    ms.filter(|ms| *ms >= 0.0)
        .map(|ms| (ms.min(DAY) * 1_000.0) as u64)
}
