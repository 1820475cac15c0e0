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
    let marked = |remark: &Remark| {
        remark
            .excerpt
            .chars()
            .skip(remark.before)
            .take(remark.length)
            .collect()
    };
    let linted = linted(text);
    for remark in &linted.remarks {
        assert!(
            !remark.why.is_empty() && !remark.next.is_empty() && !remark.what.ends_with('.'),
            "{remark:?}"
        );
    }
    linted
        .remarks
        .iter()
        .map(|remark| (remark.rule.clone(), marked(remark)))
        .collect()
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

/// A rule, a part of the sound document, what breaks the rule there and where the caret is then, and what looks alike and does
/// not.
#[derive(Debug, serde::Deserialize)]
struct Case {
    rule: String,
    part: String,
    breaks: String,
    caret: String,
    spares: String,
}

fn cases() -> Vec<Case> {
    serde_saphyr::from_str(include_str!("testdata/cases.yaml")).unwrap()
}

#[test]
fn each_rule_refuses_what_breaks_it_and_spares_what_looks_alike() {
    let mut wrong = Vec::new();
    for Case {
        rule,
        part,
        breaks,
        caret,
        spares,
    } in cases()
    {
        let found = broken(&with(&part, &breaks));
        if !found.contains(&(rule.clone(), caret)) {
            wrong.push(format!("{rule}: {breaks:?} gives {found:?}"));
        }
        let spared = broken(&with(&part, &spares));
        if spared.iter().any(|(found, _)| *found == rule) {
            wrong.push(format!("{rule}: {spares:?} gives {spared:?}"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn each_rule_has_a_case() {
    // These are shown below and in `source`.
    let elsewhere = ["syntax", "bad-source", "unread-file", "unread-source"];
    let cases = cases();
    for rule in rule::ALL {
        let shown = cases.iter().any(|case| case.rule == rule.id) || elsewhere.contains(&rule.id);
        assert!(shown, "{}", rule.id);
    }
}

#[test]
fn a_longer_cycle_is_told_with_its_way() {
    let text = with(
        "  - workflowId: keep",
        "  - workflowId: keep\n    dependsOn: [twice]",
    );
    let linted = linted(&text);
    let cycles: Vec<_> = linted
        .remarks
        .iter()
        .filter(|remark| remark.rule == "cycle")
        .collect();
    assert_eq!(cycles.len(), 1, "{:#?}", linted.remarks);
    assert!(cycles[0].why.contains("which waits for"), "{}", cycles[0].why);
    let text = KEEP.replacen("timeout: 5000", "dependsOn: [read]", 1).replacen(
        "operationId: readNote",
        "dependsOn: [create]\n        operationId: readNote",
        1,
    );
    assert!(
        broken(&text).iter().any(|(rule, _)| rule == "cycle"),
        "{:?}",
        broken(&text)
    );
}

#[test]
fn a_source_that_is_not_at_hand_is_told_and_its_operations_are_not_judged() {
    let text = with("operationId: createNote", "operationId: creatNote");
    let given = |source| Sources::from([("notes".to_owned(), source)]);
    let remote = Read::of(&text).judged("a", &given(Source::Remote), false);
    assert!(remote.remarks.is_empty(), "{:?}", remote.remarks);
    assert!(
        remote.notes[0].contains("--source notes=FILE"),
        "{:?}",
        remote.notes
    );
    let missing = Read::of(&text).judged("a", &given(Source::Missing("gone".to_owned())), false);
    assert_eq!(
        (missing.remarks[0].rule.as_str(), missing.remarks[0].level),
        ("unread-source", Level::Warning)
    );
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
    assert_eq!(
        (linted.remarks[0].rule.as_str(), linted.remarks[0].line),
        ("syntax", 2),
        "{:?}",
        linted.remarks
    );
    let linted = self::linted("openapi: 3.1.0\n");
    assert!(linted.remarks[0].why.contains("OpenAPI"), "{:?}", linted.remarks);
}

#[test]
fn what_is_missing_at_the_end_of_a_line_is_told_there() {
    for text in [
        with("          - name: id\n", "          - \n          - name: id\n"),
        KEEP.replace('\n', " \r\n"),
    ] {
        for remark in linted(&text).remarks {
            assert!(remark.before <= remark.excerpt.chars().count(), "{remark:?}");
        }
    }
}

#[test]
fn json_is_held_to_the_same_rules() {
    let root = source::read(KEEP).unwrap().value();
    let json = serde_json::to_string_pretty(&root).unwrap();
    assert_eq!(broken(&json), nothing());
    let wrong = json.replacen("$statusCode == 201", "$statusCode > 201", 1);
    assert_eq!(
        broken(&wrong),
        [("admits-5xx".to_owned(), "\"$statusCode > 201\"".to_owned())]
    );
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
    let words = KEEP
        .split_inclusive(['\n', ' '])
        .map(str::to_owned)
        .collect::<Vec<_>>();
    let odd = [
        "$", "{$", "}", "[", "]", "- ", "\n", "    ", "'", "\"", "é", "#/", "~", "null", "-1", ": ",
    ];
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

#[test]
fn a_file_that_cannot_be_read_is_told_where_it_is_named() {
    let text = with("payload: {text: $inputs.text}", "x-greenlight-file: sounds/a.wav");
    let mut read = Read::of(&text);
    let files = read.files();
    assert_eq!(files.len(), 1);
    read.unread_file(&files[0], "it is not there");
    let told = read.judged("a", &Sources::new(), false).remarks;
    let told = told.iter().find(|remark| remark.rule == "unread-file").unwrap();
    assert_eq!(told.level, Level::Error);
    assert!(
        told.what.contains("sounds/a.wav") && told.why == "it is not there",
        "{told:?}"
    );
}

/// What editors say of our extensions, by the schema, is what `lint` says.
#[test]
fn the_schema_of_our_extensions_agrees_with_the_rules() {
    let schema = include_str!("../../../../contracts/scenario.schema.json");
    let schema = jsonschema::validator_for(&serde_json::from_str(schema).unwrap()).unwrap();
    let valid = |text: &str| schema.is_valid(&serde_saphyr::from_str::<serde_json::Value>(text).unwrap());
    let step = |own: &str| with("stepId: count", &format!("stepId: count\n        {own}"));
    let body = |own: &str| {
        let payload = "payload: {text: $inputs.text}";
        with(payload, &format!("{payload}\n          {own}"))
    };
    let whole = |own: &str| with("arazzo: 1.1.0", &format!("arazzo: 1.1.0\n{own}"));
    let table = [
        (step("x-greenlight-effect: paid"), true),
        (step("x-greenlight-effect: costly"), false),
        (step("x-greenlight-origin: https://app.example"), true),
        (step("x-greenlight-origin: $inputs.text"), true),
        (step("x-greenlight-origin: app.example"), false),
        (step("x-greenlight-cleanup: true"), true),
        (step("x-greenlight-cleanup: 'yes'"), false),
        (step("x-greenlight-expect-5xx: ''"), false),
        (step("x-greenlight-suite: smoke"), false),
        (step("x-greenlight-file: a.wav"), false),
        (step("x-other: 1"), true),
        (whole("x-greenlight-suite: smoke"), true),
        (whole("x-greenlight-suite: all"), false),
        (whole("x-greenlight-effect: read"), false),
        (
            body("x-greenlight-file: {path: a.wav, target: /a, contentType: audio/wav}"),
            true,
        ),
        (
            body("x-greenlight-file: [{path: a.wav, target: /a}, {path: b.wav, target: /b}]"),
            true,
        ),
        (body("x-greenlight-file: {path: a.wav, target: a}"), false),
        (body("x-greenlight-file: {target: /a}"), false),
        (
            body("x-greenlight-file: {path: a.wav, target: /a, type: b}"),
            false,
        ),
        (body("x-greenlight-file: 5"), false),
    ];
    for (text, good) in table {
        let told: Vec<String> = broken(&text).into_iter().map(|(rule, _)| rule).collect();
        let rules = ["wrong-value", "unknown-field", "missing-field"];
        let refused = told.iter().any(|rule| rules.contains(&rule.as_str()));
        assert_eq!((valid(&text), !refused), (good, good), "{told:?}\n{text}");
    }
    assert!(valid(KEEP));
}
