//! The content policy of the page does not list the API: browsers refuse every call of it before it is sent.

use crate::check::web::Known;
use crate::diagnosis::case::{Case, Cause, explained};
use crate::diagnosis::leaf::{Leaf, Stage};
use crate::diagnosis::pages::told;
use crate::model::diagnosis::{Blame, Confidence, Diagnosis};

/// The cause.
pub struct PagePolicyBlocksApi;

impl Cause for PagePolicyBlocksApi {
    fn id(&self) -> &'static str {
        "page-policy-blocks-api"
    }

    fn about(&self) -> &'static str {
        "The page's Content-Security-Policy does not list the API, so browsers refuse its calls before they are sent."
    }

    fn leaf(&self) -> &'static Leaf {
        &Leaf {
            stage: Stage::Page,
            blames: &[Blame::Deploy],
            needs: "The page as it was served, and a policy that browsers enforce, whose connect-src or default-src does not match a call of the API.",
            likely: &[
                "The API got another host, and the page's policy lists the old one",
                "A policy was added or tightened at the page's host or its CDN, and nobody tried the API with it",
                "The policy lists a path without a slash at its end, which matches that one address alone",
                "Two policies apply, in a header and in the page, and only one of them lists the API",
            ],
        }
    }

    fn diagnose(&self, case: &Case<'_>) -> Option<Diagnosis> {
        let found = case.of("page/policy-allows-api");
        let first = found.iter().find(|finding| finding.fails())?;
        let api = Known::of(case.view)?.origin();
        let refused = first
            .title
            .split_once(" may not call ")
            .map_or("", |(_, refused)| refused);
        Some(Diagnosis {
            cause: self.id().to_owned(),
            statement: told(
                case,
                "the calls never leave the page",
                &format!(
                    "browsers refuse the calls of the page at {} to {}",
                    first.subject,
                    refused.replacen(
                        ": its content policy says ",
                        ", since its content policy says ",
                        1
                    )
                ),
            ),
            blame: Blame::Deploy,
            confidence: Confidence::Certain,
            evidence: vec![first.actual.clone()],
            ruled_out: vec!["CORS: a call that the policy refuses never gets that far".to_owned()],
            likely_causes: Vec::new(),
            help: None,
            next_steps: vec![
                first.hint.clone(),
                format!(
                    "See it in the browser's console: it says that connecting to {api} violates the policy"
                ),
                "Try a policy as Content-Security-Policy-Report-Only first: it tells, and refuses nothing"
                    .to_owned(),
            ],
            explains: explained(found),
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::diagnosis::pages::tests::run;
    use crate::diagnosis::whole_tests::causes;
    use crate::model::page::{ContentPolicy, Stands};
    use crate::page::testing::page;

    #[test]
    fn a_policy_without_the_api_is_named_with_what_to_write() {
        let mut page = page();
        page.policies.push(ContentPolicy {
            text: "default-src 'self'".into(),
            stands: Stands::Meta,
        });
        let judged = run(&[page.clone()]);
        assert_eq!(causes(&judged), ["page-policy-blocks-api"]);
        assert_eq!(
            judged.headline,
            "The API answers, and the calls never leave the page: browsers refuse the calls of the page at \
             https://app.example/record to https://api.example, since its content policy says default-src 'self'"
        );
        assert_eq!(
            judged.diagnoses[0].next_steps[0],
            "Let the page's policy say:  connect-src 'self' https://api.example"
        );
        page.policies[0].text = "default-src 'self'; connect-src https:".into();
        assert_eq!(causes(&run(&[page])), [""; 0]);
    }
}
