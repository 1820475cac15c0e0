//! Is every answer of the run what the contract promises? Clients are built on the shape, not on the status.

use crate::check::Rule;
use crate::check::spec::{Spec, Suite};
use crate::check::view::View;
use crate::contract::conform::{BodyView, Conformance, ResponseView, judge_response};
use crate::contract::drift::Drift;
use crate::contract::sample::serves_documentation;
use crate::model::capture::End;
use crate::model::exchange::{Exchange, Place};
use crate::model::finding::{Finding, Layer, Severity};
use crate::model::probe::Wire;

/// The rule.
pub struct ResponsesConform;

static SPEC: Spec = Spec {
    id: "contract/responses-conform",
    layer: Layer::Contract,
    title: "Every answer is what the contract promises",
    severity: Severity::Major,
    suites: Suite::ALL,
    needs: &[],
    must_run: false,
    explanation: "A field that is renamed, null or of another type breaks the page that reads it behind a healthy 200, and no \
                  status code tells. The contract is what clients were built on, so every answer that this run caused is \
                  held against it.",
    hint: "Bring code and contract together: restore the field, or change the contract with every client.",
};

impl Rule for ResponsesConform {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn judge(&self, exchange: &Exchange, view: &View<'_>) -> Option<Vec<Finding>> {
        // What counts a stand-in's calls is there for tests, and no part of what is promised.
        if view.target.routes.stand_in.as_deref() == Some(exchange.probe.path_text()) {
            return None;
        }
        let contract = view.contract?;
        let reply = exchange.answer()?;
        let path = exchange.probe.path_text();
        if exchange.probe.at_root || serves_documentation(path) {
            return None;
        }
        // What answers without TLS is not what the contract is about.
        if exchange.probe.wire == Wire::Plain {
            return None;
        }
        // Law 1 judges a 5xx, whatever a document says of it.
        if exchange.is_server_error() {
            return None;
        }
        let full = format!("{}{path}", view.target.base_path());
        let redacted: Vec<String> = exchange.redacted.iter().filter_map(pointer).collect();
        let judged = judge_response(
            contract,
            &ResponseView {
                method: &exchange.probe.method,
                path: &full,
                base_path: view.target.base_path(),
                status: reply.status,
                headers: &reply.headers,
                body: BodyView {
                    bytes: &reply.body.bytes,
                    complete: reply.body.end == End::Complete && reply.body.undecodable.is_none(),
                },
                redacted: &redacted,
            },
        );
        match judged {
            Conformance::Conforms => Some(vec![]),
            Conformance::Drifts(drifts) => Some(
                drifts
                    .iter()
                    .map(|drift| found(exchange, reply.status, drift))
                    .collect(),
            ),
            Conformance::Inconclusive(_) | Conformance::NotJudged(_) => None,
        }
    }
}

/// The place of a body value that a placeholder stands in for.
fn pointer(redacted: &crate::model::exchange::Redacted) -> Option<String> {
    match &redacted.place {
        Place::ReplyValue(pointer) => Some(pointer.clone()),
        Place::SentHeader(_) | Place::ReplyHeader(_) | Place::ReplyBody | Place::Url => None,
    }
}

fn found(exchange: &Exchange, status: u16, drift: &Drift) -> Finding {
    let operation = exchange.probe.operation();
    let found = SPEC
        .finds(
            format!("{operation} {status} {}", drift.pointer)
                .trim_end()
                .to_owned(),
            format!(
                "The HTTP {status} of {operation} is not what the contract promises: {}",
                drift.message
            ),
        )
        .expected(drift.expected.clone())
        .actual(drift.actual.clone())
        .severity(severity(drift.rule, status));
    Finding {
        count: u32::try_from(drift.count).unwrap_or(u32::MAX),
        ..found.shown_by([exchange])
    }
}

/// What hurts a client fails; what only a document misses does not.
fn severity(rule: &str, status: u16) -> Severity {
    match rule {
        // Frameworks document their own 400, 401, 404 and 405 rarely, and routes such as health hardly ever.
        "status-undocumented-4xx" | "operation-undocumented" => Severity::Advisory,
        "status-undocumented"
        | "field-format"
        | "field-pattern"
        | "field-bounds"
        | "field-unexpected"
        | "header-missing"
        | "content-type-missing" => Severity::Minor,
        // Errors are shown to people more often than they are read by field.
        _ if status >= 400 => Severity::Minor,
        _ => Severity::Major,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::asks;
    use crate::check::testing::{answered, target};
    use crate::check::trial::rule_finds;
    use crate::contract::load::Contract;
    use crate::model::exchange::{Redacted, SecretKind};
    use crate::model::target::Target;

    const DOCUMENT: &str = r#"
openapi: 3.1.0
info: {title: notes, version: "1"}
paths:
  /summaries:
    post:
      responses:
        "200":
          description: ""
          content:
            application/json:
              schema:
                type: object
                required: [summary]
                properties:
                  summary: {type: string, enum: [short, long]}
        "422":
          description: ""
          content: {application/json: {schema: {type: object, required: [detail]}}}
"#;

    const JSON: &[(&str, &str)] = &[("content-type", "application/json")];

    fn judged(exchange: Exchange) -> Option<Vec<Finding>> {
        let contract = Contract::parse(DOCUMENT, "pinned.yaml").unwrap();
        let based = Target {
            base: "http://notes.example/api/v3".into(),
            ..target()
        };
        rule_finds(&ResponsesConform, &based, &contract, &[exchange])
    }

    fn proof(status: u16, headers: &[(&str, &str)], body: &str) -> Exchange {
        answered(
            1,
            &asks::proof(&target(), &target().proofs[0]),
            status,
            headers,
            body,
        )
    }

    fn severities(exchange: Exchange) -> Vec<Severity> {
        judged(exchange)
            .unwrap()
            .iter()
            .map(|finding| finding.severity)
            .collect()
    }

    #[test]
    fn a_field_that_is_not_what_was_promised_is_found() {
        assert_eq!(severities(proof(200, JSON, r#"{"text":"x"}"#)), [Severity::Major]);
        assert_eq!(
            severities(proof(200, JSON, r#"{"summary":7}"#)),
            [Severity::Major]
        );
        assert_eq!(
            severities(proof(200, &[("content-type", "text/html")], "<html>")),
            [Severity::Major]
        );
    }

    #[test]
    fn what_is_merely_undocumented_never_decides() {
        assert_eq!(severities(proof(401, JSON, "{}")), [Severity::Advisory]);
        assert_eq!(
            severities(proof(422, JSON, r#"{"error":"x"}"#)),
            [Severity::Minor]
        );
        assert_eq!(
            severities(answered(1, &asks::read("/health"), 200, JSON, "{}")),
            [Severity::Advisory]
        );
    }

    #[test]
    fn spares_what_the_contract_promises_and_what_it_does_not_speak_of() {
        assert_eq!(
            judged(proof(200, JSON, r#"{"summary":"short","more":1}"#)),
            Some(vec![])
        );
        assert_eq!(
            judged(proof(
                500,
                &[("content-type", "text/plain")],
                "Internal Server Error"
            )),
            None
        );
        let page = [("content-type", "text/html")];
        assert_eq!(
            judged(answered(
                1,
                &asks::read(asks::NO_SUCH_ROUTE),
                404,
                &page,
                "<html>"
            )),
            None
        );
        assert_eq!(
            judged(answered(1, &asks::read("/docs"), 200, &page, "<html>")),
            None
        );
    }

    #[test]
    fn a_value_that_was_not_kept_is_not_judged() {
        let mut exchange = proof(200, JSON, r#"{"summary":"[text:5:abcdef]"}"#);
        assert_eq!(severities(exchange.clone()), [Severity::Major]);
        exchange.redacted.push(Redacted {
            place: Place::ReplyValue("/summary".into()),
            kind: SecretKind::Content,
            length: 5,
        });
        assert_eq!(judged(exchange), Some(vec![]));
    }
}
