use super::{NOTES, contract};
use crate::contract::find::NotFound;

fn template(text: &str, method: &str, path: &str, base: &str) -> Option<String> {
    contract(text)
        .find(method, path, base)
        .ok()
        .map(|found| found.operation.template.clone())
}

#[test]
fn a_full_path_and_one_below_the_base_find_the_same_operation_wherever_the_prefix_is_written() {
    let in_servers = "openapi: 3.1.0\nservers: [{url: /api/v3}]\npaths: {/ai/orchestrate: {post: {}}}\n";
    let in_paths = "openapi: 3.1.0\npaths: {/api/v3/ai/orchestrate: {post: {}}}\n";
    let nowhere = "openapi: 3.1.0\npaths: {/ai/orchestrate: {post: {}}}\n";
    for text in [in_servers, in_paths, nowhere] {
        for path in [
            "/api/v3/ai/orchestrate",
            "/ai/orchestrate",
            "/ai/orchestrate?x=/1#y",
        ] {
            for base in ["/api/v3", "/api/v3/"] {
                assert!(
                    template(text, "POST", path, base).is_some(),
                    "{text} {path} {base}"
                );
            }
        }
    }
    // A prefix ends at a segment.
    assert_eq!(
        template(in_servers, "POST", "/api/v33/ai/orchestrate", "/api/v3"),
        None
    );
    // Without knowledge of the base, the document's own prefix still is one.
    assert!(template(in_servers, "POST", "/api/v3/ai/orchestrate", "").is_some());
}

#[test]
fn the_literal_path_wins_over_the_templated_one() {
    assert_eq!(
        template(NOTES, "GET", "/api/v3/notes/mine", "").as_deref(),
        Some("/notes/mine")
    );
    assert_eq!(
        template(NOTES, "GET", "/api/v3/notes/yours", "").as_deref(),
        Some("/notes/{id}")
    );
    let text = "openapi: 3.1.0\npaths: {'/{a}/{b}/{c}': {get: {}}, /health: {get: {}}}\n";
    assert_eq!(
        template(text, "GET", "/api/v3/health", "/api/v3").as_deref(),
        Some("/health")
    );
}

#[test]
fn reads_the_path_parameters_decoded() {
    let contract = contract(NOTES);
    let found = contract.find("GET", "/api/v3/notes/a%20b%2Fc", "").unwrap();
    assert_eq!(found.path_params["id"], "a b/c");
    let found = contract.find("GET", "/api/v3/export/my.notes.csv", "").unwrap();
    assert_eq!(
        (
            found.path_params["name"].as_str(),
            found.path_params["kind"].as_str()
        ),
        ("my", "notes.csv")
    );
}

#[test]
fn tells_an_unknown_path_from_an_unknown_method() {
    let contract = contract(NOTES);
    assert_eq!(
        contract.find("GET", "/api/v3/nothing", ""),
        Err(NotFound::UnknownPath)
    );
    assert_eq!(
        contract.find("GET", "/api/v3/notes/", ""),
        Err(NotFound::UnknownPath)
    );
    assert_eq!(contract.find("GET", "", ""), Err(NotFound::UnknownPath));
    let other = NotFound::OtherMethods {
        template: "/notes/{id}".to_owned(),
        methods: vec!["GET".to_owned()],
    };
    assert_eq!(contract.find("DELETE", "/api/v3/notes/7", ""), Err(other));
    assert!(contract.find("HEAD", "/api/v3/notes/7", "").is_ok());
    assert!(contract.find("get", "/api/v3/notes/7", "").is_err());
}

#[test]
fn a_broken_template_matches_nothing_and_harms_nothing() {
    let text = "openapi: 3.1.0\npaths: {'/a/{b': {get: {}}, '/{}{}': {get: {}}, '/x{é}y{z}': {get: {}}}\n";
    for path in ["/a/b", "/", "/x", "/é", "/xéyé", "//", "/%ff"] {
        let _ = contract(text).find("GET", path, "");
    }
    assert_eq!(template(text, "GET", "/xéyé", "").as_deref(), Some("/x{é}y{z}"));
}
