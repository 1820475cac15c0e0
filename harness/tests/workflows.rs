//! The workflows and the examples of `docs/` against what they call: no schema knows the inputs of an action of ours.
#![expect(clippy::unwrap_used, reason = "a test whose setup fails has failed")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn yaml(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).unwrap();
    serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Every workflow, and every example of one.
fn workflows() -> Vec<(String, Value)> {
    let in_folder = |folder: &str| std::fs::read_dir(root().join(folder)).unwrap();
    let files = in_folder(".github/workflows").chain(in_folder("docs/examples"));
    let mut files: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
    files.retain(|file| !file.ends_with("gitlab-ci.yml"));
    files.sort();
    assert!(files.len() > 8, "{files:?}");
    let named = |path: PathBuf| {
        (
            path.file_name().unwrap().to_string_lossy().into_owned(),
            yaml(&path),
        )
    };
    files.into_iter().map(named).collect()
}

fn keys(value: &Value) -> BTreeSet<String> {
    value
        .as_object()
        .map(|map| map.keys().cloned().collect())
        .unwrap_or_default()
}

/// The definition of an action of ours that a step uses.
fn action(step: &Value) -> Option<Value> {
    let (_, name) = step["uses"].as_str()?.split_once(".github/actions/")?;
    let name = name.split('@').next().unwrap();
    Some(yaml(
        &root().join(".github/actions").join(name).join("action.yml"),
    ))
}

/// The workflow of ours that a job calls.
fn called(job: &Value) -> Option<Value> {
    let (_, name) = job["uses"].as_str()?.split_once(".github/workflows/")?;
    let name = name.split('@').next().unwrap();
    // YAML 1.1 took this key for a truth; whoever reads it so finds nothing under it.
    Some(yaml(&root().join(".github/workflows").join(name))["on"]["workflow_call"].clone())
}

fn jobs(workflow: &Value) -> impl Iterator<Item = (&String, &Value)> {
    workflow["jobs"].as_object().unwrap().iter()
}

fn steps(job: &Value) -> &[Value] {
    job["steps"].as_array().map(Vec::as_slice).unwrap_or_default()
}

#[test]
fn what_is_given_to_an_action_or_a_workflow_is_what_it_takes() {
    let mut seen = 0;
    for (file, workflow) in workflows() {
        for (name, job) in jobs(&workflow) {
            let mut takes = |given: &Value, declared: &Value, of: &str| {
                seen += 1;
                let unknown: Vec<String> = keys(given).difference(&keys(declared)).cloned().collect();
                assert!(unknown.is_empty(), "{file}, {name}: {of} has no {unknown:?}");
                for (key, input) in declared.as_object().into_iter().flatten() {
                    let needed = input["required"] == true && input["default"].is_null();
                    assert!(
                        !needed || !given[key].is_null(),
                        "{file}, {name}: {of} needs {key}"
                    );
                }
            };
            for step in steps(job) {
                if let Some(action) = action(step) {
                    takes(&step["with"], &action["inputs"], step["uses"].as_str().unwrap());
                }
            }
            if let Some(called) = called(job) {
                assert!(called.is_object(), "{file}, {name}: it is no workflow to call");
                let uses = job["uses"].as_str().unwrap();
                takes(&job["with"], &called["inputs"], uses);
                takes(&job["secrets"], &called["secrets"], uses);
            }
        }
    }
    assert!(seen > 10, "only {seen} were looked at");
}

#[test]
fn what_a_job_tells_is_what_its_action_told() {
    let told = regex::Regex::new(r"steps\.([a-z-]+)\.outputs\.([a-z-]+)").unwrap();
    let mut seen = 0;
    for (file, workflow) in workflows() {
        for (name, job) in jobs(&workflow) {
            let text = job["outputs"].to_string();
            for output in told.captures_iter(&text) {
                let step = steps(job).iter().find(|step| step["id"] == output[1]);
                let action = step.and_then(action);
                let known = action.is_some_and(|action| keys(&action["outputs"]).contains(&output[2]));
                assert!(known, "{file}, {name}: {}", &output[0]);
                seen += 1;
            }
        }
    }
    assert!(seen >= 6, "only {seen} were looked at");
}

#[test]
fn a_schedule_pays_nothing_and_only_warns() {
    let schedule = yaml(&root().join(".github/workflows/schedule.yml"));
    let step = steps(&schedule["jobs"]["look"])
        .iter()
        .find(|step| action(step).is_some());
    let with = &step.unwrap()["with"];
    assert_eq!(with["budget"], "paid=0");
    assert_eq!(with["on-inconclusive"], "warn");
    assert!(
        with["allow"].is_null() && with["environment"].is_null(),
        "it is production, and may do nothing"
    );
}
