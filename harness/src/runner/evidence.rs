//! What a report shows of exchanges: one line each, a curl command that asks the same, and the beginning of the answer.

use crate::check::text::clean;
use crate::check::view::View;
use crate::model::exchange::{Exchange, Outcome, Reply};
use crate::model::finding::Finding;
use crate::model::probe::{BROKEN_JSON, Body, Change, Effect, Insert, Mutation, Piece, Probe, Wire};
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
    // A traceback says what happened at its margin, and where in between.
    let margin = |text: &&str| !text.starts_with([' ', '\t']);
    let told: Vec<&str> = lines.iter().copied().filter(margin).collect();
    let lines = if told.is_empty() { lines } else { told };
    let last = &lines[lines.len().saturating_sub(LOG_LINES)..];
    last.iter().map(|text| clean(text, EXCERPT)).collect()
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
        _ => format!("{}{}", view.target.base_of(probe), probe.path_text()),
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
        _ => "$SPOILT_TOKEN".to_owned(),
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
        Body::BrokenLarge { kib } => vec![
            json,
            format!("--data \"$(printf '{{\"greenlight\": tru \"'; head -c {kib}K /dev/zero | tr '\\0' A)\""),
        ],
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
        Body::Pieces { media_type, pieces } => vec![
            format!("-H {}", quoted(&format!("Content-Type: {media_type}"))),
            format!(
                "--data-binary \"$({})\"",
                pieces.iter().map(piece).collect::<Vec<_>>().join("; ")
            ),
        ],
        Body::Json { value, inserts } if inserts.is_empty() => {
            vec![json, format!("--data {}", quoted(&value.to_string()))]
        }
        Body::Json { value, inserts } => {
            let mut text = value.clone();
            for insert in inserts {
                if let Some(slot) = text.pointer_mut(&insert.at) {
                    *slot = sample(insert).into();
                }
            }
            let text = text.to_string().replace("\\\"", "\"").replace("\\\\n", "\\n");
            vec![json, format!("--data '{text}'")]
        }
    }
}

/// What a shell writes in place of a sample. A sample that was changed is named, for no shell makes it in one line.
fn sample(insert: &Insert) -> String {
    let file = match &insert.change {
        Change::None => insert.sample.clone(),
        Change::DataUrl => {
            return format!(
                "data:audio/wav;base64,'\"$(base64 < {} | tr -d '\\n')\"'",
                insert.sample
            );
        }
        Change::Cut => format!("first-half-of-{}", name(&insert.sample)),
        Change::Silence => "one-second-of-silence.wav".to_owned(),
        Change::Noise => "no-audio.bin".to_owned(),
        Change::After { first } => format!("{}-then-{}", name(first), name(&insert.sample)),
        Change::Grown { bytes } => format!("{}-grown-to-{bytes}-bytes", name(&insert.sample)),
    };
    format!("'\"$(base64 < {file} | tr -d '\\n')\"'")
}

fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// What prints a piece in a POSIX shell, octal for whatever is no plain character.
fn piece(piece: &Piece) -> String {
    let octets: String = piece
        .octets
        .as_ref()
        .iter()
        .map(|byte| match byte {
            b'\'' | b'\\' | b'%' => format!("\\{byte:03o}"),
            b' '..=b'~' => char::from(*byte).to_string(),
            _ => format!("\\{byte:03o}"),
        })
        .collect();
    match piece.times {
        1 => format!("printf '{octets}'"),
        times => format!("for i in $(seq {times}); do printf '{octets}'; done"),
    }
}

/// Text in single quotes for a POSIX shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}
