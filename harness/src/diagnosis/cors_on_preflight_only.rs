//! Preflights are answered well, and no answer to a call carries a CORS header: a gateway answers `OPTIONS` on its own, and what
//! stands behind it knows nothing of CORS.

use crate::cors::refusal::Refusal;
use crate::diagnosis::browser::{self, Met};
use crate::diagnosis::case::{Case, Cause, explained};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::words;
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};
use crate::model::exchange::Exchange;

/// The cause.
pub struct CorsOnPreflightOnly;

impl Cause for CorsOnPreflightOnly {
    fn id(&self) -> &'static str {
        "cors-on-preflight-only"
    }

    fn about(&self) -> &'static str {
        "Preflights carry CORS headers and the answers to the calls behind them carry none."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Browser,
            blames: &[Blame::Deploy],
            needs: "Preflights with CORS headers, and answers to calls that all lack them, successes included.",
            likely: &[
                "An API gateway's \"enable CORS\" adds OPTIONS and leaves the integration's answers alone (AWS REST API with proxy integration)",
                "The application registers a handler for OPTIONS by hand and no middleware",
                "A serverless function must set the headers itself, and only its OPTIONS branch does",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let preflights: Vec<&Exchange> = case
            .view
            .answers()
            .filter(|(exchange, reply)| exchange.probe.is_preflight() && !browser::allowed(reply).is_empty())
            .map(|(exchange, _)| exchange)
            .collect();
        let met = browser::met(case);
        let bare: Vec<&Met<'_>> = met
            .iter()
            .filter(|met| matches!(met.refusal, Some(Refusal::MissingAllowOriginHeader { .. })))
            .collect();
        let any_success = bare.iter().any(|met| met.reply.status < 400);
        if preflights.is_empty() || bare.len() < met.len() || !any_success {
            return None;
        }
        let exchanges: Vec<&Exchange> = bare.iter().map(|met| met.exchange).collect();
        let mut evidence = words::seen(&preflights);
        evidence.truncate(1);
        evidence.extend(words::seen(&exchanges));
        let mut next_steps = vec![
            "Find what answers OPTIONS (a gateway, a proxy, a middleware for preflights alone) and let the same place, or the \
             service, set the headers on every answer"
                .to_owned(),
        ];
        next_steps.extend(
            exchanges
                .iter()
                .find_map(|exchange| browser::curl(case, exchange)),
        );
        Some(Diagnosis {
            cause: self.id().to_owned(),
            statement: "Preflights pass, and no answer behind them carries CORS headers: only OPTIONS is answered by a CORS layer"
                .to_owned(),
            blame: Blame::Deploy,
            confidence: Confidence::Certain,
            evidence,
            ruled_out: vec!["the list of origins: preflights name the page's".to_owned(), "preflight".to_owned()],
            likely_causes: Vec::new(),
            help: None,
            next_steps,
            explains: explained(browser::blocked(case, &exchanges)),
        })
    }
}
