//! The URL of an API is built into a page, and it is easily that of another environment: staging in production, or the laptop
//! on which it was built. Then the API that everybody looks at is in perfect health, and nobody calls it.

use crate::check::Check;
use crate::check::judgement::Judgement;
use crate::check::spec::{Spec, Suite};
use crate::check::text::clean;
use crate::check::view::View;
use crate::check::web::{Known, SHOWN, another, judged, pages_of_api};
use crate::model::finding::{Finding, Layer, Severity};
use crate::model::page::SeenPage;
use crate::model::probe::Ask;
use crate::page::kin::{Kin, is_chosen};

/// The check.
pub struct CallsThisApi;

static SPEC: Spec = Spec {
    id: "page/calls-this-api",
    layer: Layer::Cors,
    title: "The page's scripts call this API and not another environment's",
    severity: Severity::Major,
    suites: &[Suite::Smoke],
    needs: &[],
    must_run: false,
    explanation: "Front ends have the API's URL built in, from a variable that was set, or not set, where they were built. A \
                  page whose scripts name staging or localhost in the place of this API works for whoever has that running. \
                  An address counts when its name is this API's but for a word such as `staging`, when it has this API's very \
                  path on another host, or when it is a local one in a page on the internet, and only if no script names this \
                  API. Calls to the page's own host, which may hand them on, are fine.",
    hint: "Set the API's URL where the page is built, build it again and deploy that.",
};

impl Check for CallsThisApi {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, _view: &View<'_>) -> Vec<Ask> {
        Vec::new()
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        let (pages, known) = match pages_of_api(view) {
            Ok(found) => found,
            Err(none) => return none,
        };
        let pages = pages.into_iter().filter(|page| !page.mentions.is_empty());
        let pages: Vec<&SeenPage> = pages.collect();
        if pages.is_empty() {
            let why = "no script that was read names any host, so the page calls its own";
            return Judgement::NotApplicable(why.to_owned());
        }
        let found = pages.into_iter().filter_map(|page| finding(page, &known));
        judged(view, found.collect())
    }
}

fn finding(page: &SeenPage, known: &Known) -> Option<Finding> {
    let mention = another(page, known)?;
    let address = clean(&page.url, SHOWN);
    let (named, api) = (clean(&mention.url, SHOWN), known.origin());
    let found = SPEC
        .finds(
            &address,
            format!("The scripts of the page at {address} call {named}, and none of them names {api}"),
        )
        .expected(api)
        .actual(format!(
            "{}: …{}…",
            clean(&mention.script, SHOWN),
            clean(&mention.excerpt, SHOWN)
        ));
    // A page whose own host is this API's, or may hand calls on, needs no name for it.
    let own = page.mentions.iter().any(|one| known.kin(page, one) == Kin::Own);
    let shared = url::Url::parse(&page.url).is_ok_and(|url| url.origin() == known.base().origin());
    // Nor may one that was not read whole be said to name it nowhere.
    let found = if is_chosen(mention) || own || shared || !page.left_out.is_empty() {
        found.severity(Severity::Advisory)
    } else {
        found
    };
    Some(found.shown_by([]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::page::tests::{api, found, judgement};
    use crate::page::testing::{naming, page};

    fn severities(text: &str) -> Vec<Severity> {
        let found = found(&CallsThisApi, &api(), &[naming(text)]);
        found.into_iter().map(|finding| finding.severity).collect()
    }

    #[test]
    fn another_environment_in_the_place_of_this_api_is_found() {
        for text in [
            "const a='https://api-staging.example';fetch(a+'/api/v3/summaries')",
            "const a='http://localhost:8000/api/v3'",
            "const a='http://127.0.0.1:8000'",
            "const a='https://old.host.test/api/v3'",
            "fetch('https://old.host.test/api/v3/summaries'),t('https://www.google-analytics.com/g/collect')",
        ] {
            assert_eq!(severities(text), [Severity::Major], "{text}");
        }
        let found = found(
            &CallsThisApi,
            &api(),
            &[naming("const a='http://localhost:8000'")],
        );
        assert_eq!(
            found[0].title,
            "The scripts of the page at https://app.example/record call http://localhost:8000, and none of them names https://api.example"
        );
    }

    #[test]
    fn spares_this_api_in_company_and_hosts_that_everybody_names() {
        for text in [
            "const a='https://api.example/api/v3'",
            "const a={dev:'http://localhost:8000',staging:'https://api-staging.example',live:'https://api.example'}",
            "t('https://www.google-analytics.com/g/collect'),s('https://o1.ingest.sentry.io/api/4/envelope/')",
            "const o=window.location.href||'http://localhost'",
            "import('https://cdn.example.net/x.js')",
        ] {
            assert_eq!(severities(text), [], "{text}");
        }
    }

    #[test]
    fn what_a_script_chooses_where_it_runs_is_a_remark() {
        let text = "const a=location.hostname==='localhost'?'http://localhost:8000':''";
        assert_eq!(severities(text), [Severity::Advisory]);
        let text = "const a='http://localhost:8000/api/v3',b='https://app.example/api/v3'";
        assert_eq!(severities(text), [Severity::Advisory]);
    }

    #[test]
    fn a_page_that_was_not_read_whole_is_not_said_to_name_this_api_nowhere() {
        let mut page = naming("const a='http://localhost:8000/api/v3'");
        page.left_out = vec!["3 more scripts".to_owned()];
        let found = found(&CallsThisApi, &api(), &[page]);
        assert_eq!(found[0].severity, Severity::Advisory);
    }

    #[test]
    fn a_page_that_names_no_host_calls_its_own() {
        let judged = judgement(&CallsThisApi, &api(), &[page()]);
        assert!(matches!(judged, Judgement::NotApplicable(_)), "{judged:?}");
        assert_eq!(CallsThisApi.ask(&View::new(&api(), None, &[], &[])), []);
    }
}
