//! The CORS layer answers the preflight and does not allow what the page sends: a new header of the front end, a method, a list that
//! does not parse.

use crate::cors::refusal::{Refusal, Unlisted};
use crate::cors::sentence::{listed, plain};
use crate::diagnosis::browser::{self, Stopped};
use crate::diagnosis::case::{Case, Cause, explained};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::words;
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};
use crate::model::exchange::Exchange;

/// The cause.
pub struct PreflightMissesHeaders;

impl Cause for PreflightMissesHeaders {
    fn id(&self) -> &'static str {
        "preflight-misses-headers"
    }

    fn about(&self) -> &'static str {
        "The page sends a header or uses a method that the preflight's answer does not allow."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Browser,
            blames: &[Blame::Deploy],
            needs: "A preflight that the CORS layer answered, and the header or method of the page that it does not allow.",
            likely: &[
                "The front end began to send a header (a trace id, a tenant, x-requested-with), and the list was not extended",
                "PUT, PATCH or DELETE is missing: many defaults allow GET, HEAD and POST",
                "Access-Control-Allow-Headers: * is expected to cover Authorization, and does not",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let found: Vec<(Stopped<'_>, String)> = browser::stopped(case)
            .into_iter()
            .filter_map(|stopped| {
                let lacking: Vec<String> = stopped.refused.reasons().filter_map(lacking).collect();
                (!lacking.is_empty()).then(|| (stopped, lacking.join(" and ")))
            })
            .collect();
        let (first, lacking) = found.first()?;
        let exchanges: Vec<&Exchange> = found.iter().map(|(stopped, _)| stopped.exchange).collect();
        let mut evidence = words::seen(&exchanges);
        evidence.extend(
            found
                .iter()
                .map(|(stopped, _)| stopped.refused.to_string())
                .take(3),
        );
        let mut next_steps = vec![
            format!("Allow {lacking} in the service's CORS settings"),
            "If the page began to send it lately, roll the page back first".to_owned(),
        ];
        next_steps.extend(browser::curl(case, first.exchange));
        Some(Diagnosis {
            cause: self.id().to_owned(),
            statement: format!(
                "The page at {} uses {lacking} for {}, and the service does not allow it, so browsers never send the call",
                first.preflight.client.origin, first.preflight.made.call
            ),
            blame: Blame::Deploy,
            confidence: Confidence::Certain,
            evidence,
            ruled_out: vec!["the list of origins: the page's own is named".to_owned()],
            likely_causes: Vec::new(),
            help: None,
            next_steps,
            explains: explained(browser::blocked(case, &exchanges)),
        })
    }
}

/// What is not allowed and should be named.
fn lacking(refusal: &Refusal) -> Option<String> {
    match refusal {
        Refusal::HeaderDisallowedByPreflightResponse { missing, .. } => {
            let names: Vec<&str> = missing
                .iter()
                .filter(|header| header.why != Unlisted::WildcardIsLiteral)
                .map(|header| header.name.as_str())
                .collect();
            let noun = if names.len() == 1 { "header" } else { "headers" };
            (!names.is_empty()).then(|| format!("the request {noun} {}", listed(&names)))
        }
        Refusal::MethodDisallowedByPreflightResponse { method, allowed }
            if !allowed.iter().any(|one| one == "*") =>
        {
            Some(format!("the method {}", plain(method)))
        }
        Refusal::InvalidAllowHeadersPreflightResponse { .. } => {
            Some("request headers (the list of allowed ones does not parse)".to_owned())
        }
        Refusal::InvalidAllowMethodsPreflightResponse { .. } => {
            Some("a method (the list of allowed ones does not parse)".to_owned())
        }
        _ => None,
    }
}
