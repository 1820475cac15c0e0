//! The waterfall: every exchange at its time, and behind each its request and response side by side.

use jiff::Timestamp;
use maud::{Markup, html};

use crate::model::capture::{End, Octets};
use crate::model::exchange::{Exchange, Outcome, Reply};
use crate::model::run::Run;
use crate::report::format::Finished;
use crate::report::html::lines;
use crate::report::sent;
use crate::report::text::{self, NAME, SENTENCE, VALUE};

/// Characters of all bodies together, and the least and most of one.
const BODIES: usize = 400_000;
const LEAST: usize = 160;
const BODY: usize = 4_000;
/// Characters of the header lines of one message.
const HEAD: usize = 2_500;
/// Characters of one header line.
const HEADER: usize = 300;
/// Exchanges that are shown; a run that sends more was a load.
const MOST: usize = 2_000;
/// Units across the waterfall.
const WIDE: u64 = 10_000;
/// The least width of a bar, or it would not be seen.
const THIN: u64 = 40;

/// When the waterfall begins, how long it is in microseconds, and how much of a body is shown.
#[derive(Debug, Clone, Copy)]
struct Scale {
    begin: Timestamp,
    length: u64,
    body: usize,
}

impl Scale {
    fn of(exchanges: &[Exchange]) -> Option<Scale> {
        let begin = exchanges.iter().map(|exchange| exchange.at).min()?;
        let after = |exchange: &Exchange| micros(begin, exchange.at).saturating_add(exchange.phases.total());
        let length = exchanges.iter().map(after).max().unwrap_or_default().max(1);
        let body = (BODIES / exchanges.len().max(1)).clamp(LEAST, BODY);
        Some(Scale { begin, length, body })
    }

    fn place(&self, us: u64) -> u64 {
        let part = u128::from(us) * u128::from(WIDE) / u128::from(self.length);
        u64::try_from(part).unwrap_or(WIDE).min(WIDE)
    }
}

fn micros(from: Timestamp, to: Timestamp) -> u64 {
    u64::try_from(to.duration_since(from).as_micros()).unwrap_or_default()
}

/// The waterfall.
pub(crate) fn waterfall(Finished { run, recording, .. }: Finished<'_>) -> Markup {
    let all = &recording.exchanges;
    let scale = Scale::of(all);
    html! {
        section aria-labelledby="exchanges" {
            h2 #exchanges { "Exchanges" }
            @if let Some(scale) = scale {
                div.legend aria-hidden="true" {
                    @for phase in ["dns", "connect", "tls", "wait", "transfer"] {
                        span { svg viewBox="0 0 10 10" { rect class=(phase) width="10" height="10" rx="2" {} } (phase) }
                    }
                    span { "over " (text::duration(scale.length / 1_000)) ", a line a quarter of it" }
                }
                div.tools hidden role="search" {
                    label { "Find " input #find type="search" placeholder="path, status, header, check…"; }
                    label { input #bad type="checkbox"; " only what failed" }
                    span #told role="status" {}
                }
                div.tablewrap { @for (at, exchange) in all.iter().enumerate().take(MOST) { (row(run, all, at, exchange, scale)) } }
                @if all.len() > MOST { p { "and " (all.len() - MOST) " more; " code { "--format har" } " has them" } }
            } @else { p { "Nothing was sent." } }
        }
    }
}

fn row(run: &Run, all: &[Exchange], at: usize, exchange: &Exchange, scale: Scale) -> Markup {
    let class = if is_bad(run, exchange) { "x fail" } else { "x" };
    // Attempts at one probe share its name.
    let first = all[..at].iter().all(|earlier| earlier.id != exchange.id);
    let anchor = if first {
        exchange.id.to_string()
    } else {
        format!("{}-{at}", exchange.id)
    };
    let status = exchange
        .status()
        .map_or("none".to_owned(), |status| status.to_string());
    html! {
        details class=(class) {
            summary {
                span.id { (exchange.id) }
                span."call mono" { (exchange.probe.method) " " (text::line(exchange.probe.path_text(), NAME)) }
                span { span class=(format!("tag {}", tone(exchange))) { span.unseen { "answer " } (status) } }
                span.ms { (took(exchange.phases.total())) }
                (bar(exchange, scale))
            }
            div.body #(anchor) { (details(run, exchange, scale)) }
        }
    }
}

/// Whether it shows what fails the run: a server error, no answer, or what a failing finding points at.
fn is_bad(run: &Run, exchange: &Exchange) -> bool {
    let pointed = run
        .findings
        .iter()
        .any(|finding| finding.fails() && finding.exchanges.contains(&exchange.id));
    pointed || exchange.is_server_error() || exchange.answer().is_none()
}

fn tone(exchange: &Exchange) -> &'static str {
    match exchange.status() {
        None | Some(500..) => "fail",
        Some(400..) => "unsure",
        Some(200..300) => "pass",
        Some(_) => "aside",
    }
}

/// Tenths of milliseconds below ten of them.
fn took(us: u64) -> String {
    if us < 10_000 {
        format!("{}.{} ms", us / 1_000, us % 1_000 / 100)
    } else {
        text::duration(us / 1_000)
    }
}

fn bar(exchange: &Exchange, scale: Scale) -> Markup {
    let start = micros(scale.begin, exchange.at);
    let phases = &exchange.phases;
    let named = [
        ("dns", phases.dns),
        ("connect", phases.connect),
        ("tls", phases.tls),
        ("wait", phases.wait),
        ("transfer", phases.transfer),
    ];
    let mut from = start;
    let mut rects = Vec::new();
    for (name, us) in named.into_iter().filter_map(|(name, us)| Some((name, us?))) {
        let x = scale.place(from);
        from = from.saturating_add(us);
        rects.push((name, x.min(WIDE - THIN), (scale.place(from) - x).max(THIN)));
    }
    if rects.is_empty() {
        rects.push(("none", scale.place(start).min(WIDE - THIN), THIN));
    }
    let said = format!("begins after {}, takes {}", took(start), took(phases.total()));
    html! {
        svg.bar viewBox=(format!("0 0 {WIDE} 10")) preserveAspectRatio="none" role="img" aria-label=(said) {
            @for (class, x, width) in rects { rect class=(class) x=(x) y="1" width=(width) height="8" {} }
        }
    }
}

fn details(run: &Run, exchange: &Exchange, scale: Scale) -> Markup {
    let askers: Vec<String> = exchange
        .askers
        .iter()
        .take(6)
        .map(|asker| text::line(&asker.0, NAME))
        .collect();
    let findings: Vec<String> = run
        .findings
        .iter()
        .filter(|finding| finding.exchanges.contains(&exchange.id))
        .map(|finding| text::line(&finding.title, SENTENCE))
        .collect();
    let again = run
        .evidence
        .iter()
        .find(|evidence| evidence.id == exchange.id.to_string());
    html! {
        div.facts {
            span { (exchange.at.strftime("%T.%3fZ")) }
            @if exchange.attempt > 1 { span { "attempt " (exchange.attempt) } }
            @if let Some(conn) = exchange.conn { span { "connection " (conn) } }
            (phases(exchange))
            @if !askers.is_empty() { span { "asked by " (askers.join(", ")) } }
            @if !exchange.redacted.is_empty() { span { (text::count(u64::try_from(exchange.redacted.len()).unwrap_or(u64::MAX), "secret removed", "secrets removed")) } }
        }
        @if !findings.is_empty() { ul { @for finding in findings.iter().take(6) { li { (finding) } } } }
        div.pair {
            section aria-label="Request" { h3 { "Request" } (request(exchange, scale)) }
            section aria-label="Response" { h3 { "Response" } @match exchange.answer() { Some(reply) => (response(reply, scale)), None => (unanswered(exchange)) } }
        }
        @if let Some(again) = again { h3 { "Ask it again" } pre.copy tabindex="0" { (text::line(&again.curl, BODY)) } }
    }
}

fn phases(exchange: &Exchange) -> Markup {
    let phases = &exchange.phases;
    let named = [
        ("dns", phases.dns),
        ("connect", phases.connect),
        ("tls", phases.tls),
        ("wait", phases.wait),
        ("transfer", phases.transfer),
    ];
    html! { @for (name, us) in named { @if let Some(us) = us { span { (name) " " (took(us)) } } } }
}

fn request(exchange: &Exchange, scale: Scale) -> Markup {
    let body = sent::body(&exchange.probe);
    let url = exchange
        .sent
        .as_ref()
        .map_or(exchange.probe.path_text(), |sent| sent.url.as_str());
    let headers = exchange
        .sent
        .as_ref()
        .map(|sent| sent.headers.as_slice())
        .unwrap_or_default();
    html! {
        @if exchange.sent.is_none() { p { "It was never sent." } }
        pre tabindex="0" { (exchange.probe.method) " " (text::line(url, VALUE)) "\n" (head(headers)) }
        @if let Some(body) = body { pre tabindex="0" { (lines(&indented(body.text), scale.body)) } }
    }
}

/// JSON over several lines; anything else as it is.
fn indented(text: String) -> String {
    let json = serde_json::from_str::<serde_json::Value>(&text).ok();
    json.and_then(|json| serde_json::to_string_pretty(&json).ok())
        .unwrap_or(text)
}

fn response(reply: &Reply, scale: Scale) -> Markup {
    let json = reply
        .body
        .json()
        .and_then(|json| serde_json::to_string_pretty(&json).ok());
    let text = json.unwrap_or_else(|| reply.body.text().into_owned());
    let end = match reply.body.end {
        End::Complete => "",
        End::Cut => "Read no further than our own bound.",
        End::Reset => "The connection was reset inside the body.",
        End::Deadline => "Our deadline came inside the body.",
        End::Short => "The body is shorter than it promised.",
    };
    html! {
        pre tabindex="0" { (text::line(&reply.version, NAME)) " " (reply.status) "\n" (head(&reply.headers)) }
        @if !text.is_empty() { pre tabindex="0" { (lines(&text, scale.body)) } } @else { p.quote { "No body." } }
        @if !end.is_empty() { p.fault { (end) } }
    }
}

fn unanswered(exchange: &Exchange) -> Markup {
    html! {
        @if let Some(error) = exchange.failure() { p.fault { "No answer: " (text::line(&error.detail, VALUE)) } }
        @if let Outcome::Heard(heard) = &exchange.reply { p { "Heard: " (text::line(&heard.words(), VALUE)) } }
    }
}

fn head(headers: &[(Octets, Octets)]) -> String {
    let mut shown = String::new();
    for (at, (name, value)) in headers.iter().enumerate() {
        if shown.len() > HEAD {
            shown.push_str(&format!("… and {} more\n", headers.len() - at));
            break;
        }
        let line = format!(
            "{}: {}",
            text::line(&name.text(), NAME),
            text::line(&value.text(), HEADER)
        );
        shown.push_str(&line);
        shown.push('\n');
    }
    shown.trim_end().to_owned()
}
