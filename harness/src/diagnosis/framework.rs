//! Which framework answers, by the marks that it leaves on the wire, and how a cause is mended *there*.
//!
//! The marks were read off applications as each framework's documentation shows them; `tests/stacks` holds them against
//! the real ones. A framework that is not recognised gets the general advice, never a guess.

use crate::check::view::View;
use crate::model::diagnosis::Diagnosis;
use crate::model::exchange::Reply;

/// A framework that is recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framework {
    /// FastAPI, or Starlette alone.
    Starlette,
    /// Flask, with Flask-CORS.
    Flask,
    /// Django, with django-cors-headers.
    Django,
    /// Express, with the cors package.
    Express,
    /// Fastify, with @fastify/cors.
    Fastify,
    /// Hono.
    Hono,
    /// axum or anything else behind tower-http's CorsLayer.
    Axum,
    /// actix-web, with actix-cors.
    Actix,
    /// poem.
    Poem,
}

impl Framework {
    /// Its name, for people.
    pub fn name(self) -> &'static str {
        match self {
            Framework::Starlette => "FastAPI",
            Framework::Flask => "Flask",
            Framework::Django => "Django",
            Framework::Express => "Express",
            Framework::Fastify => "Fastify",
            Framework::Hono => "Hono",
            Framework::Axum => "axum",
            Framework::Actix => "actix-web",
            Framework::Poem => "poem",
        }
    }

    /// The framework that left its mark on any answer.
    pub fn of(view: &View<'_>) -> Option<Framework> {
        view.answers().find_map(|(_, reply)| marked(reply))
    }
}

/// The longest answer that is searched for a mark: each is near the beginning of a short page.
const SEARCHED: usize = 2_000;

fn marked(reply: &Reply) -> Option<Framework> {
    let header = |name: &str| reply.header(name).unwrap_or_default();
    let (server, vary) = (header("server"), header("vary"));
    let body = reply.body.bytes.get(..SEARCHED).unwrap_or(&reply.body.bytes);
    let body = String::from_utf8_lossy(body);
    let body = body.trim();
    let is_404 = reply.status == 404;
    if header("x-powered-by") == "Express" {
        return Some(Framework::Express);
    }
    if server.starts_with("Werkzeug/")
        || is_404 && body.contains("If you entered the URL manually please check")
    {
        return Some(Framework::Flask);
    }
    if server.starts_with("WSGIServer/") && header("referrer-policy") == "same-origin"
        || is_404 && body.contains("<p>The requested resource was not found on this server.</p>")
    {
        return Some(Framework::Django);
    }
    if server == "uvicorn" || is_404 && body == r#"{"detail":"Not Found"}"# {
        return Some(Framework::Starlette);
    }
    if is_404 && body.starts_with(r#"{"message":"Route "#) && body.contains(r#""statusCode":404"#) {
        return Some(Framework::Fastify);
    }
    if is_404 && body == "404 Not Found" {
        return Some(Framework::Hono);
    }
    if is_404 && body == "not found" {
        return Some(Framework::Poem);
    }
    match vary.as_str() {
        "origin, access-control-request-method, access-control-request-headers" => Some(Framework::Axum),
        "Origin, Access-Control-Request-Method, Access-Control-Request-Headers" => Some(Framework::Actix),
        _ => None,
    }
}

/// How a cause is mended in a framework.
fn mend(cause: &str, framework: Framework) -> Option<&'static str> {
    use Framework::{Actix, Axum, Django, Express, Fastify, Flask, Hono, Poem, Starlette};
    Some(match (cause, framework) {
        ("masked-server-error" | "cors-missing-on-errors", Starlette) => {
            "unexpected errors are answered outside every middleware; wrap the whole application instead of \
             add_middleware: app = CORSMiddleware(app, allow_origins=[…])"
        }
        ("masked-server-error" | "cors-missing-on-errors" | "connection-dropped", Poem) => {
            "a panic passes every middleware; put .with(CatchPanic::new()) before .with(cors), so that Cors is outside"
        }
        ("masked-server-error" | "cors-missing-on-errors" | "connection-dropped", Axum) => {
            "a panic passes every layer; add tower-http's CatchPanicLayer before the CorsLayer, so that CORS is outside"
        }
        ("connection-dropped", Actix) => {
            "nothing catches a panic; return an error from the handler instead of unwrap, which Cors then sees"
        }
        ("masked-server-error" | "cors-missing-on-errors", Django) => {
            "put corsheaders.middleware.CorsMiddleware first in MIDDLEWARE, before whatever answers by itself"
        }
        ("masked-server-error" | "cors-missing-on-errors", Express | Fastify | Hono) => {
            "register the cors middleware before everything that can answer or throw, the body parser included"
        }
        ("vary-missing", Poem) => {
            "its Cors writes no Vary; outside of it turn errors into responses (catch_all_error), then add \
             .with(SetHeader::new().appending(VARY, \"Origin\"))"
        }
        ("vary-missing", Flask) => {
            "Flask-CORS leaves Vary out when one origin is listed; add it in an after_request: answer.vary.add(\"Origin\")"
        }
        ("origin-reflected", Starlette) => {
            "name the origins in allow_origins; allow_origin_regex=\".*\" or [\"*\"] with credentials echoes any"
        }
        ("origin-reflected", Flask) => {
            "name the origins in CORS(app, origins=[…]); a pattern such as \".*\" echoes any"
        }
        ("origin-reflected", Django) => {
            "name the origins in CORS_ALLOWED_ORIGINS; CORS_ALLOW_ALL_ORIGINS with credentials echoes any"
        }
        ("origin-reflected", Express | Fastify) => {
            "give cors a list, origin: [\"https://…\"]; origin: true echoes any"
        }
        ("origin-reflected", Hono) => {
            "give cors a list, origin: [\"https://…\"]; a function that returns its argument echoes any"
        }
        ("origin-reflected", Axum) => "use AllowOrigin::list; AllowOrigin::mirror_request() echoes any",
        ("origin-reflected", Actix) => {
            "use Cors::default().allowed_origin(…); Cors::permissive() is for development"
        }
        ("origin-reflected", Poem) => {
            "name the origins with Cors::new().allow_origin(…); an empty list allows any"
        }
        _ => return None,
    })
}

/// Adds to each cause how it is mended in the framework that answers, when that is known.
pub fn advise(view: &View<'_>, diagnoses: &mut [Diagnosis]) {
    let Some(framework) = Framework::of(view) else {
        return;
    };
    for diagnosis in diagnoses {
        if let Some(how) = mend(&diagnosis.cause, framework) {
            diagnosis
                .next_steps
                .push(format!("In {}: {how}", framework.name()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{answered, target};
    use crate::model::probe::Probe;

    fn of(status: u16, headers: &[(&str, &str)], body: &str) -> Option<Framework> {
        let (target, seen) = (
            target(),
            [answered(1, &Probe::get("/x").build(), status, headers, body)],
        );
        Framework::of(&View::new(&target, None, &seen, &[]))
    }

    /// Status, headers and body of an answer, and whose it is.
    type Mark = (
        u16,
        &'static [(&'static str, &'static str)],
        &'static str,
        Framework,
    );

    const AXUM: &str = "origin, access-control-request-method, access-control-request-headers";
    const ACTIX: &str = "Origin, Access-Control-Request-Method, Access-Control-Request-Headers";

    #[test]
    fn marks_name_their_framework() {
        let cases: [Mark; 10] = [
            (200, &[("server", "uvicorn")], "{}", Framework::Starlette),
            (404, &[], r#"{"detail":"Not Found"}"#, Framework::Starlette),
            (
                200,
                &[("server", "Werkzeug/3.1.9 Python/3.11.7")],
                "{}",
                Framework::Flask,
            ),
            (
                404,
                &[],
                "<h1>Not Found</h1><p>The requested resource was not found on this server.</p>",
                Framework::Django,
            ),
            (200, &[("x-powered-by", "Express")], "{}", Framework::Express),
            (
                404,
                &[],
                r#"{"message":"Route GET:/nope not found","error":"Not Found","statusCode":404}"#,
                Framework::Fastify,
            ),
            (404, &[], "404 Not Found", Framework::Hono),
            (404, &[("vary", AXUM)], "", Framework::Axum),
            (404, &[("vary", ACTIX)], "", Framework::Actix),
            (404, &[], "not found", Framework::Poem),
        ];
        for (status, headers, body, framework) in cases {
            assert_eq!(of(status, headers, body), Some(framework), "{body}");
        }
    }

    #[test]
    fn what_has_no_mark_is_not_guessed() {
        assert_eq!(
            of(
                404,
                &[("vary", "Origin")],
                r#"{"detail":"Not Found","status":404}"#
            ),
            None
        );
        assert_eq!(of(200, &[("server", "nginx")], "not found"), None);
    }
}
