//! The rooms of the service and their doors: what each may import is data here, and the sources are read.

use std::fs;
use std::path::{Path, PathBuf};

/// A room, and what none of its files may name.
const FORBIDDEN: &[(&str, &[&str])] = &[
    (
        "telemetry",
        &[
            "std::env",
            "poem",
            "sqlx",
            "clap",
            "crate::http",
            "crate::storage",
            "crate::providers",
            "crate::auth",
            "crate::app",
            "crate::config",
            "crate::cli",
        ],
    ),
    (
        "domain",
        &[
            "std::env",
            "poem",
            "reqwest",
            "sqlx",
            "jsonwebtoken",
            "clap",
            "crate::http",
            "crate::storage",
            "crate::providers",
            "crate::auth",
            "crate::app",
            "crate::config",
            "crate::telemetry",
        ],
    ),
    (
        "auth",
        &[
            "std::env",
            "poem",
            "reqwest",
            "sqlx",
            "crate::http",
            "crate::app",
            "crate::config",
        ],
    ),
    (
        "login",
        &[
            "std::env",
            "poem",
            "reqwest",
            "sqlx",
            "clap",
            "jsonwebtoken",
            "crate::http",
            "crate::storage",
            "crate::providers",
            "crate::app",
            "crate::config",
        ],
    ),
    (
        "storage",
        &[
            "std::env",
            "poem",
            "reqwest",
            "crate::http",
            "crate::app",
            "crate::config",
            "crate::providers",
        ],
    ),
    // Statements and what they mean: which database it is, they do not know.
    (
        "storage/tables",
        &["sqlx", "crate::storage::sqlite", "crate::storage::postgres"],
    ),
    (
        "http",
        &[
            "std::env",
            "reqwest",
            "sqlx",
            "clap",
            "crate::storage",
            "crate::providers",
            "crate::app",
            "crate::config",
            "crate::cli",
        ],
    ),
    (
        "providers",
        &[
            "std::env",
            "sqlx",
            "clap",
            "crate::http",
            "crate::storage",
            "crate::app",
            "crate::config",
        ],
    ),
];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs")
            && !path.to_string_lossy().ends_with("tests.rs")
        {
            found.push(path);
        }
    }
    found
}

/// Whether a line of code, not of comment, goes through a door.
fn names(line: &str, door: &str) -> bool {
    let code = line.split("//").next().unwrap_or_default();
    code.match_indices(&format!("{door}::")).any(|(at, _)| {
        let before = code[..at].chars().next_back();
        !before.is_some_and(|letter| letter.is_alphanumeric() || letter == '_' || letter == ':')
    })
}

#[test]
fn no_room_reaches_where_it_may_not() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut wrong = Vec::new();
    for (room, doors) in FORBIDDEN {
        let files = sources(&root.join(room));
        assert!(!files.is_empty(), "there is no room {room}");
        for file in files {
            let text = fs::read_to_string(&file).unwrap();
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            for line in code.lines() {
                let found = doors.iter().filter(|door| names(line, door));
                wrong.extend(found.map(|door| format!("{} names {door}: {}", file.display(), line.trim())));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_reader_of_lines_sees_doors_and_no_look_alikes() {
    assert!(names("use poem::Route;", "poem"));
    assert!(!names("use poem_openapi::Object;", "poem"));
    assert!(!names("// use poem::Route;", "poem"));
    assert!(!names("let x = crate::poem::y;", "poem"));
}
