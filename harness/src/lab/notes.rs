//! A small notes service that is always right and never quite usual: the body of most look-alikes.
//!
//! It is written on hyper alone, apart from the reference service, so that the harness cannot learn one framework's habits
//! by heart.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::io::Write as _;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Version, header};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

use crate::lab::subject::{Subject, verify};
use crate::model::probe::{Body, Effect, Mode, Nature, Origin, SecretName};
use crate::model::run::Run;
use crate::model::target::{
    Auth, Bounds, Call, Client, ClientCall, CredentialFacts, Environment, Expect, Expectation, Proof, Routes,
    Scheme, Target,
};
use crate::target::credential::GOOD;
use crate::transport::secret::{Secret, Vault};

const ORIGIN: &str = "https://notes.example";
const TOKEN: &str = "a-token-of-the-notes-service";

/// What is unusual about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quirk {
    /// Nothing.
    None,
    /// `Access-Control-Allow-Origin: *`, no credentials.
    Wildcard,
    /// One origin for everybody, no `Vary`.
    FixedOrigin,
    /// A preflight with a body.
    PreflightBody,
    /// Headers merged and in lower case.
    MergedHeaders,
    /// `{"error": …}`.
    ErrorKey,
    /// `OK`.
    PlainHealth,
    /// Members that sound bad and are not.
    RichHealth,
    /// `Connection: close`.
    Close,
    /// HTTP/1.0.
    Http10,
    /// gzip.
    Gzip,
    /// Chunks.
    Chunked,
    /// 150 more headers.
    ManyHeaders,
    /// `X-API-Key`.
    ApiKey,
    /// Nobody is asked.
    NoAuth,
    /// HTML for 404.
    Html404,
    /// 403 for foreign preflights.
    Foreign403,
    /// Problem details with extensions.
    Problem,
    /// Slow, within the deadline.
    SlowWithin,
    /// A weak ETag on a body that changes.
    WeakEtag,
    /// A strong ETag, and 304 for it.
    NotModified,
    /// HEAD is 405 with Allow.
    HeadRefused,
    /// `Retry-After` as an HTTP date.
    RetryDate,
    /// Software by name, without a version.
    ServerName,
    /// A guarded session cookie, and one against forgery that scripts read.
    Cookies,
    /// Requests are named by an edge.
    EdgeIds,
    /// A limit that refills at once.
    RateLimits,
    /// Successes with empty members for errors.
    EmptyErrors,
    /// 404 from a cache.
    CachedNotFound,
    /// Open metrics on one's own machine.
    Metrics,
    /// 404 for a method that is not there.
    MethodNotFound,
}

/// Runs it and verifies it.
pub async fn run(quirk: Quirk) -> Result<Run, String> {
    let listener = TcpListener::bind("127.0.0.1:0")
        .await
        .map_err(|error| error.to_string())?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    let server = tokio::spawn(serve(listener, quirk));
    let judged = verify(subject(format!("http://{address}"), quirk)).await;
    server.abort();
    judged.map(|(_, run)| run).map_err(|error| error.to_string())
}

async fn serve(listener: TcpListener, quirk: Quirk) {
    while let Ok((stream, _)) = listener.accept().await {
        let service =
            service_fn(move |request| async move { Ok::<_, Infallible>(answer(request, quirk).await) });
        tokio::spawn(async move {
            let mut http1 = hyper::server::conn::http1::Builder::new();
            let _ = http1
                .max_headers(300)
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

/// What the harness knows of it.
fn subject(base: String, quirk: Quirk) -> Subject {
    let call = Call {
        method: "POST".into(),
        path: "/notes".into(),
    };
    let key = if quirk == Quirk::ApiKey {
        "x-api-key"
    } else {
        "authorization"
    };
    let scheme = if quirk == Quirk::ApiKey {
        Scheme::ApiKey { header: key.into() }
    } else {
        Scheme::Bearer
    };
    let name = SecretName(GOOD.into());
    let auth = auth(name.clone(), scheme.clone());
    let mode = if quirk == Quirk::Wildcard {
        Mode::Omit
    } else {
        Mode::Include
    };
    let made = ClientCall {
        call: call.clone(),
        headers: vec![key.into(), "content-type".into()],
    };
    let target = Target {
        name: Some("notes".into()),
        base,
        environment: Environment::Local,
        ours: true,
        clients: vec![Client {
            origin: Origin(ORIGIN.into()),
            credentials: mode,
            calls: vec![made],
        }],
        auth: (quirk != Quirk::NoAuth).then_some(auth),
        routes: Routes {
            health: Some("/health".into()),
            ..Routes::default()
        },
        proofs: vec![Proof {
            call,
            body: Body::Json {
                value: serde_json::json!({"text": "hello"}),
                inserts: vec![],
            },
            expect: vec![Expectation {
                at: "/id".into(),
                expect: Expect::Nonempty,
            }],
            nature: Nature::Write,
            protected: quirk != Quirk::NoAuth,
        }],
        transcription: None,
        natures: vec![],
        expect_version: None,
        allow: vec![Effect::Paid, Effect::Writes],
        bounds: Bounds {
            deadline_ms: 3_000,
            ..Bounds::of(Environment::Local)
        },
        keep_bodies: false,
        assumed: vec![],
    };
    let vault = Vault::new(scheme).with(name, Secret::new(TOKEN));
    Subject {
        target,
        vault,
        contract: None,
        samples: BTreeMap::new(),
        pins: BTreeMap::new(),
        ca_pem: None,
    }
}

/// How callers of it prove who they are.
fn auth(name: SecretName, scheme: Scheme) -> Auth {
    let facts = CredentialFacts {
        name,
        expired: false,
        jwt: false,
        from: "the lab".into(),
    };
    Auth {
        scheme,
        credentials: vec![facts],
        supply: String::new(),
        supply_expired: "expired_env".into(),
        signing: None,
        refresh: None,
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

async fn answer(request: Request<Incoming>, quirk: Quirk) -> Response<BoxBody<Bytes, Infallible>> {
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
    let mut plain = if head.method == Method::OPTIONS {
        preflight(&head.headers, quirk)
    } else {
        route(&head.method, head.uri.path(), &head.headers, &body, quirk)
    };
    let named = if quirk == Quirk::EdgeIds {
        "cf-ray"
    } else {
        "x-request-id"
    };
    plain.headers.insert(named, request_id(&head.headers, quirk));
    signs(&mut plain, quirk);
    cors(&mut plain.headers, origin.as_ref(), quirk);
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

fn preflight(headers: &HeaderMap, quirk: Quirk) -> Plain {
    let ours = headers.get(header::ORIGIN).is_some_and(|origin| origin == ORIGIN);
    if quirk == Quirk::Foreign403 && !ours {
        return Plain::new(403, "text/plain", "no");
    }
    let allowed = if quirk == Quirk::ApiKey {
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
        _ => plain
            .with("access-control-allow-headers", allowed)
            .with("access-control-allow-methods", "GET, POST")
            .with("access-control-max-age", "600"),
    }
}

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
    let challenge = if quirk == Quirk::ApiKey {
        "ApiKey realm=\"notes\""
    } else {
        "Bearer realm=\"notes\""
    };
    match credential(headers, quirk) {
        Some(TOKEN) => {}
        _ if quirk == Quirk::NoAuth => {}
        None => return error(401, "who are you?", quirk).with("www-authenticate", challenge),
        Some(_) if quirk == Quirk::ApiKey => {
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
            Plain::json(201, &serde_json::json!({"id": "n1"}))
        }
        _ => error(422, "a note needs a text", quirk),
    }
}

fn credential(headers: &HeaderMap, quirk: Quirk) -> Option<&str> {
    if quirk == Quirk::ApiKey {
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
    let ours = origin.is_some_and(|origin| origin == ORIGIN);
    match quirk {
        Quirk::Wildcard => {
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
            return;
        }
        Quirk::FixedOrigin => {}
        Quirk::MergedHeaders => {
            headers.append(header::VARY, HeaderValue::from_static("accept-encoding, origin"));
        }
        _ => {
            headers.append(header::VARY, HeaderValue::from_static("Origin"));
        }
    }
    if ours || quirk == Quirk::FixedOrigin {
        headers.insert(
            header::ACCESS_CONTROL_ALLOW_ORIGIN,
            HeaderValue::from_static(ORIGIN),
        );
        headers.insert(
            header::ACCESS_CONTROL_ALLOW_CREDENTIALS,
            HeaderValue::from_static("true"),
        );
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
