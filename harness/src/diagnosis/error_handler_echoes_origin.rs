//! Successes keep to the list and errors do not: an exception handler writes the CORS headers by hand.

use crate::check::asks::FOREIGN;
use crate::check::pages;
use crate::cors::response::readable;
use crate::cors::sentence::listed;
use crate::diagnosis::browser;
use crate::diagnosis::case::{Case, Cause, explained};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::words;
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};
use crate::model::probe::{Mode, Origin};

/// The cause.
pub struct ErrorHandlerEchoesOrigin;

impl Cause for ErrorHandlerEchoesOrigin {
    fn id(&self) -> &'static str {
        "error-handler-echoes-origin"
    }

    fn about(&self) -> &'static str {
        "An error handler copies the request's Origin into its answer, so errors bypass the list of origins."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Crash,
            blames: &[Blame::Deploy],
            needs: "An error that allows a foreign origin with credentials, and successes that refuse the same origin.",
            likely: &[
                "A catch-all handler copies the Origin header, to make 500s readable, without asking the list",
                "Errors pass a second CORS setup, with allow_origin_regex \".*\" or origin: true",
                "A gateway adds the headers to its default errors for whoever asks",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let found = case.of("cors/errors-do-not-echo");
        let subjects: Vec<&str> = found.iter().map(|finding| finding.subject.as_str()).collect();
        let first = case.shown(found.first()?)?;
        if everybody_is_allowed(case) {
            return None;
        }
        let exchanges = browser::shown(case, &found);
        let mut next_steps = vec![
            "Find the exception handler that sets Access-Control-Allow-Origin itself, and take that out"
                .to_owned(),
            "Put the CORS layer around the handler, so that the list decides for errors too".to_owned(),
        ];
        next_steps.extend(browser::curl(case, first));
        Some(Diagnosis {
            cause: self.id().to_owned(),
            statement: "The error handler echoes any origin with credentials, so errors bypass the list that guards the successes"
                .to_owned(),
            blame: Blame::Deploy,
            confidence: Confidence::Certain,
            evidence: std::iter::once(format!("echoed on {}", listed(&subjects))).chain(words::seen(&exchanges)).collect(),
            ruled_out: vec!["an echo of every origin: successes refuse a foreign one".to_owned()],
            likely_causes: Vec::new(),
            help: None,
            next_steps,
            explains: explained(found),
        })
    }
}

/// Whether a foreign origin may read the successes too; then errors bypass nothing.
fn everybody_is_allowed(case: &Case<'_>) -> bool {
    let foreign = Origin(FOREIGN.into());
    let read = pages::read_by_stranger(case.view.target, &foreign);
    case.view
        .answer(&read)
        .is_some_and(|(_, reply)| readable(reply.status, &reply.headers, &foreign, Mode::Include).is_ok())
}
