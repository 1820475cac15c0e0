//! A path that is going away must say so where its callers look: in its answers.

use crate::check::Check;
use crate::check::judgement::{Judgement, Tally};
use crate::check::served;
use crate::check::spec::{Spec, Suite};
use crate::check::view::View;
use crate::model::exchange::{Exchange, Reply};
use crate::model::finding::{Layer, Severity};
use crate::model::probe::Ask;

/// The check.
pub struct DeprecationAnnounced;

static SPEC: Spec = Spec {
    id: "contract/deprecation-announced",
    layer: Layer::Contract,
    title: "Deprecated operations say so in their answers",
    severity: Severity::Minor,
    suites: &[Suite::Contract],
    needs: &["reach/answers"],
    must_run: false,
    explanation: "Callers read their logs, not the document's next version. Deprecation (RFC 9745) and Sunset (RFC 8594) put \
                  the end into every answer, so clients and gateways can warn before the path is gone and the page that \
                  called it breaks.",
    hint: "Send Deprecation: @<date> with every answer of the operation, and Sunset: <date> once the end is known.",
};

impl Check for DeprecationAnnounced {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        served::probes(view.target).into_iter().map(Ask::One).collect()
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        let Some((_, contract)) = served::found(view) else {
            return Judgement::NotApplicable("no contract is served".into());
        };
        if !contract.operations().iter().any(|operation| operation.deprecated) {
            return Judgement::NotApplicable("no operation is deprecated".into());
        }
        let base = view.target.base_path();
        let mut tally = Tally::new(view);
        let mut called = false;
        for (exchange, reply) in view
            .answers()
            .filter(|(exchange, reply)| concerns(exchange, reply))
        {
            let found = contract.find(&exchange.probe.method, exchange.probe.path_text(), base);
            if !found.is_ok_and(|found| found.operation.deprecated) {
                continue;
            }
            called = true;
            tally.judged(exchange);
            if reply.header("deprecation").is_some() || reply.header("sunset").is_some() {
                continue;
            }
            let operation = exchange.probe.operation();
            let found = SPEC
                .finds(
                    &operation,
                    format!("{operation} is deprecated, and its answers do not say so"),
                )
                .expected("Deprecation, or Sunset")
                .actual("neither");
            tally.find(found.shown_by([exchange]));
        }
        if !called {
            return Judgement::skipped("no deprecated operation was called in this run", None);
        }
        tally.done()
    }
}

fn concerns(exchange: &Exchange, reply: &Reply) -> bool {
    let called = !exchange.probe.is_preflight() && !exchange.probe.at_root;
    called && ((200..300).contains(&reply.status) || reply.status == 410)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::asks;
    use crate::check::testing::{answered, target};
    use crate::check::trial::{findings, judgement};

    const DOCUMENT: &str = r#"{"openapi":"3.1.0","info":{"title":"x","version":"1"},"paths":{"/old":{"get":{"deprecated":true,"responses":{"200":{"description":""}}}}}}"#;

    fn seen(path: &str, headers: &[(&str, &str)]) -> [Exchange; 2] {
        [
            answered(1, &asks::read("/openapi.json"), 200, &[], DOCUMENT),
            answered(2, &asks::read(path), 200, headers, ""),
        ]
    }

    #[test]
    fn silence_is_found_once_for_an_operation() {
        let found = findings(&DeprecationAnnounced, &target(), &seen("/old", &[]));
        assert_eq!(found.len(), 1);
    }

    #[test]
    fn spares_what_says_so_and_what_is_not_deprecated() {
        for header in [
            ("deprecation", "@1688169599"),
            ("sunset", "Sun, 06 Nov 1994 08:49:37 GMT"),
        ] {
            assert_eq!(
                findings(&DeprecationAnnounced, &target(), &seen("/old", &[header])),
                []
            );
        }
        assert!(matches!(
            judgement(&DeprecationAnnounced, &target(), &seen("/new", &[])),
            Judgement::Unable(_)
        ));
    }
}
