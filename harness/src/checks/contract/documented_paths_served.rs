//! A path that the contract has and the router has not is a feature that was lost on the way.

use serde_json::Value;

use crate::check::Check;
use crate::check::asks;
use crate::check::judgement::{Judgement, Tally};
use crate::check::never::is_never_asked;
use crate::check::queries::below;
use crate::check::spec::{Spec, Suite};
use crate::check::view::View;
use crate::contract::load::Contract;
use crate::contract::operation::{Operation, StatusKey};
use crate::model::exchange::Reply;
use crate::model::finding::{Layer, Severity};
use crate::model::probe::{Ask, Probe};
use crate::model::target::Target;

/// The check.
pub struct DocumentedPathsServed;

static SPEC: Spec = Spec {
    id: "contract/documented-paths-served",
    layer: Layer::Contract,
    title: "Every documented path that was asked for is there",
    severity: Severity::Major,
    suites: &[Suite::Smoke, Suite::Contract],
    needs: &["reach/answers"],
    must_run: false,
    explanation: "A route that is not mounted in this deploy, or lost to a typing error, is 404 for its clients while the \
                  document goes on promising it. Only paths without parameters are judged, and only a 404 that looks like \
                  that of a path which nobody wrote: a resource that does not exist says so in other words.",
    hint: "Mount the route in this deploy, or take it out of the contract with its clients.",
};

/// No more paths than this are asked for that the run would not ask for anyhow.
const MORE: usize = 2;

impl Check for DocumentedPathsServed {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, view: &View<'_>) -> Vec<Ask> {
        let more = view.contract.map(|contract| unread(contract, view.target));
        let more = more.unwrap_or_default().into_iter().map(Ask::One);
        std::iter::once(Ask::One(asks::read(asks::NO_SUCH_ROUTE)))
            .chain(more)
            .collect()
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        let Some(contract) = view.contract else {
            return Judgement::NotApplicable("no contract is known".into());
        };
        let unknown = view
            .answer(&asks::read(asks::NO_SUCH_ROUTE))
            .map(|(_, reply)| reply);
        let Some(unknown) = unknown.filter(|reply| reply.status == 404) else {
            return Judgement::NotApplicable(
                "an unknown route is not answered 404, so a lost one cannot be told".into(),
            );
        };
        let base = view.target.base_path();
        let mut tally = Tally::new(view);
        for (exchange, reply) in view.answers() {
            let probe = &exchange.probe;
            let Ok(found) = contract.find(&probe.method, probe.path_text(), base) else {
                continue;
            };
            let operation = found.operation;
            if probe.at_root || probe.is_preflight() || operation.template.contains('{') {
                continue;
            }
            tally.judged(exchange);
            let documented = operation
                .responses
                .iter()
                .any(|known| known.status == StatusKey::Exact(404));
            if reply.status != 404 || documented || shape(reply) != shape(unknown) {
                continue;
            }
            let name = operation.name();
            let found = SPEC
                .finds(&name, format!("{name} is documented and not served"))
                .expected("an answer of the operation")
                .actual("HTTP 404, as for a path that nobody wrote");
            tally.find(found.shown_by([exchange]));
        }
        tally.done()
    }
}

/// Documented reads that need nothing: no parameter, no credential. Those of health are asked for anyhow, and those that end a
/// session or give everything away by nobody.
fn unread(contract: &Contract, target: &Target) -> Vec<Probe> {
    let routes = &target.routes;
    let known = [&routes.health, &routes.ready, &routes.ai_health];
    let plain = |operation: &&Operation| {
        let needs = operation.parameters.iter().any(|parameter| parameter.required);
        let asked = known
            .iter()
            .any(|route| route.as_deref() == Some(operation.template.as_str()));
        operation.method == "GET"
            && !operation.template.contains('{')
            && !is_never_asked(operation)
            && !needs
            && !asked
            && operation.security.allows_anonymous()
    };
    // What has no parameter at all first: nobody can call it wrongly.
    let mut plain: Vec<&Operation> = contract.operations().iter().filter(plain).collect();
    plain.sort_by_key(|operation| operation.parameters.len());
    let plain = plain.into_iter().take(MORE);
    plain
        .map(|operation| asks::read(below(target, &operation.template)))
        .collect()
}

/// What an answer says, without what names this one request.
fn shape(reply: &Reply) -> (Option<String>, Vec<(String, String)>) {
    const WORDS: [&str; 6] = ["type", "title", "detail", "code", "error", "message"];
    let said = match reply.body.json() {
        Some(Value::Object(members)) => members
            .iter()
            .map(|(name, value)| {
                let word = WORDS.contains(&name.as_str()).then(|| value.to_string());
                (name.clone(), word.unwrap_or_default())
            })
            .collect(),
        _ => Vec::new(),
    };
    (reply.media_type(), said)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{answered, target};

    const DOCUMENT: &str = "openapi: 3.1.0\ninfo: {title: x, version: '1'}\npaths: {/info: {get: {responses: {'200': {description: ''}}}}}";
    const JSON: &[(&str, &str)] = &[("content-type", "application/json")];

    fn found(status: u16, body: &str) -> usize {
        let (target, contract) = (target(), Contract::parse(DOCUMENT, "pinned.yaml").unwrap());
        let unknown = r#"{"detail":"Not Found","id":"1"}"#;
        let seen = [
            answered(1, &asks::read(asks::NO_SUCH_ROUTE), 404, JSON, unknown),
            answered(2, &asks::read("/info"), status, JSON, body),
        ];
        match DocumentedPathsServed.judge(&View::new(&target, Some(&contract), &seen, &[])) {
            Judgement::Judged { findings, .. } => findings.len(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_lost_route_is_found_by_the_404_of_any_other() {
        assert_eq!(found(404, r#"{"detail":"Not Found","id":"2"}"#), 1);
    }

    #[test]
    fn spares_a_resource_that_says_itself_that_there_is_none() {
        assert_eq!(found(404, r#"{"detail":"You have no subscription","id":"2"}"#), 0);
        assert_eq!(found(200, "{}"), 0);
        assert_eq!(found(401, r#"{"detail":"Not Found","id":"2"}"#), 0);
    }

    #[test]
    fn what_is_documented_and_needs_nothing_is_read() {
        let contract = Contract::parse(DOCUMENT, "pinned.yaml").unwrap();
        assert_eq!(unread(&contract, &target()), [asks::read("/info")]);
    }

    #[test]
    fn what_needs_something_or_is_asked_for_anyhow_is_not_read() {
        for paths in [
            "{/info: {post: {responses: {'200': {description: ''}}}}}",
            "{/logout-all: {get: {responses: {'200': {description: ''}}}}}",
            "{/info: {get: {operationId: exportEverything, responses: {'200': {description: ''}}}}}",
            "{/health: {get: {responses: {'200': {description: ''}}}}}",
            "{'/notes/{id}': {get: {responses: {'200': {description: ''}}}}}",
            "{/info: {get: {security: [{key: []}], responses: {'200': {description: ''}}}}}",
            "{/info: {get: {parameters: [{name: q, in: query, required: true, schema: {type: string}}], responses: {'200': {description: ''}}}}}",
        ] {
            let text = format!(
                "openapi: 3.1.0\ninfo: {{title: x, version: '1'}}\ncomponents: {{securitySchemes: {{key: {{type: http, scheme: bearer}}}}}}\npaths: {paths}"
            );
            let contract = Contract::parse(&text, "pinned.yaml").unwrap();
            assert_eq!(unread(&contract, &target()), [], "{paths}");
        }
    }
}
