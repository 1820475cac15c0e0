//! A name may have several addresses, and clients take any of them. One that is dead costs its share of the callers seconds or
//! the call.

use crate::check::Check;
use crate::check::judgement::{Judgement, Tally};
use crate::check::spec::{Spec, Suite};
use crate::check::text::clean;
use crate::check::view::View;
use crate::model::finding::{Layer, Severity};
use crate::model::probe::Ask;

/// The check.
pub struct EveryAddressAnswers;

static SPEC: Spec = Spec {
    id: "reach/every-address-answers",
    layer: Layer::Reach,
    title: "Every address of the name that is tried accepts connections",
    severity: Severity::Major,
    suites: Suite::ALL,
    needs: &[],
    must_run: false,
    explanation: "An old host that was never taken out of DNS, an IPv6 address that nothing listens on: clients that try it \
                  first wait, and those that try no other fail, while whoever gets the good address sees nothing. What was \
                  tried before the address that answered is judged; an address that the checker has no route to is not.",
    hint: "Take the address out of DNS, or start what should listen there.",
};

impl Check for EveryAddressAnswers {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, _view: &View<'_>) -> Vec<Ask> {
        Vec::new()
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        let mut tally = Tally::new(view);
        for exchange in view.exchanges {
            let Some(connection) = view.connection(exchange) else {
                continue;
            };
            tally.judged(exchange);
            for dead in &connection.dead {
                let address = dead.split(": ").next().unwrap_or(dead);
                let finding = SPEC
                    .finds(
                        address,
                        format!("{address}, an address of this name, accepts no connection"),
                    )
                    .expected("a connection")
                    .actual(clean(dead, 160));
                tally.find(finding.shown_by([exchange]));
            }
        }
        match tally.done() {
            Judgement::Unable(_) => Judgement::NotApplicable("no connection was recorded".to_owned()),
            judged => judged,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::asks;
    use crate::check::testing::{answered, target};
    use crate::model::recording::Connection;

    #[test]
    fn an_address_that_was_tried_in_vain_is_found_and_the_others_are_not() {
        let target = target();
        let seen = [answered(1, &asks::read("/health"), 200, &[], "ok")];
        let found = |dead: Vec<String>| {
            let connections = [Connection {
                id: 1,
                address: "192.0.2.7:443".into(),
                dead,
                tls: None,
                alpn: None,
                certificates: vec![],
            }];
            match EveryAddressAnswers.judge(&View::new(&target, None, &seen, &[]).over(&connections)) {
                Judgement::Judged { findings, .. } => findings.len(),
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(found(vec!["[2001:db8::7]:443: Connection refused".into()]), 1);
        assert_eq!(found(vec![]), 0);
    }
}
