//! A front end that measures how long its calls take sees zeros, unless the service lets it see more (Fetch §4.11, TAO check).
//! Most services say nothing about that, which is their right; one that names the wrong page meant something else.

use crate::check::Check;
use crate::check::judgement::{Judgement, Tally};
use crate::check::pages;
use crate::check::spec::{Spec, Suite};
use crate::check::view::View;
use crate::checks::cors::preflight_allowed::without_pages;
use crate::cors::header::HeaderList;
use crate::cors::sentence::quoted;
use crate::model::finding::{Layer, Severity};
use crate::model::probe::Ask;
use crate::model::target::Target;

/// The check.
pub struct TimingShared;

static SPEC: Spec = Spec {
    id: "cors/timing-shared",
    layer: Layer::Cors,
    title: "Whoever may see timings is the page that measures them",
    severity: Severity::Minor,
    suites: Suite::ALL,
    needs: &["reach/answers"],
    must_run: false,
    explanation: "Timing-Allow-Origin lets a page see how long the parts of its calls took. Without it the times are zeroed, \
                  which concerns measurement and not access, and is no fault. A header that is there and does not name the \
                  page is: somebody wanted the numbers, and a dashboard shows zeros since the origin changed.",
    hint: "Name the page's origin in Timing-Allow-Origin, or \"*\", or leave the header out.",
};

/// The header (Resource Timing §4.5).
const NAME: &str = "timing-allow-origin";

impl Check for TimingShared {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        reads(view.target)
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        if let Some(reason) = without_pages(view.target) {
            return reason;
        }
        let mut tally = Tally::new(view);
        for (exchange, page, reply) in pages::answers(view) {
            tally.judged(exchange);
            let Some(values) = HeaderList(&reply.headers).get_decode_and_split(NAME) else {
                continue;
            };
            let covers = |value: &String| value == "*" || *value == page.origin.0;
            if !values.iter().any(covers) {
                let found = SPEC
                    .finds(
                        &page.origin.0,
                        format!(
                            "Timings are shown to other pages, and not to the one at {}",
                            page.origin
                        ),
                    )
                    .expected(format!("Timing-Allow-Origin: {}", page.origin))
                    .actual(format!("Timing-Allow-Origin: {}", quoted(&values.join(", "))));
                tally.find(found.shown_by([exchange]));
            }
        }
        tally.done()
    }
}

/// What pages read anyway.
fn reads(target: &Target) -> Vec<Ask> {
    pages::reads(target).into_iter().map(Ask::One).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::asks;
    use crate::check::testing::{ORIGIN, answered, target};

    fn judged(value: Option<&str>) -> usize {
        let target = target();
        let client = &target.clients[0];
        let read = asks::read_from("/health", &client.origin, client.credentials);
        let headers: Vec<_> = value.into_iter().map(|value| (NAME, value)).collect();
        let seen = [answered(1, &read, 200, &headers, "")];
        match TimingShared.judge(&View::new(&target, None, &seen, &[])) {
            Judgement::Judged { findings, .. } => findings.len(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_header_that_leaves_out_the_page_is_found_and_none_is_not() {
        assert_eq!(judged(Some("https://staging.app.example")), 1);
        assert_eq!(judged(Some("")), 1);
        assert_eq!(judged(None), 0, "most say nothing");
        assert_eq!(judged(Some("*")), 0);
        assert_eq!(judged(Some(&format!("https://b.example, {ORIGIN}"))), 0);
    }
}
