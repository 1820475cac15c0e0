//! What depends on `Accept-Encoding` must say so, or a cache hands compressed bytes to somebody who cannot read them.

use crate::check::Check;
use crate::check::asks;
use crate::check::judgement::{Judgement, Tally};
use crate::check::spec::{Spec, Suite};
use crate::check::view::View;
use crate::model::exchange::Reply;
use crate::model::finding::{Layer, Severity};
use crate::model::probe::{Ask, Probe};

/// The check.
pub struct VaryOnEncoding;

/// How many routes are asked again.
const MOST_ROUTES: usize = 2;

static SPEC: Spec = Spec {
    id: "edge/vary-on-encoding",
    layer: Layer::Http,
    title: "Answers that are compressed on request say so to caches",
    severity: Severity::Minor,
    suites: &[Suite::Contract, Suite::Integration],
    needs: &["reach/answers"],
    must_run: false,
    explanation: "A proxy that compresses for those who ask, and forgets Vary: Accept-Encoding, lets a cache give the \
                  compressed answer to a client that did not ask for it (RFC 9110 §12.5.5). Only answers that may be cached \
                  are asked for again.",
    hint: "Send Vary: Accept-Encoding on every answer that would be another with another Accept-Encoding (nginx: gzip_vary on).",
};

/// Reads that a cache may keep, as they were asked without a coding.
fn cacheable(view: &View<'_>) -> Vec<Probe> {
    let mut plain: Vec<Probe> = view
        .answers()
        .filter(|(_, reply)| reply.status == 200 && may_be_kept(reply))
        .map(|(exchange, _)| asks::read(exchange.probe.path_text()))
        .collect();
    plain.retain(|probe| view.answer(probe).is_some());
    plain.sort_by(|a, b| a.path_text().cmp(b.path_text()));
    plain.dedup();
    plain.truncate(MOST_ROUTES);
    plain
}

/// Whether a shared cache may keep an answer because it was told so (RFC 9111 §5.2.2).
fn may_be_kept(reply: &Reply) -> bool {
    let control = reply
        .header("cache-control")
        .unwrap_or_default()
        .to_ascii_lowercase();
    let has = |word: &str| {
        control
            .split(',')
            .any(|one| one.trim().split('=').next() == Some(word))
    };
    (has("public") || has("max-age") || has("s-maxage"))
        && !has("no-store")
        && !has("private")
        && !control.contains("max-age=0")
}

fn asking_for_gzip(plain: &Probe) -> Probe {
    Probe::get(plain.path.clone())
        .header("accept-encoding", "gzip")
        .build()
}

impl Check for VaryOnEncoding {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        cacheable(view)
            .iter()
            .map(|plain| Ask::One(asking_for_gzip(plain)))
            .collect()
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        let routes = cacheable(view);
        if routes.is_empty() {
            return Judgement::NotApplicable("no answer that was seen may be kept by a cache".to_owned());
        }
        let mut tally = Tally::new(view);
        for plain in &routes {
            let (Some((exchange, coded)), Some((_, plain))) =
                (tally.answer(&asking_for_gzip(plain)), view.answer(plain))
            else {
                continue;
            };
            let differs = coded.header("content-encoding") != plain.header("content-encoding");
            let says = [coded, plain].iter().all(|reply| says_so(reply));
            if differs && !says {
                let operation = exchange.probe.operation();
                let finding = SPEC
                    .finds(&operation, format!("{operation} is compressed on request, may be cached, and does not say that it varies"))
                    .expected("Vary: Accept-Encoding")
                    .actual(format!("Vary: {}", coded.header("vary").unwrap_or_else(|| "absent".to_owned())));
                tally.find(finding.shown_by([exchange]));
            }
        }
        tally.done()
    }
}

fn says_so(reply: &Reply) -> bool {
    reply.values("vary").any(|value| {
        value
            .split(',')
            .any(|name| name.trim() == "*" || name.trim().eq_ignore_ascii_case("accept-encoding"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{answered, target};
    use crate::check::trial::judgement;

    fn found(cache: &str, coded: &[(&str, &str)], vary: &str) -> Option<usize> {
        let plain = asks::read("/info");
        let kept = ("cache-control", cache);
        let mut more = vec![kept, ("vary", vary)];
        let first = answered(1, &plain, 200, &more, "{}");
        more.extend(coded);
        let seen = [first, answered(2, &asking_for_gzip(&plain), 200, &more, "{}")];
        match judgement(&VaryOnEncoding, &target(), &seen) {
            Judgement::Judged { findings, .. } => Some(findings.len()),
            _ => None,
        }
    }

    #[test]
    fn a_coding_that_is_not_told_to_caches_is_found() {
        assert_eq!(
            found("public, max-age=60", &[("content-encoding", "gzip")], "Origin"),
            Some(1)
        );
    }

    #[test]
    fn spares_what_says_so_does_not_differ_or_is_not_kept() {
        assert_eq!(
            found(
                "max-age=60",
                &[("content-encoding", "gzip")],
                "Origin, accept-encoding"
            ),
            Some(0)
        );
        assert_eq!(found("max-age=60", &[], "Origin"), Some(0));
        assert_eq!(found("no-store", &[("content-encoding", "gzip")], "Origin"), None);
    }
}
