//! Nothing that the service answers carries a CORS header, whoever asks: no CORS layer runs in this build or this environment.

use crate::diagnosis::browser;
use crate::diagnosis::case::{Case, Cause, explained};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::origin_not_listed::chooses_by_origin;
use crate::diagnosis::words;
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};
use crate::model::exchange::Exchange;

/// The cause.
pub struct CorsMissingEverywhere;

impl Cause for CorsMissingEverywhere {
    fn id(&self) -> &'static str {
        "cors-missing-everywhere"
    }

    fn about(&self) -> &'static str {
        "No answer carries CORS headers for any origin: CORS is not enabled."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Browser,
            blames: &[Blame::Deploy],
            needs: "Answers to the configured pages, none of which carries a CORS header for any origin.",
            likely: &[
                "The variable with the list of origins is unset here, and the code adds the layer only when it is set",
                "CORS is enabled in development alone (a dev proxy, DEBUG, app.env)",
                "The proxy that added the headers was replaced or lost its configuration",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let any = case
            .view
            .answers()
            .any(|(_, reply)| !browser::allowed(reply).is_empty());
        let clients = &case.view.target.clients;
        let bare: Vec<&Exchange> = case
            .view
            .answers()
            .map(|(exchange, _)| exchange)
            .filter(|exchange| {
                clients
                    .iter()
                    .any(|client| browser::comes_from(exchange, &client.origin))
            })
            .collect();
        let chooses = clients
            .iter()
            .any(|client| chooses_by_origin(case, &client.origin));
        if any || chooses || !bare.iter().any(|exchange| is_the_services_own(exchange)) {
            return None;
        }
        let explains = explained(browser::blocked(case, &bare));
        if explains.is_empty() {
            return None;
        }
        Some(Diagnosis {
            cause: self.id().to_owned(),
            statement: "No answer carries CORS headers, for any origin: CORS is not enabled in this deploy".to_owned(),
            blame: Blame::Deploy,
            confidence: Confidence::Likely,
            evidence: words::seen(&bare),
            ruled_out: vec!["a single origin left out: nobody gets the headers".to_owned()],
            likely_causes: Vec::new(),
            help: None,
            next_steps: vec![
                "Look whether the setting that holds the list of origins is set in this environment, and whether the build \
                 adds the CORS layer"
                    .to_owned(),
                "If a proxy adds the headers, look at its configuration instead".to_owned(),
            ],
            explains,
        })
    }
}

/// Whether the service itself must have answered, and no page of something in front of it.
fn is_the_services_own(exchange: &Exchange) -> bool {
    exchange
        .status()
        .is_some_and(|status| !matches!(status, 403 | 404 | 429 | 500..))
}
