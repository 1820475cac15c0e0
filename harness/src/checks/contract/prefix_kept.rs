//! Is the API still where its clients look? A deploy that doubles or drops a part of the base path moves all of it.

use crate::check::Check;
use crate::check::asks;
use crate::check::health::is_page;
use crate::check::judgement::{Judgement, Tally};
use crate::check::pages::cheap_route;
use crate::check::spec::{Spec, Suite};
use crate::check::view::View;
use crate::model::finding::{Layer, Severity};
use crate::model::probe::{Ask, Probe};
use crate::model::target::Target;

/// The check.
pub struct PrefixKept;

static SPEC: Spec = Spec {
    id: "contract/prefix-kept",
    layer: Layer::Contract,
    title: "The API is below the base path that its clients use",
    severity: Severity::Blocker,
    suites: &[Suite::Smoke, Suite::Contract],
    needs: &["reach/answers"],
    must_run: false,
    explanation: "A proxy that strips the prefix, a framework that adds it again, or a router mounted elsewhere makes every \
                  call 404 while the service is well. When health is not below the base path, it is looked for where such \
                  mistakes put it.",
    hint: "Compare the prefix in the router, the framework's root path and the proxy's rewrite: one of them changed.",
};

impl Check for PrefixKept {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        let route = cheap_route(view.target);
        let mut asks = vec![Ask::One(asks::read(route))];
        if is_gone(view) {
            let elsewhere = elsewhere(view.target);
            asks.extend(elsewhere.iter().map(|prefix| Ask::One(probe(prefix, route))));
        }
        asks
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        let (target, route) = (view.target, cheap_route(view.target));
        let base = target.base_path();
        let mut tally = Tally::new(view);
        let Some((first, _)) = tally.answer(&asks::read(route)) else {
            return tally.done();
        };
        if !is_gone(view) || base.is_empty() {
            return tally.done();
        }
        for prefix in elsewhere(target) {
            let Some((exchange, _)) = view
                .answer(&probe(&prefix, route))
                .filter(|(_, reply)| reply.status == 200 && !is_page(reply))
            else {
                continue;
            };
            let place = if prefix.is_empty() { "/" } else { prefix.as_str() };
            let found = SPEC
                .finds(base, format!("The API moved from {base} to {place}"))
                .expected(format!("GET {base}{route} answers"))
                .actual(format!("HTTP 404; GET {prefix}{route} answers HTTP 200"));
            tally.find(found.shown_by([first, exchange]));
            break;
        }
        tally.done()
    }
}

fn is_gone(view: &View<'_>) -> bool {
    let seen = view.answer(&asks::read(cheap_route(view.target)));
    seen.is_some_and(|(_, reply)| reply.status == 404)
}

/// Where mistakes put an API: its first part dropped, its last part dropped, its first part doubled, none at all.
fn elsewhere(target: &Target) -> Vec<String> {
    let base = target.base_path();
    let Some(inner) = base.strip_prefix('/') else {
        return Vec::new();
    };
    let (first, rest) = inner.split_once('/').unwrap_or((inner, ""));
    let without_first = if rest.is_empty() {
        String::new()
    } else {
        format!("/{rest}")
    };
    let without_last = base
        .rsplit_once('/')
        .map(|(head, _)| head.to_owned())
        .unwrap_or_default();
    let mut places = vec![
        without_first,
        without_last,
        format!("/{first}{base}"),
        String::new(),
    ];
    let mut seen = std::collections::BTreeSet::new();
    places.retain(|place| seen.insert(place.clone()));
    places
}

fn probe(prefix: &str, route: &str) -> Probe {
    Probe::get(format!("{prefix}{route}")).at_root().build()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{answered, target};
    use crate::check::trial::findings;

    fn found(status: u16, moved: (u16, &str)) -> Vec<String> {
        let target = Target {
            base: "http://notes.example/api/v3".into(),
            ..target()
        };
        assert_eq!(elsewhere(&target), ["/v3", "/api", "/api/api/v3", ""]);
        let seen = [
            answered(1, &asks::read("/health"), status, &[], "{}"),
            answered(2, &probe("/v3", "/health"), moved.0, &[], moved.1),
        ];
        let found = findings(&PrefixKept, &target, &seen);
        found.into_iter().map(|finding| finding.title).collect()
    }

    #[test]
    fn an_api_that_moved_is_found() {
        assert_eq!(found(404, (200, "{}")), ["The API moved from /api/v3 to /v3"]);
    }

    #[test]
    fn spares_one_that_stayed_one_that_is_gone_and_a_page_that_answers_everything() {
        assert!(found(200, (200, "{}")).is_empty());
        assert!(found(404, (404, "{}")).is_empty());
        assert!(found(404, (200, "<!doctype html>")).is_empty());
    }
}
