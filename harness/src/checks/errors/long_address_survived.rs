//! Scanners, broken links and long filters send addresses of many kilobytes. That is a 414, not a crash.

use crate::check::Check;
use crate::check::asks;
use crate::check::judgement::{Judgement, Tally};
use crate::check::spec::{Spec, Suite};
use crate::check::view::View;
use crate::model::finding::{Layer, Severity};
use crate::model::probe::{Ask, Probe};
use crate::model::target::Target;

/// The check.
pub struct LongAddressSurvived;

static SPEC: Spec = Spec {
    id: "errors/long-address-survived",
    layer: Layer::Errors,
    title: "A very long address is answered",
    severity: Severity::Minor,
    suites: &[Suite::Contract, Suite::Integration],
    needs: &["reach/answers"],
    must_run: false,
    explanation: "An address beyond what a server or proxy takes must be a 414 or another 4xx (RFC 9110 §15.5.15); ignoring the \
                  query is fine too. A 5xx or a dropped connection says that a buffer or a database column decided in its \
                  place. One read with a query of nine thousand characters shows it.",
    hint: "Limit the length of addresses where requests come in, and answer 414.",
};

/// Longer than the 8,000 octets that everybody should take (RFC 9110 §4.1).
const LENGTH: usize = 9_000;

/// The read.
pub fn probe(target: &Target) -> Probe {
    let route = target.routes.health.as_deref().unwrap_or("/health");
    asks::read(&format!("{route}?q={}", "a".repeat(LENGTH)))
}

impl Check for LongAddressSurvived {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        vec![Ask::One(probe(view.target))]
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        let mut tally = Tally::new(view);
        match view.answer(&probe(view.target)) {
            Some((_, reply)) if reply.status >= 500 => {
                let status = reply.status;
                tally.unknown(
                    format!("a long address gets HTTP {status}, which is reported on its own"),
                    None,
                );
            }
            _ => {
                tally.answer(&probe(view.target));
            }
        }
        tally.done()
    }
}
