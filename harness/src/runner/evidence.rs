//! What a report shows of exchanges: one line each, a curl command that asks the same, and the beginning of the answer.

use crate::check::text::clean;
use crate::check::view::View;
use crate::model::exchange::{Exchange, Outcome, Reply};
use crate::model::finding::Finding;
use crate::model::probe::{BROKEN_JSON, Body, Effect, Mutation, Probe, Wire};
use crate::model::run::{Evidence, SentCounts, TargetSummary};
use crate::model::target::Scheme;

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
        counts.bytes += sent.body_length;
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
    let last = |id: &crate::model::exchange::Xid| view.exchanges.iter().rfind(|exchange| exchange.id == *id);
    ids.into_iter()
        .filter_map(last)
        .map(|exchange| Evidence {
            id: exchange.id.to_string(),
            line: line(exchange),
            curl: curl(exchange, view),
            excerpt: exchange.answer().map(excerpt).filter(|text| !text.is_empty()),
        })
        .collect()
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
    }
}

fn excerpt(reply: &Reply) -> String {
    clean(&reply.body.text(), EXCERPT)
}

/// A curl command that asks the same. Credentials are names of variables, so it can be pasted and run.
fn curl(exchange: &Exchange, view: &View<'_>) -> String {
    let probe = &exchange.probe;
    let mut words = vec!["curl -i".to_owned()];
    if probe.method != "GET" {
        words.push(format!("-X {}", probe.method));
    }
    let url = match (&exchange.sent, probe.wire) {
        (Some(sent), Wire::Plain) => sent.url.clone(),
        _ => format!("{}{}", view.target.base, probe.path_text()),
    };
    words.push(quoted(&url));
    if let Some(page) = &probe.page {
        words.push(format!("-H {}", quoted(&format!("Origin: {}", page.origin))));
    }
    for (name, value) in &probe.headers {
        let value = value.literal().unwrap_or("…");
        words.push(format!("-H {}", quoted(&format!("{name}: {value}"))));
    }
    words.extend(credential(probe, view));
    words.extend(body(&probe.body));
    words.join(" ")
}

fn credential(probe: &Probe, view: &View<'_>) -> Option<String> {
    let who = probe.who.as_ref()?;
    let variable = match who.mutation {
        Mutation::AsIs | Mutation::LowerCaseScheme => "$GREENLIGHT_TOKEN".to_owned(),
        Mutation::Empty => String::new(),
        Mutation::Garbage => "greenlight-is-checking-that-this-is-refused".to_owned(),
        Mutation::Truncated => "${GREENLIGHT_TOKEN:0:40}".to_owned(),
        Mutation::AlgNone | Mutation::Tampered => "$SPOILT_TOKEN".to_owned(),
    };
    let scheme = view.target.auth.as_ref().map(|auth| &auth.scheme);
    Some(match scheme {
        Some(Scheme::ApiKey { header }) => format!("-H \"{header}: {variable}\""),
        Some(Scheme::Basic) => format!("-u \"{variable}\""),
        Some(Scheme::Bearer) | None => format!("-H \"Authorization: Bearer {variable}\""),
    })
}

fn body(body: &Body) -> Vec<String> {
    let json = "-H 'Content-Type: application/json'".to_owned();
    match body {
        Body::Empty => vec![],
        Body::BrokenJson => vec![json, format!("--data {}", quoted(BROKEN_JSON))],
        Body::Text { media_type, text } => vec![
            format!("-H {}", quoted(&format!("Content-Type: {media_type}"))),
            format!("--data {}", quoted(text.literal().unwrap_or("…"))),
        ],
        Body::Repeat { unit, times } => vec![
            json,
            format!(
                "--data \"$(printf '{{\"text\":\"%s\"}}' \"$(yes {unit} | head -n {times} | tr -d '\\n')\")\""
            ),
        ],
        Body::Json { value, inserts } if inserts.is_empty() => {
            vec![json, format!("--data {}", quoted(&value.to_string()))]
        }
        Body::Json { value, inserts } => {
            let mut text = value.clone();
            for insert in inserts {
                if let Some(slot) = text.pointer_mut(&insert.at) {
                    *slot = format!("'\"$(base64 < {} | tr -d '\\n')\"'", insert.sample).into();
                }
            }
            let text = text.to_string().replace("\\\"", "\"").replace("\\\\n", "\\n");
            vec![json, format!("--data '{text}'")]
        }
    }
}

/// Text in single quotes for a POSIX shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}
