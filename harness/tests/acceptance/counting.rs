//! Small servers that count what reaches them.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use http::{Method, Request, Response, header};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

/// What a server has seen.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// Connections.
    pub(crate) connections: AtomicUsize,
    /// Requests of any kind.
    pub(crate) requests: AtomicUsize,
    /// Requests that a service without authentication would have acted upon.
    pub(crate) accepted: AtomicUsize,
    /// Requests that carried the credential.
    pub(crate) credentials: AtomicUsize,
    /// Rung at every request.
    pub(crate) bell: Notify,
}

/// What a server answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    /// Authentication is off: whatever parses is acted upon.
    AcceptsEverything,
    /// Everything is elsewhere: the port of the other server.
    Redirects(u16),
    /// Whatever credential comes is shown to everybody, in a header and in several forms in the body, and then it crashes.
    EchoesCredentials,
    /// Health answers, the rest never does.
    NeverAnswers,
}

/// A server on a free port of loopback.
#[derive(Debug)]
pub(crate) struct Counting {
    /// Its port.
    pub(crate) port: u16,
    /// What it has seen.
    pub(crate) seen: Arc<Seen>,
    task: JoinHandle<()>,
}

impl Drop for Counting {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Counting {
    /// Starts one.
    pub(crate) async fn start(manner: Manner) -> Counting {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::new(Seen::default());
        let task = tokio::spawn(serve(listener, manner, seen.clone()));
        Counting { port, seen, task }
    }

    /// Its base URL.
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// How many connections it has seen.
    pub(crate) fn connections(&self) -> usize {
        self.seen.connections.load(Ordering::SeqCst)
    }

    /// How many requests it has seen.
    pub(crate) fn requests(&self) -> usize {
        self.seen.requests.load(Ordering::SeqCst)
    }

    /// How many requests it has acted upon.
    pub(crate) fn accepted(&self) -> usize {
        self.seen.accepted.load(Ordering::SeqCst)
    }

    /// How many requests carried a credential.
    pub(crate) fn credentials(&self) -> usize {
        self.seen.credentials.load(Ordering::SeqCst)
    }
}

async fn serve(listener: TcpListener, manner: Manner, seen: Arc<Seen>) {
    while let Ok((stream, _)) = listener.accept().await {
        seen.connections.fetch_add(1, Ordering::SeqCst);
        let seen = seen.clone();
        let service = service_fn(move |request| {
            let seen = seen.clone();
            async move { Ok::<_, Infallible>(answer(request, manner, &seen).await) }
        });
        tokio::spawn(async move {
            let _ = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

async fn answer(request: Request<Incoming>, manner: Manner, seen: &Seen) -> Response<Full<Bytes>> {
    let (head, body) = request.into_parts();
    seen.requests.fetch_add(1, Ordering::SeqCst);
    let carries = |name: &str| head.headers.contains_key(name);
    if carries("authorization") || carries("x-api-key") || carries("cookie") {
        seen.credentials.fetch_add(1, Ordering::SeqCst);
    }
    let body = body
        .collect()
        .await
        .map(|body| body.to_bytes())
        .unwrap_or_default();
    seen.bell.notify_one();
    match manner {
        Manner::Redirects(port) => redirect(&head, port),
        Manner::NeverAnswers if head.uri.path() != "/health" => std::future::pending().await,
        Manner::NeverAnswers => reply(&head, 200, &json!({"status": "healthy"})),
        Manner::EchoesCredentials => echo(&head),
        Manner::AcceptsEverything => accept(&head, &body, seen),
    }
}

/// Acts upon whatever could be acted upon, asking nobody who they are.
fn accept(head: &http::request::Parts, body: &[u8], seen: &Seen) -> Response<Full<Bytes>> {
    let paid_read = head.uri.path() == "/paid-read" && head.method != Method::OPTIONS;
    match head.method {
        Method::OPTIONS => reply(head, 200, &json!({})),
        // Safe as well (RFC 9110 §9.2.1): there is nothing in it to act upon.
        Method::TRACE => reply(head, 405, &json!({"detail": "no such method"})),
        Method::GET | Method::HEAD if !paid_read => reply(head, 200, &json!({"status": "healthy", "id": 1})),
        _ if !body.is_empty() && serde_json::from_slice::<Value>(body).is_err() => {
            reply(head, 400, &json!({"detail": "not JSON"}))
        }
        _ => {
            seen.accepted.fetch_add(1, Ordering::SeqCst);
            let concepts = json!({"transcription": {"text": "hello"}, "concepts": {"concepts": ["hello"]}});
            reply(
                head,
                200,
                &json!({"status": "completed", "results": concepts, "id": 1}),
            )
        }
    }
}

fn echo(head: &http::request::Parts) -> Response<Full<Bytes>> {
    use base64::Engine as _;
    let told = head.headers.get(header::AUTHORIZATION);
    let told = told.and_then(|value| value.to_str().ok()).unwrap_or_default();
    let bare = told.split_once(' ').map_or(told, |(_, token)| token);
    let coded = base64::engine::general_purpose::STANDARD.encode(bare);
    let status = if head.uri.path() == "/health" { 200 } else { 500 };
    let url = format!("/next?token={}", bare.replace('/', "%2F"));
    let body = json!({"status": "healthy", "header": told, "token": bare, "coded": coded, "url": url});
    let mut response = reply(head, status, &body);
    response.headers_mut().insert("x-echo", bare.parse().unwrap());
    response
}

fn redirect(head: &http::request::Parts, port: u16) -> Response<Full<Bytes>> {
    let to = format!("http://127.0.0.1:{port}{}", head.uri.path());
    let mut response = reply(head, 307, &json!({"detail": "elsewhere"}));
    response
        .headers_mut()
        .insert(header::LOCATION, to.parse().unwrap());
    response
}

fn reply(head: &http::request::Parts, status: u16, body: &Value) -> Response<Full<Bytes>> {
    let mut response = Response::builder()
        .status(status)
        .header(header::CONTENT_TYPE, "application/json");
    if let Some(origin) = head.headers.get(header::ORIGIN) {
        response = response
            .header(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin)
            .header(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, "true")
            .header(
                header::ACCESS_CONTROL_ALLOW_HEADERS,
                "authorization, content-type",
            )
            .header(header::VARY, "origin");
    }
    response.body(Full::from(body.to_string())).unwrap()
}
