//! What the notes service answers, quirk by quirk.

use std::convert::Infallible;
use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Version, header};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

use crate::lab::notes::{Quirk, TOKEN, origins};
use crate::lab::notes_limit::Limit;

/// Serves it on this listener until it is dropped.
pub async fn serve(listener: TcpListener, quirk: Quirk) {
    let limit = Arc::new(Limit::of(quirk));
    while let Ok((stream, _)) = listener.accept().await {
        let limit = limit.clone();
        let service = service_fn(move |request| {
            let too_much = limit.as_ref().as_ref().and_then(Limit::refuses);
            async move { Ok::<_, Infallible>(answer(request, too_much, quirk).await) }
        });
        tokio::spawn(async move {
            let mut http1 = hyper::server::conn::http1::Builder::new();
            let _ = http1
                .max_headers(300)
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

/// A status and a body before the quirks.
struct Plain {
    status: StatusCode,
    media_type: &'static str,
    body: Bytes,
    headers: HeaderMap,
}

impl Plain {
    fn json(status: u16, value: &serde_json::Value) -> Plain {
        Plain::new(status, "application/json", value.to_string())
    }

    fn new(status: u16, media_type: &'static str, body: impl Into<Bytes>) -> Plain {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::IM_A_TEAPOT);
        Plain {
            status,
            media_type,
            body: body.into(),
            headers: HeaderMap::new(),
        }
    }

    fn saying(mut self, name: &'static str, value: &str) -> Plain {
        self.headers.extend(
            HeaderValue::from_str(value)
                .ok()
                .map(|value| (header::HeaderName::from_static(name), value)),
        );
        self
    }

    fn with(mut self, name: &'static str, value: &'static str) -> Plain {
        self.headers.append(name, HeaderValue::from_static(value));
        self
    }
}

/// An error in the shape that the quirk asks for.
fn error(status: u16, what: &'static str, quirk: Quirk) -> Plain {
    match quirk {
        Quirk::ErrorKey => Plain::json(status, &serde_json::json!({ "error": what })),
        Quirk::Problem => {
            let problem =
                serde_json::json!({"type": "about:blank", "title": what, "status": status, "trace": "none"});
            Plain::new(status, "application/problem+json", problem.to_string())
        }
        _ => Plain::json(status, &serde_json::json!({ "detail": what })),
    }
}

/// A refusal of what is too much, and when to come back.
fn limited(after: u64, quirk: Quirk) -> Plain {
    let plain = error(429, "too many requests", quirk);
    let plain = match quirk {
        Quirk::TightLimit => plain,
        _ => plain.saying("retry-after", &after.to_string()),
    };
    plain
        .with("cache-control", "no-store")
        .with("access-control-expose-headers", "Retry-After, X-Request-Id")
}

async fn answer(
    request: Request<Incoming>,
    too_much: Option<u64>,
    quirk: Quirk,
) -> Response<BoxBody<Bytes, Infallible>> {
    if let Some(after) = too_much.filter(|_| quirk == Quirk::BareLimit) {
        return finish(
            Plain::new(429, "text/plain", "too many requests").saying("retry-after", &after.to_string()),
            quirk,
        );
    }
    if quirk == Quirk::SlowWithin {
        tokio::time::sleep(Duration::from_millis(60)).await;
    }
    let (head, body) = request.into_parts();
    let origin = head.headers.get(header::ORIGIN).cloned();
    let body = body
        .collect()
        .await
        .map(|body| body.to_bytes())
        .unwrap_or_default();
    let foreign = origin
        .as_ref()
        .is_some_and(|origin| !origins(quirk).iter().any(|ours| origin == ours));
    let mut plain = if foreign && quirk == Quirk::ForeignRefused {
        Plain::new(403, "", "")
    } else if let Some(after) = too_much {
        limited(after, quirk)
    } else if head.method == Method::OPTIONS {
        preflight(&head.headers, foreign, quirk)
    } else {
        let mut headers = head.headers.clone();
        if let Some(key) = key_in(head.uri.query().unwrap_or_default(), quirk) {
            headers.entry("x-api-key").or_insert(key);
        }
        route(&head.method, head.uri.path(), &headers, &body, quirk)
    };
    let named = if quirk == Quirk::EdgeIds {
        "cf-ray"
    } else {
        "x-request-id"
    };
    plain.headers.insert(named, request_id(&head.headers, quirk));
    signs(&mut plain, quirk);
    if quirk != Quirk::ReadyBare || head.uri.path() != "/ready" {
        cors(&mut plain.headers, origin.as_ref(), quirk);
    }
    if quirk == Quirk::Storable && head.uri.path() == "/notes" {
        let private = HeaderValue::from_static("private, no-store");
        plain.headers.insert(header::CACHE_CONTROL, private);
    }
    if quirk == Quirk::ManyHeaders {
        for n in 0..150 {
            let name: Result<http::HeaderName, _> = format!("x-more-{n}").parse();
            plain
                .headers
                .extend(name.ok().map(|name| (name, HeaderValue::from_static("yes"))));
        }
    }
    finish(plain, quirk)
}

/// The client's own id when it is a short token, else one of ours.
fn request_id(headers: &HeaderMap, quirk: Quirk) -> HeaderValue {
    let token = |value: &&HeaderValue| {
        let bytes = value.as_bytes();
        let plain = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-';
        (1..=64).contains(&bytes.len()) && bytes.iter().all(plain)
    };
    let sent = headers.get("x-request-id").filter(token).cloned();
    let own = || HeaderValue::from(jiff::Timestamp::now().as_microsecond());
    sent.filter(|_| quirk != Quirk::EdgeIds).unwrap_or_else(own)
}

/// Headers that some quirks put on every answer, or on every error.
fn signs(plain: &mut Plain, quirk: Quirk) {
    let error = plain.status.as_u16() >= 400;
    let headers: &[(&'static str, &'static str)] = match quirk {
        Quirk::ServerName => &[("server", "notes"), ("x-powered-by", "Express")],
        Quirk::Cookies => &[
            (
                "set-cookie",
                "session=s1; Path=/; Secure; HttpOnly; SameSite=None",
            ),
            ("set-cookie", "csrftoken=c1; Path=/; Secure; SameSite=None"),
        ],
        Quirk::RateLimits => &[("x-ratelimit-limit", "100"), ("x-ratelimit-remaining", "99")],
        Quirk::RetryDate if error => &[("retry-after", "Sun, 06 Nov 2044 08:49:37 GMT")],
        Quirk::CachedNotFound if plain.status == StatusCode::NOT_FOUND => {
            &[("age", "30"), ("x-cache", "Hit from cloudfront")]
        }
        _ => &[],
    };
    for (name, value) in headers {
        plain.headers.append(*name, HeaderValue::from_static(value));
    }
}

fn preflight(headers: &HeaderMap, foreign: bool, quirk: Quirk) -> Plain {
    let asked = |name: &str| {
        headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    };
    let names = asked("access-control-request-headers");
    match quirk {
        Quirk::Foreign403 if foreign => return Plain::new(403, "text/plain", "no"),
        Quirk::ForeignPreflight200 if foreign => return Plain::new(200, "", ""),
        Quirk::UnknownHeaderRefused if names.split(',').any(|name| !KNOWN.contains(&name.trim())) => {
            return Plain::new(400, "text/plain", "Disallowed CORS headers");
        }
        _ => {}
    }
    let allowed = if quirk.takes_key() {
        "X-Api-Key, Content-Type"
    } else {
        "Authorization, Content-Type"
    };
    let plain = match quirk {
        Quirk::PreflightBody => Plain::new(200, "text/plain", "go ahead"),
        _ => Plain::new(204, "", ""),
    };
    match quirk {
        Quirk::MergedHeaders => plain
            .with(
                "access-control-allow-headers",
                "accept,authorization,content-type",
            )
            .with("vary", "*"),
        Quirk::PaddedLists => plain
            .with(
                "access-control-allow-headers",
                " ,\tAUTHORIZATION ,, Content-Type\t, ",
            )
            .with("access-control-allow-headers", "X-Padded")
            .with("access-control-allow-methods", "GET,\tPOST ,")
            .with("access-control-max-age", "600 "),
        Quirk::PreflightExact => plain
            .saying("access-control-allow-headers", names)
            .saying(
                "access-control-allow-methods",
                asked("access-control-request-method"),
            )
            .with("access-control-max-age", "5"),
        Quirk::NoMaxAge => plain
            .with("access-control-allow-headers", allowed)
            .with("access-control-allow-methods", "GET, POST"),
        _ => plain
            .with("access-control-allow-headers", allowed)
            .with("access-control-allow-methods", "GET, POST")
            .with("access-control-max-age", "600"),
    }
}

/// The request headers that it knows, as browsers ask for them.
const KNOWN: [&str; 2] = ["authorization", "content-type"];

fn route(method: &Method, path: &str, headers: &HeaderMap, body: &[u8], quirk: Quirk) -> Plain {
    match (method.as_str(), path) {
        ("HEAD", "/health") if quirk == Quirk::HeadRefused => {
            error(405, "method not allowed", quirk).with("allow", "GET, OPTIONS")
        }
        ("GET" | "HEAD", "/health") => health(headers, quirk),
        ("GET", "/metrics") if quirk == Quirk::Metrics => Plain::new(
            200,
            "text/plain",
            "# HELP up Whether it is.\n# TYPE up gauge\nup 1\n",
        ),
        (_, "/notes") if quirk == Quirk::MethodNotFound && method != Method::POST => {
            error(404, "not found", quirk)
        }
        ("GET" | "HEAD", "/ready") if quirk == Quirk::ReadyBare => Plain::new(200, "text/plain", "ready"),
        ("POST", "/notes") => note(headers, body, quirk),
        (_, "/notes" | "/health") => {
            let allow = if path == "/notes" {
                "POST, OPTIONS"
            } else {
                "GET, HEAD, OPTIONS"
            };
            error(405, "method not allowed", quirk).with("allow", allow)
        }
        _ if quirk == Quirk::Html404 => Plain::new(404, "text/html", "<!doctype html><h1>Not found</h1>"),
        _ => error(404, "not found", quirk),
    }
}

fn health(headers: &HeaderMap, quirk: Quirk) -> Plain {
    match quirk {
        Quirk::WeakEtag => {
            let now = jiff::Timestamp::now().to_string();
            Plain::json(200, &serde_json::json!({"status": "ok", "time": now})).with("etag", "W/\"ok\"")
        }
        Quirk::NotModified
            if headers
                .get(header::IF_NONE_MATCH)
                .is_some_and(|tag| tag == "\"ok\"") =>
        {
            Plain::new(304, "", "").with("etag", "\"ok\"")
        }
        Quirk::NotModified => Plain::json(200, &serde_json::json!({"status": "ok"})).with("etag", "\"ok\""),
        Quirk::PlainHealth => Plain::new(200, "text/plain", "OK"),
        Quirk::RichHealth => Plain::json(
            200,
            &serde_json::json!({
                "status": "UP", "components": {"db": {"status": "UP", "details": {"failed": 0}}, "disk": {"status": "UP"}},
                "error_rate": 0.0, "errors": [], "last_error": null, "groups": ["liveness", "readiness"],
            }),
        ),
        _ => Plain::json(200, &serde_json::json!({"status": "ok"})),
    }
}

/// Creates a note: first who asks, then what.
fn note(headers: &HeaderMap, body: &[u8], quirk: Quirk) -> Plain {
    let challenge = if quirk.takes_key() {
        "ApiKey realm=\"notes\""
    } else {
        "Bearer realm=\"notes\""
    };
    match credential(headers, quirk) {
        Some(TOKEN) if quirk != Quirk::ApiKeyRefused => {}
        _ if quirk == Quirk::NoAuth => {}
        None => return error(401, "who are you?", quirk).with("www-authenticate", challenge),
        Some(_) if quirk.takes_key() => {
            return error(401, "unknown key", quirk).with("www-authenticate", challenge);
        }
        Some(_) => {
            let challenge = "Bearer realm=\"notes\", error=\"invalid_token\"";
            return error(401, "not a token of ours", quirk).with("www-authenticate", challenge);
        }
    }
    if !headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().starts_with(b"application/json"))
    {
        return error(415, "send JSON", quirk);
    }
    let Ok(value) = serde_json::from_slice::<serde_json::Value>(body) else {
        return error(400, "that is not JSON", quirk);
    };
    match value["text"].as_str() {
        Some(text) if !text.is_empty() && !text.contains('\0') => {
            if quirk == Quirk::EmptyErrors {
                let empty = serde_json::json!({"id": "n1", "success": true, "error": null, "errors": []});
                return Plain::json(201, &empty);
            }
            let plain = Plain::json(201, &serde_json::json!({"id": "n1"}));
            match quirk {
                Quirk::LocationExposed | Quirk::LocationHidden | Quirk::ExposeStar => {
                    plain.with("location", "/notes/n1")
                }
                _ => plain,
            }
        }
        _ => error(422, "a note needs a text", quirk),
    }
}

/// The key that stands in a query, where one is taken from there.
fn key_in(query: &str, quirk: Quirk) -> Option<HeaderValue> {
    let key = query.split('&').find_map(|pair| pair.strip_prefix("key="))?;
    HeaderValue::from_str(key)
        .ok()
        .filter(|_| quirk == Quirk::KeyInQuery)
}

fn credential(headers: &HeaderMap, quirk: Quirk) -> Option<&str> {
    if quirk.takes_key() {
        return headers.get("x-api-key")?.to_str().ok();
    }
    let (scheme, token) = headers
        .get(header::AUTHORIZATION)?
        .to_str()
        .ok()?
        .split_once(' ')
        .unwrap_or(("", ""));
    Some(if scheme.eq_ignore_ascii_case("bearer") {
        token
    } else {
        ""
    })
}

fn cors(headers: &mut HeaderMap, origin: Option<&HeaderValue>, quirk: Quirk) {
    let mut add = |name: &'static str, value: &'static str| {
        headers.append(name, HeaderValue::from_static(value));
    };
    match quirk {
        Quirk::Wildcard | Quirk::ExposeStar => {
            add("access-control-allow-origin", "*");
            if quirk == Quirk::ExposeStar {
                add("access-control-expose-headers", "*");
            }
            return;
        }
        Quirk::FixedOrigin => {}
        Quirk::MergedHeaders => add("vary", "accept-encoding, origin"),
        Quirk::VaryStar => add("vary", "*"),
        Quirk::PaddedLists => add("vary", ", Accept ,\tORIGIN "),
        Quirk::Storable => {
            add("vary", "Accept-Encoding, Origin");
            add("cache-control", "public, max-age=60");
        }
        _ => add("vary", "Origin"),
    }
    match quirk {
        Quirk::TimingOpen => add("timing-allow-origin", "*"),
        Quirk::LocationExposed => add("access-control-expose-headers", "Location"),
        _ => {}
    }
    let listed = |ours: &&&'static str| origin.is_some_and(|origin| origin == **ours);
    let fixed = origins(quirk).first().filter(|_| quirk == Quirk::FixedOrigin);
    if let Some(named) = origins(quirk).iter().find(listed).or(fixed) {
        add("access-control-allow-origin", named);
        add("access-control-allow-credentials", "true");
    }
}

/// The answer in the form that the quirk asks for.
fn finish(plain: Plain, quirk: Quirk) -> Response<BoxBody<Bytes, Infallible>> {
    let bodiless = matches!(plain.status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
    let coded = quirk == Quirk::Gzip && !bodiless;
    let bytes = if coded { gzip(&plain.body) } else { plain.body };
    let body = if quirk == Quirk::Chunked && !bodiless {
        let chunks: Vec<_> = bytes
            .chunks(5)
            .map(|chunk| Ok(Frame::data(Bytes::copy_from_slice(chunk))))
            .collect();
        StreamBody::new(futures_util::stream::iter(chunks)).boxed()
    } else {
        Full::new(bytes).boxed()
    };
    let mut response = Response::new(body);
    *response.status_mut() = plain.status;
    *response.headers_mut() = plain.headers;
    let headers = response.headers_mut();
    headers.insert("x-app-version", HeaderValue::from_static("1.2.3+4f5a6b7"));
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    if !plain.media_type.is_empty() {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(plain.media_type));
    }
    if coded {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    if quirk == Quirk::Close {
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    if quirk == Quirk::Http10 {
        *response.version_mut() = Version::HTTP_10;
    }
    response
}

fn gzip(bytes: &[u8]) -> Bytes {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let coded = encoder.write_all(bytes).and_then(|()| encoder.finish());
    coded.map(Bytes::from).unwrap_or_default()
}
