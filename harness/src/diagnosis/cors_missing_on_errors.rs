//! Successes can be read and some refusals cannot: they are written by a layer outside CORS, or by something in front of the
//! service. Which statuses go out bare tells which layer.

use crate::cors::refusal::Refusal;
use crate::diagnosis::browser::{self, Met};
use crate::diagnosis::case::{Case, Cause, explained};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::words;
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};
use crate::model::exchange::{Exchange, Reply};

/// The cause.
pub struct CorsMissingOnErrors;

impl Cause for CorsMissingOnErrors {
    fn id(&self) -> &'static str {
        "cors-missing-on-errors"
    }

    fn about(&self) -> &'static str {
        "Some error answers leave without CORS headers, so pages see a network error instead of the refusal."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Browser,
            blames: &[Blame::Deploy, Blame::Edge],
            needs: "Readable successes, and refusals of the same service (4xx) without a CORS header.",
            likely: &[
                "Authentication or the rate limiter is a layer outside CORS (tower and Starlette add layers from the inside out)",
                "nginx adds headers to 2xx and 3xx only, where `always` is not given",
                "The framework answers 404, 405 or 413 before any middleware runs (actix-web default service, hapi, body limits)",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let met = browser::met(case);
        let fine: Vec<&Met<'_>> = met.iter().filter(|met| met.refusal.is_none()).collect();
        let bare: Vec<&Met<'_>> = met.iter().filter(|met| is_bare_refusal(met)).collect();
        if fine.is_empty() || bare.is_empty() {
            return None;
        }
        let without = browser::statuses(bare.iter().map(|met| met.reply.status));
        let with = browser::statuses(fine.iter().map(|met| met.reply.status));
        let edge = bare.iter().all(|met| is_another_server(met.reply, &fine));
        let exchanges: Vec<&Exchange> = bare.iter().map(|met| met.exchange).collect();
        let mut evidence = vec![
            format!("with CORS headers: {with}"),
            format!("without: {without}"),
        ];
        evidence.extend(words::seen(&exchanges));
        if edge {
            evidence.push("the bare answers name another server than the others do".to_owned());
        }
        Some(Diagnosis {
            cause: self.id().to_owned(),
            statement: format!(
                "Answers with HTTP {without} leave without CORS headers, so the page sees a network error instead of them"
            ),
            blame: if edge { Blame::Edge } else { Blame::Deploy },
            confidence: Confidence::Certain,
            evidence,
            ruled_out: vec![
                "the list of origins".to_owned(),
                "CORS as such: successes carry the headers".to_owned(),
            ],
            likely_causes: Vec::new(),
            help: None,
            next_steps: vec![step(edge, &bare).to_owned()],
            explains: explained(browser::blocked(case, &exchanges)),
        })
    }
}

/// A refusal that carries no CORS header. Crashes are told apart, since there the crash is the fault.
fn is_bare_refusal(met: &Met<'_>) -> bool {
    (400..500).contains(&met.reply.status)
        && matches!(met.refusal, Some(Refusal::MissingAllowOriginHeader { .. }))
}

/// Whether an answer names a server that no readable answer names.
fn is_another_server(reply: &Reply, fine: &[&Met<'_>]) -> bool {
    let server = reply.header("server");
    server.is_some() && fine.iter().all(|met| met.reply.header("server") != server)
}

fn step(edge: bool, bare: &[&Met<'_>]) -> &'static str {
    match bare.iter().map(|met| met.reply.status).min() {
        _ if edge => "Let the proxy add the CORS headers to its own errors too (nginx: add_header … always)",
        Some(401 | 403) => "Put the CORS layer around authentication, so that its refusals carry the headers",
        Some(404 | 405) => {
            "Put the CORS layer around the router's fallback, so that unknown routes carry the headers"
        }
        Some(413) => "Put the CORS layer around the limit of body size",
        Some(429) => "Put the CORS layer around the rate limiter",
        Some(400 | 422) => "Put the CORS layer around the parsing of bodies",
        _ => "Make the CORS layer the outermost one",
    }
}
