//! Where else a bad credential can be tried: a protected operation that only reads costs nothing and has no body that
//! could be judged first.

use crate::check::asks;
use crate::check::view::View;
use crate::contract::load::Contract;
use crate::contract::operation::Operation;
use crate::model::target::{Call, Scheme, Target};

/// The cheapest protected read: one that the profile proves, else one that the contract documents.
pub fn protected_read(view: &View<'_>) -> Option<Call> {
    let proven = asks::protected(view.target).into_iter().find(asks::is_safe);
    proven.or_else(|| documented(view.target, view.contract?))
}

/// Where a bad credential costs least: a protected read, else the first operation that must refuse strangers.
pub fn cheapest(view: &View<'_>) -> Option<Call> {
    protected_read(view).or_else(|| asks::protected(view.target).into_iter().next())
}

fn documented(target: &Target, contract: &Contract) -> Option<Call> {
    let takes = |operation: &Operation| match target.auth.as_ref().map(|auth| &auth.scheme) {
        Some(Scheme::Bearer) => operation.security.takes_bearer(),
        Some(Scheme::Basic | Scheme::ApiKey { .. }) | None => false,
    };
    let plain = |operation: &&Operation| {
        operation.method == "GET"
            && !operation.deprecated
            && !operation.template.contains('{')
            && !operation.parameters.iter().any(|parameter| parameter.required)
            && takes(operation)
    };
    let base = target.base_path();
    contract
        .protected_operations()
        .filter(plain)
        .find_map(|operation| {
            let path = operation
                .template
                .strip_prefix(base)
                .unwrap_or(&operation.template);
            let found = contract.find("GET", path, base).ok()?;
            (path.starts_with('/') && found.operation.template == operation.template).then(|| Call {
                method: "GET".into(),
                path: path.to_owned(),
            })
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::target;

    const DOCUMENT: &str = r#"{
        "openapi": "3.1.0", "info": {"title": "notes", "version": "1"},
        "components": {"securitySchemes": {"b": {"type": "http", "scheme": "bearer"},
            "k": {"type": "apiKey", "in": "header", "name": "x-key"}}},
        "paths": {
            "/a/old": {"get": {"deprecated": true, "security": [{"b": []}], "responses": {"200": {"description": "fine"}}}},
            "/a/write": {"post": {"security": [{"b": []}], "responses": {"200": {"description": "fine"}}}},
            "/a/key": {"get": {"security": [{"k": []}], "responses": {"200": {"description": "fine"}}}},
            "/a/page": {"get": {"security": [{"b": []}], "responses": {"200": {"description": "fine"}},
                "parameters": [{"name": "page", "in": "query", "required": true, "schema": {"type": "string"}}]}},
            "/a/{undeclared}": {"get": {"security": [{"b": []}], "responses": {"200": {"description": "fine"}}}},
            "/health": {"get": {"responses": {"200": {"description": "fine"}}}},
            "/notes/{id}": {"get": {"security": [{"b": []}], "responses": {"200": {"description": "fine"}},
                "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}]}},
            "/notes": {"get": {"security": [{"b": []}], "responses": {"200": {"description": "fine"}}}}
        }
    }"#;

    #[test]
    fn a_documented_read_that_needs_nothing_but_the_credential_is_found() {
        let contract = Contract::parse(DOCUMENT, "the test").unwrap();
        let target = target();
        let view = View::new(&target, Some(&contract), &[], &[]);
        assert_eq!(protected_read(&view).unwrap().to_string(), "GET /notes");
        assert_eq!(protected_read(&View::new(&target, None, &[], &[])), None);
    }
}
