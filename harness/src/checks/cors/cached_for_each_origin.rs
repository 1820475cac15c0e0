//! A shared cache that does not know that an answer depends on `Origin` keeps the first caller's CORS headers and gives them to
//! everybody (RFC 9111 §4.1). Which page works then depends on who came first, and changes by the hour. Two callers in two
//! orders, each on a key of its own, show it.

use crate::check::Check;
use crate::check::asks::{self, FOREIGN};
use crate::check::judgement::{Judgement, Tally};
use crate::check::pages;
use crate::check::spec::{Spec, Suite};
use crate::check::view::View;
use crate::checks::cors::preflight_allowed::without_pages;
use crate::checks::cors::vary_on_origin::{is_never_stored, seen_in_cache};
use crate::cors::header::HeaderList;
use crate::cors::response::readable;
use crate::model::exchange::Reply;
use crate::model::finding::{Layer, Severity};
use crate::model::probe::{Ask, Mode, Origin, Page, Probe};
use crate::model::target::Target;

/// The check.
pub struct CachedForEachOrigin;

static SPEC: Spec = Spec {
    id: "cors/cached-for-each-origin",
    layer: Layer::Cors,
    title: "No cache gives a page the CORS headers of another caller",
    severity: Severity::Major,
    suites: Suite::ALL,
    needs: &["reach/answers"],
    must_run: false,
    explanation: "A CDN that ignores Vary, or was never told, keeps the answer to whoever asked first. The next page gets that \
                  caller's Access-Control-Allow-Origin, or none, and its browser refuses; an hour later it is the other way \
                  round. Where answers may be kept, the same read is sent by another caller and then by the page, and once \
                  more by the page first, each time under a query of its own.",
    hint: "Make the cache tell requests apart by Origin (Vary: Origin on every answer), or let it keep no answer of the API; \
           then purge it.",
};

/// The reads: by another caller and then by the page, and by the page under a key that nobody else had.
struct Reads {
    stranger: Probe,
    second: Probe,
    first: Probe,
    page: Page,
}

impl Check for CachedForEachOrigin {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        let first = plain(view.target).map(Ask::One).into_iter();
        let Some(reads) = reads(view.target).filter(|_| may_be_kept(view)) else {
            return first.collect();
        };
        // In order: the page comes once the other caller has its answer.
        let after = view.answer(&reads.stranger).map(|_| reads.second);
        let all = [Some(reads.stranger), Some(reads.first), after];
        first.chain(all.into_iter().flatten().map(Ask::One)).collect()
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
        let Some(reads) = reads(view.target).filter(|_| may_be_kept(view)) else {
            return tally.done();
        };
        let (stranger, second, first) = (
            tally.answer(&reads.stranger),
            tally.answer(&reads.second),
            tally.answer(&reads.first),
        );
        let (Some((other, theirs)), Some((exchange, reply)), Some((_, alone))) = (stranger, second, first)
        else {
            return tally.done();
        };
        let can_read = |reply: &Reply| {
            readable(reply.status, &reply.headers, &reads.page.origin, reads.page.mode).is_ok()
        };
        if can_read(alone) && !can_read(reply) && named(reply) == named(theirs) {
            let operation = reads.second.operation();
            let how = seen_in_cache(reply)
                .map(|how| format!("; {how}"))
                .unwrap_or_default();
            let found = SPEC
                .finds(
                    &operation,
                    format!(
                        "{operation} gives the page at {} the CORS headers of whoever asked first",
                        reads.page.origin
                    ),
                )
                .expected("the same answer to the page, whoever asked before it")
                .actual(format!(
                    "readable when the page asks first; after {}, {}{how}",
                    origin_of(&reads.stranger),
                    named(reply).map_or_else(
                        || "no Access-Control-Allow-Origin".to_owned(),
                        |value| format!(
                            "Access-Control-Allow-Origin: {}",
                            crate::cors::sentence::plain(&value)
                        )
                    )
                ));
            tally.find(found.shown_by([other, exchange]));
        }
        tally.done()
    }
}

/// The reads of the first page, and of another one or a stranger before it.
fn reads(target: &Target) -> Option<Reads> {
    let mut clients = pages::abroad(target);
    let client = clients.next()?;
    let other = clients
        .find(|other| other.origin != client.origin)
        .map_or_else(|| Origin(FOREIGN.into()), |other| other.origin.clone());
    let route = pages::steady_route(target);
    if route.contains('?') {
        return None;
    }
    let read = |key: &str, origin: &Origin, mode: Mode| {
        Probe::get(format!("{route}?greenlight-cache={key}"))
            .page(origin, mode)
            .build()
    };
    Some(Reads {
        stranger: read("a", &other, client.credentials),
        second: read("a", &client.origin, client.credentials),
        first: read("b", &client.origin, client.credentials),
        page: Page {
            origin: client.origin.clone(),
            mode: client.credentials,
        },
    })
}

/// The same read as the first page sends it anyway.
fn plain(target: &Target) -> Option<Probe> {
    let client = pages::abroad(target).next()?;
    let route = pages::steady_route(target);
    Some(asks::read_from(route, &client.origin, client.credentials))
}

/// Whether a cache keeps what is read there, or may, as far as was seen.
fn may_be_kept(view: &View<'_>) -> bool {
    plain(view.target)
        .and_then(|read| view.answer(&read))
        .is_some_and(|(_, reply)| {
            (200..300).contains(&reply.status) && (!is_never_stored(reply) || seen_in_cache(reply).is_some())
        })
}

/// The origin that an answer names.
fn named(reply: &Reply) -> Option<String> {
    HeaderList(&reply.headers).get("access-control-allow-origin")
}

fn origin_of(probe: &Probe) -> &str {
    probe
        .page
        .as_ref()
        .map_or("nobody", |page| page.origin.0.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{ORIGIN, answered, target};
    use crate::model::exchange::Exchange;
    use crate::model::finding::Finding;

    /// The findings about a server that answers a path and an origin so.
    fn judged(server: impl Fn(&str, &str) -> Vec<(&'static str, String)>) -> (usize, Vec<Finding>) {
        let target = target();
        let client = &target.clients[0];
        let read = asks::read_from("/health", &client.origin, client.credentials);
        let answer = |id: u32, probe: &Probe| {
            let headers = server(probe.path_text(), origin_of(probe));
            let headers: Vec<_> = headers
                .iter()
                .map(|(name, value)| (*name, value.as_str()))
                .collect();
            answered(id, probe, 200, &headers, "{}")
        };
        let mut seen: Vec<Exchange> = vec![answer(1, &read)];
        for _ in 0..3 {
            let asks = CachedForEachOrigin.ask(&View::new(&target, None, &seen, &[]));
            for probe in asks.iter().flat_map(Ask::probes) {
                if seen.iter().all(|known| *known.probe != *probe) {
                    let id = u32::try_from(seen.len()).unwrap() + 1;
                    seen.push(answer(id, probe));
                }
            }
        }
        match CachedForEachOrigin.judge(&View::new(&target, None, &seen, &[])) {
            Judgement::Judged {
                exchanges, findings, ..
            } => (exchanges.len(), findings),
            other => panic!("{other:?}"),
        }
    }

    fn allow(origin: &str) -> Vec<(&'static str, String)> {
        if origin != ORIGIN {
            return vec![];
        }
        vec![
            ("access-control-allow-origin", origin.to_owned()),
            ("access-control-allow-credentials", "true".to_owned()),
        ]
    }

    #[test]
    fn a_cache_that_keeps_the_first_callers_headers_is_found() {
        // Under the key `a` a stranger came first.
        let (_, found) = judged(|path, origin| {
            if path.ends_with("=a") {
                vec![]
            } else {
                allow(origin)
            }
        });
        assert_eq!((found.len(), found[0].severity), (1, Severity::Major));
        assert!(
            found[0].actual.contains("after https://foreign.example"),
            "{}",
            found[0].actual
        );
    }

    #[test]
    fn a_cache_that_tells_origins_apart_and_a_list_that_refuses_are_spared() {
        assert_eq!(judged(|_, origin| allow(origin)), (4, vec![]));
        assert_eq!(
            judged(|_, _| vec![]),
            (4, vec![]),
            "the page is refused whoever came first"
        );
    }

    #[test]
    fn nothing_is_asked_where_nothing_may_be_kept() {
        let never = |_: &str, origin: &str| {
            let mut headers = allow(origin);
            headers.push(("cache-control", "no-store".to_owned()));
            headers
        };
        assert_eq!(judged(never), (1, vec![]), "the one read that pages send anyway");
    }
}
