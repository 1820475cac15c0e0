//! Each rule with a document that it refuses and a look-alike that it spares.


use proptest::prelude::*;

use super::*;
use crate::model::lint::Level;
use crate::scenario::document::SourceKind;

const NOTES: &str = include_str!("testdata/notes.openapi.yaml");
const KEEP: &str = include_str!("testdata/keep.arazzo.yaml");

fn sources() -> Sources {
    let notes = Source::read(NOTES, "notes.yaml", Some(SourceKind::OpenApi));
    assert!(matches!(notes, Source::Contract(_)), "{notes:?}");
    let other = Source::read(KEEP, "keep.yaml", Some(SourceKind::Arazzo));
    assert!(matches!(other, Source::Scenario(_)), "{other:?}");
    Sources::from([("notes".to_owned(), notes), ("other".to_owned(), other)])
}

fn linted(text: &str) -> Linted {
    Read::of(text).judged("keep.yaml", &sources(), false)
}

/// The rules that a document breaks, and what the caret is under.
fn broken(text: &str) -> Vec<(String, String)> {
    let marked = |remark: &Remark| remark.excerpt.chars().skip(remark.before).take(remark.length).collect();
    let linted = linted(text);
    for remark in &linted.remarks {
        assert!(!remark.why.is_empty() && !remark.next.is_empty() && !remark.what.ends_with('.'), "{remark:?}");
    }
    linted.remarks.iter().map(|remark| (remark.rule.clone(), marked(remark))).collect()
}

fn nothing() -> Vec<(String, String)> {
    Vec::new()
}

/// The document with one part of it in another way.
fn with(part: &str, instead: &str) -> String {
    assert!(KEEP.contains(part), "{part}");
    KEEP.replacen(part, instead, 1)
}

#[test]
fn the_document_that_the_others_are_made_of_is_sound() {
    assert_eq!(broken(KEEP), nothing());
    let linted = linted(KEEP);
    assert_eq!((linted.workflows, linted.steps), (2, 4));
}

/// A rule, a part of the sound document, what breaks the rule there and where the caret is, and what looks alike and does not.
struct Case {
    rule: &'static str,
    part: &'static str,
    breaks: &'static str,
    caret: &'static str,
    spares: &'static str,
}

const fn case(
    rule: &'static str,
    part: &'static str,
    breaks: &'static str,
    caret: &'static str,
    spares: &'static str,
) -> Case {
    Case {
        rule,
        part,
        breaks,
        caret,
        spares,
    }
}


const CREATED: &str = "- condition: $statusCode == 201";
const ID: &str = "value: $steps.create.outputs.id";
const TEXT: &str = "payload: {text: $inputs.text}";

const CASES: &[Case] = &[
    case("version", "arazzo: 1.1.0", "arazzo: 2.0.0", "2.0.0", "arazzo: 1.1.7"),
    case("version", "arazzo: 1.1.0", "x-arazzo: 1.1.0", "x-arazzo", "arazzo: 1.1"),
    case("missing-field", "  title: Notes\n", "", "version", "  title: Other\n"),
    case("missing-field", "stepId: count", "description: count", "description", "stepId: cnt"),
    case("missing-field", "        operationId: listNotes\n", "", "stepId", "        x-operation: {method: GET, url: https://api.example}\n"),
    case("missing-field", "type: retry", "retry: yes", "name", "type: retry"),
    case("missing-field", "            in: path\n", "", "id", "            in: path\n            x-why: it is\n"),
    case("unknown-field", "retryLimit: 3", "retryLimt: 3", "retryLimt", "retryLimit: 4"),
    case("unknown-field", "stepId: count", "stepId: count\n        x-greenlight-efect: read", "x-greenlight-efect", "stepId: count\n        x-greenlight-effect: read\n        x-other: {a: 1}"),
    case("unknown-field", "arazzo: 1.1.0", "arazzo: 1.0.1", "timeout", "arazzo: 1.1.0"),
    case("wrong-value", "retryLimit: 3", "retryLimit: -3", "-3", "retryLimit: 30"),
    case("wrong-value", "stepId: count", "stepId: 5", "5", "stepId: '5'"),
    case("wrong-value", "in: path", "in: body", "body", "in: path"),
    case("wrong-value", "type: retry", "type: retri", "retri", "type: retry"),
    case("wrong-value", "stepId: count", "stepId: count\n        x-greenlight-expect-5xx: true", "true", "stepId: count\n        x-greenlight-effect: paid"),
    case("not-supported", CREATED, "- {context: $response.body, condition: /a, type: xpath}", "xpath", "- {context: $response.body, condition: $.a, type: jsonpath}"),
    case("not-supported", "type: openapi", "type: asyncapi", "asyncapi", "type: openapi"),
    case("not-supported", "timeout: 5000", "channelPath: x", "channelPath", "timeout: 6000"),
    case("duplicate", "stepId: count", "stepId: read", "read", "stepId: read-again"),
    case("duplicate", "workflowId: twice", "workflowId: keep", "keep", "workflowId: keep2"),
    case("duplicate", ID, "value: 1\n          - {name: id, in: path, value: 2}", "id", "value: 1\n          - {name: tag, in: header, value: 2}"),
    case("name", "stepId: count", "stepId: a count", "a count", "stepId: a-count"),
    case("name", "stepId: count", "stepId: a.count", "a.count", "stepId: a_count"),
    case("unknown-reference", "workflowId: keep\n        par", "workflowId: kept\n        par", "kept", "workflowId: $sourceDescriptions.other.keep\n        par"),
    case("unknown-reference", "workflowId: keep\n        par", "workflowId: $sourceDescriptions.other.kept\n        par", "$sourceDescriptions.other.kept", "workflowId: keep\n        par"),
    case("unknown-reference", "stepId: read # goto", "stepId: reed", "reed", "stepId: read"),
    case("unknown-reference", "dependsOn: [keep]", "dependsOn: [kept]", "kept", "dependsOn: [keep]"),
    case("unknown-reference", "dependsOn: [keep]", "dependsOn: [$sourceDescriptions.others.keep]", "$sourceDescriptions.others.keep", "dependsOn: [$sourceDescriptions.other.keep]"),
    case("unknown-reference", ID, "value: $steps.creat.outputs.id", "$steps.creat.outputs.id", ID),
    case("unknown-reference", "reference: $components.parameters.tag", "reference: $components.parameters.tags", "$components.parameters.tags", "reference: $components.parameters.tag\n            value: other"),
    case("unknown-reference", "$ref: '#/components/inputs/tag'", "$ref: '#/components/inputs/tags'", "'#/components/inputs/tags'", "type: string"),
    case("expression", ID, "value: $step.create.outputs.id", "$step", ID),
    case("expression", ID, "value: a{$inputs}", "}", "value: a{$inputs.text}{b}"),
    case("expression", "id: $response.body#/id", "id: the id", "the", "id: $response.header.Location"),
    case("expression", TEXT, "payload: '{\"text\": \"{$input.text}\"}'", "$input", "payload: '{\"text\": \"{$inputs.text}\"}'"),
    case("condition", CREATED, "- condition: $statusCode = 201", "=", CREATED),
    case("condition", CREATED, "- condition: $response.body.state == done && $statusCode == 201", "done", "- condition: $response.body.state == 'done' && $statusCode == 201"),
    case("regex", CREATED, "- {context: $statusCode, condition: '^2(', type: regex}", "'^2('", "- {context: $statusCode, condition: '^2', type: regex}"),
    case("jsonpath", CREATED, "- {context: $response.body, condition: $.a != null, type: jsonpath}", "!= null", "- {context: $response.body, condition: '$[?@.a != null]', type: jsonpath}"),
    case("jsonpath", CREATED, "- {context: $response.body, condition: '$[?@.a == ''{$inputs.text}'']x', type: jsonpath}", "'$[?@.a == ''{$inputs.text}'']x'", "- {context: $response.body, condition: '$[?@.a == ''{$inputs.text}'']', type: jsonpath}"),
    case("undefined-output", ID, "value: $steps.create.outputs.ids", "$steps.create.outputs.ids", "value: $steps.create.outputs.id.first"),
    case("undefined-output", "id: $outputs.id", "id: $outputs.ids", "$outputs.ids", "id: $outputs.id#/0"),
    case("undefined-output", "first: $steps.one.outputs.id", "first: $steps.one.outputs.ids", "$steps.one.outputs.ids", "first: $workflows.keep.outputs.id"),
    case("undefined-output", "first: $steps.one.outputs.id", "first: $workflows.keep.outputs.ids", "$workflows.keep.outputs.ids", "first: $workflows.keep.inputs.text"),
    case("undefined-input", TEXT, "payload: {text: $inputs.txt}", "$inputs.txt", "payload: {text: $inputs.text.part}"),
    case("undefined-input", TEXT, "payload: 'a {$inputs.txt}'", "$inputs.txt", "payload: 'a {$inputs.text}'"),
    case("undeclared-inputs", "value: hello", "value: $inputs.hello", "$inputs.hello", "value: $hello money"),
    case("out-of-order", TEXT, "payload: {text: $steps.read.outputs.text}", "$steps.read.outputs.text", TEXT),
    case("out-of-order", TEXT, "payload: {text: $response.body}", "$response.body", "payload: {text: $request.header.accept}"),
    case("out-of-order", ID, "value: $steps.read.outputs.text", "$steps.read.outputs.text", ID),
    case("cycle", "dependsOn: [keep]", "dependsOn: [twice]", "twice", "dependsOn: [keep, keep]"),
    case("constant-condition", CREATED, "- condition: '201'", "'201'", CREATED),
    case("constant-condition", CREATED, "- condition: $statusCode == 2001", "$statusCode == 2001", CREATED),
    case("constant-condition", CREATED, "- condition: $statusCode == 201 || $statusCode != 700", "$statusCode == 201 || $statusCode != 700", CREATED),
    case("constant-condition", "- condition: $statusCode == 404", "- condition: $statusCode == 404 && $statusCode == 405", "$statusCode == 404 && $statusCode == 405", "- condition: $statusCode == 404 || $statusCode == 405"),
    case("constant-condition", CREATED, "- condition: $statusCode == 201\n          - condition: $statusCode == 200", "$statusCode == 201", "- condition: $statusCode == 201\n          - condition: $statusCode < 300"),
    case("admits-5xx", CREATED, "- condition: $statusCode >= 200", "$statusCode >= 200", "- condition: $statusCode >= 200 && $statusCode < 300"),
    case("admits-5xx", CREATED, "- condition: $statusCode != 404", "$statusCode != 404", "- condition: $statusCode != 404 && $statusCode < 500"),
    case("admits-5xx", CREATED, "- condition: $statusCode == 201 || $response.body.ok", "$statusCode == 201 || $response.body.ok", "- condition: $statusCode == 201 && $response.body.ok"),
    case("admits-5xx", CREATED, "- condition: $statusCode == $inputs.text", "$statusCode == $inputs.text", "- condition: $statusCode == $inputs.text && $statusCode < 500"),
    case("admits-5xx", CREATED, "- {context: $statusCode, condition: '^[25]', type: regex}", "'^[25]'", "- {context: $statusCode, condition: '^2\\d\\d$', type: regex}"),
    case("admits-5xx", CREATED, "- {context: $statusCode, condition: '{$inputs.text}', type: regex}", "'{$inputs.text}'", "- {context: $response.body, condition: '{$inputs.text}', type: regex}"),
    case("admits-5xx", CREATED, "- condition: $statusCode == 503", "$statusCode == 503", "- condition: $statusCode == 503\n        x-greenlight-expect-5xx: the fault is injected"),
    case("unused-exception", CREATED, "- condition: $statusCode == 201\n        x-greenlight-expect-5xx: once", "once", "- condition: $statusCode > 200\n        x-greenlight-expect-5xx: once"),
    case("no-criterion", "        successCriteria:\n          - condition: $statusCode == 201\n", "", "create", "        successCriteria:\n          - condition: $response.body.id\n"),
    case("spelling", "- condition: $statusCode == 200", "- condition: $response.header.A == \"b\"", "\"b\"", "- condition: $response.header.A == 'b'"),
    case("action", "retryLimit: 3", "retryLimit: 0", "retryLimit", "retryLimit: 1"),
    case("action", "stepId: read # goto", "x-nothing: 1", "type", "stepId: create"),
    case("action", "stepId: read # goto", "stepId: read\n            workflowId: twice", "workflowId", "workflowId: twice"),
    case("unknown-operation", "operationId: createNote", "operationId: creatNote", "creatNote", "operationId: $sourceDescriptions.notes.createNote"),
    case("unknown-operation", "operationId: createNote", "operationPath: '{$sourceDescriptions.notes.url}#/paths/~1notes/put'", "'{$sourceDescriptions.notes.url}#/paths/~1notes/put'", "operationPath: '{$sourceDescriptions.notes.url}#/paths/~1notes/post'"),
    case("unknown-operation", "operationId: createNote", "operationPath: '{$sourceDescriptions.notes.url}#/x'", "'{$sourceDescriptions.notes.url}#/x'", "operationPath: '{$sourceDescriptions.notes.url}#/paths/%2Fnotes/POST'"),
    case("spelling", "operationId: readNote", "operationPath: '{$sourceDescriptions.notes.url}#/paths/~1notes~1{id}'", "'{$sourceDescriptions.notes.url}#/paths/~1notes~1{id}'", "operationPath: '{$sourceDescriptions.notes.url}#/paths/~1notes~1{id}/get'"),
    case("spelling", "operationId: readNote", "operationPath: $sourceDescriptions.notes#/paths/~1notes~1{id}/get", "$sourceDescriptions.notes#/paths/~1notes~1{id}/get", "operationId: readNote"),
    case("spelling", "operationId: readNote", "operationId: notes.readNote", "notes.readNote", "operationId: $sourceDescriptions.notes.readNote"),
    case("ambiguous-operation", "  - name: other\n    url: ./keep.yaml\n    type: arazzo", "  - name: more\n    url: ./more.yaml\n    type: openapi", "createNote", "  - name: more\n    url: ./more.yaml\n    type: arazzo"),
    case("unknown-parameter", "name: page", "name: pages", "pages", "name: page"),
    case("unknown-parameter", "name: text\n", "name: txt\n", "txt", "name: text\n"),
    case("undeclared-header", "name: page\n            in: query", "name: X-Page\n            in: header", "X-Page", "name: X-KEY\n            in: header"),
    case("undeclared-header", "name: page\n            in: query", "name: X-Page\n            in: header", "X-Page", "name: Authorization\n            in: header"),
    case("missing-parameter", "          - reference: $components.parameters.tag\n", "", "listNotes", "          - {name: tag, in: query, value: x}\n"),
    case("missing-parameter", "        requestBody:\n          contentType: application/json\n          payload: {text: $inputs.text}\n", "", "createNote", "        requestBody:\n          payload: {text: $inputs.text}\n"),
    case("missing-parameter", "          - name: text\n            value: hello\n", "          - name: more\n            value: hello\n", "keep", "          - name: text\n            value: hello\n          - name: more\n            value: hello\n"),
];

#[test]
fn each_rule_refuses_what_breaks_it_and_spares_what_looks_alike() {
    let mut wrong = Vec::new();
    for Case {
        rule,
        part,
        breaks,
        caret,
        spares,
    } in CASES
    {
        let found = broken(&with(part, breaks));
        if !found.contains(&((*rule).to_owned(), (*caret).to_owned())) {
            wrong.push(format!("{rule}: {breaks:?} gives {found:?}"));
        }
        let spared = broken(&with(part, spares));
        if spared.iter().any(|(found, _)| found == rule) {
            wrong.push(format!("{rule}: {spares:?} gives {spared:?}"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn each_rule_has_a_case() {
    // These are shown below and in `source`.
    let elsewhere = ["syntax", "bad-source", "unread-source"];
    for rule in rule::ALL {
        let shown = CASES.iter().any(|case| case.rule == rule.id) || elsewhere.contains(&rule.id);
        assert!(shown, "{}", rule.id);
    }
}

#[test]
fn a_longer_cycle_is_told_with_its_way() {
    let text = with("  - workflowId: keep", "  - workflowId: keep\n    dependsOn: [twice]");
    let linted = linted(&text);
    let cycles: Vec<_> = linted.remarks.iter().filter(|remark| remark.rule == "cycle").collect();
    assert_eq!(cycles.len(), 1, "{:#?}", linted.remarks);
    assert!(cycles[0].why.contains("which waits for"), "{}", cycles[0].why);
    let text = KEEP.replacen("timeout: 5000", "dependsOn: [read]", 1).replacen("operationId: readNote", "dependsOn: [create]\n        operationId: readNote", 1);
    assert!(broken(&text).iter().any(|(rule, _)| rule == "cycle"), "{:?}", broken(&text));
}

#[test]
fn a_source_that_is_not_at_hand_is_told_and_its_operations_are_not_judged() {
    let text = with("operationId: createNote", "operationId: creatNote");
    let given = |source| Sources::from([("notes".to_owned(), source)]);
    let remote = Read::of(&text).judged("a", &given(Source::Remote), false);
    assert!(remote.remarks.is_empty(), "{:?}", remote.remarks);
    assert!(remote.notes[0].contains("--source notes=FILE"), "{:?}", remote.notes);
    let missing = Read::of(&text).judged("a", &given(Source::Missing("gone".to_owned())), false);
    assert_eq!((missing.remarks[0].rule.as_str(), missing.remarks[0].level), ("unread-source", Level::Warning));
    let strict = Read::of(&text).judged("a", &given(Source::Missing("gone".to_owned())), true);
    assert_eq!(strict.remarks[0].level, Level::Error);
    let bad = Source::read("swagger: '2.0'", "old.yaml", Some(SourceKind::OpenApi));
    let bad = Read::of(&text).judged("a", &given(bad), false);
    assert_eq!(bad.remarks[0].rule, "bad-source");
    assert!(bad.remarks[0].why.contains("Swagger"), "{}", bad.remarks[0].why);
}

#[test]
fn a_text_that_is_no_document_says_where() {
    let linted = linted("arazzo: 1.0.1\ninfo: x: y\n");
    assert_eq!((linted.remarks[0].rule.as_str(), linted.remarks[0].line), ("syntax", 2), "{:?}", linted.remarks);
    let linted = self::linted("openapi: 3.1.0\n");
    assert!(linted.remarks[0].why.contains("OpenAPI"), "{:?}", linted.remarks);
}

#[test]
fn json_is_held_to_the_same_rules() {
    let root = source::read(KEEP).unwrap().value();
    let json = serde_json::to_string_pretty(&root).unwrap();
    assert_eq!(broken(&json), nothing());
    let wrong = json.replacen("$statusCode == 201", "$statusCode > 201", 1);
    assert_eq!(broken(&wrong), [("admits-5xx".to_owned(), "\"$statusCode > 201\"".to_owned())]);
}

#[test]
fn two_thousand_steps_are_held_to_the_rules() {
    let (head, rest) = KEEP.split_once("      - stepId: count").unwrap();
    let (_, tail) = rest.split_once("    outputs:\n      id: ").unwrap();
    let step = |n: usize| {
        format!(
            "      - stepId: s{n}\n        operationId: readNote\n        parameters:\n          - {{name: id, in: path, value: $steps.create.outputs.id}}\n        \
             successCriteria:\n          - condition: $statusCode == 200 && $response.body.n == {n}\n"
        )
    };
    let steps: String = (0..2_000).map(step).collect();
    let text = format!("{head}{steps}    outputs:\n      id: {tail}");
    let linted = linted(&text);
    assert!(linted.remarks.is_empty(), "{:?}", linted.remarks);
    assert!(linted.steps > 2_000);
}

#[test]
fn a_hostile_query_ends_soon() {
    for open in ["$[?(", "$[?!(", "$[?@[?(", "$[?length("] {
        for deep in [2, 3, 6, 7, 500] {
            let query = format!("${}", open.trim_start_matches('$').repeat(deep));
            let begun = std::time::Instant::now();
            let _ = criteria::query_of(&query);
            assert!(begun.elapsed().as_secs() < 5, "{query}");
        }
    }
}

/// Parts of documents, right and wrong.
fn part() -> impl Strategy<Value = String> {
    let words = KEEP.split_inclusive(['\n', ' ']).map(str::to_owned).collect::<Vec<_>>();
    let odd = ["$", "{$", "}", "[", "]", "- ", "\n", "    ", "'", "\"", "é", "#/", "~", "null", "-1", ": "];
    prop_oneof![
        4 => proptest::sample::select(words),
        1 => proptest::sample::select(odd.to_vec()).prop_map(str::to_owned),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn no_document_makes_it_panic(parts in proptest::collection::vec(part(), 0..60)) {
        let _ = Read::of(&parts.concat()).judged("a", &Sources::new(), true);
    }

    #[test]
    fn no_change_to_a_document_makes_it_panic(at in 0..KEEP.len(), length in 0_usize..40, part in part()) {
        let begin = KEEP.floor_char_boundary(at);
        let end = KEEP.floor_char_boundary((begin + length).min(KEEP.len()));
        let text = format!("{}{part}{}", &KEEP[..begin], &KEEP[end..]);
        for remark in Read::of(&text).judged("a", &sources(), true).remarks {
            prop_assert!(remark.line >= 1 && remark.column >= 1 && remark.length >= 1);
            prop_assert!(remark.before <= remark.excerpt.chars().count(), "{:?}", remark);
        }
    }
}
