//! A page on https calls an API on http: browsers block the call before they send anything, and CORS is never asked.

use crate::cors::sentence::listed;
use crate::diagnosis::case::{Case, Cause, explained};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::pages::told;
use crate::diagnosis::words;
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};
use crate::model::finding::Finding;

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
            stage: Stage::Page,
            blames: &[Blame::Edge, Blame::Deploy],
            needs: "A page on https, configured or read, and an API whose base URL is http and leaves this machine, or that its scripts name with http.",
            likely: &[
                "The front end's configuration holds http:// from a time before TLS, or no scheme",
                "TLS ends at a proxy that only the page's host was given",
                "The URL of an internal or staging service was built into the production page",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let read: Vec<&Finding> = case
            .of("page/no-mixed-content")
            .into_iter()
            .filter(|one| one.fails())
            .collect();
        let plain = case.of("tls/only-tls");
        let (api, statement) = match read.first() {
            Some(first) => {
                let pages: Vec<&str> = read.iter().map(|one| one.subject.as_str()).collect();
                let api = called(first)?;
                let what = format!(
                    "browsers block every call of {} to {api}, since the page is on https and that address is not (mixed content)",
                    listed(&pages)
                );
                (api, told(case, "the calls never leave the page", &what))
            }
            None => {
                let (pages, api) = (configured(case, &plain)?, case.view.target.base.clone());
                let statement = format!(
                    "Browsers block every call of {} to {api}: the page is on https and the API is not (mixed content)",
                    listed(&pages)
                );
                (api, statement)
            }
        };
        // An API on https that answers without TLS as well has a fault of its own.
        let plain = plain.into_iter().filter(|_| !case.view.target.speaks_tls());
        let found: Vec<&Finding> = read.into_iter().chain(plain).collect();
        let shown: Vec<_> = found.iter().filter_map(|finding| case.shown(finding)).collect();
        let in_pages = found.iter().filter(|finding| finding.exchanges.is_empty());
        let mut evidence = words::seen(&shown);
        evidence.extend(in_pages.map(|finding| finding.actual.clone()));
        Some(Diagnosis {
            cause: self.id().to_owned(),
            statement,
            blame: Blame::Edge,
            confidence: Confidence::Certain,
            evidence,
            ruled_out: vec!["CORS: a blocked call never gets that far".to_owned()],
            likely_causes: Vec::new(),
            help: None,
            next_steps: vec![
                "Print the API's URL that the deployed page uses, and write https:// there".to_owned(),
                "Serve the API over TLS, and redirect http to https for everybody else".to_owned(),
                format!(
                    "See whether TLS answers already:  curl -sv {}",
                    api.replacen("http://", "https://", 1)
                ),
            ],
            explains: explained(case.about(&shown).into_iter().chain(found)),
        })
    }
}

/// The address that a page calls, as the finding about it says.
fn called(finding: &Finding) -> Option<String> {
    Some(finding.expected.replacen("https://", "http://", 1)).filter(|api| api.starts_with("http://"))
}

/// The pages on https that were configured for an API on http.
fn configured<'c>(case: &Case<'c>, found: &[&Finding]) -> Option<Vec<&'c str>> {
    found.iter().find(|finding| finding.fails())?;
    let target = case.view.target;
    let mut pages: Vec<&str> = target
        .clients
        .iter()
        .map(|client| client.origin.0.as_str())
        .filter(|origin| origin.starts_with("https://"))
        .collect();
    pages.sort_unstable();
    pages.dedup();
    (target.base.starts_with("http://") && !pages.is_empty()).then_some(pages)
}

#[cfg(test)]
mod tests {
    use crate::check::testing::target;
    use crate::diagnosis::pages::tests::run;
    use crate::diagnosis::tests::health;
    use crate::diagnosis::whole_tests::{causes, judged};
    use crate::model::probe::Origin;
    use crate::model::target::{Environment, Target};
    use crate::page::testing::naming;

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

    #[test]
    fn a_script_that_names_the_api_with_http_is_mixed_content_of_an_api_on_https() {
        let judged = run(&[naming("const b='http://api.example/api/v3'")]);
        assert_eq!(causes(&judged), ["mixed-content"]);
        assert_eq!(
            judged.headline,
            "The API answers, and the calls never leave the page: browsers block every call of https://app.example/record to \
             http://api.example, since the page is on https and that address is not (mixed content)"
        );
        assert!(judged.diagnoses[0].evidence[0].contains("const b='http://api.example/api/v3'"));
        assert_eq!(
            causes(&run(&[naming("const b='https://api.example/api/v3'")])),
            [""; 0]
        );
    }
}
