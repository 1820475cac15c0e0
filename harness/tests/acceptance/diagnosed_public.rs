//! What anybody may read shows the crash that a guarded call hides, and is read for it: gently, and never where reading does
//! something.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Map, Value, json};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

use crate::binary::run;

const PAGE: &str = "https://app.acme.example";

/// What nobody may call on a guess.
const FORBIDDEN: &[&str] = &[
    "/auth/logout",
    "/data-export",
    "/logout-all",
    "/users/signOut",
    "/exports",
];

/// Routes that anybody may read, besides.
const READABLE: usize = 30;

/// The incident, as strangers see it: one public route crashes bare of CORS headers, and the guarded call refuses them readably.
struct Incident;

impl Incident {
    fn document() -> Value {
        let answers = json!({"responses": {"200": {"description": "x"}}});
        let public = |path: &str| (path.to_owned(), json!({"get": answers}));
        let mut paths: Map<String, Value> = FORBIDDEN.iter().map(|path| public(path)).collect();
        paths.extend([public("/health"), public("/ai/usage-stats")]);
        paths.extend((0..READABLE).map(|n| public(&format!("/public/{n:02}"))));
        let guarded = json!({"post": {
            "security": [{"token": []}],
            "requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}},
            "responses": {"200": {"description": "x"}, "401": {"description": "x"}},
        }});
        paths.insert("/ai/orchestrate".to_owned(), guarded);
        json!({
            "openapi": "3.1.0",
            "info": {"title": "incident", "version": "1"},
            "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
            "paths": paths,
        })
    }
}

impl Respond for Incident {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let readable = |status: u16| {
            let answer = ResponseTemplate::new(status).insert_header("vary", "Origin");
            match request
                .headers
                .get("origin")
                .and_then(|origin| origin.to_str().ok())
            {
                Some(PAGE) => answer.insert_header("access-control-allow-origin", PAGE),
                _ => answer,
            }
        };
        let problem = |status: u16, detail: &str| readable(status).set_body_json(json!({"detail": detail}));
        match (request.method.as_str(), request.url.path()) {
            ("OPTIONS", _) => readable(204)
                .insert_header("access-control-allow-methods", "GET, POST")
                .insert_header("access-control-allow-headers", "authorization, content-type"),
            ("GET", "/ai/usage-stats") => ResponseTemplate::new(500).set_body_string("Internal Server Error"),
            ("POST", "/ai/orchestrate") => {
                problem(401, "no credential").insert_header("www-authenticate", "Bearer")
            }
            ("GET", "/openapi.json") => readable(200).set_body_json(Self::document()),
            ("GET", "/health") => readable(200).set_body_json(json!({"status": "healthy"})),
            ("GET", path) if path.starts_with("/public/") || FORBIDDEN.contains(&path) => {
                readable(200).set_body_json(json!({"ok": true}))
            }
            _ => problem(404, "no such route"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_public_route_shows_the_crash_and_what_does_something_is_left_alone() {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(Incident).mount(&server).await;
    let ran = run(["diagnose", &server.uri(), "--origin", PAGE, "--format", "json"]).await;
    let report = ran.json();
    assert_eq!(
        report["diagnoses"][0]["cause"], "masked-server-error",
        "{}",
        ran.out
    );
    assert_eq!(
        report["headline"],
        "A server error (HTTP 500) is what browsers here report as a CORS error"
    );
    assert_eq!(ran.code, 1);
    assert!(report.to_string().contains("GET /ai/usage-stats"), "{}", ran.out);

    // By the server's own count.
    let asked = server.received_requests().await.unwrap();
    let paths: Vec<&str> = asked.iter().map(|request| request.url.path()).collect();
    for forbidden in FORBIDDEN {
        assert!(!paths.contains(forbidden), "{forbidden} was called: {paths:?}");
    }
    assert!(paths.len() <= 40, "{} requests", paths.len());
    let mut public: Vec<&&str> = paths
        .iter()
        .filter(|path| path.starts_with("/public/") || **path == "/ai/usage-stats" || **path == "/health")
        .collect();
    public.sort_unstable();
    public.dedup();
    assert!(
        (5..=20).contains(&public.len()),
        "{} public routes: {public:?}",
        public.len()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_the_service_itself_serves_is_read_once_the_service_was_asked() {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(Incident).mount(&server).await;
    let ran = run([
        "diagnose",
        &server.uri(),
        "--origin",
        &server.uri(),
        "--format",
        "json",
    ])
    .await;
    let asked = server.received_requests().await.unwrap();
    let paths: Vec<&str> = asked.iter().map(|request| request.url.path()).collect();
    let page = paths.iter().position(|path| *path == "/");
    assert_eq!(page, Some(paths.len() - 1), "{paths:?}: {}", ran.out);
    assert!((10..=40).contains(&paths.len()), "{paths:?}");
}

/// A service that answers at once, until it has been asked too often for its strength.
struct Tiring(AtomicUsize);

/// So many it can bear.
const STRENGTH: usize = 12;

impl Respond for Tiring {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let late = self.0.fetch_add(1, Ordering::SeqCst) >= STRENGTH;
        // Longer than five times whatever a busy machine takes for the first.
        let delay = Duration::from_secs(if late { 6 } else { 0 });
        Incident.respond(request).set_delay(delay)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_slows_down_while_it_is_asked_is_asked_no_further_and_it_is_said() {
    let server = MockServer::start().await;
    let tiring = Tiring(AtomicUsize::new(0));
    Mock::given(any()).respond_with(tiring).mount(&server).await;
    let ran = run(["diagnose", &server.uri(), "--origin", PAGE]).await;
    let sent = server.received_requests().await.unwrap().len();
    // Four at once are under way when the first of them is late.
    assert!(
        (STRENGTH + 1..=STRENGTH + 4).contains(&sent),
        "{sent} requests: {}",
        ran.out
    );
    let told = ran.out.split_whitespace().collect::<Vec<_>>().join(" ");
    let says = "it was asked no further, since the service answered more and more slowly while it was asked";
    assert!(told.contains(says), "{}", ran.out);
}
