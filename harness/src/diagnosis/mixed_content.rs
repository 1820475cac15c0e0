//! A page on https calls an API on http: browsers block the call before they send anything, and CORS is never asked.

use crate::cors::sentence::listed;
use crate::diagnosis::case::{Case, Cause, explained};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::words;
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};

/// The cause.
pub struct MixedContent;

impl Cause for MixedContent {
    fn id(&self) -> &'static str {
        "mixed-content"
    }

    fn about(&self) -> &'static str {
        "The page is on https and the API on http, so browsers block every call of it before CORS is asked."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Browser,
            blames: &[Blame::Edge, Blame::Deploy],
            needs: "A configured page on https, and an API whose base URL is http and leaves this machine.",
            likely: &[
                "The front end's configuration holds http:// from a time before TLS, or no scheme",
                "TLS ends at a proxy that only the page's host was given",
                "The URL of an internal or staging service was built into the production page",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let target = case.view.target;
        let found = case.of("tls/only-tls");
        found.iter().find(|finding| finding.fails())?;
        let mut pages: Vec<&str> = target
            .clients
            .iter()
            .map(|client| client.origin.0.as_str())
            .filter(|origin| origin.starts_with("https://"))
            .collect();
        pages.sort_unstable();
        pages.dedup();
        if !target.base.starts_with("http://") || pages.is_empty() {
            return None;
        }
        let shown: Vec<_> = found.iter().filter_map(|finding| case.shown(finding)).collect();
        let base = &target.base;
        Some(Diagnosis {
            cause: self.id().to_owned(),
            statement: format!(
                "Browsers block every call of {} to {base}: the page is on https and the API is not (mixed content)",
                listed(&pages)
            ),
            blame: Blame::Edge,
            confidence: Confidence::Certain,
            evidence: words::seen(&shown),
            ruled_out: vec!["CORS: a blocked call never gets that far".to_owned()],
            likely_causes: Vec::new(),
            next_steps: vec![
                "Print the API's URL that the deployed page uses, and write https:// there".to_owned(),
                "Serve the API over TLS, and redirect http to https for everybody else".to_owned(),
                format!(
                    "See whether TLS answers already:  curl -sv {}",
                    base.replacen("http://", "https://", 1)
                ),
            ],
            explains: explained(case.about(&shown).into_iter().chain(found)),
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::check::testing::target;
    use crate::diagnosis::tests::health;
    use crate::diagnosis::whole_tests::{causes, judged};
    use crate::model::probe::Origin;
    use crate::model::target::{Environment, Target};

    /// The causes of a run against this base, for a page at this origin.
    fn named(base: &str, origin: &str) -> Vec<String> {
        let mut target = Target {
            base: base.into(),
            environment: Environment::Production,
            ..target()
        };
        target.clients[0].origin = Origin(origin.into());
        let run = judged(&target, &[health()]);
        causes(&run).into_iter().map(str::to_owned).collect()
    }

    #[test]
    fn a_page_on_https_and_an_api_on_http_is_mixed_content() {
        let named = named("http://api.example", "https://app.example");
        assert_eq!(
            named.first().map(String::as_str),
            Some("mixed-content"),
            "{named:?}"
        );
        assert!(!named.contains(&"plain-http".to_owned()), "{named:?}");
    }

    #[test]
    fn a_page_on_http_is_stopped_by_nothing_and_loopback_counts_as_safe() {
        let http = named("http://api.example", "http://app.example");
        assert!(
            http.contains(&"plain-http".to_owned()) && !http.contains(&"mixed-content".to_owned()),
            "{http:?}"
        );
        for base in [
            "http://127.0.0.1:8000",
            "http://localhost:8000",
            "https://api.example",
        ] {
            let named = named(base, "https://app.example");
            assert!(!named.contains(&"mixed-content".to_owned()), "{base} {named:?}");
        }
    }
}
