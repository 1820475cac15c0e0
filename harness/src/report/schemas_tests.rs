//! The committed JSON Schemas say what the types say, and every report keeps to them.

use std::path::PathBuf;

use schemars::Schema;
use serde_json::Value;

use crate::model::line::Line;
use crate::model::recording::Recording;
use crate::model::run::Run;
use crate::report::fixtures::traffic::recording;
use crate::report::format::Finished;
use crate::report::{fixtures, json, jsonl};

fn contracts(file: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../contracts")
        .join(file)
}

/// The schema as it is committed: named, and with the constant that tells readers what they hold.
fn document(schema: Schema, id: &str, title: &str) -> String {
    let mut schema = schema.to_value();
    schema["title"] = title.into();
    schema["properties"]["schema"]["const"] = id.into();
    serde_json::to_string_pretty(&schema).unwrap() + "\n"
}

/// Compares a committed schema with the types, or writes it when asked to.
fn assert_committed(file: &str, current: &str) {
    let path = contracts(file);
    if std::env::var_os("GREENLIGHT_BLESS").is_some_and(|value| value == "1") {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, current).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == current,
        "contracts/{file} is not what the types say. If the change is meant, and only adds, write it again with\n    \
         GREENLIGHT_BLESS=1 cargo test -p greenlight --lib schemas\nand commit it."
    );
}

fn report_schema() -> String {
    document(
        schemars::schema_for!(Run),
        crate::model::run::SCHEMA,
        "A report of Greenlight",
    )
}

fn recording_schema() -> String {
    let schema = schemars::schema_for!(Recording);
    document(
        schema,
        crate::model::recording::SCHEMA,
        "A recording of Greenlight",
    )
}

fn events_schema() -> String {
    let mut schema = schemars::schema_for!(Line).to_value();
    schema["title"] = "A line of a run that Greenlight tells as a stream".into();
    serde_json::to_string_pretty(&schema).unwrap() + "\n"
}

fn validator(schema: &str) -> jsonschema::Validator {
    let schema: Value = serde_json::from_str(schema).unwrap();
    jsonschema::draft202012::meta::validate(&schema).unwrap();
    jsonschema::validator_for(&schema).unwrap()
}

fn complaints(validator: &jsonschema::Validator, document: &Value) -> Vec<String> {
    let errors = validator.iter_errors(document);
    errors
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect()
}

#[test]
fn the_committed_report_schema_is_what_the_types_say() {
    assert_committed("report.schema.json", &report_schema());
}

#[test]
fn the_committed_wait_schema_is_what_the_types_say() {
    let schema = schemars::schema_for!(crate::model::rollout::Waited);
    let schema = document(
        schema,
        crate::model::rollout::SCHEMA,
        "What `greenlight wait` saw",
    );
    assert_committed("wait.schema.json", &schema);
}

#[test]
fn the_committed_diff_schema_is_what_the_types_say() {
    let schema = schemars::schema_for!(crate::model::diff::Diff);
    let schema = document(
        schema,
        crate::model::diff::SCHEMA,
        "What changed between two recordings or contracts",
    );
    assert_committed("diff.schema.json", &schema);
    let diff: Value = serde_json::from_str(&crate::report::diff::json(&fixtures::odd::difference(
        "GET /things",
    )))
    .unwrap();
    assert_eq!(complaints(&validator(&schema), &diff), Vec::<String>::new());
}

#[test]
fn the_committed_lint_schema_is_what_the_types_say() {
    let schema = schemars::schema_for!(crate::model::lint::Lint);
    let schema = document(
        schema,
        crate::model::lint::SCHEMA,
        "What `greenlight lint` found in scenarios",
    );
    assert_committed("lint.schema.json", &schema);
}

#[test]
fn the_committed_checkup_schema_is_what_the_types_say() {
    let schema = schemars::schema_for!(crate::model::checkup::Checkup);
    let schema = document(
        schema,
        crate::model::checkup::SCHEMA,
        "What `greenlight doctor` saw",
    );
    assert_committed("checkup.schema.json", &schema);
}

#[test]
fn the_committed_recording_schema_is_what_the_types_say() {
    assert_committed("recording.schema.json", &recording_schema());
}

#[test]
fn the_committed_events_schema_is_what_the_types_say() {
    assert_committed("events.schema.json", &events_schema());
}

#[test]
fn every_line_keeps_to_its_schema() {
    let validator = validator(&events_schema());
    for (name, run) in fixtures::all() {
        let recording = recording();
        for line in jsonl::render(Finished::new(&run, &recording)).lines() {
            let line: Value = serde_json::from_str(line).unwrap();
            assert_eq!(complaints(&validator, &line), Vec::<String>::new(), "{name}");
        }
    }
    assert!(!validator.is_valid(&serde_json::json!({"event": "started"})));
}

#[test]
fn every_report_keeps_to_its_schema() {
    let validator = validator(&report_schema());
    for (name, run) in fixtures::all() {
        let report: Value = serde_json::from_str(&json::render(&run)).unwrap();
        assert_eq!(complaints(&validator, &report), Vec::<String>::new(), "{name}");
    }
}

#[test]
fn a_recording_keeps_to_its_schema() {
    let recording = serde_json::to_value(recording()).unwrap();
    assert_eq!(
        complaints(&validator(&recording_schema()), &recording),
        Vec::<String>::new()
    );
}

#[test]
fn what_is_no_report_does_not_pass_for_one() {
    let good = serde_json::to_value(fixtures::broken::missing_await()).unwrap();
    let validator = validator(&report_schema());
    let spoil: [fn(&mut Value); 4] = [
        |report| report["schema"] = "greenlight.report/2".into(),
        |report| report["verdict"] = "green".into(),
        |report| report["findings"][0]["severity"] = Value::Null,
        |report| drop(report.as_object_mut().map(|members| members.remove("exit_code"))),
    ];
    for spoil in spoil {
        let mut report = good.clone();
        spoil(&mut report);
        assert!(!validator.is_valid(&report), "{report}");
    }
}

#[test]
fn a_later_report_with_more_members_still_passes() {
    let mut report = serde_json::to_value(fixtures::healthy()).unwrap();
    report["added_later"] = true.into();
    assert!(validator(&report_schema()).is_valid(&report));
}
