use std::collections::BTreeSet;

use super::{NOTES, contract};
use crate::contract::compare::{Difference, compare};

/// What changed from the notes document to the same with `change` made to its text.
fn changed(changes: &[(&str, &str)]) -> Vec<Difference> {
    let mut text = NOTES.to_owned();
    for (from, to) in changes {
        assert!(text.contains(from), "{from}");
        text = text.replacen(from, to, 1);
    }
    compare(&contract(NOTES), &contract(&text))
}

fn rules(changes: &[(&str, &str)]) -> Vec<(&'static str, bool)> {
    let rules: BTreeSet<_> = changed(changes)
        .into_iter()
        .map(|found| (found.rule, found.breaking))
        .collect();
    rules.into_iter().collect()
}

#[test]
fn a_contract_differs_from_itself_in_nothing() {
    assert_eq!(rules(&[]), []);
}

#[test]
fn words_servers_names_and_order_make_no_difference() {
    assert_eq!(
        rules(&[
            ("https://notes.example/api/v3", "http://localhost:8000"),
            ("title: Notes", "title: The notes"),
            ("description: the note", "description: a note"),
            ("operationId: readNote", "operationId: read"),
            ("required: [id, text]", "required: [text, id]"),
            ("{enum: [calm, wild]}", "{description: mood, enum: [wild, calm]}"),
            ("/notes/{id}", "/notes/{note}"),
            (
                "[{type: string}, {type: 'null'}]",
                "[{type: 'null'}, {type: string}]"
            ),
            ("owner: {anyOf:", "owner: {title: owner, anyOf:"),
        ]),
        []
    );
    assert_eq!(
        rules(&[(
            "anyOf: [{type: string}, {type: 'null'}]",
            "type: [string, 'null']"
        )]),
        []
    );
}

#[test]
fn a_schema_in_place_means_what_its_reference_means() {
    let inline = "{type: object, required: [id, text], additionalProperties: false, properties: {id: {type: string, \
        format: uuid}, text: {type: string, minLength: 1}, mood: {enum: [calm, wild]}, at: {type: string, format: \
        date-time}, owner: {type: [string, 'null']}, replies: {type: array, items: {$ref: \
        '#/components/schemas/Note'}}}}";
    assert_eq!(
        rules(&[(
            "schema: {$ref: '#/components/schemas/Note'}",
            &format!("schema: {inline}")
        )]),
        []
    );
}

#[test]
fn each_change_of_an_answer_has_its_rule() {
    let cases: [(&str, &str, (&str, bool)); 13] = [
        (
            "version: 1.4.0",
            "version: 1.5.0",
            ("info-version-changed", false),
        ),
        (
            "required: [id, text]",
            "required: [id]",
            ("response-field-optional-now", true),
        ),
        (
            "required: [id, text]",
            "required: [id, text, at]",
            ("response-field-required-now", false),
        ),
        (
            "text: {type: string, minLength: 1}",
            "text: {type: array}",
            ("response-field-type-changed", true),
        ),
        (
            "        text: {type: string, minLength: 1}\n",
            "",
            ("response-field-removed", true),
        ),
        (
            "        at: {type: string, format: date-time}\n",
            "",
            ("response-field-removed", false),
        ),
        (
            "mood: {enum: [calm, wild]}",
            "mood: {enum: [calm, wild]}\n        new: {}",
            ("response-field-added", false),
        ),
        (
            "[calm, wild]",
            "[calm, wild, sad]",
            ("response-enum-value-added", true),
        ),
        ("[calm, wild]", "[calm]", ("response-enum-value-removed", false)),
        (
            "text: {type: string,",
            "text: {type: [string, 'null'],",
            ("response-field-nullable-now", true),
        ),
        (
            "4XX: {$ref",
            "401: {description: no}\n        4XX: {$ref",
            ("response-status-added", false),
        ),
        (
            "        4XX: {$ref: '#/components/responses/Problem'}\n",
            "",
            ("response-status-removed", true),
        ),
        (
            "application/problem+json:",
            "application/json:",
            ("response-media-type-removed", true),
        ),
    ];
    for (from, to, expected) in cases {
        let found = rules(&[(from, to)]);
        assert!(found.contains(&expected), "{from} -> {to}: {found:?}");
    }
    assert_eq!(
        rules(&[("ETag: {required: true,", "ETag: {")]),
        [("response-header-removed", true)]
    );
}

#[test]
fn operations_come_and_go() {
    assert_eq!(
        rules(&[("  /notes/mine:\n", "  /notes/ours:\n")]),
        [("operation-added", false), ("operation-removed", true)]
    );
}

#[test]
fn a_change_of_who_may_call_says_in_which_direction() {
    assert_eq!(
        rules(&[(
            "operationId: readNote\n      security: [{token: []}]",
            "operationId: readNote"
        )]),
        [("security-removed", false)]
    );
    assert_eq!(
        rules(&[(
            "  /notes/mine:\n    get: {",
            "  /notes/mine:\n    get: {security: [{token: []}], "
        )]),
        [("security-added", true)]
    );
    assert_eq!(
        rules(&[("scheme: Bearer", "scheme: Basic")]),
        [("security-changed", true)]
    );
    // The name of a scheme is nobody's business but the document's.
    let renamed = NOTES.replace("token:", "bearerAuth:");
    assert_eq!(compare(&contract(NOTES), &contract(&renamed)), []);
}

#[test]
fn each_change_of_a_request_has_its_rule() {
    let text = |schema: &str| {
        let body = format!("requestBody: {{content: {{application/json: {{schema: {schema}}}}}}}");
        format!("openapi: 3.0.3\npaths: {{/a: {{post: {{parameters: [{{name: q, in: query}}], {body}}}}}}}\n")
    };
    let plain = "{required: [a], properties: {a: {type: number}, b: {enum: [x, y]}}}";
    for (schema, expected) in [
        (
            "{required: [a, b], properties: {a: {type: number}, b: {enum: [x, y]}}}",
            ("request-field-required", true),
        ),
        (
            "{required: [a, c], properties: {a: {type: number}, b: {enum: [x, y]}, c: {}}}",
            ("request-field-required", true),
        ),
        (
            "{properties: {a: {type: number}, b: {enum: [x, y]}}}",
            ("request-field-optional-now", false),
        ),
        (
            "{required: [a], properties: {a: {type: number}}}",
            ("request-field-removed", true),
        ),
        (
            "{required: [a], properties: {a: {type: integer}, b: {enum: [x, y]}}}",
            ("request-field-type-changed", true),
        ),
        (
            "{required: [a], properties: {a: {}, b: {enum: [x, y]}}}",
            ("request-field-type-changed", false),
        ),
        (
            "{required: [a], properties: {a: {type: number}, b: {enum: [x]}}}",
            ("request-enum-value-removed", true),
        ),
        (
            "{required: [a], properties: {a: {type: number, nullable: true}, b: {enum: [x, y]}}}",
            ("request-field-nullable-now", false),
        ),
    ] {
        let found = compare(&contract(&text(plain)), &contract(&text(schema)));
        let found: Vec<_> = found.iter().map(|found| (found.rule, found.breaking)).collect();
        assert!(found.contains(&expected), "{schema}: {found:?}");
    }
    let required = text(plain).replace("in: query", "in: query, required: true");
    let found = compare(&contract(&text(plain)), &contract(&required));
    assert_eq!(
        (found.len(), found[0].rule, found[0].breaking),
        (1, "request-parameter-required", true)
    );
}

#[test]
fn breaking_changes_come_first_and_read_well() {
    let found = changed(&[
        ("version: 1.4.0", "version: 2.0.0"),
        ("[calm, wild]", "[calm, sad]"),
        ("  /notes/mine:\n", "  /notes/ours:\n"),
    ]);
    let lines: Vec<String> = found
        .iter()
        .map(|found| {
            format!(
                "{} {} {}",
                if found.breaking { "breaks" } else { "      " },
                found.rule,
                found.message
            )
        })
        .collect();
    insta::assert_snapshot!(lines.join("\n"), @r#"
    breaks response-enum-value-added GET /notes/{id} 200: /mood may now be "sad"
    breaks response-enum-value-added POST /notes 201: /mood may now be "sad"
    breaks operation-removed GET /notes/mine is gone
           response-enum-value-removed GET /notes/{id} 200: /mood is no longer "wild"
           response-enum-value-removed POST /notes 201: /mood is no longer "wild"
           info-version-changed the document's version is 2.0.0, pinned is 1.4.0
           operation-added GET /notes/ours is new
    "#);
}

#[test]
fn recursive_unions_and_merges_come_to_an_end() {
    let text = |extra: &str| {
        format!(
            "openapi: 3.1.0\npaths: {{/: {{get: {{responses: {{'200': {{content: {{application/json: {{schema: {{$ref: \
             '#/components/schemas/A'}}}}}}}}}}}}}}}}\ncomponents:\n  schemas:\n    A: {{allOf: [{{$ref: \
             '#/components/schemas/A'}}, {{$ref: '#/components/schemas/B'}}]}}\n    B: {{anyOf: [{{$ref: \
             '#/components/schemas/B'}}, {{$ref: '#/components/schemas/A'}}, {{type: string}}{extra}]}}\n"
        )
    };
    let found = compare(&contract(&text("")), &contract(&text(", {type: integer}")));
    assert_eq!(
        found.iter().map(|found| found.rule).collect::<BTreeSet<_>>(),
        ["response-variant-added"].into()
    );
}

#[test]
fn another_default_means_another_request() {
    let request = |default: &str| {
        let text = format!(
            "openapi: 3.1.0\ninfo: {{title: x, version: '1'}}\npaths: {{/a: {{post: {{requestBody: {{content: {{application/json: {{schema: \
             {{type: object, properties: {{kind: {{type: string, default: {default}}}}}}}}}}}}}, responses: {{'200': {{description: ''}}}}}}}}}}"
        );
        contract(&text)
    };
    let found = compare(&request("a"), &request("b"));
    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0].rule, found[0].breaking),
        ("request-default-changed", true)
    );
    assert!(
        found[0].message.contains("from \"a\" to \"b\""),
        "{}",
        found[0].message
    );
    assert_eq!(compare(&request("a"), &request("a")), []);
}
