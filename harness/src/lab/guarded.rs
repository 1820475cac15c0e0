//! A small service behind a guard that verifies JSON Web Tokens, always right and never quite usual: the body of the
//! look-alikes of authentication and health. Like the notes service it is written on hyper alone.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::lab::careful::Careful;
use crate::lab::issued::Gate;
use crate::lab::subject::{Subject, verify};
use crate::model::probe::{Body, Effect, Mode, Nature, Origin, SecretName};
use crate::model::run::Run;
use crate::model::target::{
    Auth, Bounds, Call, Client, ClientCall, CredentialFacts, Environment, Expect, Expectation, Proof, Routes,
    Scheme, Target,
};
use crate::target::credential::{GOOD, REFRESH};
use crate::transport::secret::{Secret, Vault};

const ORIGIN: &str = "https://guarded.example";

/// With which it signs.
const SECRET: &str = "the secret of the guarded look-alike service";

/// What is unusual about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guarded {
    /// Tokens carry a subject and an expiry and nothing else.
    FewClaims,
    /// `aud` is a list.
    AudienceList,
    /// Clocks may differ by five minutes.
    Leeway,
    /// A bad token gets 403, with a challenge.
    Forbidden,
    /// Refusals are problem details (RFC 9457) in another language, with an extension.
    Problem,
    /// A body that is no JSON is 422 before the token is looked at, as FastAPI does it.
    ParsesFirst,
    /// Health is 204.
    Health204,
    /// HEAD is 405 with Allow.
    NoHead,
    /// A slash at the end is redirected.
    SlashRedirect,
    /// Paths are matched without regard to case and slashes, and guarded all the same.
    LenientRoutes,
    /// What no route is known for is the front end's page, with its settings in it.
    FrontEnd,
    /// The same in production, where the page tells of what it is made with.
    FrontEndLive,
    /// Caches may keep answers, and must ask before they give them to anybody.
    Revalidated,
    /// The public keys of somebody else's tokens are served.
    KeySet,
    /// A refresh token without a claim of its own is an opaque text.
    OpaqueRefresh,
    /// Tokens come from an issuer that publishes its keys.
    Issued,
    /// The same, and a token whose key nobody published is taken at its word: a fault.
    UnknownKeyTrusted,
    /// The same, and of the key no more than its name is looked at: a fault.
    NameAlone,
}

/// Runs it and verifies it, with as much care.
pub async fn run(quirk: Guarded, careful: Careful) -> Result<Run, String> {
    let listener = TcpListener::bind("127.0.0.1:0")
        .await
        .map_err(|error| error.to_string())?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    let gate = Gate::of(quirk).map_err(|error| error.to_string())?.map(Arc::new);
    let server = tokio::spawn(serve(listener, quirk, gate.clone()));
    let mut subject = subject(format!("http://{address}"), quirk);
    if let Some(gate) = gate {
        gate.join(&mut subject);
    }
    careful.apply(&mut subject);
    let judged = verify(subject).await;
    server.abort();
    judged.map(|(_, run)| run).map_err(|error| error.to_string())
}

async fn serve(listener: TcpListener, quirk: Guarded, gate: Option<Arc<Gate>>) {
    while let Ok((stream, _)) = listener.accept().await {
        let gate = gate.clone();
        let service = service_fn(move |mut request: Request<Incoming>| {
            if let Some(gate) = &gate {
                gate.pass(request.headers_mut(), || token(quirk));
            }
            async move { Ok::<_, Infallible>(answer(request, quirk).await) }
        });
        tokio::spawn(async move {
            let http1 = hyper::server::conn::http1::Builder::new();
            let _ = http1.serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

/// A good token. What it says beyond subject and expiry is the quirk's.
fn token(quirk: Guarded) -> String {
    let now = Timestamp::now().as_second();
    let mut claims = json!({"sub": "ana", "iat": now, "exp": now + 3600});
    match quirk {
        Guarded::FewClaims | Guarded::OpaqueRefresh => {}
        Guarded::AudienceList => claims["aud"] = json!(["billing", "guarded"]),
        _ => {
            claims["iss"] = json!("guarded");
            claims["aud"] = json!("guarded");
        }
    }
    let key = EncodingKey::from_secret(SECRET.as_bytes());
    encode(&Header::new(Algorithm::HS256), &claims, &key).unwrap_or_default()
}

fn is_believed(token: &str, quirk: Guarded) -> bool {
    let mut options = Validation::new(Algorithm::HS256);
    options.validate_nbf = true;
    options.leeway = if quirk == Guarded::Leeway { 300 } else { 10 };
    match quirk {
        Guarded::FewClaims | Guarded::OpaqueRefresh => options.validate_aud = false,
        Guarded::AudienceList => {
            options.set_audience(&["guarded"]);
            options.set_required_spec_claims(&["exp", "aud"]);
        }
        _ => {
            options.set_audience(&["guarded"]);
            options.set_issuer(&["guarded"]);
            options.set_required_spec_claims(&["exp", "aud", "iss"]);
        }
    }
    decode::<Value>(token, &DecodingKey::from_secret(SECRET.as_bytes()), &options).is_ok()
}

/// What the harness knows of it.
fn subject(base: String, quirk: Guarded) -> Subject {
    let good = SecretName(GOOD.into());
    let facts = |name: &str, jwt| CredentialFacts {
        name: SecretName(name.into()),
        expired: false,
        jwt,
        from: "the lab".into(),
    };
    let opaque = quirk == Guarded::OpaqueRefresh;
    let environment = if quirk == Guarded::FrontEndLive {
        Environment::Production
    } else {
        Environment::Local
    };
    let target = Target {
        name: Some("guarded".into()),
        environment,
        ours: true,
        clients: vec![Client {
            page: None,
            origin: Origin(ORIGIN.into()),
            credentials: Mode::Omit,
            calls: vec![ClientCall {
                call: call("POST", "/notes"),
                headers: vec!["authorization".into(), "content-type".into()],
            }],
        }],
        auth: Some(Auth {
            scheme: Scheme::Bearer,
            credentials: vec![facts(GOOD, true)],
            supply: String::new(),
            supply_expired: "expired_env".into(),
            signing: Some("the lab".into()),
            refresh: opaque.then(|| facts(REFRESH, false)),
            renewal: None,
            session: None,
            logout: None,
            login: None,
            issuer: None,
        }),
        routes: Routes {
            health: Some("/health".into()),
            ..Routes::default()
        },
        proofs: proofs(),
        allow: vec![Effect::Paid, Effect::Writes],
        bounds: Bounds {
            deadline_ms: 3_000,
            ..Bounds::of(environment)
        },
        ..Target::bare(base)
    };
    let vault = Vault::new(Scheme::Bearer)
        .with(good.clone(), Secret::new(&token(quirk)))
        .with(
            SecretName(REFRESH.into()),
            Secret::new("an-opaque-refresh-token-7xk2"),
        )
        .signing(&good, Secret::new(SECRET), Timestamp::now());
    Subject {
        target,
        vault,
        contract: None,
        samples: BTreeMap::new(),
        pins: BTreeMap::new(),
        ca_pem: None,
    }
}

fn call(method: &str, path: &str) -> Call {
    Call {
        method: method.into(),
        path: path.into(),
    }
}

/// A read and a write, each behind the guard.
fn proofs() -> Vec<Proof> {
    let proof = |call, nature, body, at: &str| Proof {
        call,
        body,
        expect: vec![Expectation {
            at: at.into(),
            expect: Expect::Nonempty,
        }],
        nature,
        protected: true,
        key: None,
    };
    let text = Body::Json {
        value: json!({"text": "hello"}),
        inserts: vec![],
    };
    vec![
        proof(call("GET", "/me"), Nature::Read, Body::Empty, "/subject"),
        proof(call("POST", "/notes"), Nature::Write, text, "/id"),
    ]
}

/// A status, a media type, a body, and headers besides.
struct Plain(u16, &'static str, String, Vec<(&'static str, String)>);

fn said(status: u16, value: &Value) -> Plain {
    Plain(status, "application/json", value.to_string(), vec![])
}

async fn answer(request: Request<Incoming>, quirk: Guarded) -> Response<Full<Bytes>> {
    let (head, body) = request.into_parts();
    let body = body
        .collect()
        .await
        .map(|body| body.to_bytes())
        .unwrap_or_default();
    let ours = head
        .headers
        .get(header::ORIGIN)
        .is_some_and(|origin| origin == ORIGIN);
    let plain = if head.method == Method::OPTIONS {
        let allowed = "authorization, content-type".to_owned();
        let methods = "GET, POST".to_owned();
        Plain(
            204,
            "",
            String::new(),
            vec![
                ("access-control-allow-headers", allowed),
                ("access-control-allow-methods", methods),
            ],
        )
    } else {
        route(&head.method, head.uri.path(), &head.headers, &body, quirk)
    };
    let Plain(status, media_type, text, headers) = plain;
    let mut response = Response::new(Full::new(Bytes::from(text)));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::IM_A_TEAPOT);
    let mut add = |name: &'static str, value: &str| {
        response.headers_mut().extend(
            HeaderValue::from_str(value)
                .ok()
                .map(|value| (header::HeaderName::from_static(name), value)),
        );
    };
    headers.iter().for_each(|(name, value)| add(name, value));
    add("vary", "Origin");
    add("x-content-type-options", "nosniff");
    let kept = match quirk {
        Guarded::Revalidated => "public, max-age=0, must-revalidate",
        _ => "no-store",
    };
    add("cache-control", kept);
    if !headers.iter().any(|(name, _)| *name == "x-request-id") {
        add(
            "x-request-id",
            &jiff::Timestamp::now().as_nanosecond().to_string(),
        );
    }
    add("x-app-version", "2.0.1+9c8b7a6");
    if !media_type.is_empty() {
        add("content-type", media_type);
    }
    if ours {
        add("access-control-allow-origin", ORIGIN);
    }
    response
}

fn route(method: &Method, path: &str, headers: &HeaderMap, body: &[u8], quirk: Guarded) -> Plain {
    let lenient = path.to_ascii_lowercase().replace("/%2e", "").replace("%6d", "m");
    let lenient = format!("/{}", lenient.trim_matches('/'));
    let path = if quirk == Guarded::LenientRoutes {
        &lenient
    } else {
        path
    };
    match (method.as_str(), path) {
        ("HEAD", "/health" | "/me") if quirk == Guarded::NoHead => {
            Plain(405, "", String::new(), vec![("allow", "GET, OPTIONS".to_owned())])
        }
        ("GET" | "HEAD", "/health") if quirk == Guarded::Health204 => Plain(204, "", String::new(), vec![]),
        ("GET" | "HEAD", "/health") => said(200, &json!({"status": "ok"})),
        ("GET", "/.well-known/jwks.json") if quirk == Guarded::KeySet => {
            let key = json!({"kty": "EC", "crv": "P-256", "alg": "ES256", "kid": "partner",
                "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"});
            said(200, &json!({"keys": [key]}))
        }
        ("GET" | "HEAD", "/me") => guarded(headers, quirk, || said(200, &json!({"subject": "ana"}))),
        ("POST", "/notes") => {
            let value = serde_json::from_slice::<Value>(body);
            if quirk == Guarded::ParsesFirst && value.is_err() {
                let place = json!({"type": "json_invalid", "loc": ["body", 1], "msg": "JSON decode error"});
                return said(422, &json!({"detail": [place]}));
            }
            guarded(headers, quirk, || note(headers, value.ok().as_ref()))
        }
        (_, "/notes" | "/me" | "/health") => {
            let mut plain = said(405, &json!({"detail": "method not allowed"}));
            let allow = if path == "/notes" {
                "POST, OPTIONS"
            } else {
                "GET, HEAD, OPTIONS"
            };
            plain.3.push(("allow", allow.to_owned()));
            plain
        }
        ("GET", "/me/" | "/health/") if quirk == Guarded::SlashRedirect => {
            let there = path.trim_end_matches('/').to_owned();
            Plain(308, "", String::new(), vec![("location", there)])
        }
        ("GET", other)
            if matches!(quirk, Guarded::FrontEnd | Guarded::FrontEndLive)
                && !other.starts_with("/greenlight") =>
        Plain(
            200,
            "text/html",
            "<!doctype html><title>Ask phpinfo(), /debug/pprof/ and Apache Status</title><div id=app></div>\n<script>\n\
             API_URL=\"/\"\n</script>\n<!--\n# TYPE up gauge\n-->"
                .to_owned(),
            vec![("set-cookie", "session=1; Secure; HttpOnly; SameSite=Lax".to_owned())],
        ),
        _ => said(404, &json!({"detail": "not found"})),
    }
}

fn guarded(headers: &HeaderMap, quirk: Guarded, inside: impl FnOnce() -> Plain) -> Plain {
    let sent = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    let token = sent
        .and_then(|sent| sent.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    match token {
        Some((_, token)) if is_believed(token, quirk) => return inside(),
        Some(_) => {}
        None => return refused(401, "Bearer realm=\"guarded\"", "token_missing", quirk),
    }
    let status = if quirk == Guarded::Forbidden { 403 } else { 401 };
    refused(
        status,
        "Bearer realm=\"guarded\", error=\"invalid_token\"",
        "token_invalid",
        quirk,
    )
}

fn refused(status: u16, challenge: &str, code: &str, quirk: Guarded) -> Plain {
    let mut plain = if quirk == Guarded::Problem {
        let problem = json!({"type": "https://guarded.example/problems/auth", "title": "Nicht angemeldet", "status": status,
            "detail": "Das Token fehlt oder gilt nicht.", "code": code, "trace": "00-4bf92f3577b34da6a3ce929d0e0e4736-00"});
        Plain(status, "application/problem+json", problem.to_string(), vec![])
    } else {
        said(status, &json!({"detail": "who are you?", "code": code}))
    };
    plain.3.push(("www-authenticate", challenge.to_owned()));
    plain
}

fn note(headers: &HeaderMap, value: Option<&Value>) -> Plain {
    let json = headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().starts_with(b"application/json"));
    if !json {
        return said(415, &json!({"detail": "send JSON"}));
    }
    let Some(value) = value else {
        return said(400, &json!({"detail": "that is not JSON"}));
    };
    match value["text"].as_str() {
        Some(text) if !text.is_empty() && !text.contains('\0') => said(201, &json!({"id": "n1"})),
        _ => said(422, &json!({"detail": "a note needs a text"})),
    }
}
