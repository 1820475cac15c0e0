//! Compression says that its answers depend on `Accept-Encoding`, and CORS that they depend on `Origin`. Where CORS sets `Vary`
//! instead of adding to it, the first of the two is lost as soon as a page asks, and a cache gives coded bodies to clients that
//! cannot read them (RFC 9110 §12.5.5).

use crate::check::Check;
use crate::check::asks;
use crate::check::judgement::{Judgement, Tally};
use crate::check::pages;
use crate::check::spec::{Spec, Suite};
use crate::check::view::View;
use crate::checks::cors::preflight_allowed::without_pages;
use crate::checks::cors::vary_on_origin::is_never_stored;
use crate::cors::sentence::listed;
use crate::cors::vary::{Vary, vary};
use crate::model::exchange::Reply;
use crate::model::finding::{Layer, Severity};
use crate::model::probe::{Ask, Probe};
use crate::model::target::Target;

/// The check.
pub struct VaryKept;

static SPEC: Spec = Spec {
    id: "cors/vary-kept",
    layer: Layer::Cors,
    title: "CORS adds to Vary and takes nothing away",
    severity: Severity::Minor,
    suites: Suite::ALL,
    needs: &["reach/answers"],
    must_run: false,
    explanation: "What an answer depends on does not become less because a page asks for it. A CORS layer that sets Vary \
                  instead of appending to it drops what compression or content negotiation had put there, and a shared \
                  cache then mixes up coded and plain answers. Asked are routes whose answers caches may keep, twice with \
                  Accept-Encoding: once from a page and once from nobody in particular.",
    hint: "Append Origin to Vary in the CORS layer, or put that layer inside of compression.",
};

impl Check for VaryKept {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        let first = plain(view.target).map(Ask::One).into_iter();
        let probes = probes(view.target).filter(|_| is_kept_by_caches(view));
        first.chain(probes.into_iter().flatten().map(Ask::One)).collect()
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        if let Some(reason) = without_pages(view.target) {
            return reason;
        }
        let mut tally = Tally::new(view);
        if let Some(first) = plain(view.target) {
            tally.answer(&first);
        }
        // Where no cache keeps the answer, none can mix it up.
        let Some([page, nobody]) = probes(view.target).filter(|_| is_kept_by_caches(view)) else {
            return tally.done();
        };
        let (from_page, from_nobody) = (tally.answer(&page), tally.answer(&nobody));
        if let (Some((exchange, reply)), Some((plain, other))) = (from_page, from_nobody) {
            let lost = lost(other, reply);
            if reply.status == other.status && !is_never_stored(reply) && !lost.is_empty() {
                let operation = page.operation();
                let found = SPEC
                    .finds(
                        &operation,
                        format!(
                            "{operation} forgets that it depends on {} as soon as a page asks",
                            listed(&lost)
                        ),
                    )
                    .expected(format!("Vary: {}, Origin", lost.join(", ")))
                    .actual(format!(
                        "Vary: {} with an Origin header, {} without",
                        reply.header("vary").unwrap_or_default(),
                        other.values("vary").collect::<Vec<_>>().join(", ")
                    ));
                tally.find(found.shown_by([exchange, plain]));
            }
        }
        tally.done()
    }
}

/// What an answer to a page does not vary on, though the answer to nobody in particular does.
fn lost(nobody: &Reply, page: &Reply) -> Vec<String> {
    let page = vary(&page.headers);
    match vary(&nobody.headers) {
        // `*` forbids reuse altogether, which a shorter list need not.
        Vary::Absent | Vary::Any => Vec::new(),
        Vary::On(names) => names.into_iter().filter(|name| !page.covers(name)).collect(),
    }
}

/// A read with `Accept-Encoding`, from the first page and from nobody.
fn probes(target: &Target) -> Option<[Probe; 2]> {
    let client = pages::abroad(target).next()?;
    let read = || Probe::get(pages::steady_route(target)).header("accept-encoding", "gzip");
    Some([
        read().page(&client.origin, client.credentials).build(),
        read().build(),
    ])
}

/// The same read as the first page sends it anyway.
fn plain(target: &Target) -> Option<Probe> {
    let client = pages::abroad(target).next()?;
    let route = pages::steady_route(target);
    Some(asks::read_from(route, &client.origin, client.credentials))
}

/// Whether a cache may keep what the page reads there, as far as was seen.
fn is_kept_by_caches(view: &View<'_>) -> bool {
    plain(view.target)
        .and_then(|read| view.answer(&read))
        .is_some_and(|(_, reply)| (200..300).contains(&reply.status) && !is_never_stored(reply))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{answered, target};
    use crate::model::exchange::Exchange;
    use crate::model::finding::Finding;

    fn judged(page: &[(&str, &str)], nobody: &[(&str, &str)]) -> Vec<Finding> {
        let target = target();
        let client = &target.clients[0];
        let read = asks::read_from("/health", &client.origin, client.credentials);
        let mut seen: Vec<Exchange> = vec![answered(1, &read, 200, page, "")];
        let [from_page, from_nobody] = probes(&target).unwrap();
        seen.push(answered(2, &from_page, 200, page, ""));
        seen.push(answered(3, &from_nobody, 200, nobody, ""));
        match VaryKept.judge(&View::new(&target, None, &seen, &[])) {
            Judgement::Judged { findings, .. } => findings,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_compression_said_and_cors_wrote_over_is_found() {
        let found = judged(
            &[("vary", "Origin")],
            &[("vary", "Accept-Encoding"), ("vary", "Origin")],
        );
        assert_eq!((found.len(), found[0].severity), (1, Severity::Minor));
        assert!(found[0].title.contains("accept-encoding"), "{}", found[0].title);
    }

    #[test]
    fn what_is_added_or_covered_or_kept_by_no_cache_is_spared() {
        let coded = [("vary", "Accept-Encoding")];
        assert_eq!(judged(&[("vary", "origin, accept-encoding")], &coded), []);
        assert_eq!(judged(&[("vary", "*")], &coded), []);
        assert_eq!(judged(&coded, &[]), []);
        assert_eq!(judged(&[("cache-control", "no-store")], &coded), []);
    }
}
