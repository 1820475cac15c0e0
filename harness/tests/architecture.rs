//! Imports only point down the ranks. Cargo refuses cycles between crates; nothing but this refuses them between rooms.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot read its sources has failed"
)]

use std::fs;
use std::path::{Path, PathBuf};

/// Rooms and their ranks, as in the design. A room may import only rooms of a lower rank.
const RANKS: &[(&str, u8)] = &[
    ("model", 0),
    ("cors", 1),
    ("contract", 1),
    ("target", 1),
    ("report", 1),
    ("page", 1),
    ("scenario", 2),
    ("transport", 2),
    ("check", 3),
    ("checks", 4),
    ("compare", 4),
    ("devtools", 4),
    ("init", 4),
    ("diagnosis", 4),
    ("drive", 5),
    ("runner", 5),
    ("draft", 6),
    ("lab", 6),
    ("cli", 7),
];

/// What only the named rooms may touch: sockets, processes, files, the clock.
const WORLD: &[(&str, &[&str])] = &[
    ("tokio::net", &["transport", "lab", "cli"]),
    ("std::net::Tcp", &["transport", "lab", "cli"]),
    ("tokio::process", &["runner", "cli"]),
    ("std::process", &["runner", "cli", "lab"]),
    ("std::fs", &["cli", "lab"]),
    ("tokio::fs", &["cli", "lab"]),
    ("std::env::", &["cli"]),
    ("Timestamp::now", &["transport", "runner", "lab", "cli"]),
    ("Instant::now", &["transport", "runner", "lab", "cli"]),
    ("orchestrate::", &["lab"]),
];

/// What a report may import: the finished run and nothing behind it.
const REPORT_MAY: &[&str] = &["model", "report"];

fn rank(room: &str) -> Option<u8> {
    RANKS
        .iter()
        .find(|(name, _)| *name == room)
        .map(|(_, rank)| *rank)
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The source without its tests and comments: a file of tests, and what follows `#[cfg(test)] mod`, may import anything.
fn production(text: &str) -> String {
    let code = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    let code = code
        .split("#[cfg(test)]\npub(crate) mod ")
        .next()
        .unwrap_or_default();
    code.lines()
        .map(|line| line.split("//").next().unwrap_or_default())
        .collect::<Vec<_>>()
        .join("\n")
}

/// The rooms that `crate::` paths name, grouped imports included.
fn imported(code: &str) -> Vec<String> {
    let mut rooms = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        if let Some(group) = rest.strip_prefix('{') {
            let (mut depth, mut word, mut fresh) = (0_i32, String::new(), true);
            for c in group.chars() {
                match c {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => {
                        rooms.push(std::mem::take(&mut word));
                        fresh = true;
                    }
                    c if fresh && depth == 0 && (c.is_alphanumeric() || c == '_') => word.push(c),
                    c if c.is_whitespace() => {}
                    _ => fresh = false,
                }
            }
            rooms.push(word);
        } else {
            rooms.push(
                rest.chars()
                    .take_while(|c| c.is_alphanumeric() || *c == '_')
                    .collect(),
            );
        }
    }
    rooms.retain(|room| !room.is_empty());
    rooms
}

/// Everything wrong with one file.
fn offences(room: &str, file: &str, text: &str) -> Vec<String> {
    let code = production(text);
    let Some(own) = rank(room) else {
        return vec![format!("{file}: room `{room}` has no rank")];
    };
    let mut offences = Vec::new();
    for other in imported(&code) {
        match rank(&other) {
            _ if other == room => {}
            None => offences.push(format!("{file}: imports `{other}`, which is no room")),
            Some(rank) if rank >= own => offences.push(format!(
                "{file}: `{room}` imports `{other}`, which is not below it"
            )),
            Some(_) if room == "report" && !REPORT_MAY.contains(&other.as_str()) => {
                offences.push(format!("{file}: a report imports `{other}`"));
            }
            Some(_) => {}
        }
    }
    if code.contains("super::") {
        offences.push(format!("{file}: `super::` climbs out of a room unseen"));
    }
    for (what, rooms) in WORLD {
        if code.contains(what) && !rooms.contains(&room) {
            offences.push(format!("{file}: `{room}` touches the world through {what}"));
        }
    }
    offences
}

#[test]
fn imports_only_point_down_the_ranks() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    let mut found = Vec::new();
    for path in files {
        let file = path.strip_prefix(&root).unwrap().display().to_string();
        let room = file.split('/').next().unwrap().to_owned();
        if room.ends_with(".rs")
            || file.ends_with("_tests.rs")
            || file.ends_with("/tests.rs")
            || file.contains("/tests/")
        {
            continue;
        }
        found.extend(offences(&room, &file, &fs::read_to_string(&path).unwrap()));
    }
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

/// More lines than this are two rooms in one file.
const MOST_LINES: usize = 500;

#[test]
fn no_file_is_longer_than_can_be_read_at_once() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for place in ["src", "tests", "benches", "../service/src", "../service/tests"] {
        sources(&root.join(place), &mut files);
    }
    assert!(files.len() > 500, "only {} files were found", files.len());
    let lines = |path: &Path| fs::read_to_string(path).unwrap().lines().count();
    let long: Vec<_> = files
        .iter()
        .map(|path| (path, lines(path)))
        .filter(|(_, lines)| *lines > MOST_LINES)
        .collect();
    assert!(long.is_empty(), "longer than {MOST_LINES} lines: {long:?}");
}

#[test]
fn lib_re_exports_nothing() {
    let lib = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs")).unwrap();
    assert!(!production(&lib).contains("pub use"), "re-exports hide cycles");
}

#[test]
fn an_upward_import_is_caught_however_it_is_written() {
    let up = [
        "use crate::runner::judge;",
        "use crate::{model::probe::Probe, cli::args};",
        "use crate::{\n    model::{probe, run},\n    cli,\n};",
        "fn f() { crate::lab::run() }",
        "use super::super::cli;",
        "use std::fs;",
        "let now = Timestamp::now();",
    ];
    for code in up {
        assert!(!offences("check", "check/x.rs", code).is_empty(), "{code}");
    }
    let fine = "use crate::{\n    model::{probe, run},\n    cors,\n};\n// crate::cli\n#[cfg(test)]\nmod tests { use super::*; use crate::cli; }";
    assert_eq!(offences("check", "check/x.rs", fine), Vec::<String>::new());
    assert!(!offences("report", "report/x.rs", "use crate::cors::vary;").is_empty());
}
