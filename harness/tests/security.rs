//! `SECURITY.md` promises nothing without a test, and names it: here each of those tests is looked for.
#![expect(clippy::unwrap_used, reason = "a test whose setup fails has failed")]

use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// All of both crates.
fn sources() -> String {
    let folders = ["harness/src", "harness/tests", "service/src", "service/tests"];
    let files = folders
        .iter()
        .flat_map(|folder| ignore::Walk::new(root().join(folder)));
    let rust = files
        .filter_map(Result::ok)
        .filter(|entry| {
            entry
                .path()
                .extension()
                .is_some_and(|extension| extension == "rs")
        })
        .map(|entry| std::fs::read_to_string(entry.path()).unwrap());
    rust.collect()
}

/// Whether a function of this name is a test: an attribute that says so stands above it, or it is in a `proptest!` or a list of
/// `on_every_database!`.
fn is_test(sources: &str, name: &str) -> bool {
    let Some(at) = sources.find(&format!("fn {name}(")) else {
        return false;
    };
    let before = sources[..at].lines().rev().take(4).collect::<Vec<_>>().join("\n");
    before.contains("test")
}

#[test]
fn every_claim_s_test_is_there() {
    let text = std::fs::read_to_string(root().join("SECURITY.md")).unwrap();
    let named = regex::Regex::new(r"`([a-z0-9]+(?:_[a-z0-9]+){3,})`").unwrap();
    let sources = sources();
    let names: Vec<&str> = named
        .captures_iter(&text)
        .map(|found| found.get(1).unwrap().as_str())
        .collect();
    assert!(names.len() > 40, "only {}", names.len());
    let missing: Vec<&&str> = names.iter().filter(|name| !is_test(&sources, name)).collect();
    assert!(missing.is_empty(), "{missing:#?}");
    assert!(!is_test(&sources, "every_claim_is_true"));
}
