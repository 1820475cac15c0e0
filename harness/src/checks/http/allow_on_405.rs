//! "Not this method" is only useful with the methods that there are.

use crate::check::Rule;
use crate::check::spec::{Spec, Suite};
use crate::check::view::View;
use crate::model::exchange::Exchange;
use crate::model::finding::{Finding, Layer, Severity};

/// The rule.
pub struct AllowOn405;

static SPEC: Spec = Spec {
    id: "http/allow-on-405",
    layer: Layer::Http,
    title: "An answer of 405 names the methods that there are",
    severity: Severity::Minor,
    suites: Suite::ALL,
    needs: &[],
    must_run: false,
    explanation: "An answer with 405 must carry Allow (RFC 9110 §15.5.6, §10.2.1). Gateways and generated clients read it, \
                  and whoever debugs a wrong method sees at once which one was meant.",
    hint: "Let the router, or one layer around it, add Allow to every 405.",
};

impl Rule for AllowOn405 {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn judge(&self, exchange: &Exchange, _view: &View<'_>) -> Option<Vec<Finding>> {
        let reply = exchange.answer().filter(|reply| reply.status == 405)?;
        if reply.header("allow").is_some() {
            return Some(vec![]);
        }
        let operation = exchange.probe.operation();
        let found = SPEC
            .finds(
                &operation,
                format!("The HTTP 405 of {operation} does not say which methods there are"),
            )
            .expected("Allow with the methods of the route; an empty one when there are none")
            .actual("no Allow");
        Some(vec![found.shown_by([exchange])])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::asks;
    use crate::check::testing::{answered, target};

    fn judged(status: u16, headers: &[(&str, &str)]) -> Option<usize> {
        let target = target();
        let exchange = answered(1, &asks::read("/x"), status, headers, "");
        let found = AllowOn405.judge(&exchange, &View::new(&target, None, &[], &[]));
        found.map(|found| found.len())
    }

    #[test]
    fn a_405_must_name_methods_or_say_that_there_are_none() {
        assert_eq!(judged(405, &[]), Some(1));
        assert_eq!(judged(405, &[("allow", "POST, OPTIONS")]), Some(0));
        assert_eq!(judged(405, &[("allow", "")]), Some(0));
        assert_eq!(judged(404, &[]), None);
    }
}
