//! What a contract offers to those who know nothing else about a service: where it is usually found, which of its
//! operations ask for a credential, and the examples that it gives.

use serde_json::Value;

use crate::contract::load::Contract;
use crate::contract::operation::{MediaSpec, Operation};
use crate::contract::place::Place;

/// Where frameworks serve their document, by convention, likeliest first. Each is tried below the target's base path
/// and at the root.
pub fn find_spec_routes() -> &'static [&'static str] {
    &[
        "/openapi.json",            // FastAPI, poem, many others
        "/openapi.yaml",            // hand-written documents
        "/openapi.yml",             //
        "/openapi",                 // Quarkus, MicroProfile: YAML unless asked for JSON
        "/q/openapi",               // Quarkus 2 and later
        "/v3/api-docs",             // springdoc
        "/swagger.json",            // go-swagger, Flask-RESTX
        "/swagger/v1/swagger.json", // ASP.NET Core, Swashbuckle
        "/openapi/v1.json",         // ASP.NET Core 9 and later
        "/api-json",                // NestJS
        "/docs/json",               // Fastify
        "/api/schema/",             // drf-spectacular
        "/spec",                    // poem-openapi's documentation
        "/api-docs/openapi.json",   // utoipa
    ]
}

/// Pages that show the document to people.
const PAGES: [&str; 8] = [
    "/docs",
    "/redoc",
    "/swagger",
    "/swagger-ui",
    "/swagger-ui.html",
    "/scalar",
    "/rapidoc",
    "/api-docs",
];

/// Whether a path is, by convention, the document itself or a page that shows it, under whatever prefix.
pub fn serves_documentation(path: &str) -> bool {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let path = path.trim_end_matches('/');
    let is_document = |route: &&str| path.ends_with(route.trim_end_matches('/'));
    let is_page = |page: &&str| path.ends_with(*page) || path.contains(&format!("{page}/"));
    find_spec_routes().iter().any(is_document) || PAGES.iter().any(is_page)
}

impl Contract {
    /// The operations that document no anonymous call, sorted by template and method.
    pub fn protected_operations(&self) -> impl Iterator<Item = &Operation> {
        self.operations()
            .iter()
            .filter(|operation| !operation.security.allows_anonymous())
    }

    /// The examples that a media type gives: `example`, `examples`, then those of its schema. Values only; an example
    /// that lies outside the document is left out.
    pub fn examples(&self, media: &MediaSpec) -> Vec<&Value> {
        let document = self.document();
        let Some(value) = document.pointer(&media.pointer) else {
            return Vec::new();
        };
        let place = Place {
            pointer: media.pointer.clone(),
            value,
        };
        let mut examples: Vec<&Value> = place
            .member("example")
            .map(|example| example.value)
            .into_iter()
            .collect();
        for (_, example) in place
            .member("examples")
            .map(|list| list.members())
            .unwrap_or_default()
        {
            let example = example.follow(document).ok();
            // `dataValue` is OpenAPI 3.2's name for it.
            let value =
                example.and_then(|example| example.member("value").or_else(|| example.member("dataValue")));
            examples.extend(value.map(|value| value.value));
        }
        if let Some(schema) = place
            .member("schema")
            .and_then(|schema| schema.follow(document).ok())
        {
            examples.extend(schema.member("example").map(|example| example.value));
            let items = schema
                .member("examples")
                .map(|list| list.items())
                .unwrap_or_default();
            examples.extend(items.iter().map(|item| item.value));
        }
        examples
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_the_operations_that_no_stranger_may_call() {
        let text = "openapi: 3.1.0\nsecurity: [{token: []}]\npaths:\n  /open: {get: {security: []}}\n  /either: {get: \
                    {security: [{token: []}, {}]}}\n  /closed: {get: {}}\n";
        let contract = Contract::parse(text, "x").unwrap();
        let names: Vec<String> = contract.protected_operations().map(Operation::name).collect();
        assert_eq!(names, ["GET /closed"]);
    }

    #[test]
    fn knows_documentation_from_an_operation_that_only_sounds_like_it() {
        for path in [
            "/openapi.json",
            "/api/v3/openapi.json",
            "/docs",
            "/api/docs/",
            "/swagger-ui/index.html",
        ] {
            assert!(serves_documentation(path), "{path}");
        }
        for path in ["/notes", "/mydocs", "/documents", "/openapi.json/x", "/inspec"] {
            assert!(!serves_documentation(path), "{path}");
        }
    }
}
