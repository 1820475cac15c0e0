use crate::contract::load::{Contract, MAX_DOCUMENT, SpecVersion};

fn error(text: &str) -> String {
    Contract::parse(text, "api.yaml").unwrap_err().to_string()
}

#[test]
fn says_what_where_why_and_what_next() {
    insta::assert_snapshot!(
        [
            error(""),
            error("<!doctype html><title>Sign in</title>"),
            error("{\"openapi\": \"3.1.0\",\n  \"paths\": }"),
            error("openapi: [3.1.0\npaths: {}\n"),
            error("swagger: '2.0'\n"),
            error("openapi: 4.0.0\n"),
            error("title: Notes\n"),
            error("openapi: 3.1.0\npaths: {/a: {get: {responses: {'200': {$ref: '#/components/responses/No'}}}}}"),
            error("openapi: 3.1.0\npaths: {/a: {$ref: 'paths.yaml#/a'}}"),
            error("openapi: 3.1.0\npaths: {/a: {get: 7}}"),
            error("openapi: 3.1.0\npaths: {/a: {get: {responses: {ok: {description: x}}}}}"),
        ]
        .join("\n"), @r"
    the contract cannot be read (api.yaml): it is empty. Next: give the URL or file of the OpenAPI document itself, in JSON or YAML.
    the contract cannot be read (api.yaml): it is a page of HTML or XML. Next: give the URL or file of the OpenAPI document itself, in JSON or YAML.
    the contract cannot be read (api.yaml, line 2 column 12): not JSON: expected value. Next: correct the document there.
    the contract cannot be read (api.yaml, line 2 column 6): not YAML: illegal placement of ':' indicator. Next: correct the document there.
    this is no OpenAPI document (api.yaml): it is Swagger 2.0, and OpenAPI 3.0, 3.1 and 3.2 are understood. Next: convert it to OpenAPI 3.
    this is no OpenAPI document (api.yaml, at /openapi): its version is 4.0.0, and 3.0, 3.1 and 3.2 are understood. Next: give a document of one of these versions.
    this is no OpenAPI document (api.yaml): it has no member `openapi` that names the version. Next: give the URL or file of the OpenAPI document itself, in JSON or YAML.
    a reference in the contract cannot be followed (api.yaml, at /paths/~1a/get/responses/200): nothing stands at `#/components/responses/No`. Next: correct the `$ref` or add what it names under `components`.
    a reference in the contract cannot be followed (api.yaml, at /paths/~1a): `paths.yaml#/a` points outside this document; only `#/…` is followed. Next: bundle the documents into one file first.
    the contract is not valid OpenAPI (api.yaml, at /paths/~1a/get): an operation must be an object. Next: correct the document, or what generates it.
    the contract is not valid OpenAPI (api.yaml, at /paths/~1a/get/responses/ok): `ok` is no status code, no range like 2XX and not `default`. Next: correct the document, or what generates it.
    ");
}

#[test]
fn reads_json_yaml_flow_mappings_and_a_byte_order_mark() {
    for text in [
        "{\"openapi\": \"3.0.3\", \"info\": {\"version\": \"1\"}}",
        "\u{feff}openapi: 3.0.3\ninfo: {version: 1}\n",
        "{openapi: 3.0.3, info: {version: 1}}",
    ] {
        let contract = Contract::parse(text, "x").unwrap();
        assert_eq!(
            (contract.spec(), contract.version().as_deref()),
            (SpecVersion::V3_0, Some("1"))
        );
    }
}

#[test]
fn refuses_a_document_over_the_limit_before_parsing_it() {
    assert!(error(&" ".repeat(MAX_DOCUMENT + 1)).contains("at most 16777216 are read"));
}

#[test]
fn a_contract_can_be_shared_between_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<Contract>();
}
