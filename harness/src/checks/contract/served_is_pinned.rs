//! Does the service still promise what was agreed? A client that keeps to the pinned contract must not break.

use crate::check::Check;
use crate::check::judgement::{Judgement, Tally};
use crate::check::served;
use crate::check::spec::{Spec, Suite};
use crate::check::view::View;
use crate::contract::compare::{Difference, compare};
use crate::contract::load::Contract;
use crate::model::exchange::Exchange;
use crate::model::finding::{Finding, Layer, Severity};
use crate::model::probe::Ask;

/// The check.
pub struct ServedIsPinned;

static SPEC: Spec = Spec {
    id: "contract/served-is-pinned",
    layer: Layer::Contract,
    title: "The served contract keeps what the pinned one promises",
    severity: Severity::Major,
    suites: &[Suite::Smoke, Suite::Contract],
    needs: &["reach/answers"],
    must_run: false,
    explanation: "The pinned contract is what clients were built against. A served one that drops a field, demands another or \
                  moves an operation says that the deploy breaks them, before the first of them notices.",
    hint: "Keep the old promise beside the new one, or agree the change with every client and pin the new contract.",
};

/// Breaking changes that are reported one by one.
const MOST: usize = 10;
/// Other changes that are named.
const NAMED: usize = 3;

impl Check for ServedIsPinned {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        served::probes(view.target).into_iter().map(Ask::One).collect()
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        let Some(pinned) = served::pinned(view) else {
            return Judgement::NotApplicable(
                "no contract was given to hold the served one against".to_owned(),
            );
        };
        let document = served::probes(view.target).into_iter().find_map(|probe| {
            let (exchange, reply) = view.answer(&probe).filter(|(_, reply)| reply.status == 200)?;
            let served = Contract::parse_served(&reply.body.text(), served::SOURCE).ok()?;
            Some((exchange, served))
        });
        let Some((exchange, served)) = document else {
            return Judgement::skipped("no contract that could be read is served", Some("--contract URL"));
        };
        let mut tally = Tally::new(view);
        tally.judged(exchange);
        let (breaking, harmless): (Vec<Difference>, Vec<Difference>) = compare(pinned, &served)
            .into_iter()
            .partition(|difference| difference.breaking);
        breaking
            .iter()
            .take(MOST)
            .for_each(|difference| tally.find(broken(difference, exchange)));
        if breaking.len() > MOST {
            tally.find(more(breaking.len() - MOST, exchange));
        }
        if !harmless.is_empty() {
            tally.find(changed(&harmless, exchange));
        }
        tally.done()
    }
}

fn broken(difference: &Difference, exchange: &Exchange) -> Finding {
    SPEC.finds(
        format!("{} {}", difference.rule, difference.pointer),
        format!(
            "The served contract breaks the pinned one: {}",
            difference.message
        ),
    )
    .expected("what the pinned contract promises")
    .actual(difference.message.clone())
    .shown_by([exchange])
}

fn more(count: usize, exchange: &Exchange) -> Finding {
    SPEC.finds(
        "the rest",
        format!("The served contract breaks the pinned one in {count} more places"),
    )
    .expected("what the pinned contract promises")
    .actual(format!("{count} more breaking changes"))
    .shown_by([exchange])
}

fn changed(harmless: &[Difference], exchange: &Exchange) -> Finding {
    let named: Vec<&str> = harmless
        .iter()
        .take(NAMED)
        .map(|difference| difference.message.as_str())
        .collect();
    SPEC.finds(
        "compatible changes",
        "The served contract differs from the pinned one, in ways that break no client",
    )
    .expected("the pinned contract")
    .actual(format!("{} changes: {}", harmless.len(), named.join("; ")))
    .hint("Pin the served contract when the change is meant.")
    .severity(Severity::Advisory)
    .shown_by([exchange])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::asks;
    use crate::check::testing::{answered, target};

    fn document(fields: &str, paths: &str) -> String {
        format!(
            r#"{{"openapi":"3.1.0","info":{{"title":"x","version":"1"}},"paths":{{"/a":{{"get":{{"responses":{{"200":{{"description":"","content":{{"application/json":{{"schema":{{"type":"object","required":["text"],"properties":{{{fields}}}}}}}}}}}}}}}}}{paths}}}}}"#
        )
    }

    fn judged(pinned: Option<&str>, served: &str) -> Judgement {
        let target = target();
        let contract = pinned.map(|text| Contract::parse(text, "pinned.json").unwrap());
        let seen = [answered(1, &asks::read("/openapi.json"), 200, &[], served)];
        ServedIsPinned.judge(&View::new(&target, contract.as_ref(), &seen, &[]))
    }

    fn found(pinned: &str, served: &str) -> Vec<Finding> {
        match judged(Some(pinned), served) {
            Judgement::Judged { findings, .. } => findings,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_promise_that_was_dropped_is_found() {
        let pinned = document(r#""text":{"type":"string"}"#, "");
        let served = document(r#""transcript":{"type":"string"}"#, "");
        let found = found(&pinned, &served);
        assert!(found.iter().any(Finding::fails), "{found:#?}");
        let gone = self::found(
            &document("", r#","/b":{"get":{"responses":{"204":{"description":""}}}}"#),
            &document("", ""),
        );
        assert_eq!(gone.iter().filter(|finding| finding.fails()).count(), 1);
    }

    #[test]
    fn a_contract_of_another_service_is_told_in_a_few_lines() {
        let many = |name: &str| {
            let path =
                |at| format!(r#","/{name}{at}":{{"get":{{"responses":{{"204":{{"description":""}}}}}}}}"#);
            document("", &(0..MOST + 5).map(path).collect::<String>())
        };
        let found = found(&many("b"), &many("c"));
        let rest: Vec<_> = found
            .iter()
            .filter(|finding| finding.subject == "the rest")
            .collect();
        assert_eq!(found.iter().filter(|finding| finding.fails()).count(), MOST + 1);
        assert_eq!(rest[0].actual, "5 more breaking changes");
    }

    #[test]
    fn spares_the_same_contract_and_one_that_only_grew() {
        let text = r#""text":{"type":"string"}"#;
        assert_eq!(found(&document(text, ""), &document(text, "")), []);
        let grown = document(text, r#","/b":{"get":{"responses":{"204":{"description":""}}}}"#);
        let found = found(&document(text, ""), &grown);
        assert_eq!((found.len(), found[0].severity), (1, Severity::Advisory));
        assert!(matches!(judged(None, &grown), Judgement::NotApplicable(_)));
    }
}
