//! The 45 bugs that the system this service stands for has on record: for each, the tests that would have caught it here. The
//! list is held against the sources, so that no test of it can vanish or be renamed unseen.

mod contract;
mod list;
mod records;
mod running;

use std::fs;
use std::path::{Path, PathBuf};

use list::{Caught, RECORDED};

/// The names of the tests of a file: functions that an attribute makes tests.
fn tests_of(source: &str) -> Vec<&str> {
    let mut tests = Vec::new();
    let mut is_test = false;
    for line in source.lines().map(str::trim) {
        let function = line.trim_start_matches("async ").strip_prefix("fn ");
        match function.and_then(|rest| rest.split(['(', '<']).next()) {
            Some(name) if is_test => tests.push(name),
            _ if line.starts_with("#[test]") || line.starts_with("#[tokio::test") => {
                is_test = true;
                continue;
            }
            // Another attribute of the same function.
            _ if line.starts_with("#[") && !line.starts_with("#[ignore") => continue,
            _ => {}
        }
        is_test = false;
    }
    tests
}

#[test]
fn every_bug_on_record_has_tests_that_are_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut wrong = Vec::new();
    for (place, (number, what, here)) in RECORDED.iter().enumerate() {
        assert_eq!(usize::from(*number), place + 1, "{what}");
        let Caught(tests) = here;
        assert!(!tests.is_empty(), "nothing catches {number}: {what}");
        for (file, name) in *tests {
            let source = fs::read_to_string(root.join(file)).unwrap_or_default();
            if !tests_of(&source).contains(name) {
                wrong.push(format!("{number} ({what}): there is no test {name} in {file}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The sources under a folder.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

/// Whether a test is on the list of a bug.
fn is_listed(number: usize, test: &str) -> bool {
    let of = RECORDED.iter().find(|(bug, ..)| usize::from(*bug) == number);
    matches!(of, Some((.., Caught(tests))) if tests.iter().any(|(_, name)| *name == test))
}

/// A test that says which bugs it is for is on the lists of those bugs.
#[test]
fn every_test_that_names_a_bug_is_on_its_list() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut named = 0;
    for file in [sources(&root.join("tests")), sources(&root.join("src"))].concat() {
        let source = fs::read_to_string(&file).unwrap();
        for test in tests_of(&source) {
            let Some(rest) = test.strip_prefix("bug_") else {
                continue;
            };
            let words = rest.split('_').filter(|word| *word != "and");
            for number in words.map_while(|word| word.parse().ok()) {
                assert!(is_listed(number, test), "{test} is not on the list of {number}");
                named += 1;
            }
        }
    }
    assert!(named > 20, "{named}");
}

#[test]
fn the_reader_of_tests_knows_a_test_from_what_only_looks_like_one() {
    let source = "#[test]\nfn one() {}\n#[tokio::test(flavor = \"multi_thread\")]\nasync fn two() {}\nfn three() {}\n\
                  #[test]\n#[ignore = \"slow\"]\nfn four() {}\n#[cfg(unix)]\n#[test]\nfn five() {}\n// #[test]\nfn six() {}";
    assert_eq!(tests_of(source), ["one", "two", "five"]);
}
