//! A crash that is documented is a crash that no test objects to.

use crate::check::Check;
use crate::check::judgement::{Judgement, Tally};
use crate::check::served;
use crate::check::spec::{Spec, Suite};
use crate::check::view::View;
use crate::contract::load::Contract;
use crate::contract::operation::{Operation, StatusKey};
use crate::model::finding::{Layer, Severity};
use crate::model::probe::Ask;

/// The check.
pub struct No500Documented;

static SPEC: Spec = Spec {
    id: "contract/no-500-documented",
    layer: Layer::Contract,
    title: "The served contract does not promise crashes",
    severity: Severity::Minor,
    suites: &[Suite::Contract],
    needs: &["reach/answers"],
    must_run: false,
    explanation: "A contract that lists 500 makes it an answer like any other: tests that hold answers against the contract \
                  accept it, and so did those that let the incident through that this tool exists for. 502, 503 and 504 can \
                  be honest answers of a service that stands on another, and are left alone.",
    hint: "Take 500 out of the document. Clients must bear one anyhow, and no test may expect it.",
};

impl Check for No500Documented {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        served::probes(view.target).into_iter().map(Ask::One).collect()
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        let Some((exchange, contract)) = served::found(view) else {
            return Judgement::NotApplicable("no contract is served".into());
        };
        let mut tally = Tally::new(view);
        tally.judged(exchange);
        let crashing = crashing(&contract);
        if let Some(first) = crashing.first() {
            let others = match crashing.len() {
                1 => String::new(),
                more => format!(" and {} more operations", more - 1),
            };
            let found = SPEC
                .finds(
                    "500",
                    format!("The served contract lists 500 as an answer of {first}{others}"),
                )
                .expected("no 500 in the document")
                .actual(format!(
                    "500 under {}",
                    crashing.iter().take(5).cloned().collect::<Vec<_>>().join(", ")
                ));
            tally.find(found.shown_by([exchange]));
        }
        tally.done()
    }
}

fn crashing(contract: &Contract) -> Vec<String> {
    let lists = |operation: &&Operation| {
        let mut responses = operation.responses.iter();
        responses.any(|response| response.status == StatusKey::Exact(500))
    };
    contract
        .operations()
        .iter()
        .filter(lists)
        .map(Operation::name)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::asks;
    use crate::check::testing::{answered, target};
    use crate::check::trial::findings;

    fn found(status: &str) -> usize {
        let document = format!(
            r#"{{"openapi":"3.1.0","info":{{"title":"x","version":"1"}},"paths":{{"/a":{{"get":{{"responses":{{"{status}":{{"description":""}}}}}}}}}}}}"#
        );
        let seen = [answered(1, &asks::read("/openapi.json"), 200, &[], &document)];
        findings(&No500Documented, &target(), &seen).len()
    }

    #[test]
    fn a_promised_crash_is_found_and_honest_5xx_are_spared() {
        assert_eq!(found("500"), 1);
        for status in ["503", "default", "5XX", "200"] {
            assert_eq!(found(status), 0, "{status}");
        }
    }
}
