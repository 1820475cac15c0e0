//! A page on https that calls an address on http: browsers refuse the call before it is sent, whatever the service would say.

use url::Url;

use crate::check::Check;
use crate::check::judgement::Judgement;
use crate::check::spec::{Spec, Suite};
use crate::check::text::clean;
use crate::check::view::View;
use crate::check::web::{Known, SHOWN, judged, pages_of_api};
use crate::model::finding::{Finding, Layer, Severity};
use crate::model::page::{Mention, SeenPage};
use crate::model::probe::Ask;
use crate::page::kin::{Kin, is_chosen};
use crate::page::secure::is_mixed;

/// The check.
pub struct NoMixedContent;

static SPEC: Spec = Spec {
    id: "page/no-mixed-content",
    layer: Layer::Cors,
    title: "The page calls the API over TLS when it came over TLS itself",
    severity: Severity::Blocker,
    suites: &[Suite::Smoke],
    needs: &[],
    must_run: false,
    explanation: "A page on https may call nothing on http: browsers refuse it as mixed content, before CORS is asked, and no \
                  redirect to https on the server helps, since nothing is sent. It takes one `http://` in the settings of a \
                  front end. This machine's own addresses are exempt, and so is a page with `upgrade-insecure-requests`, whose \
                  calls go out over https.",
    hint: "Write https:// in the front end's settings, and build and deploy the page again.",
};

impl Check for NoMixedContent {
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
        let found = pages.into_iter().filter_map(|page| finding(page, &known));
        judged(view, found.collect())
    }
}

fn finding(page: &SeenPage, known: &Known) -> Option<Finding> {
    let named: Vec<(&Mention, Url)> = page
        .mentions
        .iter()
        .filter(|mention| known.kin(page, mention) == Kin::This)
        .filter_map(|mention| Some((mention, Url::parse(&mention.url).ok()?)))
        .collect();
    let in_script = named
        .iter()
        .find(|(mention, url)| is_mixed(page, url) && !is_chosen(mention));
    // A script that names both calls which it likes.
    let both = named.iter().any(|(_, url)| !is_mixed(page, url));
    let actual = match in_script.filter(|_| !both) {
        Some((mention, _)) => format!(
            "{} names {}: …{}…",
            clean(&mention.script, SHOWN),
            clean(&mention.url, SHOWN),
            clean(&mention.excerpt, SHOWN)
        ),
        None if named.is_empty() && is_mixed(page, known.base()) => {
            "the API was given with http://".to_owned()
        }
        None => return None,
    };
    let address = clean(&page.url, SHOWN);
    let called = match in_script {
        Some((_, url)) => url.origin().ascii_serialization(),
        None => known.origin(),
    };
    let found = SPEC
        .finds(
            &address,
            format!(
                "The page at {address} is on https and calls {called}, which browsers refuse (mixed content)"
            ),
        )
        .expected(called.replacen("http://", "https://", 1))
        .actual(actual);
    Some(found.shown_by([]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::page::tests::{api, found};
    use crate::model::page::{ContentPolicy, Stands};
    use crate::page::testing::{naming, page};

    fn count(page: SeenPage) -> usize {
        found(&NoMixedContent, &api(), &[page]).len()
    }

    #[test]
    fn an_api_that_a_page_on_https_names_with_http_is_found() {
        let page = naming("const b='http://api.example/api/v3'");
        let found = found(&NoMixedContent, &api(), &[page]);
        assert!(
            found[0]
                .title
                .contains("calls http://api.example, which browsers refuse")
        );
        assert!(
            found[0].actual.contains("const b='http://api.example/api/v3'"),
            "{}",
            found[0].actual
        );
    }

    #[test]
    fn an_api_that_was_given_with_http_is_found_when_no_script_says_otherwise() {
        let mut target = api();
        target.base = "http://api.example".into();
        assert_eq!(found(&NoMixedContent, &target, &[page()]).len(), 1);
        let https = naming("const b='https://api.example'");
        assert_eq!(found(&NoMixedContent, &target, &[https]), []);
        target.base = "http://localhost:8000".into();
        assert_eq!(found(&NoMixedContent, &target, &[page()]), []);
    }

    #[test]
    fn spares_tls_other_hosts_and_what_the_browser_upgrades() {
        assert_eq!(count(naming("const b='https://api.example/api/v3'")), 0);
        assert_eq!(
            count(naming("const b='http://www.google.com/x',s='http://purl.org/dc'")),
            0
        );
        assert_eq!(
            count(naming("b.replace('http://api.example','https://api.example')")),
            0
        );
        assert_eq!(
            count(naming("location.protocol==='http:'?'http://api.example':x")),
            0
        );
        let mut upgraded = naming("const b='http://api.example/api/v3'");
        upgraded.policies.push(ContentPolicy {
            text: "upgrade-insecure-requests".into(),
            stands: Stands::Header,
        });
        assert_eq!(count(upgraded), 0);
        let mut plain = naming("const b='http://api.example/api/v3'");
        plain.url = "http://app.example/".into();
        assert_eq!(count(plain), 0);
    }
}
