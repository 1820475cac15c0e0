//! Which framework answers, by the marks that it leaves on the wire, and how a cause is mended *there*.
//!
//! The marks were read off applications as each framework's documentation shows them; `tests/stacks` holds them against
//! the real ones. A framework that is not recognised gets the general advice, never a guess; one that only looks like it is said to.

use std::collections::BTreeSet;

use crate::check::view::View;
use crate::diagnosis::mend::mend;
use crate::model::diagnosis::Diagnosis;
use crate::model::exchange::Reply;

/// A framework that is recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
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

    /// The framework that left its marks on the answers. A header is its own; the words of an error page may be anybody's, so
    /// one page alone makes it look like a framework, and two that differ name it.
    pub fn of(view: &View<'_>) -> Option<(Framework, Sureness)> {
        let marks: BTreeSet<Mark> = view.answers().flat_map(|(_, reply)| marks(reply)).collect();
        let header = marks.iter().find(|mark| mark.of == Of::Header);
        if let Some(mark) = header {
            return Some((mark.framework, Sureness::Known));
        }
        let first = marks.first()?.framework;
        let of_one = marks.iter().all(|mark| mark.framework == first);
        let sureness = if marks.len() > 1 {
            Sureness::Known
        } else {
            Sureness::Likely
        };
        of_one.then_some((first, sureness))
    }
}

/// How well a framework is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sureness {
    /// By a header, or by two pages.
    Known,
    /// By one page, whose words anybody may have chosen.
    Likely,
}

/// A mark that a framework left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Mark {
    framework: Framework,
    of: Of,
}

/// Where a mark is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Of {
    /// A header.
    Header,
    /// The page for an unknown route.
    NotFound,
    /// The page for a method that is not there.
    Method,
    /// The answer to input that it does not take.
    Input,
}

/// The longest answer that is searched for a mark: each is near the beginning of a short page.
const SEARCHED: usize = 2_000;

fn marks(reply: &Reply) -> Vec<Mark> {
    let in_header = of_headers(reply).map(|framework| Mark {
        framework,
        of: Of::Header,
    });
    let body = reply.body.bytes.get(..SEARCHED).unwrap_or(&reply.body.bytes);
    let body = String::from_utf8_lossy(body);
    let in_body = match reply.status {
        404 => of_not_found(body.trim()).map(|framework| (framework, Of::NotFound)),
        405 => of_method(body.trim()).map(|framework| (framework, Of::Method)),
        400..=499 => of_input(body.trim()).map(|framework| (framework, Of::Input)),
        _ => None,
    };
    let in_body = in_body.map(|(framework, of)| Mark { framework, of });
    in_header.into_iter().chain(in_body).collect()
}

fn of_headers(reply: &Reply) -> Option<Framework> {
    let header = |name: &str| reply.header(name).unwrap_or_default();
    let server = header("server");
    if header("x-powered-by") == "Express" {
        return Some(Framework::Express);
    }
    if server.starts_with("Werkzeug/") {
        return Some(Framework::Flask);
    }
    if server.starts_with("WSGIServer/") && header("referrer-policy") == "same-origin" {
        return Some(Framework::Django);
    }
    if server == "uvicorn" {
        return Some(Framework::Starlette);
    }
    match header("vary").as_str() {
        "origin, access-control-request-method, access-control-request-headers" => Some(Framework::Axum),
        "Origin, Access-Control-Request-Method, Access-Control-Request-Headers" => Some(Framework::Actix),
        _ => None,
    }
}

fn of_not_found(body: &str) -> Option<Framework> {
    match body {
        r#"{"detail":"Not Found"}"# => return Some(Framework::Starlette),
        "404 Not Found" => return Some(Framework::Hono),
        "not found" => return Some(Framework::Poem),
        _ => {}
    }
    if body.contains("If you entered the URL manually please check") {
        return Some(Framework::Flask);
    }
    if body.contains("<p>The requested resource was not found on this server.</p>") {
        return Some(Framework::Django);
    }
    let fastify = body.starts_with(r#"{"message":"Route "#) && body.contains(r#""statusCode":404"#);
    fastify.then_some(Framework::Fastify)
}

fn of_method(body: &str) -> Option<Framework> {
    match body {
        r#"{"detail":"Method Not Allowed"}"# => Some(Framework::Starlette),
        "method not allowed" => Some(Framework::Poem),
        page if page.contains("<p>The method is not allowed for the requested URL.</p>") => {
            Some(Framework::Flask)
        }
        _ => None,
    }
}

fn of_input(body: &str) -> Option<Framework> {
    if body.contains(r#""code":"FST_ERR_"#) {
        return Some(Framework::Fastify);
    }
    let pydantic = body.starts_with(r#"{"detail":[{"type":""#) && body.contains(r#""loc":["body""#);
    pydantic.then_some(Framework::Starlette)
}

/// Adds to each cause how it is mended in the framework that answers, when that is known.
pub fn advise(view: &View<'_>, diagnoses: &mut [Diagnosis]) {
    let Some((framework, sureness)) = Framework::of(view) else {
        return;
    };
    let name = framework.name();
    for diagnosis in diagnoses {
        if let Some(how) = mend(&diagnosis.cause, framework) {
            diagnosis.next_steps.push(match sureness {
                Sureness::Known => format!("In {name}: {how}"),
                Sureness::Likely => format!("It looks like {name}; in {name}: {how}"),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{answered, target};
    use crate::model::probe::Probe;

    fn of(status: u16, headers: &[(&str, &str)], body: &str) -> Option<(Framework, Sureness)> {
        of_all(&[(status, headers, body)])
    }

    /// Whose answers with these statuses, headers and bodies are.
    /// A status, headers and a body.
    type Told<'t> = (u16, &'t [(&'t str, &'t str)], &'t str);

    fn of_all(answers: &[Told<'_>]) -> Option<(Framework, Sureness)> {
        let one = |(id, (status, headers, body)): (u32, &Told<'_>)| {
            answered(id, &Probe::get("/x").build(), *status, headers, body)
        };
        let seen: Vec<_> = (1..).zip(answers).map(one).collect();
        Framework::of(&View::new(&target(), None, &seen, &[]))
    }

    /// Status, headers and body of an answer, and whose it is.
    type Marked = (
        u16,
        &'static [(&'static str, &'static str)],
        &'static str,
        Framework,
    );

    const AXUM: &str = "origin, access-control-request-method, access-control-request-headers";
    const ACTIX: &str = "Origin, Access-Control-Request-Method, Access-Control-Request-Headers";

    #[test]
    fn marks_name_their_framework() {
        let cases: [Marked; 10] = [
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
            let sureness = if headers.is_empty() {
                Sureness::Likely
            } else {
                Sureness::Known
            };
            assert_eq!(of(status, headers, body), Some((framework, sureness)), "{body}");
        }
    }

    #[test]
    fn two_pages_name_what_one_only_looks_like() {
        let not_found = (404, &[][..], r#"{"detail":"Not Found"}"#);
        let refused = (
            422,
            &[][..],
            r#"{"detail":[{"type":"json_invalid","loc":["body",1],"msg":"x"}]}"#,
        );
        let known = Some((Framework::Starlette, Sureness::Known));
        assert_eq!(of_all(&[not_found, refused]), known);
        let likely = Some((Framework::Starlette, Sureness::Likely));
        assert_eq!(of_all(&[not_found, not_found]), likely, "the same page twice");
        let method = (405, &[][..], "method not allowed");
        assert_eq!(
            of_all(&[not_found, method]),
            None,
            "two frameworks contradict each other"
        );
        let behind = (200, &[("x-powered-by", "Express")][..], "{}");
        assert_eq!(
            of_all(&[not_found, method, behind]),
            Some((Framework::Express, Sureness::Known)),
            "a header is its own"
        );
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
