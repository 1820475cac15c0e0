//! What the causes that lie in a web page have in common.

use crate::check::text::clean;
use crate::check::web::SHOWN;
use crate::diagnosis::case::Case;
use crate::model::finding::Finding;
use crate::model::page::SeenPage;

/// The page that a finding is about.
pub fn of_page<'c>(case: &Case<'c>, finding: &Finding) -> Option<&'c SeenPage> {
    let mut pages = case.view.pages.iter();
    pages.find(|page| clean(&page.url, SHOWN) == finding.subject)
}

/// What is wrong with a page, as a whole sentence. Where the service itself is well it begins with that: whoever reads it need
/// not look there.
pub fn told(case: &Case<'_>, and: &str, what: &str) -> String {
    let in_a_page = |finding: &Finding| finding.check.starts_with("page/");
    let fails = case
        .findings
        .iter()
        .any(|finding| finding.fails() && !in_a_page(finding));
    let answers = case.view.answers().any(|(_, reply)| reply.status < 300);
    if answers && !fails {
        return format!("The API answers, and {and}: {what}");
    }
    let mut letters = what.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters).collect()
}

#[cfg(test)]
pub(crate) mod tests {
    use jiff::Timestamp;

    use crate::checks::page::tests::api;
    use crate::checks::registry::{CHECKS, RULES};
    use crate::diagnosis::registry::CAUSES;
    use crate::diagnosis::tests::health;
    use crate::diagnosis::whole_tests::{blames_are_known, causes};
    use crate::model::exchange::Exchange;
    use crate::model::page::{ContentPolicy, SeenPage, Stands};
    use crate::model::recording::Recording;
    use crate::model::run::Run;
    use crate::page::testing::page;
    use crate::runner::judge::{Bench, judge};

    /// The diagnosis of a healthy API whose pages these are.
    pub(crate) fn run(pages: &[SeenPage]) -> Run {
        of(&[health()], pages)
    }

    fn of(seen: &[Exchange], pages: &[SeenPage]) -> Run {
        let recording = Recording {
            diagnosis: Some("greenlight diagnose URL".into()),
            pages: pages.to_vec(),
            ..Recording::of(api(), seen.to_vec(), Timestamp::UNIX_EPOCH)
        };
        let bench = Bench {
            checks: CHECKS,
            rules: RULES,
            causes: CAUSES,
        };
        let run = judge(&recording, bench);
        blames_are_known(&run);
        run
    }

    #[test]
    fn a_service_that_crashes_is_named_before_its_page_and_both_are() {
        let mut page = page();
        page.policies.push(ContentPolicy {
            text: "connect-src 'self'".into(),
            stands: Stands::Header,
        });
        let crash = crate::diagnosis::tests::proof(3, 500, "Internal Server Error");
        let judged = of(&[health(), crash], &[page]);
        let named = causes(&judged);
        assert_eq!(named[0], "server-error", "{named:?}");
        let second = judged
            .diagnoses
            .iter()
            .find(|one| one.cause == "page-policy-blocks-api");
        assert!(second.unwrap().statement.starts_with("Browsers refuse the calls"));
    }
}
