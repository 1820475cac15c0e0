//! What must stay secret, in every form, and a server that shows it.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::server::{Request, answer};

pub(crate) const TOKEN: &str = "canary-T0ken/with+odd=signs~&<tag>'x'-9f8e7d6c5b4a3210";
pub(crate) const JWT: &str =
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjYW5hcnktc3ViamVjdC0xMjM0In0.Y2FuYXJ5LXNpZ25hdHVyZS1vZi1ub2JvZHk";
pub(crate) const PASSWORD: &str = "canary-pa55word/9x8y7z";
pub(crate) const PROVIDER_KEY: &str = "sk-proj-CanaryProviderKey0123456789abcdef";
pub(crate) const DSN: &str = "postgres://app:canary-dsn-pa55@db.internal:5432/notes";
pub(crate) const EMAIL: &str = "ann.canary@person.example";
pub(crate) const TRANSCRIPT: &str = "the canary sang at the surgery on friday";
pub(crate) const COOKIE: &str = "canary-session-cookie-5f4e3d2c";

/// A value in every form in which servers show what they hold.
fn forms(value: &str) -> Vec<String> {
    let json = serde_json::to_string(value).unwrap();
    let json = json.trim_matches('"').to_owned();
    let percent = utf8_percent_encode(value, NON_ALPHANUMERIC).to_string();
    let html = value
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('\'', "&#x27;");
    let hex = value.bytes().map(|byte| format!("{byte:02x}")).collect();
    vec![
        value.to_owned(),
        json.replace('/', "\\/"),
        json,
        percent.to_lowercase(),
        percent,
        html,
        hex,
        STANDARD.encode(value),
        STANDARD.encode(format!("a{value}")),
        STANDARD.encode(format!("ab{value}")),
        URL_SAFE_NO_PAD.encode(value),
    ]
}

/// What a server holds of strangers: a provider's key, a database's password, somebody's address and session.
pub(crate) const OF_STRANGERS: [&str; 4] = [PROVIDER_KEY, DSN, EMAIL, COOKIE];

fn percent(value: &str) -> String {
    utf8_percent_encode(value, NON_ALPHANUMERIC).to_string()
}

/// A JSON string without its quotes, in which everything is escaped that may be (RFC 8259 §7).
fn unicode(value: &str) -> String {
    let escaped = |c: char| match c.is_ascii_alphanumeric() {
        true => c.to_string(),
        false => format!("\\u{:04x}", u32::from(c)),
    };
    value.chars().map(escaped).collect()
}

/// What is not ours as servers write it: plainly, in a URL, in JSON, and in base64 alone or within a longer text.
fn written(value: &str) -> Vec<String> {
    vec![
        value.to_owned(),
        percent(value),
        value.replace('/', "\\/"),
        STANDARD.encode(value),
        STANDARD.encode(format!("{{\"k\":\"{value}\"}}")),
        STANDARD.encode(format!("to {value}, thank you")),
        URL_SAFE_NO_PAD.encode(format!("key={value}; used by ann")),
    ]
}

/// The same, and what only a shape can be known by: escaped in full, twice, or in two ways at once.
fn written_oddly(value: &str) -> Vec<String> {
    let mut all = written(value);
    if value != COOKIE {
        all.extend([
            unicode(value),
            percent(&percent(value)),
            percent(&STANDARD.encode(format!("??>{value}"))),
        ]);
    }
    all
}

/// Headers that show what strangers are owed, in every form.
fn shown_in_headers() -> Vec<String> {
    let all = OF_STRANGERS.map(written_oddly).concat();
    let shown = all.iter().enumerate().flat_map(|(at, form)| {
        let place = format!("location: https://login.example/cb?state={form}&n={at}#{form}");
        [format!("x-debug-{at}: {form}"), place]
    });
    shown.collect()
}

/// What is searched for: every form, and of base64 only what does not depend on what stands around the value.
pub(crate) fn sought(value: &str) -> Vec<String> {
    let mut sought: Vec<String> = forms(value);
    sought.push(unicode(value));
    for (lead, cut) in [("", 0), ("a", 2), ("ab", 3)] {
        let coded = STANDARD_NO_PAD.encode(format!("{lead}{value}"));
        sought.push(coded[cut..coded.len() - 3].to_owned());
    }
    sought.retain(|form| form.len() >= 8);
    sought
}

/// What the server was told: the credential as it came, and decoded where it is basic.
fn told(request: &Request) -> Vec<String> {
    let value = request
        .header("authorization")
        .or(request.header("x-team-key"))
        .unwrap_or_default();
    let bare = value.split_once(' ').map_or(value, |(_, bare)| bare);
    let decoded = STANDARD
        .decode(bare)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok());
    let password = decoded
        .as_ref()
        .and_then(|pair| pair.split_once(':'))
        .map(|(_, password)| password.to_owned());
    let all = [Some(bare.to_owned()), decoded, password];
    all.into_iter()
        .flatten()
        .filter(|text| !text.is_empty())
        .collect()
}

/// The headers of an answer that keeps nothing to itself.
fn headers(told: &[String], all: &[String]) -> Vec<String> {
    let one_line = |text: &str| text.replace(['\r', '\n'], " ");
    let mut headers = vec![
        format!("set-cookie: sid={COOKIE}; Path=/; HttpOnly"),
        format!("x-upstream-key: {PROVIDER_KEY}"),
        format!("x-user: {EMAIL}"),
        format!("server: notes ({DSN})"),
    ];
    for value in told {
        let percent = utf8_percent_encode(value, NON_ALPHANUMERIC);
        headers.push(format!(
            "location: https://login.example/cb?token={percent}&u={EMAIL}#{value}"
        ));
        headers.push(format!(
            "www-authenticate: Bearer error_description=\"bad {value}\""
        ));
        headers.push(format!("access-control-allow-origin: https://{value}"));
        headers.push(format!("vary: {value}"));
        headers.push(format!("allow: {value}"));
        headers.push(format!("etag: \"{}\"", STANDARD.encode(format!("etag:{value}"))));
        headers.push(format!("set-cookie: token={value}; Path=/{value}"));
        headers.push(format!("x-request-id: {value}"));
    }
    headers.extend(
        all.iter()
            .enumerate()
            .map(|(at, form)| format!("x-echo-{at}: {}", one_line(form))),
    );
    headers.extend(shown_in_headers());
    headers
}

/// The document of such an answer, as far as it belongs to the path.
fn document(request: &Request, told: &[String], all: &[String]) -> serde_json::Value {
    let body = serde_json::json!({
        "status": "healthy",
        "detail": format!("invalid api key {PROVIDER_KEY} for {EMAIL}, dsn {DSN}"),
        "forms": all,
        "head": request.head,
        "body": String::from_utf8_lossy(&request.body),
        "id": told.first(),
        "version": told.first(),
        "commit": told.first(),
        "text": TRANSCRIPT,
        "texts": written(TRANSCRIPT),
        "keys": [written(PROVIDER_KEY), written(DSN), written(COOKIE)],
        "people": written(EMAIL),
        "odd": "@@ODD@@",
        "user": {"email": EMAIL, EMAIL: TRANSCRIPT},
        "email_forms": [utf8_percent_encode(EMAIL, NON_ALPHANUMERIC).to_string(), EMAIL.replace('@', "&#64;")],
    });
    // What is said in an error is about whoever was refused, and holds no transcript of anybody.
    let mut body = body;
    if request.path() != "/me" {
        body["text"] = "".into();
        body["texts"] = "".into();
        body["user"] = serde_json::json!({"email": EMAIL});
    }
    if request.path() == "/health" {
        body["detail"] = "".into();
        body["user"] = "".into();
        body["email_forms"] = "".into();
        body["people"] = "".into();
        body["odd"] = "".into();
    }
    body
}

/// Says everything that it is told, and everything that it should keep to itself.
pub(crate) fn indiscreet(request: &Request) -> Vec<u8> {
    let told = told(request);
    let all = told.iter().flat_map(|value| forms(value)).collect::<Vec<_>>();
    let mut headers = headers(&told, &all);
    let body = document(request, &told, &all);
    let status = match request.path() {
        "/health" | "/me" => "200 OK".to_owned(),
        _ if request.line.starts_with("OPTIONS") => "204 No Content".to_owned(),
        "/notes" => format!("500 Crashed with {}", told.join(" ")),
        _ => format!("401 No {EMAIL}"),
    };
    // Escapes that a serialiser would not write go in as they are.
    let odd =
        [PROVIDER_KEY, DSN, EMAIL].map(|value| format!("{} {}", unicode(value), value.replace('/', "\\/")));
    let as_it_is = |body: serde_json::Value| body.to_string().replace("@@ODD@@", &odd.join(" "));
    let (media_type, body) = match request.path() {
        "/health" | "/me" | "/notes" => ("application/json", as_it_is(body)),
        _ => (
            "text/html",
            format!(
                "<h1>{}</h1><p>{EMAIL} {PROVIDER_KEY} {} {}</p>",
                request.line,
                all.join("\n"),
                OF_STRANGERS.map(written_oddly).concat().join("\n")
            ),
        ),
    };
    headers.push(format!("content-type: {media_type}"));
    answer(
        &status,
        &headers.iter().map(String::as_str).collect::<Vec<_>>(),
        body,
    )
}
