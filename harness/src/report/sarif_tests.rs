//! What the published schema and GitHub ask of the log.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;
use crate::model::about::About;
use crate::report::fixtures::{self, traffic};
use crate::report::pages::Pages;

static SCHEMA: LazyLock<jsonschema::Validator> = LazyLock::new(|| {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/schemas/sarif-2.1.0.json");
    let text = std::fs::read_to_string(path).unwrap();
    // As published, the pattern of a language has a bracket too many, which only the engines of browsers forgive.
    let schema: Value = serde_json::from_str(&text.replace("{2}]?$", "{2}$")).unwrap();
    jsonschema::options()
        .should_validate_formats(true)
        .build(&schema)
        .unwrap()
});

fn read(run: &Run) -> Value {
    let recording = traffic::recording();
    serde_json::from_str(&render(Finished::new(run, &recording))).unwrap()
}

fn complaints(log: &Value) -> Vec<String> {
    let errors = SCHEMA.iter_errors(log);
    errors
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect()
}

#[test]
fn every_log_keeps_to_the_published_schema() {
    for (name, run) in fixtures::all() {
        assert_eq!(complaints(&read(&run)), Vec::<String>::new(), "{name}");
    }
    let mut log = read(&fixtures::healthy());
    log["runs"][0]["tool"]["driver"]["rules"][0]["id"] = 1.into();
    assert!(!complaints(&log).is_empty(), "the schema refuses nothing");
}

#[test]
fn every_result_has_what_github_needs() {
    for (name, run) in fixtures::all() {
        let log = read(&run);
        let whole = &log["runs"][0];
        let mut fingerprints = BTreeSet::new();
        let results = whole["results"].as_array().unwrap();
        assert_eq!(results.len(), run.findings.len(), "{name}");
        for result in results {
            let rule = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
            assert_eq!(
                whole["tool"]["driver"]["rules"][rule]["id"], result["ruleId"],
                "{name}"
            );
            let place = &result["locations"][0]["physicalLocation"];
            assert_eq!(place["artifactLocation"]["uri"], "openapi.json", "{name}");
            assert!(place["region"]["startLine"].as_u64().unwrap() >= 1);
            assert!(
                fingerprints.insert(result["partialFingerprints"]["greenlight/v1"].to_string()),
                "{name}"
            );
        }
    }
}

#[test]
fn a_rule_says_why_it_is_there_and_where_more_is_said() {
    let run = fixtures::healthy();
    let recording = traffic::recording();
    let about = [About {
        check: "cors/readable",
        explanation: "A page sees nothing of it.",
        hint: "Put the layer outside.",
    }];
    let finished = Finished {
        about: &about,
        pages: Pages("https://forge.example/docs"),
        ..Finished::new(&run, &recording)
    };
    let check = run
        .checks
        .iter()
        .find(|check| check.check == "cors/readable")
        .unwrap();
    let rule = rule(finished, check);
    assert_eq!(
        rule["help"]["text"],
        "A page sees nothing of it.\n\nPut the layer outside."
    );
    assert_eq!(
        rule["helpUri"],
        "https://forge.example/docs/checks/cors/readable.md"
    );
    assert_eq!(rule["name"], "CorsReadable");
    let unpublished = Finished {
        pages: Pages(""),
        ..finished
    };
    assert!(super::rule(unpublished, check).get("helpUri").is_none());
}

#[test]
fn a_waived_finding_is_suppressed_and_says_why() {
    let log = read(&fixtures::odd::many_findings());
    let results = log["runs"][0]["results"].as_array().unwrap();
    let suppressed: Vec<&Value> = results
        .iter()
        .filter(|result| result.get("suppressions").is_some())
        .collect();
    assert_eq!(suppressed.len(), 1);
    assert_eq!(suppressed[0]["ruleId"], "cors/vary");
}

#[test]
fn what_is_not_proven_is_told_though_there_is_no_finding() {
    let log = read(&fixtures::broken::unproven());
    let invocation = &log["runs"][0]["invocations"][0];
    assert_eq!(
        invocation["toolExecutionNotifications"].as_array().unwrap().len(),
        2
    );
    assert_eq!(invocation["executionSuccessful"], false);
}

#[test]
fn the_log_of_a_failing_run() {
    let recording = traffic::recording();
    insta::assert_snapshot!(render(Finished::new(
        &fixtures::broken::missing_await(),
        &recording
    )));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn any_text_makes_a_log_without_a_link(bomb in "(?s)(\\[a\\]\\(https://evil.example\\)|\\{0\\}|\\\\|.){0,40}") {
        let log = read(&fixtures::odd::filled(&bomb));
        prop_assert_eq!(complaints(&log), Vec::<String>::new());
        for result in log["runs"][0]["results"].as_array().unwrap() {
            let said = result["message"]["text"].as_str().unwrap();
            let unguarded = said.replace("\\\\", "").replace("\\[", "").replace("\\]", "");
            prop_assert!(!unguarded.contains(['[', ']']), "{said}");
            prop_assert!(!said.replace("{{", "").replace("}}", "").contains(['{', '}']), "{said}");
        }
    }
}
