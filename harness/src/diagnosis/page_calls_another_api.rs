//! The page was built for another environment: its scripts call staging, or the laptop on which they were built, and nobody
//! calls the API that everybody looks at.

use crate::check::text::clean;
use crate::check::web::{Known, SHOWN, another};
use crate::diagnosis::case::{Case, Cause, explained};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::pages::{of_page, told};
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};
use crate::page::policy::refuses;
use url::Url;

/// The cause.
pub struct PageCallsAnotherApi;

impl Cause for PageCallsAnotherApi {
    fn id(&self) -> &'static str {
        "page-calls-another-api"
    }

    fn about(&self) -> &'static str {
        "The page's scripts were built with the address of another environment's API, so nobody calls this one."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Page,
            blames: &[Blame::Deploy],
            needs: "The scripts of the page, of which one names another environment of this API and none this API itself.",
            likely: &[
                "The variable with the API's URL was not set where the page was built, and a default for development was used",
                "The build of another environment was promoted to this one",
                "The API moved, and the page was not built again",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let found = case.of("page/calls-this-api");
        let first = found.iter().find(|finding| finding.fails())?;
        let known = Known::of(case.view)?;
        let page = of_page(case, first)?;
        let mention = another(page, &known)?;
        let named = clean(&mention.url, SHOWN);
        let api = known.origin();
        // A policy that lets out what the page calls is right for that build.
        let fits = Url::parse(&mention.url).is_ok_and(|url| refuses(page, &url).is_none());
        let policy = case.of("page/policy-allows-api").into_iter();
        let policy = policy.filter(|finding| fits && finding.subject == first.subject);
        Some(Diagnosis {
            cause: self.id().to_owned(),
            statement: told(
                case,
                "nobody calls it",
                &format!(
                    "the page at {} calls {named} in place of {api}, which none of its scripts names",
                    first.subject
                ),
            ),
            blame: Blame::Deploy,
            confidence: Confidence::Likely,
            evidence: vec![first.actual.clone()],
            ruled_out: Vec::new(),
            likely_causes: Vec::new(),
            help: None,
            next_steps: vec![
                format!(
                    "Set the API's URL where the page is built to {}, build it again and deploy that",
                    known.base()
                ),
                "Look in the browser's network panel which host the failing call goes to".to_owned(),
                "Fail the build when the variable with the API's URL is not set, rather than use a default"
                    .to_owned(),
            ],
            explains: explained(found.iter().copied().chain(policy)),
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::diagnosis::pages::tests::run;
    use crate::diagnosis::whole_tests::causes;
    use crate::model::page::{ContentPolicy, Stands};
    use crate::page::testing::naming;

    #[test]
    fn a_page_built_for_staging_is_named_and_its_policy_goes_with_it() {
        let mut page = naming("const a='https://api-staging.example/api/v3'");
        page.policies.push(ContentPolicy {
            text: "connect-src https://api-staging.example".into(),
            stands: Stands::Header,
        });
        let judged = run(&[page.clone()]);
        assert_eq!(causes(&judged), ["page-calls-another-api"]);
        assert!(
            judged.headline.starts_with("The API answers, and nobody calls it: the page at https://app.example/record calls https://api-staging.example"),
            "{}",
            judged.headline
        );
        page.policies[0].text = "connect-src 'self'".into();
        assert_eq!(
            causes(&run(&[page])),
            ["page-calls-another-api", "page-policy-blocks-api"]
        );
    }

    #[test]
    fn a_page_that_names_this_api_too_is_spared() {
        let page = naming("const a=['https://api-staging.example','https://api.example']");
        assert_eq!(causes(&run(&[page])), [""; 0]);
    }
}
