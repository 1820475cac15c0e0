//! A command for a shell that asks what an exchange asked, without a secret in it. Pure.

use std::net::IpAddr;

use url::Url;

use crate::check::text::{self, shell_quoted, shell_word};
use crate::check::view::View;
use crate::model::exchange::Exchange;
use crate::model::probe::{
    BROKEN_JSON, Body, Change, Content, Insert, Mutation, Part, Piece, Probe, Raw, SecretName, Text, Wire,
};
use crate::model::target::Scheme;

/// Bytes of a body that go along as an argument: Linux takes 128 KiB of each, and a shell's own words come on top.
const ARGUMENT: u64 = 100_000;

/// A curl command that asks the same. Credentials are names of variables, so it can be pasted and run.
pub(crate) fn curl(exchange: &Exchange, view: &View<'_>) -> String {
    let probe = &exchange.probe;
    if let Wire::Raw(raw) = probe.wire {
        return by_hand(raw, &view.target.base, probe.path_text());
    }
    let mut words = vec!["curl -i".to_owned()];
    if probe.method != "GET" {
        words.push(format!("-X {}", probe.method));
    }
    let url = match (&exchange.sent, probe.wire) {
        (Some(sent), Wire::Plain) => sent.url.clone(),
        _ => view.target.base_of(probe).to_owned(),
    };
    words.push(match (&probe.path, probe.wire) {
        (_, Wire::Plain) if exchange.sent.is_some() => shell_quoted(&url),
        (path @ (Text::Held(_) | Text::Joined(_)), _) => {
            format!("{}{}", shell_quoted(&url), worded(path, view))
        }
        _ => shell_quoted(&format!("{url}{}", probe.path_text())),
    });
    if let Some(page) = &probe.page {
        words.push(format!(
            "-H {}",
            shell_quoted(&format!("Origin: {}", page.origin))
        ));
    }
    for (name, value) in &probe.headers {
        words.push(match value {
            Text::Held(_) | Text::Joined(_) => {
                format!("-H {}{}", shell_quoted(&format!("{name}: ")), worded(value, view))
            }
            _ => format!(
                "-H {}",
                shell_quoted(&format!("{name}: {}", value.literal().unwrap_or("…")))
            ),
        });
    }
    let credential = credential(probe, view);
    words.extend(credential.as_ref().map(|credential| credential.words.clone()));
    let body = body(&probe.body, view);
    let is_large = exchange
        .sent
        .as_ref()
        .is_some_and(|sent| sent.body_length > ARGUMENT);
    let mut before = String::new();
    if let Body::Parts { parts } = &probe.body {
        // With its own boundary, which the header field names.
        words.extend(parts.iter().map(|part| field(part, view)));
    }
    if let Some(body) = body {
        words.push(format!(
            "-H {}",
            shell_quoted(&format!("Content-Type: {}", body.media_type))
        ));
        if is_large && !matches!(probe.body, Body::File { .. }) {
            before = format!("printf %s {} | ", body.word);
            words.push("--data-binary @-".to_owned());
        } else {
            words.push(format!("{} {}", body.flag, body.word));
        }
    }
    words.extend(credential.and_then(|credential| credential.remark));
    before + &words.join(" ")
}

/// What asks the same where no curl writes it: openssl for a handshake of old, and for a request with two lengths curl with as
/// much of it as curl sends.
fn by_hand(raw: Raw, base: &str, path: &str) -> String {
    let url = Url::parse(base).ok();
    let host = url.as_ref().and_then(|url| url.host_str()).unwrap_or("HOST");
    let port = url.as_ref().and_then(Url::port_or_known_default).unwrap_or(443);
    let lengths = match raw {
        Raw::OldTls => {
            let name = if host.parse::<IpAddr>().is_ok() || host.starts_with('[') {
                String::new()
            } else {
                format!(" -servername {host}")
            };
            return format!(
                "openssl s_client -connect {host}:{port}{name} -tls1_1 -cipher 'ALL:@SECLEVEL=0' < /dev/null"
            );
        }
        Raw::TwoFramings => "-H 'Transfer-Encoding: chunked' -H 'Content-Length: 4'",
        Raw::ShortThenLong => "-H 'Content-Length: 0' -H 'Content-Length: 4'",
        Raw::LongThenShort => "-H 'Content-Length: 4' -H 'Content-Length: 0'",
    };
    let url = shell_quoted(&format!("{base}{path}"));
    format!(
        "curl -i --http1.1 -X GET {url} {lengths} --data 'ping' # refused with 400, or read as one request"
    )
}

/// What stands in the command for the credential, and what has to be said of a spoilt one that no shell makes in one word.
struct Credential {
    words: String,
    remark: Option<String>,
}

fn credential(probe: &Probe, view: &View<'_>) -> Option<Credential> {
    let who = probe.who.as_ref()?;
    let good = variable(&who.secret, view);
    let (value, spoilt) = match who.mutation {
        Mutation::AsIs | Mutation::LowerCaseScheme | Mutation::OtherScheme => (format!("${good}"), false),
        // It stands in the URL.
        mutation if mutation.query_member().is_some() => return None,
        Mutation::Empty => (String::new(), false),
        Mutation::Extended => (format!("${good}x"), false),
        Mutation::Garbage => ("greenlight-is-checking-that-this-is-refused".to_owned(), false),
        _ => ("$SPOILT_TOKEN".to_owned(), true),
    };
    let scheme = match who.mutation {
        Mutation::LowerCaseScheme => "bearer",
        Mutation::OtherScheme => "Greenlight",
        _ => "Bearer",
    };
    let words = match view.target.auth.as_ref().map(|auth| &auth.scheme) {
        Some(Scheme::ApiKey { header }) => format!("-H \"{header}: {value}\""),
        Some(Scheme::Basic) => format!("-u \"{value}\""),
        Some(Scheme::Bearer) | None => format!("-H \"Authorization: {scheme} {value}\""),
    };
    let remark = spoilt.then(|| format!("# SPOILT_TOKEN: ${good}, {}", who.mutation.words()));
    Some(Credential { words, remark })
}

/// The variable that holds a credential: the one that it came from, else the one that it would be taken from.
fn variable(name: &SecretName, view: &View<'_>) -> String {
    let auth = view.target.auth.as_ref();
    let known = auth
        .into_iter()
        .flat_map(|auth| auth.credentials.iter().chain(&auth.refresh).chain(&auth.session));
    let from = known
        .filter(|facts| facts.name == *name)
        .map(|facts| facts.from.as_str())
        .next();
    let told = from.and_then(|from| from.strip_prefix("environment variable "));
    let pair = from.and_then(|from| from.strip_prefix("environment variables "));
    match (told, pair, name.0.as_str()) {
        (Some(variable), ..) => variable.to_owned(),
        (None, Some(pair), _) => pair.replace(" and ", ":$"),
        (None, None, "good") => "GREENLIGHT_TOKEN".to_owned(),
        // What came out of an answer, or went into a workflow, has a place and not a role.
        (None, None, other) if other.contains('.') => match other.strip_prefix("inputs.") {
            Some(input) => input_variable(input),
            None => text::variable(other),
        },
        (None, None, other) => format!("GREENLIGHT_{}_TOKEN", text::variable(other)),
    }
}

/// The variable that gives a workflow this input.
pub(crate) fn input_variable(name: &str) -> String {
    format!("GREENLIGHT_INPUT_{}", text::variable(name))
}

/// A text as one word of a shell, credentials as variables.
fn worded(text: &Text, view: &View<'_>) -> String {
    let word = |part: &Text| match part {
        Text::Lit(text) => shell_quoted(text),
        Text::Held(who) => format!("\"${}\"", variable(&who.secret, view)),
        Text::Base64(sample) => format!("\"$(base64 < {} | tr -d '\\n')\"", shell_quoted(sample)),
        Text::Own(_) | Text::Captured { .. } | Text::Joined(_) => shell_quoted("…"),
    };
    text.parts().iter().map(word).collect()
}

/// A part of a form as curl takes it. What is quoted for curl may hold what separates its words.
fn field(part: &Part, view: &View<'_>) -> String {
    let for_curl = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
    let kind = part.media_type.as_ref();
    let kind = kind.map_or_else(String::new, |kind| format!(";type={kind}"));
    match &part.content {
        Content::File(sample) => {
            let word = format!("{}=@{}{kind}", part.name, for_curl(sample));
            format!("-F {}", shell_quoted(&word))
        }
        // A text that begins with @ or < would be a file to -F.
        Content::Text(text) if kind.is_empty() => {
            format!(
                "--form-string {}{}",
                shell_quoted(&format!("{}=", part.name)),
                worded(text, view)
            )
        }
        Content::Text(text) => match text.literal() {
            Some(text) => {
                let word = format!("{}={}{kind}", part.name, for_curl(text));
                format!("-F {}", shell_quoted(&word))
            }
            None => {
                let word = format!("{}=", part.name);
                format!(
                    "-F {}{}{}",
                    shell_quoted(&word),
                    worded(text, view),
                    shell_quoted(&kind)
                )
            }
        },
    }
}

/// A body as a shell writes it.
struct Written<'b> {
    media_type: &'b str,
    flag: &'static str,
    /// One word to a shell, which may run commands to make it.
    word: String,
}

fn body<'b>(body: &'b Body, view: &View<'_>) -> Option<Written<'b>> {
    let json = |word: String| Written {
        media_type: "application/json",
        flag: "--data",
        word,
    };
    Some(match body {
        Body::Empty | Body::Parts { .. } => return None,
        Body::File { media_type, sample } => Written {
            media_type,
            flag: "--data-binary",
            word: shell_quoted(&format!("@{sample}")),
        },
        Body::BrokenJson => json(shell_quoted(BROKEN_JSON)),
        Body::BrokenLarge { kib } => json(format!(
            "\"$(printf '{{\"greenlight\": tru \"'; head -c {kib}K /dev/zero | tr '\\0' A)\""
        )),
        Body::Text { media_type, text } => Written {
            media_type,
            // With an @ curl would read a file.
            flag: if text.literal().is_some_and(|text| text.starts_with('@')) {
                "--data-raw"
            } else {
                "--data"
            },
            ..json(worded(text, view))
        },
        Body::Repeat { unit, times } => json(format!(
            "\"$(printf '{{\"text\":\"%s\"}}' \"$(yes {unit} | head -n {times} | tr -d '\\n')\")\""
        )),
        Body::Pieces { media_type, pieces } => Written {
            media_type,
            flag: "--data-binary",
            word: format!(
                "\"$({})\"",
                pieces.iter().map(piece).collect::<Vec<_>>().join("; ")
            ),
        },
        Body::Json { value, inserts } if inserts.is_empty() => json(shell_quoted(&value.to_string())),
        Body::Json { value, inserts } => json(sampled(value, inserts)),
    })
}

/// A JSON document in which a shell puts the samples.
fn sampled(value: &serde_json::Value, inserts: &[Insert]) -> String {
    let mut marked = value.clone();
    let mark = |at: usize| format!("greenlight-sample-{at}-");
    for (at, insert) in inserts.iter().enumerate() {
        if let Some(slot) = insert.slot(&mut marked) {
            *slot = mark(at).into();
        }
    }
    let text = shell_quoted(&marked.to_string());
    let put = |text: String, (at, insert): (usize, &Insert)| text.replace(&mark(at), &sample(insert));
    inserts.iter().enumerate().fold(text, put)
}

/// What a shell writes in place of a sample, out of the quotes and into them again. A sample that was changed is named as a
/// file, for no shell makes it in one line.
fn sample(insert: &Insert) -> String {
    let (before, how, after) = match &insert.change {
        Change::DataUrl => ("data:audio/wav;base64,", "tr -d '\\n'", ""),
        Change::Mislabelled => ("data:audio/webm;base64,", "tr -d '\\n'", ""),
        Change::Base64Url => ("", "tr -d '\\n' | tr '+/' '-_'", ""),
        Change::Base64Lines => (
            "",
            "tr -d '\\n' | fold -w 76 | sed 's/$/\\\\r\\\\n/' | tr -d '\\n'",
            "",
        ),
        Change::Base64Padding => ("", "tr -d '\\n='", "==="),
        _ => ("", "tr -d '\\n'", ""),
    };
    let file = match &insert.change {
        Change::Cut => format!("first-half-of-{}", name(&insert.sample)),
        Change::Silence => "one-second-of-silence.wav".to_owned(),
        Change::Noise => "no-audio.bin".to_owned(),
        Change::After { first } => format!("{}-then-{}", name(first), name(&insert.sample)),
        Change::Grown { bytes } => format!("{}-grown-to-{bytes}-bytes", name(&insert.sample)),
        _ => insert.sample.clone(),
    };
    format!("{before}'\"$(base64 < {} | {how})\"'{after}", shell_word(&file))
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

#[cfg(test)]
#[path = "curl_tests.rs"]
mod tests;
