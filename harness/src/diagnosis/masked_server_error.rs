//! The incident: the server crashes, the crash page carries no CORS headers, and browsers call it a CORS error.

use crate::cors::response::readable;
use crate::diagnosis::case::{Case, Cause, explained};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::{crashes, words};
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};
use crate::model::exchange::{Exchange, Reply};
use crate::model::target::Target;

/// The cause.
pub struct MaskedServerError;

impl Cause for MaskedServerError {
    fn id(&self) -> &'static str {
        "masked-server-error"
    }

    fn about(&self) -> &'static str {
        "A server error is written outside the CORS layer, so browsers report it as a CORS error and hide it."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Crash,
            blames: &[Blame::Deploy],
            needs: "A 5xx to a listed page that may not be read by it. Other answers to the same page, which may, show that CORS works.",
            likely: &[
                "An unhandled exception is answered outside the CORS layer: Starlette and FastAPI answer Exception in ServerErrorMiddleware, around all middleware",
                "The layers are in the wrong order: the panic or error handler is outside CORS (poem, axum, actix-web)",
                "A missing await or an unset value: the coroutine or None is used as the result",
                "The error handler answers by itself and never calls the CORS headers' code (Express, Fastify)",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let masked: Vec<&Exchange> = case
            .view
            .exchanges
            .iter()
            .filter(|exchange| is_masked(exchange, case.view.target))
            .collect();
        let first = masked.first()?;
        let status = first.status()?;
        let crashed: Vec<&Exchange> = case
            .view
            .exchanges
            .iter()
            .filter(|exchange| exchange.is_server_error())
            .collect();
        let mut evidence: Vec<String> = words::seen(&masked);
        evidence.extend(words::others_are_readable(case));
        // A crash page is the server's own; JSON was written by somebody's handler.
        let handled = masked
            .iter()
            .all(|exchange| exchange.answer().is_some_and(Reply::is_json));
        if handled {
            evidence.push("the error is JSON: a handler wrote it, outside the CORS layer".to_owned());
        }
        Some(Diagnosis {
            cause: self.id().to_owned(),
            statement: format!("A server error (HTTP {status}) is what browsers here report as a CORS error"),
            blame: Blame::Deploy,
            confidence: Confidence::Certain,
            evidence,
            ruled_out: words::ruled_out(case),
            likely_causes: Vec::new(),
            help: None,
            next_steps: vec![
                format!(
                    "Read the service's log at {}{}: the traceback is there",
                    words::clock(first),
                    words::request_id(first)
                ),
                "Mend the crash first; the missing CORS headers only hide it".to_owned(),
                if handled {
                    "Then put the CORS layer around the handler of unexpected errors too, so that the next crash can be read"
                } else {
                    "Then make the CORS layer the outermost one, so that the next crash can be read"
                }
                .to_owned(),
            ],
            explains: explained(
                crashes::about(case, &crashed)
                    .into_iter()
                    .chain(words::consequences(case, &crashed)),
            ),
        })
    }
}

/// A 5xx to a client's page that the page cannot read. A foreign page must not read it.
fn is_masked(exchange: &Exchange, target: &Target) -> bool {
    let Some((page, reply)) = exchange.probe.page.as_ref().zip(exchange.answer()) else {
        return false;
    };
    let own = target.clients.iter().any(|client| client.origin == page.origin);
    own && exchange.is_server_error()
        && !exchange.probe.is_preflight()
        && readable(reply.status, &reply.headers, &page.origin, page.mode).is_err()
}

#[cfg(test)]
mod tests {
    use crate::check::asks;
    use crate::check::testing::{answered, target};
    use crate::diagnosis::tests::{good, inert, judged, proof};

    #[test]
    fn a_crash_that_the_clients_page_cannot_read_is_masked() {
        let target = target();
        let bare = answered(
            3,
            &asks::proof(&target, &target.proofs[0]),
            500,
            &[],
            "Internal Server Error",
        );
        let run = judged(&target, &[inert(1, None, 401, "{}"), good(2, 400, "{}"), bare]);
        assert_eq!(run.diagnoses[0].cause, "masked-server-error");
    }

    #[test]
    fn a_crash_that_a_handler_outside_of_cors_answers_is_told_from_a_crash_page() {
        let target = target();
        let json = [("content-type", "application/problem+json")];
        let tidy = answered(
            3,
            &asks::proof(&target, &target.proofs[0]),
            500,
            &json,
            r#"{"detail":"unexpected"}"#,
        );
        let run = judged(&target, &[inert(1, None, 401, "{}"), good(2, 400, "{}"), tidy]);
        assert_eq!(run.diagnoses[0].cause, "masked-server-error");
        let evidence = run.diagnoses[0].evidence.join("; ");
        assert!(evidence.contains("a handler wrote it"), "{evidence}");
    }

    #[test]
    fn a_crash_that_only_a_foreign_page_cannot_read_is_not() {
        let target = target();
        let mut foreign = asks::proof(&target, &target.proofs[0]);
        foreign.page.as_mut().unwrap().origin.0 = asks::FOREIGN.into();
        let crash = answered(4, &foreign, 500, &[], "{}");
        let run = judged(
            &target,
            &[
                inert(1, None, 401, "{}"),
                good(2, 400, "{}"),
                proof(3, 500, "{}"),
                crash,
            ],
        );
        assert_eq!(run.diagnoses[0].cause, "server-error");
    }
}
