//! A page whose content policy does not list the API calls it in vain: the browser refuses each call before it is sent, and
//! the API, asked by anybody else, is in perfect health.

use url::Url;

use crate::check::Check;
use crate::check::judgement::Judgement;
use crate::check::spec::{Spec, Suite};
use crate::check::text::clean;
use crate::check::view::View;
use crate::check::web::{Known, SHOWN, calls, judged, pages_of_api};
use crate::model::finding::{Finding, Layer, Severity};
use crate::model::page::{SeenPage, Stands};
use crate::model::probe::Ask;
use crate::page::policy::{Refusal, refuses};

/// The check.
pub struct PolicyAllowsApi;

static SPEC: Spec = Spec {
    id: "page/policy-allows-api",
    layer: Layer::Cors,
    title: "The page's content policy lets it call the API",
    severity: Severity::Blocker,
    suites: &[Suite::Smoke],
    needs: &[],
    must_run: false,
    explanation: "A Content-Security-Policy says which hosts the scripts of a page may call (`connect-src`, else \
                  `default-src`). A host that is not listed is refused inside the browser: no request, no line in any log, and \
                  an error in the console that looks like the network. It breaks when the API moves, or when a policy is \
                  tightened that nobody tried with the API. Every policy of the page must allow the call; one that only reports \
                  forbids nothing. The page is read without credentials.",
    hint: "List the API's origin in `connect-src` of the page's Content-Security-Policy.",
};

impl Check for PolicyAllowsApi {
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
        let found = pages.into_iter().filter_map(|page| {
            let all = calls(view, page, &known);
            let refused: Vec<(&Url, Refusal)> = all
                .iter()
                .filter_map(|url| Some((url, refuses(page, url)?)))
                .collect();
            let (url, refusal) = refused.first()?;
            let whole = refused.len() == all.len();
            Some(finding(view, page, &known, (url, refusal, whole)))
        });
        judged(view, found.collect())
    }
}

fn finding(
    view: &View<'_>,
    page: &SeenPage,
    known: &Known,
    (url, refusal, whole): (&Url, &Refusal, bool),
) -> Finding {
    let origin = known.origin();
    let directive = clean(&refusal.directive, SHOWN);
    let address = clean(&page.url, SHOWN);
    let called = if whole {
        origin.clone()
    } else {
        clean(url.as_str(), SHOWN)
    };
    let place = match refusal.stands {
        Stands::Header => "in a header",
        Stands::Meta => "in a <meta> of the page",
    };
    let found = SPEC
        .finds(
            &address,
            format!("The page at {address} may not call {called}: its content policy says {directive}"),
        )
        .expected(format!("a policy that lists {origin}"))
        .actual(format!("Content-Security-Policy, {place}: {directive}"))
        .hint(format!(
            "Let the page's policy say:  {}",
            mended(refusal, &origin)
        ));
    let guessed = is_guessed(view, page) && page.left_out.is_empty() && !known.is_named_by(page);
    // Whether a page that nobody named, and of which every script was read, calls the API at all is not known.
    let found = if guessed {
        found.severity(Severity::Advisory)
    } else {
        found
    };
    found.shown_by([])
}

/// The directive with the API in it. `'none'` counts for nothing beside anything else.
fn mended(refusal: &Refusal, origin: &str) -> String {
    let sources = refusal.directive.split_ascii_whitespace().skip(1);
    let kept: Vec<&str> = sources
        .filter(|source| !source.eq_ignore_ascii_case("'none'"))
        .chain([origin])
        .collect();
    format!("connect-src {}", clean(&kept.join(" "), SHOWN))
}

/// Whether the page is only the root of an origin: nobody said that this very one calls the API.
fn is_guessed(view: &View<'_>, page: &SeenPage) -> bool {
    let named = view
        .target
        .clients
        .iter()
        .any(|client| client.origin == page.client && client.page.is_some());
    !named && Url::parse(&page.asked).is_ok_and(|asked| asked.path() == "/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::page::tests::{api, found};
    use crate::model::page::ContentPolicy;
    use crate::page::testing::{naming, page};

    fn with(mut page: SeenPage, policies: &[&str]) -> SeenPage {
        page.policies = policies
            .iter()
            .map(|text| ContentPolicy {
                text: (*text).to_owned(),
                stands: Stands::Header,
            })
            .collect();
        page
    }

    fn titles(page: SeenPage) -> Vec<String> {
        let found = found(&PolicyAllowsApi, &api(), &[page]);
        found.into_iter().map(|finding| finding.title).collect()
    }

    #[test]
    fn a_policy_that_does_not_list_the_api_is_found_with_the_line_to_write() {
        let page = with(page(), &["default-src 'self'; script-src 'self'"]);
        let found = found(&PolicyAllowsApi, &api(), std::slice::from_ref(&page));
        assert_eq!(
            found[0].title,
            "The page at https://app.example/record may not call https://api.example: its content policy says default-src 'self'"
        );
        assert_eq!(
            found[0].hint,
            "Let the page's policy say:  connect-src 'self' https://api.example"
        );
        assert_eq!(found[0].severity, Severity::Blocker);
    }

    #[test]
    fn a_path_without_a_slash_at_its_end_lists_one_address() {
        let told = titles(with(page(), &["connect-src https://api.example/api/v3"]));
        assert!(told[0].contains("may not call https://api.example: "), "{told:?}");
        assert_eq!(
            titles(with(page(), &["connect-src https://api.example/api/v3/"])),
            [""; 0]
        );
    }

    #[test]
    fn spares_policies_that_list_the_api_and_pages_that_were_only_guessed() {
        for policies in [
            &[][..],
            &["default-src *"],
            &["connect-src *.example"],
            &["connect-src 'self' https://api.example", "default-src https:"],
            &["script-src 'self'"],
        ] {
            assert_eq!(titles(with(page(), policies)), [""; 0], "{policies:?}");
        }
        let severity = |mut page: SeenPage| {
            page.asked = "https://app.example/".into();
            found(&PolicyAllowsApi, &api(), &[with(page, &["connect-src 'self'"])])[0].severity
        };
        assert_eq!(severity(page()), Severity::Advisory);
        assert_eq!(
            severity(naming("fetch('https://api.example/api/v3/x')")),
            Severity::Blocker
        );
    }
}
